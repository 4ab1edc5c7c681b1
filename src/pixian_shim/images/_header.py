"""Read format, size and orientation from the first bytes of a picture. Standard library only."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Literal

import attrs

from pixian_shim.errors import ImageError
from pixian_shim.geometry import Size
from pixian_shim.images import _isobmff

if TYPE_CHECKING:
    from collections.abc import Callable

Format = Literal["png", "jpeg", "gif", "bmp", "tiff", "webp", "avif"]

_UPRIGHT = 1
_FIRST_TURNED = 5  # EXIF orientations 5 to 8 swap width and height
_LAST = 8


@attrs.frozen
class Header:
    """What the first bytes of a picture tell.

    Attributes:
        format: by its magic bytes, whatever the file's name says.
        size: width and height as stored, before the orientation is applied; ``None`` if not within the bytes given.
        orientation: EXIF orientation 1 to 8; 1 where there is none within the bytes given.
    """

    format: Format
    size: Size | None
    orientation: int = _UPRIGHT

    @property
    def upright(self) -> Size | None:
        """The size as displayed: swapped for orientations 5 to 8."""
        return None if self.size is None else self.turned(self.size)

    def turned(self, size: Size) -> Size:
        """Go from a size as stored to one as displayed, or back."""
        return size if self.orientation < _FIRST_TURNED else Size(size.height, size.width)


def read_header(head: bytes) -> Header:
    """Recognise a picture by its first bytes, without decoding anything.

    Args:
        head: the first bytes, up to the whole file. 64 KiB reach the size of nearly every picture; the orientation of
            a WebP, and both of a TIFF or an AVIF, may stand at the end of the file.

    Raises:
        ImageError: neither PNG, JPEG, GIF, BMP, WebP, TIFF nor AVIF; of HEIC it says what to do.
    """
    for magic, read in _READERS:
        if head.startswith(magic) and (header := read(head)) is not None:
            return header
    if not head:
        raise ImageError("the picture is empty: no bytes were given")
    raise ImageError("the data is not a picture of a known format (PNG, JPEG, GIF, BMP, WebP, TIFF or AVIF)")


def may_be_transparent(head: bytes) -> bool:
    """Tell by its first bytes whether a picture can have pixels that are not opaque; ``False`` is certain."""
    return any(head.startswith(magic) and may(head) for magic, may in _TRANSPARENT)


def _size(width: int, height: int) -> Size | None:
    return Size(width, height) if width > 0 and height > 0 else None


def _png(head: bytes) -> Header:
    if len(head) < 33 or head[12:16] != b"IHDR":  # noqa: PLR2004 (signature and the whole IHDR chunk)
        return Header("png", None)
    size = _size(*struct.unpack_from(">II", head, 16))
    at = 33
    while at + 8 <= len(head):
        length, kind = struct.unpack_from(">I4s", head, at)
        if kind == b"eXIf":
            return Header("png", size, _orientation(head[at + 8 : at + 8 + length]))
        if kind in (b"IDAT", b"IEND"):
            break
        at += 12 + length
    return Header("png", size)


_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})
_END_MARKERS = frozenset({0xD9, 0xDA})  # end of image, start of scan
_APP1, _FILL = 0xE1, 0xFF


def _jpeg(head: bytes) -> Header:
    size, orientation, at, end = None, _UPRIGHT, 2, len(head)
    while at + 4 <= end and head[at] == _FILL:
        marker = head[at + 1]
        if marker == _FILL:
            at += 1
            continue
        if marker in _BARE_MARKERS:
            at += 2
            continue
        if marker in _END_MARKERS:
            break
        length = int.from_bytes(head[at + 2 : at + 4], "big")
        if marker in _FRAME_MARKERS and at + 9 <= end:
            height, width = struct.unpack_from(">HH", head, at + 5)
            size = size or _size(width, height)
        elif marker == _APP1 and orientation == _UPRIGHT and head[at + 4 : at + 10] == b"Exif\0\0":
            orientation = _orientation(head[at + 10 : at + 2 + length])
        at += 2 + max(length, 2)
    return Header("jpeg", size, orientation)


def _gif(head: bytes) -> Header | None:
    if head[4:6] not in (b"7a", b"9a"):
        return None
    return Header("gif", _size(*struct.unpack_from("<HH", head, 6)) if len(head) >= 10 else None)  # noqa: PLR2004


_CORE_HEADER = 12


def _bmp(head: bytes) -> Header | None:
    if len(head) < 26:  # noqa: PLR2004 (file header, and the shorter of two kinds of picture header)
        return Header("bmp", None)
    kind = int.from_bytes(head[14:18], "little")
    if kind == _CORE_HEADER:
        return Header("bmp", _size(*struct.unpack_from("<HH", head, 18)))
    if not 16 <= kind <= 256:  # noqa: PLR2004 (two letters are a weak magic: any text may begin with BM)
        return None
    width, height = struct.unpack_from("<ii", head, 18)
    return Header("bmp", _size(width, abs(height)))  # a negative height means: first row on top


def _webp(head: bytes) -> Header | None:
    if head[8:12] != b"WEBP":
        return None
    kind, at = head[12:16], 20
    size, orientation = None, _UPRIGHT
    if kind == b"VP8 " and head[at + 3 : at + 6] == b"\x9d\x01\x2a" and len(head) >= at + 10:
        width, height = struct.unpack_from("<HH", head, at + 6)
        size = _size(width & 0x3FFF, height & 0x3FFF)
    elif kind == b"VP8L" and head[at : at + 1] == b"\x2f" and len(head) >= at + 5:
        bits = int.from_bytes(head[at + 1 : at + 5], "little")
        size = _size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    elif kind == b"VP8X" and len(head) >= at + 10:
        size = _size(*(int.from_bytes(head[at + n : at + n + 3], "little") + 1 for n in (4, 7)))
        orientation = _webp_orientation(head)
    return Header("webp", size, orientation)


def _webp_orientation(head: bytes) -> int:
    at = 12
    while at + 8 <= len(head):
        kind, length = struct.unpack_from("<4sI", head, at)
        if kind == b"EXIF":
            exif = head[at + 8 : at + 8 + length]
            return _orientation(exif.removeprefix(b"Exif\0\0"))  # some writers keep the prefix that JPEG needs
        at += 8 + length + (length & 1)
    return _UPRIGHT


_WIDTH, _HEIGHT, _ORIENTATION = 256, 257, 274
_INTEGERS = {1: "B", 3: "H", 4: "I", 16: "Q"}  # TIFF field types


def _tiff(head: bytes) -> Header:
    tags = _first_directory(head)
    width, height = tags.get(_WIDTH, 0), tags.get(_HEIGHT, 0)
    return Header("tiff", _size(width, height), _valid(tags.get(_ORIENTATION)))


def _orientation(exif: bytes) -> int:
    """Read the orientation from an EXIF block, which is a TIFF without a picture."""
    return _valid(_first_directory(exif).get(_ORIENTATION))


def _valid(orientation: int | None) -> int:
    return orientation if orientation is not None and _UPRIGHT <= orientation <= _LAST else _UPRIGHT


def _first_directory(data: bytes) -> dict[int, int]:
    """Read the whole numbers of a TIFF's first directory (also BigTIFF); empty where the bytes do not reach."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None:
        return {}
    try:
        (version,) = struct.unpack_from(order + "H", data, 2)
        start, count, entry = ("Q", "Q", "HHQ") if version == 43 else ("I", "H", "HHI")  # noqa: PLR2004
        (at,) = struct.unpack_from(order + start, data, 8 if start == "Q" else 4)
        (entries,) = struct.unpack_from(order + count, data, at)
        at += struct.calcsize(order + count)
        fixed = struct.calcsize(order + entry)
        step = fixed + struct.calcsize(order + start)
        tags: dict[int, int] = {}
        for place in range(at, min(at + entries * step, len(data) - step + 1), step):
            tag, kind, _ = struct.unpack_from(order + entry, data, place)
            if kind in _INTEGERS and tag in (_WIDTH, _HEIGHT, _ORIENTATION):
                (tags[tag],) = struct.unpack_from(order + _INTEGERS[kind], data, place + fixed)
    except (struct.error, OverflowError):
        return {}
    return tags


def _isobmff_picture(head: bytes) -> Header | None:
    kind = _isobmff.kind_of(head)
    if kind == "heic":
        raise ImageError(
            "the picture is HEIC, which cannot be read here: convert it to JPEG first (iPhones write JPEG with "
            "Settings > Camera > Formats > Most Compatible)"
        )
    return None if kind is None else Header("avif", *_isobmff.read_avif(head))


_READERS: tuple[tuple[bytes, Callable[[bytes], Header | None]], ...] = (
    (b"\xff\xd8\xff", _jpeg),
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"RIFF", _webp),
    (b"GIF8", _gif),
    (b"II*\0", _tiff),
    (b"MM\0*", _tiff),
    (b"II+\0", _tiff),
    (b"MM\0+", _tiff),
    (b"BM", _bmp),
    (b"\0\0", _isobmff_picture),  # the length of its first box
)

_PNG_WITH_ALPHA, _PNG_FIRST_CHUNK = (4, 6), 33
_BMP_WITH_ALPHA = 32  # bits
_VP8X_ALPHA = 0x10


def _png_may(head: bytes) -> bool:
    if len(head) <= _PNG_FIRST_CHUNK or head[25] in _PNG_WITH_ALPHA:
        return True
    at = _PNG_FIRST_CHUNK
    while at + 8 <= len(head):
        length, kind = struct.unpack_from(">I4s", head, at)
        if kind in (b"tRNS", b"IDAT"):
            return bool(kind == b"tRNS")
        at += 12 + length
    return True  # it may stand behind a long profile


def _webp_may(head: bytes) -> bool:
    kind = head[12:16]
    return kind != b"VP8 " and (kind != b"VP8X" or len(head) <= 20 or bool(head[20] & _VP8X_ALPHA))  # noqa: PLR2004


_TRANSPARENT: tuple[tuple[bytes, Callable[[bytes], bool]], ...] = (
    (b"\x89PNG\r\n\x1a\n", _png_may),
    (b"RIFF", _webp_may),
    (b"BM", lambda head: int.from_bytes(head[28:30], "little") in (0, _BMP_WITH_ALPHA)),
    *((magic, lambda _head: True) for magic in (b"GIF8", b"II", b"MM", b"\0\0")),
)
