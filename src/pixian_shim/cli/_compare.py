"""The commands around a comparison."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import attrs
from cyclopts import App, Group, Parameter, validators

from pixian_shim.cli._compare_sides import Asking, is_asked, resolve
from pixian_shim.cli._interruption import wait_for_interruption
from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pixian_shim.cli._compare_sides import Resolved
    from pixian_shim.compare import Comparison, Folder, Prices, Rules, Threshold

app = App(name="compare", help="Compare what two sides made of the same photos: measure, look, decide.")
Images = Literal["files", "inline", "none"]
EXCEEDED, INCOMPLETE = 1, 3


@Parameter(name="*", group=Group("Judging"))
@attrs.frozen(kw_only=True)
class Judging:
    """What counts.

    Attributes:
        noise: the incumbent a second time: only what exceeds its own variance is found.
        rules: a TOML file of accepted differences and limits.
        prices: a TOML file of prices; ``pixian-shim compare prices`` prints one to begin with.
        decisions: a file that a report saved, to be kept in --out.
        fail_on: NAME=MOST, such as bad=0, look=10%, edge=5, slower=1.5, verdict=no; can be given several times.
    """

    noise: str | None = None
    rules: Path | None = None
    prices: Path | None = None
    decisions: Path | None = None
    fail_on: list[str] = attrs.field(factory=list)

    def read(self, *usual: str) -> Judged:
        """Read the files, before anybody is asked and anything is paid for.

        Args:
            usual: thresholds where none is given.

        Raises:
            ConfigurationError: one of them says what cannot be.
        """
        from pixian_shim.compare import Threshold, load_prices, load_rules
        from pixian_shim.compare.report.folder import load_decisions

        return Judged(
            rules=load_rules(self.rules) if self.rules else None,
            prices=load_prices(self.prices) if self.prices else None,
            decisions=load_decisions(self.decisions) if self.decisions else {},
            thresholds=tuple(Threshold.parse(text) for text in self.fail_on or usual),
        )


@attrs.frozen(kw_only=True)
class Judged:
    """What counts, read."""

    rules: Rules | None
    prices: Prices | None
    decisions: dict[str, str]
    thresholds: tuple[Threshold, ...]


@Parameter(name="*", group=Group("Showing"))
@attrs.frozen(kw_only=True)
class Showing:
    """What is written.

    Attributes:
        images: the report's pictures beside it (files), within it (inline, for e-mail: usual for drift), or none.
        thumbnails: show the worst pairs in the terminal; auto does where it has the colours.
        jobs: processes; as many as there are cores without it.
    """

    images: Images | None = None
    thumbnails: Literal["auto", "always", "never"] = "auto"
    jobs: Annotated[int | None, Parameter(validator=validators.Number(gte=1))] = None

    def having(self, images: Images) -> Showing:
        """Fill in what is usual where nothing is said."""
        return attrs.evolve(self, images=self.images or images)


@app.default
def compare(
    left: str,
    right: str,
    /,
    *,
    originals: Path | None = None,
    out: Path = Path("out/compare"),
    asking: Asking = Asking(),  # noqa: B008 (frozen)
    judging: Judging = Judging(),
    showing: Showing = Showing(),
) -> None:
    """Compare what two sides made of the same photos, and write a report.

    A side is a folder of outputs, a baseline, or one origin of a rollout's observations: FOLDER@legacy, FOLDER@pixian.
    It can also be asked now: pixian, sandbox, rembg, or a provider such as removebg. What it answers is kept below
    --out, and is neither asked nor paid for again.

    Exit codes: 0 compared, 1 a threshold of --fail-on is exceeded, 2 it cannot be done, 3 a side that was asked has not
    answered everything (what there is was compared).

    Args:
        left: the incumbent.
        right: its successor.
        originals: folder of the photos: to look at, to match by content, and to be sent.
        out: folder for the report and all that belongs to it.
        asking: see there.
        judging: see there.
        showing: see there.
    """
    judged = judging.read()
    folder = _prepared(out, asking)
    resolved = resolve(_sides(left, right, judging), originals, out / "answers", asking)
    if resolved is None:
        return
    comparison = _compared(folder, resolved, judged, showing.having("files"))
    sys.exit(_code(comparison, judged.thresholds, resolved))


@app.command
def drift(
    golden: str,
    right: str,
    /,
    *,
    originals: Path | None = None,
    out: Path = Path("out/drift"),
    asking: Asking = Asking(),  # noqa: B008
    judging: Judging = Judging(),
    showing: Showing = Showing(),
    keep: Annotated[int, Parameter(validator=validators.Number(gte=1))] = 10,
) -> None:
    """Ask a side anew and compare it with a golden set, to be run on a schedule.

    Unlike pixian-shim compare it asks every time, into a folder of its own below --out, and adds a line to
    --out/history.jsonl. Without --fail-on it fails on anything bad, failed or unknown; --credits is for each run.

    Args:
        golden: answers that are known to be good: a folder, or a baseline.
        right: who is asked: pixian, sandbox, rembg or a provider.
        originals: folder of the photos; needed unless the golden set is a baseline with them.
        out: folder for all runs.
        asking: see there.
        judging: see there.
        showing: see there.
        keep: runs whose folders stay; the history keeps a line of all.
    """
    from pixian_shim.cli._compare_show import trend
    from pixian_shim.compare.report.history import history, tidied

    judged = judging.read("bad=0", "unknown=0")
    run = out / datetime.now(UTC).strftime("%Y-%m-%dT%H%M%S.%fZ")
    if not is_asked(right):
        raise ConfigurationError(f"{right} is a folder: drift asks somebody anew; pixian-shim compare compares folders")
    folder = _prepared(run, asking)
    resolved = resolve(_sides(golden, right, judging), originals, run / "answers", asking)
    if resolved is None:
        return
    comparison = _compared(folder, resolved, judged, showing.having("inline"))
    trend(history(out, run.name, comparison, missing=resolved.missing))
    tidied(out, keep)
    sys.exit(_code(comparison, judged.thresholds, resolved))


@app.command
def report(
    folder: Path,
    /,
    *,
    decisions: Path | None = None,
    fail_on: list[str] | None = None,
    showing: Showing = Showing(),
) -> None:
    """Write a comparison's files anew, with the reviewer's decisions, without measuring again.

    Args:
        folder: that the comparison was written to.
        decisions: a file that a report saved, to be kept in the folder.
        fail_on: NAME=MOST, as for pixian-shim compare; can be given several times.
        showing: see there.
    """
    from pixian_shim.compare import Folder

    judged = Judging(decisions=decisions, fail_on=fail_on or []).read()
    kept = Folder(folder)
    known = {row.id for row in kept.load().rows}
    unknown = len(judged.decisions.keys() - known)
    if unknown:
        told = f"{unknown} of {len(judged.decisions)} decisions belong to no pair here: its files have changed since"
        print(f"pixian-shim: {told}", file=sys.stderr)
    kept.decide(judged.decisions)
    comparison = kept.write(kept.load(), images=showing.images or "files")
    show(comparison, kept, showing)
    sys.exit(_code(comparison, judged.thresholds))


@app.command
def serve(folder: Path, /, *, port: int = 8795) -> None:
    """Show a comparison in the browser, and keep the reviewer's decisions with it: for those too large for one file.

    Args:
        folder: that the comparison was written to.
        port: port on loopback; 0 takes a free one.
    """
    from pixian_shim.compare import ReportServer

    with ReportServer(folder, port=port) as server:
        wait_for_interruption(f"pixian-shim compare: {server.url}")


@app.command
def prices() -> None:
    """Print a table of prices to edit, for --prices."""
    from pixian_shim.compare.judging.prices import TEMPLATE

    print(TEMPLATE, end="")


def _prepared(out: Path, asking: Asking) -> Folder:
    """Find out before anybody is asked that nothing can be written there, or read; a dry run writes nothing."""
    from pixian_shim.compare import Folder

    if not asking.dry_run:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"{out} cannot be written: {error.strerror}") from error
    folder = Folder(out)
    folder.decisions()
    return folder


def _sides(left: str, right: str, judging: Judging) -> list[str]:
    return [left, right, *([judging.noise] if judging.noise else [])]


def _compared(folder: Folder, resolved: Resolved, judged: Judged, showing: Showing) -> Comparison:
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from pixian_shim.compare import Views
    from pixian_shim.compare import compare as run

    if judged.decisions:
        folder.decide(judged.decisions)
    console = Console(stderr=True)
    columns = (TextColumn("comparing"), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("pairs", total=None)
        comparison = run(
            resolved.sides[0],
            resolved.sides[1],
            originals=resolved.originals,
            rules=judged.rules,
            noise=resolved.noise,
            prices=judged.prices,
            views=None if showing.images == "none" else Views(folder.pictures),
            jobs=showing.jobs or cores(),
            progress=lambda done, total: progress.update(bar, completed=done, total=total),
        )
    written = folder.write(comparison, images=showing.images or "files")
    show(written, folder, showing)
    return written


def show(comparison: Comparison, folder: Folder, showing: Showing) -> None:
    """Print the summary."""
    from pixian_shim.cli._compare_show import summary

    summary(comparison, folder, thumbnails=showing.thumbnails)


def _code(comparison: Comparison, thresholds: Sequence[Threshold], resolved: Resolved | None = None) -> int:
    """Say what is exceeded or missing, and give the exit code."""
    exceeded = [said for threshold in thresholds if (said := threshold.exceeded(comparison))]
    missing = resolved.missing if resolved is not None else ()
    for said in (*exceeded, *missing):
        print(f"pixian-shim: {said}", file=sys.stderr)
    return EXCEEDED if exceeded else INCOMPLETE if missing else 0


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
