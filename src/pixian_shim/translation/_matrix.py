"""What each provider's callers can have on Pixian, by what it is about: counted from the rule tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, get_args

from pixian_shim.translation._notes import Verdict
from pixian_shim.translation._rules import Capability

if TYPE_CHECKING:
    from pixian_shim.translation._adapters import Adapter

CAPABILITIES: tuple[Capability, ...] = get_args(Capability)
"""In the order in which they are shown."""

_BEST_FIRST = tuple(Verdict)


class Span(NamedTuple):
    """The verdicts of all rules that are about one thing, from the best to the worst."""

    best: Verdict
    worst: Verdict

    def __str__(self) -> str:
        """Write one verdict, or both ends."""
        return self.best.value if self.best is self.worst else f"{self.best.value} to {self.worst.value}"


def capabilities(adapter: Adapter) -> dict[Capability, Span]:
    """Sum up an adapter's rules, those of all its operations; what no rule is about is left out."""
    found: dict[Capability, list[Verdict]] = {capability: [verdict] for capability, verdict in adapter.also.items()}
    for table in adapter.tables.values():
        for rule in table:
            if rule.capability is not None:
                found.setdefault(rule.capability, []).append(rule.verdict)
    ranked = {capability: sorted(verdicts, key=_BEST_FIRST.index) for capability, verdicts in found.items()}
    return {name: Span(ranked[name][0], ranked[name][-1]) for name in CAPABILITIES if name in ranked}
