"""From the text that a legacy caller wrote to typed values; what breaks Picsart's syntax is a 400 (assumption)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Never
from urllib.parse import urlsplit

from pixian_shim.errors import Refused, TranslationError
from pixian_shim.pixian import ImageUrl, Upload
from pixian_shim.translation import Colour, as_text, parse_colour

if TYPE_CHECKING:
    from collections.abc import Collection

MAX_SIDE = 10_000
"""Of a canvas; ours, for Picsart's own limit is not documented."""


def invalid(parameter: str, expected: str) -> TranslationError:
    """Give the error for a value that breaks the documented syntax."""
    return TranslationError(f"{parameter}: {expected} is expected", code="400", parameter=parameter)


def file_part(parameter: str, value: str | Upload) -> Upload:
    """Take an uploaded file."""
    if not isinstance(value, Upload):
        raise invalid(parameter, f"a file part (an address goes into {parameter}_url)")
    return value


def address(parameter: str, value: str | Upload) -> ImageUrl:
    """Take an http or https address."""
    text = as_text(value).strip()
    try:
        parts = urlsplit(text)
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and text.isprintable()
    except ValueError:
        usable = False
    if not usable:
        raise invalid(parameter, "an http or https address")
    return ImageUrl(text)


def identifier(parameter: str, _value: str | Upload) -> Never:
    """Refuse a picture that only Picsart has."""
    whole = parameter.removesuffix("_id")
    raise Refused(
        f"{parameter} names a picture in Picsart's own storage, which cannot be reached; send {whole} or {whole}_url",
        code="400",
        parameter=parameter,
    )


def one_of(parameter: str, allowed: Collection[str], value: str | Upload) -> str:
    """Take one of the documented words, in any case."""
    text = as_text(value).strip().lower()
    if text not in allowed:
        raise invalid(parameter, f"one of {', '.join(allowed)}")
    return text


def file_format(value: str | Upload) -> str:
    """Take the name of a file format: the description writes it in capitals, the SDK in small letters."""
    return one_of("format", ("jpg", "png", "webp"), "jpg" if as_text(value).strip().lower() == "jpeg" else value)


def boolean(parameter: str, value: str | Upload) -> bool:
    """Read ``true``, ``false``, ``1`` or ``0``."""
    return one_of(parameter, ("true", "false", "1", "0"), value) in ("true", "1")


def whole(parameter: str, low: int, high: int, value: str | Upload) -> int:
    """Read a whole number within bounds."""
    found = re.fullmatch(r"([+-]?[0-9]{1,9})(?:\.0*)?", as_text(value).strip())
    if found is None or not low <= int(found[1]) <= high:
        raise invalid(parameter, f"a whole number from {low} to {high}")
    return int(found[1])


def colour(parameter: str, value: str | Upload) -> Colour:
    """Read a colour."""
    found = parse_colour(as_text(value))
    if found is None:
        raise invalid(parameter, "3, 4, 6 or 8 hexadecimal digits or a colour's English name")
    return found
