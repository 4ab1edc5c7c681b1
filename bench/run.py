"""Measure every figure in one run, and say which falls short."""

from __future__ import annotations

import calls
import delta
import imports
import png
import shadow
import uploads
from figures import Figure
from rich.console import Console
from rich.markup import escape
from rich.table import Table

import compare
import doors
import gateway
import sandbox
import translation


def main() -> None:
    """Print the figures."""
    table = Table(title="Figures", title_justify="left")
    for column in ("what", "measured", "bar", "beside it in this run", ""):
        table.add_column(column)
    console = Console()
    for module in (imports, sandbox, translation, calls, uploads, png, delta, compare, doors, shadow, gateway):
        for figure in module.measure():
            table.add_row(*cells(figure))
    console.print(table)


def cells(figure: Figure) -> tuple[str, ...]:
    """Write one row."""
    sign = ">=" if figure.at_least else "<="
    verdict = "[green]holds[/green]" if figure.passed else "[red]falls short[/red]"
    return (
        escape(figure.name),
        f"{figure.value:.3g} {figure.unit}",
        f"{sign} {figure.bar:g} {figure.unit}",
        escape(figure.beside),
        verdict,
    )


if __name__ == "__main__":
    main()
