"""Write a comparison's summary as Markdown, for a pull request or a ticket."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pixian_shim.compare.judging.causes import CAUSES
from pixian_shim.compare.judging.verdict import Group
from pixian_shim.compare.report.words import accounts, reasons

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pixian_shim.compare._comparison import Comparison, Row

WORST = 20
"""Pairs that are listed."""


def markdown(comparison: Comparison) -> str:
    """Write it: how many are fine, which are worst, why, what it cost, what it did to latency."""
    counts = {group: count for group, count in comparison.counts.items() if count}
    parts = [
        f"## {comparison.verdict.says}",
        f"{_code(comparison.left.title)} compared with {_code(comparison.right.title)}: {len(comparison.rows)} pairs.",
        _table(("pairs", *counts), [("", *counts.values())]) if counts else "",
        *_worst(comparison.rows),
        *_causes(comparison),
        "### What it cost, and how long it took",
        _table(("", _code(comparison.left.title), _code(comparison.right.title)), accounts(comparison)),
        f"{len(comparison.skipped)} files are no pictures and were left out." if comparison.skipped else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _worst(rows: Sequence[Row]) -> Iterable[str]:
    worst = [row for row in rows if row.group in (Group.FAILED, Group.BAD, Group.LOOK, Group.UNKNOWN)]
    if not worst:
        return
    more = f" ({len(worst) - WORST} more in the report)" if len(worst) > WORST else ""
    yield f"### Worst{more}"
    yield _table(("photo", "", "why"), [(_code(row.name), row.group, _code(reasons(row))) for row in worst[:WORST]])


def _causes(comparison: Comparison) -> Iterable[str]:
    found = {name: told for name, told in comparison.causes.items() if any(told.values())}
    if not found:
        return
    says = {cause.name: cause.says for cause in CAUSES}
    yield "### Why"
    lines = [(name, told["pairs"], told["bad"], told["accepted"], says[name]) for name, told in found.items()]
    yield _table(("cause", "pairs", "bad", "accepted", "meaning"), lines)


def _table(heads: Sequence[object], lines: Iterable[Sequence[object]]) -> str:
    rows = [heads, ["---"] * len(heads), *lines]
    return "\n".join(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows)


def _code(text: str) -> str:
    """Write foreign text so that it is nothing but text, within a table too."""
    plain = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", "\ufffd", text).replace("|", "\\|") or " "
    fence = "`" * (max((len(run) for run in re.findall("`+", plain)), default=0) + 1)
    padded = f" {plain} " if plain[:1] == "`" or plain[-1:] == "`" else plain
    return f"{fence}{padded}{fence}"
