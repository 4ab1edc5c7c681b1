"""Recognise AVIF and HEIC by their boxes, and read an AVIF's size and orientation. Standard library only.

Lengths are never believed beyond the bytes that are there, and only so many boxes are looked at. What is read is
documented in ISO/IEC 14496-12 (boxes) and 23008-12 (``ispe``, ``irot``, ``imir``).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Literal, NamedTuple

from pixian_shim.geometry import Size

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_BOXES = 1000  # in one place, and items of a file; pictures have some ten
_MOST_BRANDS = 64
_AVIF = frozenset({b"avif", b"avis"})
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})
_BOX, _LARGE_BOX, _VERSION = 8, 16, 4  # bytes of what comes before the content

_ORIENTATIONS = {None: (1, 8, 3, 6), 0: (4, 5, 2, 7), 1: (2, 7, 4, 5)}
"""By the axis of the mirror, if there is one, and the quarter turns anticlockwise before it; as libavif takes them."""


class Box(NamedTuple):
    """Where a box's content lies."""

    kind: bytes
    begin: int
    end: int


def kind_of(head: bytes) -> Literal["avif", "heic"] | None:
    """Tell by its brands what a file holds; ``None`` for films and whatever else there is."""
    if head[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(head[:4], "big"), len(head), 4 * _MOST_BRANDS)
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))}
    if brands & _AVIF:
        return "avif"
    return "heic" if brands & _HEIC else None


def read_avif(head: bytes) -> tuple[Size | None, int]:
    """Give the size as stored, and the orientation 1 to 8; no size where the bytes do not reach, or make no sense."""
    try:
        properties = _primary_properties(head)
        if b"ispe" not in properties:
            return None, 1
        size = Size(*struct.unpack_from(">II", head, properties[b"ispe"].begin + _VERSION))
        turns, axis = (
            head[properties[kind].begin] & most if kind in properties else None
            for kind, most in ((b"irot", 3), (b"imir", 1))
        )
    except (struct.error, LookupError):
        return None, 1
    if not size.pixels:
        return None, 1
    return size, _ORIENTATIONS[axis][turns or 0]


def _primary_properties(head: bytes) -> dict[bytes, Box]:
    """Give what is said of the picture itself, not of its tiles, its matte or its thumbnail.

    Raises:
        LookupError: something is missing.
        struct.error: something is cut off.
    """
    meta = _by_kind(head, 0, len(head))[b"meta"]
    parts = _by_kind(head, meta.begin + _VERSION, meta.end)
    about = _by_kind(head, parts[b"iprp"].begin, parts[b"iprp"].end)
    known = list(_boxes(head, about[b"ipco"].begin, about[b"ipco"].end))
    chosen = _associated(head, about[b"ipma"], _primary_item(head, parts[b"pitm"]))
    return {known[number - 1].kind: known[number - 1] for number in chosen if 0 < number <= len(known)}


def _by_kind(head: bytes, at: int, end: int) -> dict[bytes, Box]:
    return {box.kind: box for box in _boxes(head, at, end)}


def _primary_item(head: bytes, box: Box) -> int:
    number: int
    (number,) = struct.unpack_from(">I" if head[box.begin] else ">H", head, box.begin + _VERSION)
    return number


def _associated(head: bytes, box: Box, wanted: int) -> list[int]:
    """Give the numbers of an item's properties, counted from 1."""
    version, flags = head[box.begin], head[box.begin + 3]
    item, number, mask = (">IB" if version else ">HB"), (">H" if flags & 1 else ">B"), (0x7FFF if flags & 1 else 0x7F)
    (entries,) = struct.unpack_from(">I", head, box.begin + _VERSION)
    at = box.begin + _VERSION + 4
    for _ in range(min(entries, _MOST_BOXES)):
        found, count = struct.unpack_from(item, head, at)
        at += struct.calcsize(item)
        if found == wanted:
            return [struct.unpack_from(number, head, at + n * struct.calcsize(number))[0] & mask for n in range(count)]
        at += count * struct.calcsize(number)
    return []


def _boxes(head: bytes, at: int, end: int) -> Iterator[Box]:
    """Go through the boxes that are there as a whole."""
    for _ in range(_MOST_BOXES):
        if at + _BOX > end:
            return
        length, kind = struct.unpack_from(">I4s", head, at)
        begin = at + _BOX
        if length == 1 and at + _LARGE_BOX <= end:
            (length,) = struct.unpack_from(">Q", head, begin)
            begin = at + _LARGE_BOX
        stop = at + length if length else end
        if not begin <= stop <= end:
            return
        yield Box(kind, begin, stop)
        at = stop
