"""Write the report: one page that needs nothing but itself, and its pictures if they are not inside it."""

from __future__ import annotations

import base64
import json
from hashlib import blake2b, sha256
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any, Literal

import attrs

from pixian_shim.compare._causes import CAUSES
from pixian_shim.compare._comparison import number
from pixian_shim.compare._measure import Measures

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pixian_shim.compare._comparison import Account, Comparison, Row, RowSide

_TYPES = {".webp": "image/webp", ".jpg": "image/jpeg"}
_COLUMNS = (
    "id",
    "name",
    "parameters",
    "problem",
    "failed",
    "decision",
    "strongest",
    "findings",
    "measures",
    "left",
    "right",
    "views",
)
_MEASURES = tuple(attribute.name for attribute in attrs.fields(Measures))


def page(
    comparison: Comparison,
    *,
    pictures: str = "pictures/",
    inline: Path | None = None,
    mode: Literal["file", "serve"] = "file",
) -> str:
    """Write the report as one HTML page.

    Args:
        comparison: what it tells.
        pictures: where the pictures are, as seen from the page.
        inline: the folder of the pictures, to put them into the page.
        mode: ``serve`` sends decisions back to where the page came from.
    """
    told = comparison.summary()
    rows = [_row(row, inline) for row in comparison.rows]
    data = told | {
        "id": blake2b(json.dumps([row[0] for row in rows]).encode(), digest_size=8).hexdigest(),
        "mode": mode,
        "pictures": pictures,
        "says": {cause.name: {"says": cause.says, "unit": cause.unit} for cause in CAUSES},
        "columns": _COLUMNS,
        "measures": _MEASURES,
        "rows": rows,
    }
    folder = files("pixian_shim.compare") / "report"
    css, js, html = (folder.joinpath(name).read_text("utf-8") for name in ("page.css", "page.js", "page.html"))
    verdict = comparison.verdict
    return Template(html).substitute(
        csp=_policy(css, js, mode),
        css=css,
        js=js,
        data=_json(data),
        title=escape(f"{comparison.left.title} and {comparison.right.title}, side by side"),
        left=escape(comparison.left.title),
        right=escape(comparison.right.title),
        answer=verdict.answer,
        says=escape(verdict.says),
        interval="",
        groups=_groups(comparison),
        cost=_cost(comparison),
        latency=_latency(comparison),
    )


def _policy(css: str, js: str, mode: str) -> str:
    """Allow this page's own script and style, pictures from beside it, and nothing else."""
    script, style = (base64.b64encode(sha256(text.encode()).digest()).decode() for text in (js, css))
    sends = "'self'" if mode == "serve" else "'none'"
    return (
        f"default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; "
        f"img-src 'self' data: file:; connect-src {sends}; base-uri 'none'; form-action 'none'"
    )


def _json(data: Mapping[str, Any]) -> str:
    """Write JSON that no file name can break out of."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text.encode("utf-8", "replace").decode()


def _row(row: Row, inline: Path | None) -> list[Any]:
    measures = None
    if row.measures is not None:
        told = attrs.asdict(row.measures)
        measures = [number(told[name]) for name in _MEASURES]
    found = [
        [one.cause, number(one.value), str(one.level), number(one.weight), one.accepted, number(one.noise)]
        for one in row.findings
    ]
    views = {view: _inlined(inline, name) for view, name in row.views.items()} if inline else dict(row.views)
    sides = (_side(row.left), _side(row.right))
    plain = (row.id, row.name, dict(row.parameters), row.problem, row.failed, row.decision, number(row.most))
    return [*plain, found, measures, *sides, views]


def _side(side: RowSide | None) -> dict[str, Any] | None:
    if side is None:
        return None
    told = attrs.asdict(side.told) | {
        "file": side.file,
        "seconds": number(side.seconds),
        "credits": number(side.credits),
    }
    return told | {"metadata": list(side.told.metadata), "notes": list(side.told.notes)}


def _inlined(folder: Path, name: str) -> str:
    path = folder / name
    return f"data:{_TYPES[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _groups(comparison: Comparison) -> str:
    told = [f"<li>{count} {group}</li>" for group, count in comparison.counts.items() if count]
    return f'<ul class="legend">{"".join(told)}</ul>'


def _cost(comparison: Comparison) -> str:
    sides = (comparison.left, comparison.right)
    currency = comparison.currency
    lines = [
        ("credits", [f"{side.credits:,g}" if side.answers > side.unknown else "&ndash;" for side in sides]),
        ("answers", [f"{side.answers:,}" for side in sides]),
        ("of unknown cost", [f"{side.unknown:,}" for side in sides]),
        (f"{currency} in all", [_money(side.money) for side in sides]),
        (f"{currency} per 1,000", [_money(_per_thousand(side)) for side in sides]),
    ]
    unpriced = (
        "" if all(side.money is not None for side in sides) else '<p class="quiet">No price is known: --prices.</p>'
    )
    return _table(comparison, lines) + unpriced


def _per_thousand(side: Account) -> float | None:
    known = side.answers - side.unknown
    return None if side.money is None or not known else side.money / known * 1000


def _money(amount: float | None) -> str:
    return "&ndash;" if amount is None else f"{amount:,.2f}"


def _latency(comparison: Comparison) -> str:
    sides = (comparison.left, comparison.right)
    lines = [
        (name, [_seconds(side.percentile(share)) for side in sides])
        for name, share in (("median", 0.5), ("95 %", 0.95), ("99 %", 0.99))
    ]
    lines.append(("timed", [f"{len(side.seconds):,}" for side in sides]))
    return _table(comparison, lines)


def _seconds(value: float | None) -> str:
    return "&ndash;" if value is None else f"{value:.2f} s" if value >= 1 else f"{1000 * value:.0f} ms"


def _table(comparison: Comparison, lines: list[tuple[str, list[str]]]) -> str:
    heads = "".join(
        f'<th scope="col"><span class="dot swatch-{name}"></span> {escape(side.title)}</th>'
        for name, side in (("left", comparison.left), ("right", comparison.right))
    )
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
        for name, cells in lines
    )
    return f"<table><thead><tr><th></th>{heads}</tr></thead><tbody>{body}</tbody></table>"
