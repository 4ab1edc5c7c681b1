"""Write the report: one page that needs nothing but itself, and its pictures if they are not inside it."""

from __future__ import annotations

import base64
import json
from functools import cache
from hashlib import blake2b, sha256
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any, Literal

import attrs

from pixian_shim.compare._comparison import number
from pixian_shim.compare.judging.causes import CAUSES
from pixian_shim.compare.measuring.measure import Measures
from pixian_shim.compare.report.words import PERCENTILES, money, seconds

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
    "note",
    "failed",
    "decision",
    "strongest",
    "findings",
    "measures",
    "left",
    "right",
    "views",
)
_SIDE_COLUMNS = ("file", "seconds", "credits", "format", "size", "width", "height", "metadata", "notes", "error")
_MEASURES = tuple(attribute.name for attribute in attrs.fields(Measures) if attribute.name != "spot")
_SCRIPTS = ("model.js", "summary.js", "list.js", "pair.js", "main.js")
_ALIKE = 1.05  # times as long: nobody would call that slower
_NO_CREDITS = (
    "What these answers cost was not recorded. A baseline, a rollout's observations and calls made now carry credits; "
    "folders of files do not."
)
_NO_TIMES = (
    "No answer was timed. A baseline, a rollout's observations and calls made now carry times; folders of files do not."
)

Mode = Literal["file", "serve"]


def page(
    comparison: Comparison,
    *,
    pictures: str = "pictures/",
    inline: Path | None = None,
    mode: Mode = "file",
    version: str = "",
) -> str:
    """Write the report as one HTML page.

    Args:
        comparison: what it tells.
        pictures: where the pictures are, as seen from the page.
        inline: the folder of the pictures, to put them into the page.
        mode: ``serve`` fetches the rows from beside the page once it is shown, and sends decisions back there.
        version: put behind the pictures' addresses, for where they are cached.
    """
    data = _rounded(comparison.summary()) | {
        "id": blake2b(json.dumps([row.id for row in comparison.rows]).encode(), digest_size=8).hexdigest(),
        "mode": mode,
        "pictures": pictures,
        "version": version and f"?{version}",
        "says": {cause.name: {"says": cause.says, "unit": cause.unit} for cause in CAUSES},
        "columns": _COLUMNS,
        "side_columns": _SIDE_COLUMNS,
        "measures": _MEASURES,
        "rows": rows(comparison, inline) if mode == "file" else [],
    }
    css, js, html = _parts()
    verdict = comparison.verdict
    short, _, facts = verdict.says.partition(". ")
    return Template(html).substitute(
        csp=policy(mode),
        css=css,
        js=js,
        data=_json(data),
        title=_text(f"{comparison.left.title} and {comparison.right.title}, side by side"),
        left=_text(comparison.left.title),
        right=_text(comparison.right.title),
        answer=verdict.answer,
        says=f"<strong>{escape(short)}.</strong> {escape(facts)}" if facts else f"<strong>{escape(short)}</strong>",
        interval="",
        groups=_groups(comparison),
        cost=_cost(comparison),
        latency=_latency(comparison),
    )


def rows(comparison: Comparison, inline: Path | None = None) -> list[list[Any]]:
    """Give the rows as the page reads them."""
    return [_row(row, inline) for row in comparison.rows]


def policy(mode: Mode) -> str:
    """Allow the page's own script and style, pictures from beside it, and nothing else."""
    css, js, _ = _parts()
    script, style = (base64.b64encode(sha256(text.encode()).digest()).decode() for text in (js, css))
    sends = "'self'" if mode == "serve" else "'none'"
    pictures = "'self' data:" if mode == "serve" else "'self' data: file:"
    return (
        f"default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; "
        f"img-src {pictures}; connect-src {sends}; base-uri 'none'; form-action 'none'"
    )


@cache
def _parts() -> tuple[str, str, str]:
    """Read style, script and page."""
    folder = files("pixian_shim.compare") / "report"
    css, html, *js = (folder.joinpath(name).read_text("utf-8") for name in ("page.css", "page.html", *_SCRIPTS))
    return css, "".join(js), html


def _rounded(told: Any) -> Any:
    if isinstance(told, dict):
        return {name: _rounded(value) for name, value in told.items()}
    return number(told)


def _text(text: str) -> str:
    """Escape text; a file name that is no UTF-8 is written as far as it can be."""
    return escape(text.encode("utf-8", "replace").decode())


def _json(data: Mapping[str, Any]) -> str:
    """Write JSON that no file name can break out of."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text.encode("utf-8", "replace").decode()


def _row(row: Row, inline: Path | None) -> list[Any]:
    measures = None if row.measures is None else [number(getattr(row.measures, name)) for name in _MEASURES]
    found = [
        [one.cause, number(one.value), str(one.level), number(one.weight), one.accepted, number(one.noise)]
        for one in row.findings
    ]
    views = {view: _inlined(inline, name) for view, name in row.views.items()} if inline else dict(row.views)
    plain = (row.id, row.name, dict(row.parameters), row.problem, row.note, row.failed, row.decision, number(row.most))
    return [*plain, found, measures, _side(row.left), _side(row.right), views]


def _side(side: RowSide | None) -> list[Any] | None:
    if side is None:
        return None
    told = side.told
    cost = (side.file, number(side.seconds), number(side.credits))
    return [*cost, told.format, told.size, told.width, told.height, list(told.metadata), list(told.notes), told.error]


def _inlined(folder: Path, name: str) -> str:
    path = folder / name
    return f"data:{_TYPES[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _groups(comparison: Comparison) -> str:
    told = [
        f'<li><span class="dot fill-{group}"></span> <b>{count:,}</b> {group}</li>'
        for group, count in reversed(comparison.counts.items())
        if count
    ]
    return f'<ul class="legend">{"".join(told)}</ul>' if told else '<p class="empty">There are no pairs.</p>'


def _cost(comparison: Comparison) -> str:
    sides = (comparison.left, comparison.right)
    if all(side.answers == side.unknown and side.money is None for side in sides):
        return f'<p class="empty">{_NO_CREDITS}</p>'
    currency = _text(comparison.currency)
    lines = [
        ("answers", _answers(comparison)),
        ("of unknown credits", [f"{side.unknown:,}" for side in sides]),
        ("estimated", [f"{side.estimated:,}" for side in sides]),
        ("credits", [f"{side.credits:,g}" if side.answers > side.unknown else "&ndash;" for side in sides]),
        (f"{currency} in all", [_money(side.money) for side in sides]),
        (f"{currency} for 1,000", [_money(_per_thousand(side)) for side in sides]),
    ]
    kept = [line for line in lines if not set(line[1]) <= {"0", "&ndash;"}]
    left, right = (_per_thousand(side) for side in sides)
    headline = ""
    if left is not None and right is not None:
        headline = f'<p class="big"><b>{_money(right)}</b> instead of {_money(left)} {currency} for 1,000 pictures</p>'
        headline += _bars(comparison, left, right)
    unpriced = [_text(side.title) for side in sides if side.money is None]
    hint = ""
    if unpriced:
        hint = (
            f'<p class="hint">In money it cannot be told: no price of a credit is known for {" and ".join(unpriced)}. '
            "<code>pixian-shim compare prices</code> prints a table for yours; <code>--prices</code> reads it.</p>"
        )
    return headline + _table(comparison, kept) + hint


def _bars(comparison: Comparison, left: float, right: float) -> str:
    # Drawn, since the policy lets no attribute set a style.
    most = max(left, right) or 1.0
    told = (("left", comparison.left.title, left), ("right", comparison.right.title, right))
    lines = [
        f'<tr><th scope="row">{_text(title)}</th><td><svg viewBox="0 0 100 10" preserveAspectRatio="none" '
        f'aria-hidden="true"><rect class="s-{name}" width="{max(0.4, 100 * value / most):.4g}" height="10"/></svg></td>'
        f"<td>{_money(value)}</td></tr>"
        for name, title, value in told
    ]
    return f'<table class="bars"><tbody>{"".join(lines)}</tbody></table>'


def _answers(comparison: Comparison) -> list[str]:
    return [f"{side.answers:,}" for side in (comparison.left, comparison.right)]


def _per_thousand(side: Account) -> float | None:
    return None if side.each is None else 1000 * side.each


def _money(amount: float | None) -> str:
    return money(amount) or "&ndash;"


def _latency(comparison: Comparison) -> str:
    sides = (comparison.left, comparison.right)
    if not any(side.seconds for side in sides):
        return f'<p class="empty">{_NO_TIMES}</p>'
    lines = [
        (
            "median" if least == 1 else f"{100 * share:.0f} % within",
            [_seconds(side.percentile(share)) if len(side.seconds) >= least else "&ndash;" for side in sides],
        )
        for share, least in PERCENTILES
        if any(len(side.seconds) >= least for side in sides)
    ]
    lines.append(("answers timed", [f"{len(side.seconds):,}" for side in sides]))
    return f'{_faster(comparison)}<div id="latency"></div>{_table(comparison, lines)}'


def _faster(comparison: Comparison) -> str:
    before, after = (side.percentile(0.5) for side in (comparison.left, comparison.right))
    if not before or not after:
        return ""
    ratio = max(before, after) / min(before, after)
    words = "about the same" if ratio < _ALIKE else f"{ratio:.2g} times as {'fast' if after < before else 'slow'}"
    return f'<p class="big"><b>{_seconds(after)}</b> instead of {_seconds(before)}, at the median: {words}</p>'


def _seconds(value: float | None) -> str:
    return "&ndash;" if value is None else seconds(value)


def _table(comparison: Comparison, lines: list[tuple[str, list[str]]]) -> str:
    heads = "".join(
        f'<th scope="col"><span class="dot swatch-{name}"></span>&nbsp;<bdi>{_text(side.title)}</bdi></th>'
        for name, side in (("left", comparison.left), ("right", comparison.right))
    )
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>' for name, cells in lines
    )
    return f"<table><thead><tr><td></td>{heads}</tr></thead><tbody>{body}</tbody></table>"
