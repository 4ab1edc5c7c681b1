"""Show a comparison in a terminal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from rich import box
from rich.color import Color
from rich.console import Console, Group
from rich.markup import escape
from rich.style import Style
from rich.table import Table
from rich.text import Text

from pixian_shim.compare.report.words import accounts, reasons, seconds
from pixian_shim.errors import ShimError
from pixian_shim.geometry import Size
from pixian_shim.images import decode, resize

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import RenderableType

    from pixian_shim.compare import Comparison, Folder, Row

_COLOURS = {
    "fine": "green",
    "accepted": "cyan",
    "look": "yellow",
    "bad": "red",
    "failed": "magenta",
    "unknown": "bright_black",
    "yes": "green",
    "no": "red",
    "nothing": "bright_black",
}
_WORST, _PICTURED, _NAMED = 8, 4, 3
_SIDE = 24  # pixels of a thumbnail's longer side: cells across, and two to a cell down
_SQUARE = 3  # pixels of the checkerboard
_LIGHT, _DARK = 255, 205
_RUNS = 10
BROKEN_PIPE = 141  # as a shell calls the end by SIGPIPE
_COLOURFUL: dict[str, Any] = {"color_system": "truecolor", "force_terminal": True}


class _Console(Console):
    """A console whose reader may go away: that is no threshold's code."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(BROKEN_PIPE)


def summary(comparison: Comparison, folder: Folder, *, thumbnails: str) -> None:
    """Print how many are fine, which are worst, why, what it cost and what it did to latency.

    Args:
        comparison: what was found.
        folder: where it is kept.
        thumbnails: ``always``, ``never``, or ``auto``: where the terminal has the colours.
    """
    console = _Console(highlight=False, **(_COLOURFUL if thumbnails == "always" else {}))
    verdict = comparison.verdict
    console.print(f"[bold {_COLOURS[verdict.answer]}]{escape(verdict.says)}[/]\n")
    pictured = thumbnails == "always" or (thumbnails == "auto" and console.color_system in ("truecolor", "256"))
    console.print(_worst(comparison, folder.pictures if pictured else None))
    console.print(_causes(comparison))
    console.print(_accounts(comparison))
    if comparison.skipped:
        console.print(f"{len(comparison.skipped)} files are no pictures and were left out: {comparison.skipped[0]} ...")
    console.print(f"Look at [bold]{escape(str(folder.report))}[/bold]", soft_wrap=True)


def _worst(comparison: Comparison, pictures: Path | None) -> RenderableType:
    rows = [row for row in comparison.rows if row.group in ("failed", "bad", "look", "unknown")]
    if not rows:
        return ""
    more = f"; the report shows all {len(rows)}" if len(rows) > _WORST else ""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=f"Worst{more}", title_justify="left")
    for head in ("photo", "", "why"):
        table.add_column(head, overflow="fold")
    for place, alike in enumerate(_alike(rows)[:_WORST]):
        row = alike[0]
        drawn = [] if pictures is None or place >= _PICTURED or len(alike) > 1 else [_pair(row, pictures)]
        why: list[RenderableType] = [escape(reasons(row)), *drawn]
        table.add_row(escape(_names(alike)), f"[{_COLOURS[row.group]}]{row.group}[/]", Group(*why))
    return table


def _alike(rows: Sequence[Row]) -> list[list[Row]]:
    """Bring together what could not be compared for one and the same reason, where its first is."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        key = (row.group, reasons(row), "" if row.problem else row.id)
        found.setdefault(key, []).append(row)
    return list(found.values())


def _names(alike: Sequence[Row]) -> str:
    if len(alike) == 1:
        return alike[0].name
    named = ", ".join(row.name for row in alike[:_NAMED])
    return f"{len(alike):,}: {named}{', …' if len(alike) > _NAMED else ''}"


def _pair(row: Row, pictures: Path) -> RenderableType:
    """Draw left and right beside each other, as far as they are there."""
    grid = Table.grid(padding=(0, 2))
    drawn = [_picture(pictures / row.views[view]) for view in ("left_thumb", "right_thumb") if view in row.views]
    grid.add_row(*drawn)
    return grid


def _picture(path: Path) -> Text:
    """Draw a thumbnail on a checkerboard: the upper half of a cell in the text's colour, the lower in the ground's."""
    try:
        rgba = decode(path.read_bytes()).rgba
    except (OSError, ShimError):  # a report without pictures, or tidied away
        return Text("")
    factor = _SIDE / max(rgba.shape[:2])
    height, width = (max(1, round(side * factor)) for side in rgba.shape[:2])
    small = resize(rgba, Size(width, height + height % 2)).astype(np.float32)
    down, across = np.indices(small.shape[:2]) // _SQUARE
    ground = np.where((down + across) % 2, _DARK, _LIGHT)[..., np.newaxis]
    share = small[..., 3:] / 255
    rgb = (small[..., :3] * share + ground * (1 - share)).astype(int)
    text = Text()
    for upper, lower in zip(rgb[::2], rgb[1::2], strict=True):
        for over, under in zip(upper, lower, strict=True):
            text.append("\N{UPPER HALF BLOCK}", Style(color=Color.from_rgb(*over), bgcolor=Color.from_rgb(*under)))
        text.append("\n")
    text.rstrip()
    return text


def _causes(comparison: Comparison) -> RenderableType:
    found = sorted(
        ((name, told) for name, told in comparison.causes.items() if told["pairs"] or told["accepted"]),
        key=lambda one: -one[1]["pairs"],
    )
    if not found:
        return ""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="Why", title_justify="left")
    table.add_column("cause")
    for head in ("pairs", "bad", "accepted"):
        table.add_column(head, justify="right")
    for name, told in found:
        table.add_row(name, *(str(told[key]) for key in ("pairs", "bad", "accepted")))
    return table


def _accounts(comparison: Comparison) -> RenderableType:
    titles = (escape(side.title) for side in (comparison.left, comparison.right))
    table = Table("", *titles, box=box.SIMPLE_HEAD, pad_edge=False)
    for line in accounts(comparison):
        table.add_row(*map(escape, line))
    return table


def trend(runs: Sequence[dict[str, Any]]) -> None:
    """Print the last runs of a drift check."""
    title = f"{len(runs)} {'run' if len(runs) == 1 else 'runs'}"
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    for head in ("run", "verdict", "fine", "look", "bad", "failed", "mean IoU", "median"):
        table.add_column(head)
    for run in runs[-_RUNS:]:
        counts = run["counts"]
        numbers = [str(counts.get(group, 0)) for group in ("fine", "look", "bad", "failed")]
        iou = run.get("means", {}).get("iou_50")
        told = "" if iou is None else f"{iou:.4f}"
        table.add_row(str(run.get("run")), str(run.get("answer")), *numbers, told, seconds(run.get("median_seconds")))
    _Console(highlight=False).print(table)
