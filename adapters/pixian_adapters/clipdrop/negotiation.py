"""Which file format an ``Accept`` header asks for."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixian_shim.translation import Encoding

OFFERED: dict[str, Encoding] = {
    "image/png": "png",
    "image/webp": "webp",
    "image/jpeg": "jpg",
    "image/jpg": "jpg",
}
"""Media types as Clipdrop writes them. Of those that are liked alike the first one is taken, PNG being the default."""

_MOST_RANGES = 100  # browsers send eight; a header of a million would keep every other call waiting
_WEIGHT = re.compile(r"(?:0|1)?(?:\.\d{0,9})?", re.ASCII)


@attrs.frozen
class _Range:
    """One of the types that a header lists."""

    media: str
    weight: float
    place: int

    @property
    def precision(self) -> int:
        """How much of the type is named: 2 is all of it."""
        return 2 - self.media.count("*")

    def covers(self, media: str) -> bool:
        kind, _, _ = media.partition("/")
        return self.media in (media, f"{kind}/*", "*/*")


@lru_cache(maxsize=64)  # programs send the same one again and again
def chosen(accept: str) -> Encoding | None:
    """Give the format that is liked best, ``None`` where none is acceptable.

    The highest weight counts, then a type that is named before one that is meant by ``*``, then the order of the header
    (assumptions, but for the types themselves: how Clipdrop weighs several is not documented).
    """
    ranges = list(_ranges(accept))
    if not ranges:
        return OFFERED["image/png"]
    best: tuple[float, int, int] | None = None
    taken: Encoding | None = None
    for media, encoding in OFFERED.items():
        # The most precise range tells the weight of a type: "*/*, image/png;q=0" refuses PNG.
        told = max((found for found in ranges if found.covers(media)), key=lambda found: found.precision, default=None)
        if told is None or not told.weight:
            continue
        rank = told.weight, told.precision, -told.place
        if best is None or rank > best:
            best, taken = rank, encoding
    return taken


def _ranges(accept: str) -> Iterator[_Range]:
    for place, listed in enumerate(accept.lower().split(",")[:_MOST_RANGES]):
        media, *options = (word.strip() for word in listed.split(";"))
        if media:
            weight = next((word[2:] for word in options if word.startswith("q=")), "1")
            # A lone star is what old versions of Java send; a weight that is none is no reason to refuse.
            yield _Range("*/*" if media == "*" else media, _weighed(weight), place)


def _weighed(text: str) -> float:
    if not _WEIGHT.fullmatch(text) or not text.strip("."):
        return 1.0
    return min(float(text), 1.0)
