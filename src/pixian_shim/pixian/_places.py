"""The places where settings are found, in order of precedence: environment, project file, user file."""

from __future__ import annotations

import os
import re
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEYS: dict[str, type] = {"api_id": str, "api_secret": str, "base_url": str, "test": bool}
"""Settings and their types, as written in a TOML file."""

_WRITTEN = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
_READABLE_BY_OTHERS = 0o077


@attrs.frozen
class Place:
    """One place, and what it says."""

    title: str
    values: Mapping[str, Any] = attrs.field(repr=False)
    prefix: str = ""
    trusted: bool = True
    """Whether the user put it there; a file that came with a checkout may not redirect their credentials."""

    @classmethod
    def of_arguments(cls, **values: str | bool | None) -> Place:
        """Take what was passed to a function; ``None`` is not given, an empty text is a mistake.

        Raises:
            ConfigurationError: an empty text.
        """
        for name, value in values.items():
            if value == "":
                raise ConfigurationError(f"{name} is an empty text; leave it out to have it looked up")
        return cls("arguments", {name: value for name, value in values.items() if value is not None})

    def label(self, key: str) -> str:
        """Name a setting the way this place spells it."""
        return self.prefix + key.upper() if self.prefix else key

    def text(self, key: str) -> str | None:
        """Give a text, or ``None`` where this place says nothing.

        Raises:
            ConfigurationError: it is something else.
        """
        value = self.values.get(key)
        if value is not None and not isinstance(value, str):
            raise ConfigurationError(f"{self.title}: {self.label(key)} must be a text")
        return value or None

    def switch(self, key: str) -> bool | None:
        """Give true or false (``1``, ``yes`` and ``on`` count too), or ``None`` where this place says nothing.

        Raises:
            ConfigurationError: it is something else.
        """
        value = self.values.get(key)
        if value is None or value == "" or isinstance(value, bool):
            return value if isinstance(value, bool) else None
        meaning = _WRITTEN.get(str(value).strip().lower())
        if meaning is None:
            raise ConfigurationError(f"{self.title}: {self.label(key)} must be true or false")
        return meaning


_NO_PROJECT = Place("pixian.toml or pyproject.toml in the project", {}, trusted=False)


def places(
    environ: Mapping[str, str],
    project_file: str | os.PathLike[str] | None = None,
    user_file: str | os.PathLike[str] | None = None,
    *,
    files: bool = True,
) -> Iterator[Place]:
    """Give every place in order; files are read only when their turn comes.

    A file that was named must exist, one that was looked for need not.

    Raises:
        ConfigurationError: a file is no TOML, or holds an unknown key or a wrong type.
    """
    prefix = "PIXIAN_"
    variables = {key: environ[prefix + key.upper()] for key in KEYS if prefix + key.upper() in environ}
    yield Place("environment", variables, prefix)
    if files:
        yield _project(Path(project_file)) if project_file is not None else _nearest()
        yield _user(Path(user_file), named=True) if user_file is not None else _user(_user_file(environ), named=False)


def _nearest() -> Place:
    """Look from the working directory upwards; a repository's root and the home directory are the last ones."""
    try:
        start = Path.cwd()
    except OSError:  # it was deleted
        return _NO_PROJECT
    return _nearest_from(start)


def _nearest_from(start: Path) -> Place:
    for directory in (start, *start.parents):
        for name in ("pixian.toml", "pyproject.toml"):
            path = directory / name
            if path.is_file() and (place := _project(path)).values:
                return place
        if (directory / ".git").exists() or directory == _home():
            break
    return _NO_PROJECT


def _project(path: Path) -> Place:
    table = _table(path)
    if path.name == "pyproject.toml":
        tool = table.get("tool")
        table = tool.get("pixian-shim", {}) if isinstance(tool, dict) else {}
    return Place(str(path), _checked(path, table), trusted=False)


def _user_file(environ: Mapping[str, str]) -> Path:
    if sys.platform == "win32":
        base = environ.get("APPDATA") or str(_home() / "AppData" / "Roaming")
    else:
        base = environ.get("XDG_CONFIG_HOME") or str(_home() / ".config")
    return Path(base, "pixian", "config.toml")


def _home() -> Path:
    """Give the home directory; in a container, a user may have none."""
    try:
        return Path.home()
    except RuntimeError:
        return Path("/nonexistent")


def _user(path: Path, *, named: bool) -> Place:
    if not named and not path.is_file():
        return Place("the user's pixian/config.toml", {})
    values = _checked(path, _table(path))
    if "api_secret" in values and os.name == "posix" and path.stat().st_mode & _READABLE_BY_OTHERS:
        warnings.warn(f"{path} holds a secret and can be read by others; run: chmod 600 {path}", stacklevel=2)
    return Place(str(path), values)


def _table(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not UTF-8") from None  # the cause would hold the file's content
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\(at [^()]*\)$", str(error))
        raise ConfigurationError(f"{path} is not valid TOML {where[0] if where else ''}".rstrip()) from None


def _checked(path: Path, table: object) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise ConfigurationError(f"{path}: [tool.pixian-shim] must be a table")
    for key, value in table.items():
        if key not in KEYS:
            from difflib import get_close_matches

            close = get_close_matches(key, KEYS, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(KEYS)}"
            raise ConfigurationError(f"{path}: unknown key {key!r}; {hint}")
        if not isinstance(value, KEYS[key]):
            expected = "true or false" if KEYS[key] is bool else "a text"
            raise ConfigurationError(f"{path}: {key} must be {expected}")
    return table
