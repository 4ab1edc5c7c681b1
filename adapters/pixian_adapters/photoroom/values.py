"""From the text that a legacy caller wrote to typed values, as PhotoRoom's two interfaces write them.

What is refused, and in which words, is ours: PhotoRoom documents one sentence (``removeBackground must be boolean``).
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from pixian_shim.errors import ImageError, Refused
from pixian_shim.geometry import Length, Size
from pixian_shim.images import read_header
from pixian_shim.pixian import Upload
from pixian_shim.translation import Refusal, Unreadable, as_address, as_base64, as_colour, as_text, one_of, saying

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

MAX_CANVAS_PIXELS = 36_000_000
"""Largest ``outputSize``: PhotoRoom's largest result in version 1. What version 2 allows is not documented."""

_MOST_INSET = 49.0
_SIZES = {name.lower(): name for name in ("auto", "originalImage", "croppedSubject")}
_YES, _NO = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


INVALID = Refusal("{parameter} must be {expected}", "invalid_parameter", "given: {value:.60}")

address, base64_text = as_address, as_base64
colour = saying(as_colour, "a hexadecimal colour or a colour's name")


def image_format(*documented: str) -> Callable[[str | Upload], str]:
    """Make a reader of a file format's name, or its media type: calling code writes ``image/png`` as well."""
    word = one_of(*documented, jpeg="jpg")
    return lambda value: word(as_text(value).strip().lower().removeprefix("image/"))


def boolean(value: str | Upload) -> bool:
    """Read a switch, in any of the spellings that programs send."""
    text = as_text(value).strip().lower()
    if text not in _YES + _NO:
        raise Unreadable("boolean")
    return text in _YES


def file_part(value: str | Upload) -> Upload:
    """Take an uploaded file, also one that came without a file name and so as text."""
    if isinstance(value, Upload):
        return value
    try:
        content = value.encode("latin-1")
        read_header(content)
    except (UnicodeEncodeError, ImageError):
        raise Unreadable("a file") from None
    return Upload(content, "photo")


def _number(low: float, high: float, value: str | Upload) -> float:
    try:
        found = float(as_text(value))
    except ValueError:
        found = math.nan
    if not low <= found <= high:
        raise Unreadable(f"a number from {low:g} to {high:g}")
    return found


def whole(low: int, high: int) -> Callable[[str | Upload], int]:
    """Make a reader of a number of pixels or dots within bounds, which a few programs write as ``800.0``."""
    return lambda value: round(_number(low, high, value))


def share(highest: float) -> Callable[[str | Upload], Length]:
    """Make a reader of a share of the picture, 0 to ``highest``."""
    return lambda value: _percent(_number(0, highest, value) * 100)


def inset(value: str | Upload) -> Length:
    """Read a padding or margin: a share up to 0.49, per cent up to 49, or pixels."""
    text = as_text(value).strip().lower()
    bare, unit = (text[:-2].rstrip(), "px") if text.endswith("px") else (text.rstrip("%").rstrip(), text[-1:])
    try:
        found = float(bare)
    except ValueError:
        found = math.nan
    if unit == "px" and 0 <= found <= MAX_CANVAS_PIXELS:
        return Length(found, "px")
    percent = found if unit == "%" else found * 100
    if unit == "px" or not 0 <= percent <= _MOST_INSET + 1e-9:
        raise Unreadable("a number from 0 to 0.49, a percentage up to 49%, or pixels such as 100px")
    return _percent(percent)


def _percent(value: float) -> Length:
    return Length(round(value, 9), "%")  # 0.07 * 100 is not quite 7


def output_size(value: str | Upload) -> str | Size:
    """Read how large the result is: a word, or width and height."""
    text = as_text(value).strip().lower()
    if text in _SIZES:
        return _SIZES[text]
    match = re.fullmatch(r"0*([1-9]\d{0,5})x0*([1-9]\d{0,5})", text, re.ASCII)
    if match is None:
        expected = "auto, originalImage, croppedSubject, or width and height such as 800x600"
        raise Unreadable(expected)
    size = Size(int(match[1]), int(match[2]))
    if size.pixels > MAX_CANVAS_PIXELS:
        raise Unreadable(f"at most {MAX_CANVAS_PIXELS // 1_000_000} megapixels")
    return size


def refuse(says: str, _value: object) -> NoReturn:
    """Refuse a parameter, whatever its value.

    Raises:
        Refused: always.
    """
    raise Refused(f"cannot be done on Pixian: {says}", code="unsupported")


def anything(value: str | Upload) -> str | Upload:
    """Take any value."""
    return value
