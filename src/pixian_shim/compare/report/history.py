"""Runs of a drift check, one line each."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import attrs

from pixian_shim._documents import fields_of
from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pixian_shim.compare._comparison import Comparison

FILE = "history.jsonl"
_RUN = re.compile(r"\d{4}-\d\d-\d\dT\d{6}\.\d{6}Z")
"""How the folder of a run is called."""
_MEASURES = ("mae", "iou_50", "boundary_f")


@attrs.frozen
class _Run:
    """What a line says, as far as it is shown again."""

    run: str
    answer: str
    counts: Mapping[str, float]
    means: Mapping[str, float] = attrs.field(factory=dict)
    median_seconds: float | None = None


def history(folder: Path, run: str, comparison: Comparison, *, missing: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Add a run to the history, and give all runs, the oldest first; a line that is none is left aside.

    Args:
        folder: of the history.
        run: its name.
        comparison: what was found.
        missing: what was asked and not answered.

    Raises:
        ConfigurationError: the history cannot be written.
    """
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = path.read_text("utf-8") if path.exists() else ""
        with path.open("a", encoding="utf-8") as file:
            # A run that was cut off while writing has left half a line: the next one begins a new line.
            broken = text and not text.endswith("\n")
            line = json.dumps(_line(run, comparison) | {"missing": list(missing)})
            file.write(f"{chr(10) if broken else ''}{line}\n")
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", "") or "it is not written in UTF-8: move it away, and a new one is begun"
        raise ConfigurationError(f"{path} cannot be used: {why}") from error
    return [told for line in lines if (told := _read(line)) is not None]


def tidied(folder: Path, keep: int) -> None:
    """Delete the folders of all runs but the last ones; anything else that lies there stays."""
    runs = sorted(path for path in folder.iterdir() if path.is_dir() and _RUN.fullmatch(path.name))
    for run in runs[:-keep]:
        shutil.rmtree(run, ignore_errors=True)


def _line(run: str, comparison: Comparison) -> dict[str, Any]:
    measured = [row.measures for row in comparison.rows if row.measures is not None]
    means = {name: sum(getattr(one, name) for one in measured) / len(measured) for name in _MEASURES if measured}
    return {
        "run": run,
        "made": comparison.made,
        "answer": comparison.verdict.answer,
        "counts": comparison.counts,
        "causes": {name: told["pairs"] for name, told in comparison.causes.items() if told["pairs"]},
        "means": {name: round(value, 6) for name, value in means.items()},
        "median_seconds": comparison.right.percentile(0.5),
        "credits": comparison.right.credits,
    }


def _read(line: str) -> dict[str, Any] | None:
    try:
        return fields_of(_Run, json.loads(line), "a run")
    except (ValueError, RecursionError, ConfigurationError):
        return None
