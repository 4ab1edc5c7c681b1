"""From what a caller wrote to typed values, refused in the provider's own words.

A reader takes the words first and the value last, so that a table binds what comes before with ``functools.partial``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs

from pixian_shim.errors import InvalidParameter, TranslationError
from pixian_shim.pixian import Base64Text, ImageUrl, Upload
from pixian_shim.translation._colours import parse_colour
from pixian_shim.translation._rules import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pixian_shim.translation._colours import Colour


@attrs.frozen
class Refusal:
    """What a provider says of a value that it does not take.

    Each may hold ``{parameter}``, ``{expected}`` and ``{value}``, of which ``{value:.60}`` is the beginning.
    """

    message: str
    code: str
    detail: str | None = None

    def expecting(self, expected: str) -> Refusal:
        """Say in the provider's own words what would have been taken."""
        detail = self.detail and self.detail.replace("{expected}", expected)
        return attrs.evolve(self, message=self.message.replace("{expected}", expected), detail=detail)

    def of(self, parameter: str, expected: str = "", value: str | Upload = "") -> TranslationError:
        """Make the error for a value."""
        words = {
            "parameter": parameter,
            "expected": expected,
            "value": value.name if isinstance(value, Upload) else value,
        }
        return TranslationError(
            self.message.format_map(words),
            code=self.code.format_map(words),
            parameter=parameter,
            detail=self.detail and self.detail.format_map(words),
        )


def as_file(refusal: Refusal, parameter: str, value: str | Upload) -> Upload:
    """Take an uploaded file."""
    if not isinstance(value, Upload):
        raise refusal.of(parameter, "a file", value)
    return value


def as_base64(refusal: Refusal, parameter: str, value: str | Upload) -> Upload:
    """Decode base64, also of a file part, with or without a ``data:`` prefix."""
    if isinstance(value, Upload):
        value = value.read().decode("ascii", "replace")
    try:
        return Base64Text(value).decode(parameter=parameter)
    except InvalidParameter as error:
        raise refusal.of(parameter, "base64") from error


def as_address(refusal: Refusal, parameter: str, value: str | Upload) -> ImageUrl:
    """Take an http or https address."""
    text = as_text(value).strip()
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable()
    except ValueError:
        usable = False
    if not usable:
        raise refusal.of(parameter, "an http or https address", value)
    return ImageUrl(text)


def as_colour(refusal: Refusal, parameter: str, value: str | Upload) -> Colour:
    """Read a colour: 3, 4, 6 or 8 hexadecimal digits with or without ``#``, or a CSS name."""
    found = parse_colour(as_text(value))
    if found is None:
        raise refusal.of(parameter, "a colour", value)
    return found


def as_word(refusal: Refusal, parameter: str, known: Mapping[str, str], value: str | Upload) -> str:
    """Take one of the words that ``words`` lists, in any case; spellings that mean the same give the same."""
    found = known.get(as_text(value).strip().lower())
    if found is None:
        raise refusal.of(parameter, f"one of {', '.join(dict.fromkeys(known.values()))}", value)
    return found


def words(*documented: str, **spellings: str) -> dict[str, str]:
    """Make the table for ``as_word``: each word by its small letters, and further spellings of some."""
    return {name.lower(): name for name in documented} | spellings
