"""How a migration goes, in numbers: who answered, how quickly, at what cost, and what was not asked."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from pixian_shim.rollout._decision import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pixian_shim.rollout._observations import Observation, Side


@attrs.define
class Account:
    """How one origin did, whoever the answers went to."""

    asked: int = 0
    answered: int = 0
    """Calls whose caller got its answer."""
    credits: float = 0.0
    doubtful: int = 0
    """Calls of which nobody knows whether they were charged."""
    failures: Counter[str] = attrs.field(factory=Counter)
    seconds: list[float] = attrs.field(factory=list, repr=False)

    def add(self, side: Side) -> None:
        """Count one call."""
        self.asked += 1
        self.seconds.append(side.seconds)
        self.credits += side.credits or 0.0
        self.doubtful += side.credits is None
        if side.failure is not None:
            self.failures[side.failure] += 1

    def percentile(self, share: float) -> float:
        """Give the seconds that this share of calls keeps to; 0 where there were none."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0

    def as_json(self) -> dict[str, Any]:
        """Give it for machines."""
        return {
            "asked": self.asked,
            "answered": self.answered,
            "credits": round(self.credits, 6),
            "doubtful": self.doubtful,
            "failures": dict(self.failures),
            "p50": self.percentile(0.5),
            "p99": self.percentile(0.99),
        }


@attrs.define
class Summary:
    """All of it."""

    calls: int = 0
    stages: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    """Calls by stage and by who answered."""
    origins: dict[Origin, Account] = attrs.field(factory=lambda: {origin: Account() for origin in Origin})
    because: Counter[str] = attrs.field(factory=Counter)
    """Why calls were not answered by whom the rollout had decided for."""
    dropped: Counter[str] = attrs.field(factory=Counter)
    """Why shadow calls were not made."""
    both: int = 0
    """Calls with an answer of either origin, which can be compared."""

    @classmethod
    def of(cls, observations: Iterable[Observation]) -> Summary:
        """Count observations."""
        summary = cls()
        for one in observations:
            summary.calls += 1
            summary.stages[str(one.decision.stage), str(one.answered_by)] += 1
            summary.origins[one.answered_by].answered += 1
            for origin, side in ((Origin.LEGACY, one.legacy), (Origin.PIXIAN, one.pixian)):
                if side is not None:
                    summary.origins[origin].add(side)
            summary.because.update([one.because] if one.because else [])
            summary.dropped.update([one.dropped] if one.dropped else [])
            sides = one.legacy, one.pixian
            summary.both += all(side is not None and side.failure is None and side.width for side in sides)
        return summary

    def as_json(self) -> dict[str, Any]:
        """Give it for machines."""
        return {
            "calls": self.calls,
            "stages": [{"stage": stage, "answered_by": who, "calls": n} for (stage, who), n in self.stages.items()],
            "origins": {str(origin): account.as_json() for origin, account in self.origins.items()},
            "because": dict(self.because),
            "dropped": dict(self.dropped),
            "both": self.both,
        }
