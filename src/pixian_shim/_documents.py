"""Read what people and programs write down as JSON or TOML: what is wrong with it is said in terms of the document."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any, TypeGuard

import attrs

from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LARGEST = 1e300
_SHOWN = 40  # characters of a value


def read_json(path: Path, remedy: str = "") -> Any:
    """Read a file of JSON.

    Args:
        path: of the file.
        remedy: what can be done if it is none.

    Raises:
        ConfigurationError: it cannot be read, or is none; the message begins with the path.
    """
    text = _text(path)
    try:
        return _parsed(path, text, "JSON", json.loads)
    except ConfigurationError as error:
        raise ConfigurationError(f"{error}; {remedy}" if remedy else str(error)) from error


def read_toml(path: Path) -> dict[str, Any]:
    """Read a file of TOML.

    Raises:
        ConfigurationError: as for ``read_json``.
    """
    read: dict[str, Any] = _parsed(path, _text(path), "TOML", tomllib.loads)
    return read


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")  # with a byte order mark, as some editors write it
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not written in UTF-8 (byte {error.start}): save it as UTF-8") from error
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error


def _parsed(path: Path, text: str, language: str, parse: Callable[[str], Any]) -> Any:
    try:
        return parse(text)
    except json.JSONDecodeError as error:
        if not text.strip():
            raise ConfigurationError(f"{path} is empty") from error
        place = f"line {error.lineno}, column {error.colno}"
        raise ConfigurationError(f"{path} is no {language}: {error.msg} ({place})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is no {language}: {error}") from error
    except RecursionError as error:
        raise ConfigurationError(f"{path} is nested too deeply to be read") from error
    except ValueError as error:  # what Python says of it is about Python
        raise ConfigurationError(f"{path} holds a number with too many digits") from error


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether it can be calculated with: no truth value, not infinite, and not too large for it."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and is_number(value)


def _or_null(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or fits(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _list_of(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and all(map(fits, value))


def _object_of(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, dict) and all(map(fits, value.values()))


_KINDS: dict[str, tuple[Callable[[object], bool], str]] = {
    "str": (_is_text, "text"),
    "bool": (lambda value: isinstance(value, bool), "true or false"),
    "int": (_is_whole, "a whole number"),
    "int | None": (_or_null(_is_whole), "a whole number or null"),
    "float": (is_number, "a number"),
    "float | None": (_or_null(is_number), "a number or null"),
    "tuple[str, ...]": (_list_of(_is_text), "a list of texts"),
    "tuple[float, ...]": (_list_of(is_number), "a list of numbers"),
    "dict[str, str]": (_object_of(_is_text), "an object of texts"),
    "Mapping[str, str]": (_object_of(_is_text), "an object of texts"),
    "Mapping[str, float]": (_object_of(is_number), "an object of numbers"),
}
"""By the words of a field's annotation: what of a document fits, and what that is called."""


def fields_of(kind: type[attrs.AttrsInstance], told: object, place: str) -> dict[str, Any]:
    """Give what a document says of a class's fields, each found to be of the kind that the class asks for.

    What it says beyond these is left out; fields of kinds that documents have no word for, other objects such as, are
    given as they are.

    Raises:
        ConfigurationError: it is no object, lacks a field, or has another kind of value; the message begins with the
            place.
    """
    if not isinstance(told, dict):
        raise ConfigurationError(f"{place} must be an object, not {shown(told)}")
    found = {}
    for field in attrs.fields(kind):
        if field.name in told:
            found[field.name] = _fitting(told[field.name], str(field.type), f"{place}: {field.name}")
        elif field.default is attrs.NOTHING:
            raise ConfigurationError(f"{place} has no {field.name}")
    return found


def _fitting(value: Any, kind: str, place: str) -> Any:
    if kind not in _KINDS:
        return value
    fits, expected = _KINDS[kind]
    if not fits(value):
        other = "" if expected.startswith(shown(value)) else f", not {shown(value)}"
        raise ConfigurationError(f"{place} must be {expected}{other}")
    return tuple(value) if isinstance(value, list) else value


def listed(told: object, place: str) -> list[Any]:
    """Give a list.

    Raises:
        ConfigurationError: it is none; the message begins with the place.
    """
    if not isinstance(told, list):
        raise ConfigurationError(f"{place} must be a list, not {shown(told)}")
    return told


def shown(value: object) -> str:
    """Name a value as its document does, shortly."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case list():
            return "a list"
        case dict():
            return "an object"
        case int() if not is_number(value):
            return "a number too large to calculate with"
        case str():
            return repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}...")
        case _:  # numbers, and the dates of TOML
            return str(value)
