"""A rollout from a file: who decides, what may be spent, what is written down."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixian_shim.errors import ConfigurationError, check_names
from pixian_shim.legacy import LegacyHost
from pixian_shim.rollout._fallback import Fallback
from pixian_shim.rollout._recorder import Recorder
from pixian_shim.rollout._rollout import Rollout
from pixian_shim.rollout._shadow import Shadow
from pixian_shim.rollout._sources import WatchedFile

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from pixian_shim.shim import Fetcher, Shim

ENVIRONMENT = "PIXIAN_SHIM_ROLLOUT"
"""The variable that names the file where no other way is open."""

_SHADOW = ("credits_per_day", "sampling", "ledger", "workers", "waiting", "waiting_bytes", "deadline")
_FALLBACK = ("on", "per_minute", "breaker_failures", "breaker_seconds")
_OBSERVATIONS = ("folder", "pictures", "max_bytes", "max_files")
_BASELINE = ("folder", "max_bytes")
_LEDGER = "budget.db"


def load_rollout(path: str | os.PathLike[str], *, shim: Shim | None = None) -> Rollout:
    """Make a rollout as a TOML file says; its stage and percentage are read again whenever the file changes.

    ::

        stage = "canary"
        percent = 1
        unit = "image"
        [shadow]
        credits_per_day = 20
        [fallback]
        per_minute = 30
        [observations]
        folder = "observations"

    Args:
        path: of the file; paths in it are relative to its folder.
        shim: carries out what Pixian answers.

    Raises:
        ConfigurationError: it cannot be read, or holds what cannot be.
    """
    path = Path(path)
    source = WatchedFile(path)
    table = _read(path)
    shadow, fallback = _table(table, "shadow", _SHADOW), _table(table, "fallback", _FALLBACK)
    seen, baseline = _table(table, "observations", _OBSERVATIONS), _table(table, "baseline", _BASELINE)
    at = table.get("at", {})
    if not isinstance(at, dict):
        raise ConfigurationError("[at] names providers and addresses: removebg = 'https://...'")
    try:
        fetcher = LegacyHost(at).fetcher
        folder = None if seen is None else path.parent / str(_needed(seen, "folder"))
        observe = None if seen is None or folder is None else Recorder(folder, fetcher=fetcher, **seen)
        if shadow is not None:
            ledger = shadow.pop("ledger", None)
            home = path.parent if observe is None else observe.folder
            shadow["ledger"] = home / _LEDGER if ledger is None else path.parent / str(ledger)
            _needed_first(shadow, "credits_per_day", "[shadow]")
        return Rollout(
            source,
            shim=shim,
            legacy=at,
            unit=str(table.get("unit", "image")),
            shadow=None if shadow is None else Shadow(**shadow),
            fallback=None if fallback is None else Fallback(**fallback),
            observe=observe,
            baseline=_keeper(path, baseline, fetcher),
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError(f"{path} holds an unusable value: {error}") from None


def _keeper(path: Path, table: dict[str, Any] | None, fetcher: Fetcher) -> Any:
    if table is None:
        return None
    from pixian_shim.baseline import BaselineWriter

    return BaselineWriter(path.parent / str(_needed(table, "folder")), fetcher=fetcher, **table)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the rollout {path} cannot be read: {error}") from error


def _table(whole: Mapping[str, Any], name: str, known: tuple[str, ...]) -> dict[str, Any] | None:
    found = whole.get(name)
    if found is None:
        return None
    if not isinstance(found, dict):
        raise ConfigurationError(f"{name} must be a table, [{name}]")
    check_names(found, known, f"[{name}]")
    return dict(found)


def _needed(table: dict[str, Any], name: str) -> Any:
    _needed_first(table, name, "it")
    return table.pop(name)


def _needed_first(table: Mapping[str, Any], name: str, where: str) -> None:
    if name not in table:
        raise ConfigurationError(f"{where} needs {name}")
