"""Where decisions come from: the environment, a file, a function, a flag tool. None of them ever fails a call."""

from __future__ import annotations

import json
import logging
import os
import tomllib
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from threading import Lock
from time import monotonic, time_ns
from typing import TYPE_CHECKING, Any

import attrs

from pixian_shim.errors import ConfigurationError, MissingExtra, check_names
from pixian_shim.rollout._decision import Decision, Flag, Origin, Reason, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_log = logging.getLogger(__name__)

_LOOK_AGAIN = 0.2  # seconds; a kill switch works within one
_SETTLED = 2_000_000_000  # nanoseconds after which a file system's clock has moved on

_OF_THE_FLAG = {
    "stage": "stage",
    "percent": "percent",
    "salt": "salt",
    "bucketer": "bucketer",
    "version": "version",
    "shadow_others": "shadow",
}
"""Keys of a file, and what they are of a flag."""
_OF_OTHERS = ("unit", "at", "shadow", "fallback", "observations", "baseline")

_VARIABLES = {"STAGE": "stage", "PERCENT": "percent", "SALT": "salt", "FLAG_VERSION": "version"}


def _in_doubt(stage: Stage = Stage.OFF) -> Decision:
    return Decision(origin=Origin.LEGACY, stage=stage, reason=Reason.ERROR)


class FromEnvironment:
    """Read ``PIXIAN_SHIM_STAGE``, ``_PERCENT``, ``_SALT`` and ``_FLAG_VERSION`` at every decision.

    Args:
        default: what counts for variables that are not set.
        environ: where they are looked up.

    Raises:
        ConfigurationError: a value that cannot be. One that comes later is logged, and leaves everything as it was.
    """

    def __init__(self, default: Flag | None = None, environ: Mapping[str, str] = os.environ) -> None:
        self._default, self._environ = default or Flag(), environ
        self._seen = self._read()
        self._flag = self._parsed(self._seen)

    def decide(self, unit: str | None) -> Decision:
        """Decide by what the environment says now."""
        read = self._read()
        if read != self._seen:
            self._seen = read
            try:
                self._flag = self._parsed(read)
            except ConfigurationError as error:
                _log.error("the environment is left out of account: %s", error)
        return self._flag.decide(unit)

    def _read(self) -> tuple[str | None, ...]:
        return tuple(self._environ.get(f"PIXIAN_SHIM_{name}") for name in _VARIABLES)

    def _parsed(self, values: tuple[str | None, ...]) -> Flag:
        given: dict[str, Any] = {name: value for name, value in zip(_VARIABLES.values(), values, strict=True) if value}
        if "percent" in given:
            try:
                given["percent"] = float(given["percent"])
            except ValueError:
                raise ConfigurationError(f"PIXIAN_SHIM_PERCENT must be a number, not {given['percent']!r}") from None
        return attrs.evolve(self._default, **given)


class WatchedFile:
    """Read a flag from a file, and again whenever the file changes: a switch that needs no restart.

    A change counts within a second. While the file cannot be read, or holds what cannot be, the last flag that could
    be read counts; that is logged.

    Args:
        path: TOML, or JSON where it ends in ``.json``.

    Raises:
        ConfigurationError: it cannot be read, or holds what cannot be, from the start.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path, self._lock = Path(path), Lock()
        self._seen: tuple[int, int, int] | None = None
        self._flag, self._told = self._read(), ""
        self._next_look = monotonic() + _LOOK_AGAIN

    def decide(self, unit: str | None) -> Decision:
        """Decide by what the file says."""
        if monotonic() >= self._next_look and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._flag.decide(unit)

    def _look(self) -> None:
        self._next_look = monotonic() + _LOOK_AGAIN
        state = self._state()
        if state == self._seen:
            return
        try:
            self._flag = self._read()
        except ConfigurationError as error:
            if str(error) != self._told:
                _log.warning("the last flag that could be read still counts: %s", error)
            self._told = str(error)
        else:
            self._told = ""
        # What was written a moment ago may be written again without the clock of the file system moving.
        self._seen = None if abs(time_ns() - state[0]) < _SETTLED else state

    def _state(self) -> tuple[int, int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return 0, 0, 0
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> Flag:
        try:
            content = self._path.read_bytes()
            text = content.decode("utf-8")
            table = json.loads(text) if self._path.suffix == ".json" else tomllib.loads(text)
        except (OSError, ValueError, RecursionError) as error:
            raise ConfigurationError(f"the rollout {self._path} cannot be read: {error}") from error
        if not isinstance(table, dict) or "stage" not in table:
            raise ConfigurationError(f"the rollout {self._path} says no stage: one of {', '.join(Stage)} is expected")
        check_names(table, [*_OF_THE_FLAG, *_OF_OTHERS], f"the rollout {self._path}")
        given = {inner: table[name] for name, inner in _OF_THE_FLAG.items() if name in table}
        given.setdefault("version", blake2b(content, digest_size=4).hexdigest())
        return Flag(**given)


class FromCallable:
    """Ask a function of yours.

    Args:
        function: gets the unit, and gives a ``Flag``, a ``Decision``, an ``Origin`` (``"pixian"``), the name of a
            stage, or whether Pixian answers. What it raises lets the provider answer, and is logged.
    """

    def __init__(self, function: Callable[[str | None], object]) -> None:
        self._function = function
        self._told: set[str] = set()

    def decide(self, unit: str | None) -> Decision:
        """Decide by what the function says."""
        try:
            return _decided(self._function(unit), unit)
        except Exception as error:  # noqa: BLE001 (somebody else's code)
            if type(error).__name__ not in self._told:
                self._told.add(type(error).__name__)
                _log.exception("the function that decides failed; the provider answers")
            return _in_doubt()


def _decided(said: object, unit: str | None, reason: Reason = Reason.TARGETING, version: str = "") -> Decision:
    """Understand a decision, however it is said."""
    match said:
        case Decision():
            return said
        case Flag():
            return said.decide(unit)
        case bool():
            said = Origin.PIXIAN if said else Origin.LEGACY
        case str() if said in tuple(Origin):
            said = Origin(said)
        case str():
            return attrs.evolve(Flag(stage=said, version=version).decide(unit), reason=reason)
    if not isinstance(said, Origin):
        raise TypeError(f"{said!r} is no decision")
    stage = Stage.CANARY  # some units here, some there: that is what deciding by unit means
    return Decision(origin=said, stage=stage, reason=reason, flag_version=version)


class FromOpenFeature:
    """Ask a flag tool by its OpenFeature client, with the call's unit as the targeting key.

    Args:
        client: any of OpenFeature's; it should hold its flags in memory, since it is asked at every call.
        flag_key: of a flag whose value is ``legacy`` or ``pixian``, or the name of a stage.
        default: what counts where the tool does not know the flag.

    Raises:
        MissingExtra: ``openfeature-sdk`` is not installed.
        ConfigurationError: the default is none of these values.
    """

    def __init__(self, client: Any, flag_key: str, default: str = "off") -> None:
        try:
            self._context: Any = import_module("openfeature.evaluation_context").EvaluationContext
        except ImportError as error:
            raise MissingExtra("flags", "deciding by OpenFeature") from error
        _decided(default, None)
        self._client, self._key, self._default = client, flag_key, default
        self._told = False

    def decide(self, unit: str | None) -> Decision:
        """Decide by what the tool says."""
        try:
            found = self._client.get_string_details(self._key, self._default, self._context(targeting_key=unit))
            version = str((found.flag_metadata or {}).get("version") or found.variant or "")
            if found.error_code is not None:
                return attrs.evolve(_decided(self._default, unit), reason=Reason.ERROR, flag_version=version)
            return _decided(
                found.value, unit, _REASONS.get(str(found.reason).rpartition(".")[2], Reason.TARGETING), version
            )
        except Exception:  # noqa: BLE001 (somebody else's code)
            if not self._told:
                self._told = True
                _log.exception("OpenFeature failed; the provider answers")
            return _in_doubt()


_REASONS = {"STATIC": Reason.STATIC, "DEFAULT": Reason.STATIC, "CACHED": Reason.STATIC, "SPLIT": Reason.SPLIT}
"""OpenFeature's own words; whatever else it says is about this unit."""
