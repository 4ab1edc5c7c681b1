"""The commands around a rollout."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 (cyclopts reads the annotations)
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

if TYPE_CHECKING:
    from pixian_shim.rollout import Summary

app = App(name="rollout", help="Look at a gradual migration: status, decide.")
AsJson = Annotated[bool, Parameter(name="--json", negative="")]


@app.command
def status(folder: Path, /, *, as_json: AsJson = False) -> None:
    """Tell from its observations how a migration goes.

    Args:
        folder: of the observations.
        as_json: print for machines.
    """
    from pixian_shim.errors import ConfigurationError
    from pixian_shim.rollout import Summary, observations

    if not folder.is_dir():
        raise ConfigurationError(f"there is no folder {folder}")
    summary = Summary.of(observations(folder))
    if as_json:
        print(json.dumps(summary.as_json(), indent=2))
    else:
        show(summary)


@app.command
def decide(file: Path, unit: str, /) -> None:
    """Tell who would answer a unit, and why; asks nobody.

    Args:
        file: the rollout's TOML file.
        unit: such as a customer's number; for units by image, the SHA-256 of the picture.
    """
    from pixian_shim.rollout import WatchedFile

    decision = WatchedFile(file).decide(unit)
    bucket = "" if decision.bucket is None else f", bucket {decision.bucket} of 10000 with salt {decision.salt!r}"
    print(f"{decision.origin} (stage {decision.stage}, {decision.reason}{bucket})")


def show(summary: Summary) -> None:
    """Print a summary as tables."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table("stage", "legacy answered", "pixian answered", box=box.SIMPLE_HEAD, title_justify="left")
    stages = list(dict.fromkeys(stage for stage, _ in summary.stages))
    for stage in stages:
        table.add_row(stage, *(str(summary.stages[stage, origin]) for origin in ("legacy", "pixian")))
    console.print(f"{summary.calls} calls; {summary.both} have a picture of either side to compare")
    console.print(table)
    table = Table("", "asked", "failed", "credits", "perhaps charged", "p50", "p99", box=box.SIMPLE_HEAD)
    for origin, account in summary.origins.items():
        failed = ", ".join(f"{count} {failure}" for failure, count in account.failures.items()) or "0"
        seconds = (f"{account.percentile(share):.2f} s" for share in (0.5, 0.99))
        table.add_row(origin.value, str(account.asked), failed, f"{account.credits:g}", str(account.doubtful), *seconds)
    console.print(table)
    for what, counts in (("answered by the other", summary.because), ("shadow calls not made", summary.dropped)):
        if counts:
            console.print(f"{what}: {', '.join(f'{count} {reason}' for reason, count in counts.items())}")
