"""From the text of an option to its value, as rembg's own server reads it; and from Python values to that text."""

from __future__ import annotations

import ipaddress
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

from pixian_adapters.rembg.models import MODELS
from pixian_shim.errors import TranslationError
from pixian_shim.pixian import ImageUrl, Upload
from pixian_shim.translation import Colour, as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

BAD_REQUEST, UNPROCESSABLE, FAILED = "400", "422", "500"
"""The codes of what is refused here: the statuses that the server answers with."""

_ON = frozenset(("1", "on", "t", "true", "y", "yes"))
_OFF = frozenset(("0", "off", "f", "false", "n", "no"))
_WHOLE = re.compile(r"\s*([+-]?[0-9]+(?:_[0-9]+)*)(?:\.0*)?\s*")
_PATTERN = f"({'|'.join(model.name for model in MODELS)})"
_LONGEST_NUMBER = 100
_FEWEST, _MOST = 3, 4


def flag(value: str | Upload) -> bool:
    """Read a switch; anything that is none is off (where it matters, ``problem`` has been asked before)."""
    return as_text(value).lower() in _ON


def picture(value: str | Upload) -> Upload:
    """Take a picture; text in its place is taken for one as well, as the server does."""
    return value if isinstance(value, Upload) else Upload(value.encode("utf-8", "surrogateescape"))


def address(value: str | Upload) -> ImageUrl:
    """Take an address that the server would fetch.

    Raises:
        TranslationError: another scheme, no host, or one that is not public as it stands.
    """
    text = as_text(value).strip()
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        raise _bad_address("Invalid URL: missing hostname.") from None
    if parts.scheme not in ("http", "https"):
        raise _bad_address("Only http and https URLs are allowed.")
    if not host or not text.isprintable():
        raise _bad_address("Invalid URL: missing hostname.")
    if not _may_be_public(host):
        raise _bad_address("Requests to private/internal addresses are not allowed.")
    return ImageUrl(text)


def _bad_address(message: str) -> TranslationError:
    return TranslationError(message, code=BAD_REQUEST, parameter="url")


def _may_be_public(host: str) -> bool:
    """Tell what can be told without looking a name up; whoever fetches it looks again."""
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return host != "localhost" and not host.endswith(".localhost")
    return number.is_global and not number.is_multicast


def colour(value: str | Upload) -> Colour:
    """Read ``R,G,B,A`` or ``R,G,B``; numbers beyond 0 to 255 are the nearest ones, as Pillow takes them.

    Raises:
        TranslationError: something else, on which the server fails.
    """
    words = as_text(value).split(",")
    try:
        numbers = [int(word) for word in words if len(word) <= _LONGEST_NUMBER]
    except ValueError:
        numbers = []
    if not _FEWEST <= len(numbers) == len(words) <= _MOST:
        raise TranslationError(
            f"the background colour is {_short(as_text(value))}, where R,G,B,A is expected", code=FAILED
        )
    return Colour(*(min(max(number, 0), 255) for number in numbers))


def extras(text: str | Upload) -> dict[str, Any]:
    """Read the JSON of ``extras``; what is no object is passed over, as the server does."""
    try:
        found = json.loads(as_text(text), parse_int=_number)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _number(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


def written(name: str, value: Any) -> str | Upload | None:
    """Write a Python value as the text of an option; ``None`` for none. Keys of other services are not written."""
    if value is None or isinstance(value, Upload):
        return value
    if name.endswith("api_key"):
        return "[hidden]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list | tuple) and all(isinstance(item, int) for item in value):
        return ",".join(str(int(item)) for item in value)
    try:
        return json.dumps(value)
    except (TypeError, ValueError):
        return type(value).__name__  # such as an object of onnxruntime


def _short(text: str) -> str:
    return repr(text[:60])


@attrs.frozen
class Option:
    """What the server checks of an option before it does anything.

    Attributes:
        name: as it is sent.
        kind: of its value.
        low: the least whole number.
        high: the greatest one.
    """

    name: str
    kind: type
    low: int | None = None
    high: int | None = None

    def problem(self, place: str, value: str | Upload) -> dict[str, Any] | None:
        """Say what is wrong with a value, in FastAPI's words; ``None`` if nothing is."""
        if isinstance(value, Upload):
            value = value.name
        kind, words, context = self._found(value)
        if not kind:
            return None
        told = {"type": kind, "loc": [place, self.name], "msg": words, "input": value}
        return told | ({"ctx": context} if context else {})

    def _found(self, text: str) -> tuple[str, str, dict[str, Any]]:
        if self.kind is bool:
            problem = "bool_parsing", "Input should be a valid boolean, unable to interpret input", dict[str, Any]()
            return ("", "", {}) if text.lower() in _ON | _OFF else problem
        if self.kind is str:
            known = any(model.name in text for model in MODELS)  # the server searches its pattern anywhere
            problem = "string_pattern_mismatch", f"String should match pattern '{_PATTERN}'", {"pattern": _PATTERN}
            return ("", "", {}) if known else problem
        return self._of_number(text)

    def _of_number(self, text: str) -> tuple[str, str, dict[str, Any]]:
        match = _WHOLE.fullmatch(text)
        if match is None or len(text) > _LONGEST_NUMBER:
            return "int_parsing", "Input should be a valid integer, unable to parse string as an integer", {}
        number = int(match[1])
        if self.low is not None and number < self.low:
            words = f"Input should be greater than or equal to {self.low}"
            return "greater_than_equal", words, {"ge": self.low}
        if self.high is not None and number > self.high:
            return "less_than_equal", f"Input should be less than or equal to {self.high}", {"le": self.high}
        return "", "", {}


CHECKED: Sequence[Option] = (
    Option("model", str),
    Option("a", bool),
    Option("af", int, 0, 255),
    Option("ab", int, 0, 255),
    Option("ae", int, 0),
    Option("om", bool),
    Option("ppm", bool),
    Option("dc", bool),
    Option("vm", bool),
)
"""In the order in which the server tells what is wrong."""
