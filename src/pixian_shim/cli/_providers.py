"""All providers side by side: what their callers can have on Pixian."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from pixian_shim.cli._explain import COLOURS
from pixian_shim.translation import CAPABILITIES, capabilities, load, providers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from pixian_shim.translation import Adapter, Span

_FIRST, _EACH = 20, 16  # columns of the terminal
_NONE = "-"


def as_rows() -> list[dict[str, Any]]:
    """Give one row for each provider and capability that it has."""
    return [
        {"provider": name, "capability": capability, "best": str(span.best), "worst": str(span.worst)}
        for name in providers()
        for capability, span in capabilities(load(name)).items()
    ]


def print_matrix(console: Console) -> None:
    """Write a row for each capability and a column for each provider; several matrices where they do not fit."""
    adapters = [load(name) for name in providers()]
    step = max(1, (console.width - _FIRST) // _EACH)
    for start in range(0, len(adapters), step):
        console.print(_matrix(adapters[start : start + step]))
        console.print()
    console.print(f"{_NONE}  the provider has no parameter for it")
    for verdict, says in _MEANINGS.items():
        console.print(Text(verdict, style=COLOURS[verdict]), says, highlight=False)


def _matrix(adapters: Sequence[Adapter]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("capability", no_wrap=True)
    for adapter in adapters:
        table.add_column(adapter.name, min_width=12)
    found = [capabilities(adapter) for adapter in adapters]
    for capability in CAPABILITIES:
        table.add_row(capability, *(_cell(spans.get(capability)) for spans in found))
    return table


def _cell(span: Span | None) -> Text:
    if span is None:
        return Text(_NONE, style="dim")
    best = Text(span.best, style=COLOURS[span.best])
    return best if span.best is span.worst else best.append(" to ", "dim").append(span.worst, COLOURS[span.worst])


_MEANINGS = dict(
    zip(
        COLOURS,
        (
            "same meaning on Pixian",
            "other name or unit, same result",
            "done here on pixels, same result",
            "close; the difference is documented",
            "no effect on the picture",
            "cannot be done; an error",
        ),
        strict=True,
    )
)
