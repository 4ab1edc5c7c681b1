"""From the text that a legacy caller wrote to typed values; what breaks Picsart's syntax is a 400 (assumption)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pixian_shim.translation import Refusal, Unreadable, as_address, as_colour, as_file, as_text, one_of, saying

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixian_shim.pixian import Upload

MAX_SIDE = 10_000
"""Of a canvas; ours, for Picsart's own limit is not documented."""


INVALID = Refusal("{parameter}: {expected} is expected", "400")
"""Of a value that breaks the documented syntax."""

address = as_address
file_part = saying(as_file, "a file part (an address goes into {parameter}_url)")
colour = saying(as_colour, "3, 4, 6 or 8 hexadecimal digits or a colour's English name")
file_format = one_of("jpg", "png", "webp", jpeg="jpg")
"""The description writes it in capitals, the SDK in small letters."""


def whole(low: int, high: int) -> Callable[[str | Upload], int]:
    """Make a reader of whole numbers within bounds."""

    def reader(value: str | Upload) -> int:
        found = re.fullmatch(r"([+-]?[0-9]{1,9})(?:\.0*)?", as_text(value).strip())
        if found is None or not low <= int(found[1]) <= high:
            raise Unreadable(f"a whole number from {low} to {high}")
        return int(found[1])

    return reader
