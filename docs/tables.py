"""Print the tables of the guides from the code they describe.

A guide holds its tables between pairs of comments: ``docs/migration/<provider>.md`` those of an adapter (``parameters``
and ``errors``; ``parameters_<operation>`` where it has rules for further operations), ``docs/migration/index.md`` the
matrix of all of them, ``client.md`` the parameters of Pixian, ``measures.md`` the causes, ``sandbox.md`` the faults.
Without arguments the guides are rewritten; with ``--check`` nothing is written and the exit code says whether they were
current.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from functools import partial
from importlib.metadata import entry_points
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from pixian_shim.compare import CAUSES
from pixian_shim.pixian import Parameters
from pixian_shim.sandbox import KINDS
from pixian_shim.translation import CAPABILITIES, Adapter, capabilities, load, providers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pixian_shim.translation import RuleTable

DOCS = Path(__file__).parent
PLACE = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- /\2 -->)", re.DOTALL)


def errors(adapter: Adapter) -> str:
    """Write what legacy callers may see as a Markdown table."""
    rows = ["| Status | Code | When |", "| --- | --- | --- |"]
    by_status = sorted(adapter.errors, key=lambda row: row.status)
    rows += [f"| {row.status} | {f'`{row.code}`' if row.code else '–'} | {row.when} |" for row in by_status]
    return "\n".join(rows) + "\n"


def parameters(table: RuleTable) -> str:
    """Write the rules of an operation as a Markdown table."""
    rows = ["| Parameter | Values | Default | Verdict | What happens |", "| --- | --- | --- | --- | --- |"]
    for rule in table:
        doubt = "" if rule.confidence == "high" else f" *(confidence: {rule.confidence})*"
        default = f"`{rule.default}`" if rule.default is not None else "–"
        says = rule.says.replace("|", "\\|")
        rows.append(f"| `{rule.name}` | {rule.values} | {default} | **{rule.verdict}** | {says}{doubt} |")
    return "\n".join(rows) + "\n"


def client_parameters() -> str:
    """Write Pixian's own parameters as a Markdown table; what they mean stands below each field of the class."""
    body = ast.parse(inspect.getsource(Parameters)).body[0].body  # type: ignore[attr-defined]
    meaning = {
        field.target.id: text.value.value
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr)
    }
    rows = ["| Argument | Pixian | Default | Meaning |", "| --- | --- | --- | --- |"]
    for field in attrs.fields(Parameters):
        default = "–" if field.default is None else f"`{str(field.default).lower()}`"
        says = meaning[field.name].replace("``", "`")
        rows.append(f"| `{field.name}` | `{field.metadata['wire']}` | {default} | {says} |")
    return "\n".join(rows) + "\n"


def faults() -> str:
    """Write the sandbox's faults as a Markdown table."""
    rows = ["| Kind | What the request meets |", "| --- | --- |"]
    return "\n".join(rows + [f"| `{kind}` | {says} |" for kind, says in KINDS.items()]) + "\n"


def causes() -> str:
    """Write what a pair of cut-outs may be found to differ by, with its limits, as a Markdown table."""
    rows = ["| Cause | Look | Bad | Unit | Meaning |", "| --- | --- | --- | --- | --- |"]
    rows += [f"| {one.name} | {one.look:g} | {one.bad:g} | {one.unit or '–'} | {one.says} |" for one in CAUSES]
    return "\n".join(rows) + "\n"


def overview() -> str:
    """Write who is there as a Markdown table."""
    packages = entry_points(group="pixian_shim.aliases")
    rows = ["| Provider | Its hosts | Operations | Formats | Drop-in for | Rules known for sure | Served unasked |"]
    rows.append("| --- " * 7 + "|")
    for provider in providers():
        adapter = load(provider)
        own = adapter.tables.values()
        rules = [rule for index, table in enumerate(own) if table not in [*own][:index] for rule in table]
        sure = sum(rule.confidence == "high" for rule in rules)
        names = sorted(point.name for point in packages if f"{point.value}.".startswith(f"pixian_adapters.{provider}."))
        cells = (
            f"[{adapter.title}]({guide_of(provider).name})",
            ", ".join(f"`{host}`" for host in sorted(adapter.hosts)) or "none",
            ", ".join(dict.fromkeys([*adapter.tables, *(endpoint.operation for endpoint in adapter.endpoints)])),
            "; ".join(dict.fromkeys(rule.values for rule in rules if rule.capability == "format")) or "–",
            ", ".join(f"`{name}`" for name in names) or "–",
            f"{sure} of {len(rules)}",
            "no: it costs nothing" if adapter.costs_nothing else "yes",
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def matrix() -> str:
    """Write what each provider's callers can have as a Markdown table."""
    adapters = [load(provider) for provider in providers()]
    found = [capabilities(adapter) for adapter in adapters]
    rows = [f"| Capability | {' | '.join(adapter.title for adapter in adapters)} |"]
    rows.append("| --- " * (len(adapters) + 1) + "|")
    for capability in CAPABILITIES:
        cells = (str(spans.get(capability, "–")) for spans in found)
        rows.append(f"| {capability} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def guide_of(provider: str) -> Path:
    """Give the guide's path."""
    return DOCS / "migration" / f"{provider.replace('_', '-')}.md"


def pages() -> dict[Path, Mapping[str, Callable[[], str]]]:
    """Give every page with tables, and how each table is made."""
    own: dict[Path, Mapping[str, Callable[[], str]]] = {
        DOCS / "client.md": {"parameters": client_parameters},
        DOCS / "measures.md": {"causes": causes},
        DOCS / "sandbox.md": {"faults": faults},
        DOCS / "migration" / "index.md": {"providers": overview, "matrix": matrix},
    }
    for provider in providers():
        adapter = load(provider)
        own[guide_of(provider)] = tables_of(adapter) | ({"errors": partial(errors, adapter)} if adapter.errors else {})
    return own


def tables_of(adapter: Adapter) -> dict[str, Callable[[], str]]:
    """Name the tables of an adapter; operations with the very same rules share the first one's."""
    found: dict[str, RuleTable] = {}
    for operation, table in adapter.tables.items():
        name = "parameters" if table is adapter.rules else f"parameters_{re.sub(r'[^a-z0-9]+', '_', operation.lower())}"
        if not any(table is known for known in found.values()):
            found[name.rstrip("_")] = table
    return {name: partial(parameters, table) for name, table in found.items()}


def rewritten(page: Path, tables: Mapping[str, Callable[[], str]]) -> tuple[Path, str, str]:
    """Give a page, its text, and what it should be."""
    text = page.read_text(encoding="utf-8")
    missing = tables.keys() - {match[2] for match in PLACE.finditer(text)}
    if missing:
        sys.exit(f"{page.name} has no place for the table {', '.join(sorted(missing))}")
    return page, text, PLACE.sub(lambda match: match[1] + tables[match[2]]() + match[3], text)


def main() -> None:
    """Rewrite or check every guide."""
    stale = [(page, fresh) for page, text, fresh in (rewritten(*one) for one in pages().items()) if text != fresh]
    if "--check" in sys.argv[1:]:
        sys.exit("stale: " + ", ".join(page.name for page, _ in stale) if stale else 0)
    for page, fresh in stale:
        page.write_text(fresh, encoding="utf-8")
        print(f"rewrote {page.name}")


if __name__ == "__main__":
    main()
