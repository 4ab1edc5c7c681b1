"""From what a caller wrote to typed values.

A reader takes a value and knows nothing else: not which parameter it is of, and not in which words a provider refuses
what it cannot read. Both are known to the rule table, which makes the error of what a reader raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import attrs

from pixian_shim.errors import InvalidParameter, TranslationError
from pixian_shim.pixian import Base64Text, ImageUrl, Upload
from pixian_shim.translation._colours import parse_colour

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixian_shim.translation._colours import Colour

T = TypeVar("T")


@attrs.frozen
class Refusal:
    """What a provider says of a value that it does not take.

    Each may hold ``{parameter}``, ``{expected}`` and ``{value}``, of which ``{value:.60}`` is the beginning.
    """

    message: str
    code: str
    detail: str | None = None

    def of(self, parameter: str, expected: str = "", value: str | Upload = "") -> TranslationError:
        """Make the error for a value; what is expected may name the parameter, as ``{parameter}``."""
        words = {
            "parameter": parameter,
            "expected": expected.replace("{parameter}", parameter),
            "value": value.name if isinstance(value, Upload) else value,
        }
        return TranslationError(
            self.message.format_map(words),
            code=self.code.format_map(words),
            parameter=parameter,
            detail=self.detail and self.detail.format_map(words),
        )


class Unreadable(Exception):
    """Raised by a reader for a value that it cannot read; callers never see it.

    Attributes:
        expected: what can be read, in words; may hold ``{parameter}``.
        refusal: what the provider says of it, if not what it says of any other value.
    """

    def __init__(self, expected: str, refusal: Refusal | None = None) -> None:
        self.expected, self.refusal = expected, refusal
        super().__init__(expected)


def saying(
    read: Callable[[str | Upload], T], expected: str | None = None, *, refusal: Refusal | None = None
) -> Callable[[str | Upload], T]:
    """Make a reader that reads the same, and says something else of what it cannot read."""

    def reader(value: str | Upload) -> T:
        try:
            return read(value)
        except Unreadable as problem:
            words = problem.expected if expected is None else expected
            raise Unreadable(words, refusal or problem.refusal) from problem.__cause__

    return reader


def as_text(value: str | Upload) -> str:
    """Take a value as it came, unless it is a file."""
    if isinstance(value, Upload):
        raise Unreadable("text")
    return value


def as_file(value: str | Upload) -> Upload:
    """Take an uploaded file."""
    if not isinstance(value, Upload):
        raise Unreadable("a file")
    return value


def as_base64(value: str | Upload) -> Upload:
    """Decode base64, also of a file part, with or without a ``data:`` prefix."""
    if isinstance(value, Upload):
        value = value.read().decode("ascii", "replace")
    try:
        return Base64Text(value).decode()
    except InvalidParameter as error:
        raise Unreadable("base64") from error


def as_address(value: str | Upload) -> ImageUrl:
    """Take an http or https address."""
    text = as_text(value).strip()
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable()
    except ValueError:
        usable = False
    if not usable:
        raise Unreadable("an http or https address")
    return ImageUrl(text)


def as_colour(value: str | Upload) -> Colour:
    """Read a colour: 3, 4, 6 or 8 hexadecimal digits with or without ``#``, or a CSS name."""
    found = parse_colour(as_text(value))
    if found is None:
        raise Unreadable("a colour")
    return found


def as_switch(value: str | Upload) -> bool:
    """Read ``true``, ``false``, ``1`` or ``0``, in any case."""
    return _switch(value) in ("true", "1")


def one_of(*documented: str, **spellings: str) -> Callable[[str | Upload], str]:
    """Make a reader that takes one of some words, in any case.

    Args:
        documented: as the provider writes them; the reader gives them so.
        spellings: further words, in small letters, and which of the documented ones they mean.
    """
    known = {name.lower(): name for name in documented} | spellings

    def reader(value: str | Upload) -> str:
        found = known.get(as_text(value).strip().lower())
        if found is None:
            raise Unreadable(f"one of {', '.join(documented)}")
        return found

    return reader


_switch = one_of("true", "false", "1", "0")
