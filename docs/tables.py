"""Print the parameter and error tables of the migration guides from the adapters' own tables.

Each guide ``docs/migration/<provider>.md`` holds its tables between pairs of comments. Without arguments the guides are
rewritten; with ``--check`` nothing is written and the exit code says whether they were current.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from pixian_shim.translation import Adapter, load, providers

GUIDES = Path(__file__).parent / "migration"
PLACE = re.compile(r"(<!-- (parameters|errors) -->\n).*?(<!-- /\2 -->)", re.DOTALL)


def errors(adapter: Adapter) -> str:
    """Write what legacy callers may see as a Markdown table."""
    rows = ["| Status | Code | When |", "| --- | --- | --- |"]
    rows += [f"| {row.status} | {f'`{row.code}`' if row.code else '–'} | {row.when} |" for row in adapter.errors]
    return "\n".join(rows) + "\n"


def parameters(adapter: Adapter) -> str:
    """Write a provider's rules as a Markdown table."""
    rows = ["| Parameter | Values | Default | Verdict | What happens |", "| --- | --- | --- | --- | --- |"]
    for rule in adapter.rules:
        doubt = "" if rule.confidence == "high" else f" *(confidence: {rule.confidence})*"
        default = f"`{rule.default}`" if rule.default is not None else "–"
        says = rule.says.replace("|", "\\|")
        rows.append(f"| `{rule.name}` | {rule.values} | {default} | **{rule.verdict}** | {says}{doubt} |")
    return "\n".join(rows) + "\n"


TABLES = {"parameters": parameters, "errors": errors}


def guide_of(provider: str) -> Path:
    """Give the guide's path."""
    return GUIDES / f"{provider.replace('_', '-')}.md"


def rewritten(provider: str) -> tuple[Path, str, str]:
    """Give a guide's path, its text, and what it should be."""
    path = guide_of(provider)
    text = path.read_text(encoding="utf-8")
    found = {match[2] for match in PLACE.finditer(text)}
    if "parameters" not in found:
        sys.exit(f"{path.name} has no place for the parameter table")
    return path, text, PLACE.sub(lambda match: match[1] + TABLES[match[2]](load(provider)) + match[3], text)


def main() -> None:
    """Rewrite or check every guide."""
    stale = [(path, fresh) for path, text, fresh in map(rewritten, providers()) if text != fresh]
    if "--check" in sys.argv[1:]:
        sys.exit("stale: " + ", ".join(path.name for path, _ in stale) if stale else 0)
    for path, fresh in stale:
        path.write_text(fresh, encoding="utf-8")
        print(f"rewrote {path.name}")


if __name__ == "__main__":
    main()
