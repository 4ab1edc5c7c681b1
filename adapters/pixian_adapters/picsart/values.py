"""From the text that a legacy caller wrote to typed values; what breaks Picsart's syntax is a 400 (assumption)."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Never

from pixian_shim.errors import Refused
from pixian_shim.translation import Refusal, as_address, as_colour, as_file, as_text, as_word, words

if TYPE_CHECKING:
    from pixian_shim.pixian import Upload

MAX_SIDE = 10_000
"""Of a canvas; ours, for Picsart's own limit is not documented."""


INVALID = Refusal("{parameter}: {expected} is expected", "400")
"""Of a value that breaks the documented syntax."""

file_part = partial(as_file, INVALID.expecting("a file part (an address goes into {parameter}_url)"))
address = partial(as_address, INVALID)
word = partial(as_word, INVALID)
colour = partial(as_colour, INVALID.expecting("3, 4, 6 or 8 hexadecimal digits or a colour's English name"))
file_format = partial(word, "format", words("jpg", "png", "webp", jpeg="jpg"))
"""The description writes it in capitals, the SDK in small letters."""


def identifier(parameter: str, _value: str | Upload) -> Never:
    """Refuse a picture that only Picsart has."""
    whole = parameter.removesuffix("_id")
    raise Refused(
        f"{parameter} names a picture in Picsart's own storage, which cannot be reached; send {whole} or {whole}_url",
        code="400",
        parameter=parameter,
    )


def boolean(parameter: str, value: str | Upload) -> bool:
    """Read ``true``, ``false``, ``1`` or ``0``."""
    return word(parameter, words("true", "false", "1", "0"), value) in ("true", "1")


def whole(parameter: str, low: int, high: int, value: str | Upload) -> int:
    """Read a whole number within bounds."""
    found = re.fullmatch(r"([+-]?[0-9]{1,9})(?:\.0*)?", as_text(value).strip())
    if found is None or not low <= int(found[1]) <= high:
        raise INVALID.of(parameter, f"a whole number from {low} to {high}")
    return int(found[1])
