"""What a file's name says of the photo that it was made of, from the most certain to the least."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

PICTURES = frozenset(
    {
        *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".zip"),
        *(".heic", ".heif", ".jxl", ".jp2"),  # cannot be read here, and that is said rather than passed over
    }
)
"""Suffixes of what is meant to be a cut-out; a zip holds ``color.jpg`` and ``alpha.png``."""

_WORDS = (
    r"no[-_ ]?(?:bg|background)|removed?[-_ ]?bg|(?:bg|background)[-_ ]?remove[dr]|without[-_ ]?(?:bg|background)"
    r"|removed|preview|cut[-_ ]?out|out(?:put)?|result|rembg|pixian|photoroom|clipped|transparent|alpha|slazzer"
    r"|removal[-_. ]?ai|erase[-_. ]?bg"
)
_NUMBER = r"[ _]?\(\d+\)"
_BEHIND = re.compile(rf"(?:[-_. ]+(?:{_WORDS}))+(?=(?:{_NUMBER})?$)", re.IGNORECASE)
_BEFORE = re.compile(r"^(?:(?:no[-_]?bg|removed?[-_]?bg|cut[-_]?out|rembg)[-_ ]+)+", re.IGNORECASE)
_COPY = re.compile(rf"(?:{_NUMBER}|(?: -)? copy(?: \d+)?)+$", re.IGNORECASE)


def keys(name: str) -> tuple[str, ...]:
    """Give what a name may be matched by, the most certain first.

    ========  ====================================================================================
    file      the whole name, with folders
    name      without the suffix
    cut       likewise, without what removers of backgrounds add, upper and lower case alike
    stem      likewise, without an inner suffix, as ``photo.jpg.png`` has one
    flatcut   as ``cut``, without folders
    flatstem  as ``stem``, without folders
    bare      likewise, without what a second download adds, such as `` (1)``
    ========  ====================================================================================

    Args:
        name: with folders, separated by ``/``. Composed and decomposed letters count as the same: macOS writes the
            latter.
    """
    path = PurePosixPath(unicodedata.normalize("NFC", name))
    folder = "" if str(path.parent) == "." else f"{path.parent}/"
    first = path.stem if path.suffix.lower() in PICTURES else path.name
    cut = _reduced(first, inner=False).casefold()
    stem = _reduced(first).casefold()
    return (
        f"file {folder}{path.name}",
        f"name {folder}{first}",
        f"cut {folder.casefold()}{cut}",
        f"stem {folder.casefold()}{stem}",
        f"flatcut {cut}",
        f"flatstem {stem}",
        f"bare {_reduced(first, numbered=False).casefold()}",
    )


def plain(name: str) -> str:
    """Give what is left of a file's name without suffixes, and without what removers of backgrounds add to it."""
    path = PurePosixPath(unicodedata.normalize("NFC", name))
    return _reduced(path.name).casefold()


def _reduced(name: str, *, inner: bool = True, numbered: bool = True) -> str:
    """Take off what was added, layer by layer; something is always left."""
    while True:
        shorter = _BEFORE.sub("", _BEHIND.sub("", name)) or name
        if not numbered:
            shorter = _COPY.sub("", shorter) or shorter
        if inner and PurePosixPath(shorter).suffix.lower() in PICTURES:
            shorter = PurePosixPath(shorter).stem
        if shorter == name:
            return name
        name = shorter
