"""From the text that a legacy caller wrote to typed values, as PhotoRoom's two interfaces write them.

What is refused, and in which words, is ours: PhotoRoom documents one sentence (``removeBackground must be boolean``).
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pixian_shim.errors import ImageError, InvalidParameter, Refused, TranslationError
from pixian_shim.geometry import Length, Size
from pixian_shim.images import read_header
from pixian_shim.pixian import Base64Text, ImageUrl, Upload
from pixian_shim.translation import Colour, as_text, parse_colour

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

MAX_CANVAS_PIXELS = 36_000_000
"""Largest ``outputSize``: PhotoRoom's largest result in version 1. What version 2 allows is not documented."""

_MOST_INSET = 49.0
_YES, _NO = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


def invalid(parameter: str, expected: str, value: str | Upload) -> TranslationError:
    """Make the error for a value that PhotoRoom would not accept either."""
    given = value.name if isinstance(value, Upload) else value
    return TranslationError(
        f"{parameter} must be {expected}", code="invalid_parameter", parameter=parameter, detail=f"given: {given[:60]}"
    )


def word(parameter: str, allowed: Mapping[str, str], value: str | Upload) -> str:
    """Take one of the documented words, in any case; spellings that mean the same give the same."""
    found = allowed.get(as_text(value).strip().lower())
    if found is None:
        raise invalid(parameter, f"one of {', '.join(dict.fromkeys(allowed.values()))}", value)
    return found


def words(*documented: str, **spellings: str) -> dict[str, str]:
    """Make the table for ``word``: each word in lower case, and further spellings of some."""
    return {name.lower(): name for name in documented} | spellings


def image_format(parameter: str, allowed: Mapping[str, str], value: str | Upload) -> str:
    """Take the name of a file format, or its media type: calling code writes ``image/png`` as well."""
    return word(parameter, allowed, as_text(value).strip().lower().removeprefix("image/"))


def boolean(parameter: str, value: str | Upload) -> bool:
    """Read a switch, in any of the spellings that programs send."""
    text = as_text(value).strip().lower()
    if text not in _YES + _NO:
        raise invalid(parameter, "boolean", value)
    return text in _YES


def file_part(parameter: str, value: str | Upload) -> Upload:
    """Take an uploaded file, also one that came without a file name and so as text."""
    if isinstance(value, Upload):
        return value
    try:
        content = value.encode("latin-1")
        read_header(content)
    except (UnicodeEncodeError, ImageError):
        raise invalid(parameter, "a file", value) from None
    return Upload(content, parameter)


def base64_text(parameter: str, value: str | Upload) -> Upload:
    """Decode base64, with or without a ``data:`` prefix."""
    if isinstance(value, Upload):
        value = value.read().decode("ascii", "replace")
    try:
        return Base64Text(value).decode(parameter=parameter)
    except InvalidParameter as error:
        raise invalid(parameter, "base64", "") from error


def address(parameter: str, value: str | Upload) -> ImageUrl:
    """Take an http or https address."""
    text = as_text(value).strip()
    try:
        parts = urlsplit(text)
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and text.isprintable()
    except ValueError:
        usable = False
    if not usable:
        raise invalid(parameter, "an http or https address", value)
    return ImageUrl(text)


def colour(parameter: str, value: str | Upload) -> Colour:
    """Read a colour: hexadecimal with or without #, or a name; ``transparent`` is one."""
    found = parse_colour(as_text(value))
    if found is None:
        raise invalid(parameter, "a hexadecimal colour or a colour's name", value)
    return found


def number(parameter: str, low: float, high: float, value: str | Upload) -> float:
    """Read a number within bounds."""
    try:
        found = float(as_text(value))
    except ValueError:
        found = math.nan
    if not low <= found <= high:
        raise invalid(parameter, f"a number from {low:g} to {high:g}", value)
    return found


def whole(parameter: str, low: int, high: int, value: str | Upload) -> int:
    """Read a number of pixels or dots, which a few programs write as ``800.0``."""
    return round(number(parameter, low, high, value))


def share(parameter: str, highest: float, value: str | Upload) -> Length:
    """Read a share of the picture, 0 to ``highest``."""
    return _percent(number(parameter, 0, highest, value) * 100)


def inset(parameter: str, value: str | Upload) -> Length:
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
        raise invalid(parameter, "a number from 0 to 0.49, a percentage up to 49%, or pixels such as 100px", value)
    return _percent(percent)


def _percent(value: float) -> Length:
    return Length(round(value, 9), "%")  # 0.07 * 100 is not quite 7


def output_size(value: str | Upload) -> str | Size:
    """Read how large the result is: a word, or width and height."""
    text = as_text(value).strip().lower()
    known = words("auto", "originalImage", "croppedSubject")
    if text in known:
        return known[text]
    match = re.fullmatch(r"0*([1-9]\d{0,5})x0*([1-9]\d{0,5})", text, re.ASCII)
    if match is None:
        raise invalid("outputSize", "auto, originalImage, croppedSubject, or width and height such as 800x600", value)
    size = Size(int(match[1]), int(match[2]))
    if size.pixels > MAX_CANVAS_PIXELS:
        raise invalid("outputSize", f"at most {MAX_CANVAS_PIXELS // 1_000_000} megapixels", value)
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
