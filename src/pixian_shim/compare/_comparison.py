"""Everything that is known once two sides were compared."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from math import ceil, fsum
from typing import TYPE_CHECKING, Any

import attrs

from pixian_shim.compare._work import Told
from pixian_shim.compare.judging.causes import CAUSES, Finding, Level
from pixian_shim.compare.judging.verdict import NO_BAD, YES_BAD, YES_LOOK, Group, Verdict, verdict
from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pixian_shim.compare.judging.causes import Limits
    from pixian_shim.compare.judging.prices import Prices
    from pixian_shim.compare.measuring.measure import Measures
    from pixian_shim.compare.sides.sides import Item

FORMAT = 1
ACCEPT, REJECT = "accept", "reject"

_ORDER = tuple(Group)
_DIGITS = 5


@attrs.frozen(kw_only=True)
class RowSide:
    """One side of a row."""

    file: str = ""
    told: Told = attrs.field(factory=Told)
    seconds: float | None = None
    credits: float | None = None


@attrs.frozen(kw_only=True)
class Row:
    """One pair.

    Attributes:
        id: of the two files' content, the parameters and the photo, not of the name that is shown: what a reviewer's
            decision is kept by, so that it does not outlive what the reviewer saw.
        name: of the photo, below the folder of originals if there is one; otherwise as the left side calls it.
        parameters: that the photo was sent with.
        problem: why it could not be compared; empty where it was.
        note: of what it was compared all the same, such as that there are no pictures to show.
        failed: whether it is the right side alone that has no usable picture.
        findings: what differs beyond limits and noise.
        measures: all of them; ``None`` where it could not be compared.
        left: what is known of the left answer; ``None`` where there is none.
        right: likewise.
        most: the strongest of all causes, whether found or not: below 1 within its limit, from 10 on bad.
        views: file names of its pictures, by view.
        decision: the reviewer's: ``accept``, ``reject`` or nothing.
    """

    id: str
    name: str
    parameters: Mapping[str, str] = attrs.field(factory=dict)
    problem: str = ""
    note: str = ""
    failed: bool = False
    findings: tuple[Finding, ...] = ()
    measures: Measures | None = None
    left: RowSide | None = None
    right: RowSide | None = None
    most: float = 0.0
    views: Mapping[str, str] = attrs.field(factory=dict)
    decision: str = ""

    @property
    def open(self) -> tuple[Finding, ...]:
        """The findings that no rule accepts."""
        return tuple(finding for finding in self.findings if not finding.accepted)

    @property
    def group(self) -> Group:
        """What it counts as; the reviewer has the last word."""
        if self.decision:
            return Group.ACCEPTED if self.decision == ACCEPT else Group.BAD
        if self.problem:
            return Group.FAILED if self.failed else Group.UNKNOWN
        if not self.open:
            return Group.ACCEPTED if self.findings else Group.FINE
        return Group.BAD if any(finding.level is Level.BAD for finding in self.open) else Group.LOOK

    @property
    def weight(self) -> float:
        """How strong its strongest finding is, in multiples of that finding's limit."""
        return max((finding.weight for finding in self.open), default=0.0)


@attrs.frozen(kw_only=True)
class Account:
    """What one side cost and how long it took, over all of its answers.

    Attributes:
        title: of the side.
        provider: whose credits these are.
        answers: how many there are.
        credits: charged, as far as that is known.
        unknown: answers of which nobody knows what they cost in credits.
        money: for these credits, and for the pictures under ``estimated``; ``None`` where no price is known.
        estimated: answers for which the user's own price of a picture was taken, because their credits, or the price of
            these, are not known; they are part of ``money``.
        unpriced: answers that are not part of ``money``.
        seconds: of all answers that were timed, in order of size.
    """

    title: str
    provider: str
    answers: int
    credits: float
    unknown: int
    money: float | None
    estimated: int = 0
    unpriced: int = 0
    seconds: tuple[float, ...] = attrs.field(repr=False)

    @property
    def each(self) -> float | None:
        """Money for one answer, over those that are part of ``money``; ``None`` where there are none."""
        priced = self.answers - self.unpriced
        return None if self.money is None or priced <= 0 else self.money / priced

    def percentile(self, share: float) -> float | None:
        """Give the seconds that this share of answers keeps to; ``None`` where nothing was timed."""
        if not self.seconds:
            return None
        return self.seconds[max(0, ceil(round(len(self.seconds) * share, 6)) - 1)]

    def as_json(self) -> dict[str, Any]:
        """Give it for machines."""
        told = attrs.asdict(self, filter=lambda attribute, _value: attribute.name != "seconds")
        times = {f"p{round(share * 100)}": self.percentile(share) for share in (0.5, 0.95, 0.99)}
        return told | times | {"timed": len(self.seconds)}


@attrs.frozen(kw_only=True)
class Comparison:
    """Two sides, pair by pair.

    Attributes:
        rows: the worst first.
        left: account of the left side.
        right: account of the right side.
        limits: that were applied.
        noise: by cause, what the left side differs from itself by in 95 of 100 pairs; empty if nobody looked, or at too
            few pairs to tell.
        noise_pairs: answers of the left side that were compared with another one to the same question.
        skipped: files that are no pictures and records that are none, with the side that they are of.
        currency: of the money.
        made: when, UTC.
    """

    rows: tuple[Row, ...]
    left: Account
    right: Account
    limits: Limits = attrs.field(repr=False)
    noise: Mapping[str, float] = attrs.field(factory=dict)
    noise_pairs: int = 0
    skipped: tuple[str, ...] = ()
    currency: str = "USD"
    made: str = attrs.field(factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @property
    def counts(self) -> dict[str, int]:
        """Pairs by group, all groups."""
        found = Counter(row.group for row in self.rows)
        return {str(group): found[group] for group in Group}

    @property
    def causes(self) -> dict[str, dict[str, int]]:
        """Pairs by cause: how many have it, how many of these badly, and how many are accepted."""
        told = {cause.name: {"pairs": 0, "bad": 0, "accepted": 0} for cause in CAUSES}
        for row in self.rows:
            for finding in row.findings:
                one = told[finding.cause]
                if finding.accepted or row.decision == ACCEPT:
                    one["accepted"] += 1
                    continue
                one["pairs"] += 1
                one["bad"] += finding.level is Level.BAD
        return told

    @property
    def verdict(self) -> Verdict:
        """Whether the right side can take the left one's place."""
        return verdict(self.counts)

    def decided(self, decisions: Mapping[str, str]) -> Comparison:
        """Apply a reviewer's decisions, by row; an empty one takes it back, one of no row here does nothing.

        Raises:
            ConfigurationError: a decision that is none.
        """
        for decision in decisions.values():
            if decision not in ("", ACCEPT, REJECT):
                raise ConfigurationError(f"a decision is {ACCEPT!r}, {REJECT!r} or empty, not {decision!r}")
        rows = [attrs.evolve(row, decision=decisions.get(row.id, row.decision)) for row in self.rows]
        return attrs.evolve(self, rows=tuple(ordered(rows)))

    def summary(self) -> dict[str, Any]:
        """Give everything but the rows, for machines."""
        return {
            "format": FORMAT,
            "made": self.made,
            "pairs": len(self.rows),
            "verdict": attrs.asdict(self.verdict),
            "thresholds": {"yes_bad": YES_BAD, "yes_look": YES_LOOK, "no_bad": NO_BAD},
            "counts": self.counts,
            "causes": self.causes,
            "left": self.left.as_json(),
            "right": self.right.as_json(),
            "currency": self.currency,
            "limits": {name: {"look": look, "bad": bad} for name, (look, bad) in self.limits.items()},
            "noise": {name: number(value) for name, value in self.noise.items()},
            "noise_pairs": self.noise_pairs,
            "skipped": list(self.skipped),
        }

    def as_json(self) -> dict[str, Any]:
        """Give everything, for machines."""
        return self.summary() | {"rows": [row_as_json(row) for row in self.rows]}

    def text(self) -> str:
        """Write it as JSON; a name that is not Unicode is escaped, so that the text can be written as UTF-8."""
        return json.dumps(self.as_json(), indent=1, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def ordered(rows: Iterable[Row]) -> list[Row]:
    """Put the worst first: what failed, what is bad, what should be looked at, each by its strongest finding."""
    return sorted(rows, key=lambda row: (_ORDER.index(row.group), -row.weight, row.name, row.id))


def row_as_json(row: Row) -> dict[str, Any]:
    """Give a row for machines."""
    told = attrs.asdict(row, recurse=True)
    told["group"] = str(row.group)
    told["weight"] = number(row.weight)
    if row.measures is not None:
        told["measures"] = {name: number(value) for name, value in told["measures"].items()}
    for finding in told["findings"]:
        finding.update({name: number(value) for name, value in finding.items()})
    return told


def number(value: Any) -> Any:
    """Shorten a number to what can be told; anything else is left as it is."""
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value


def account(title: str, provider: str, items: Iterable[Item], prices: Prices) -> Account:
    """Add up what a side's answers cost and how long they took.

    Args:
        title: of the side, as it is shown.
        provider: whose credits they cost.
        items: the answers.
        prices: in money.
    """
    told = list(items)
    known = [item.credits for item in told if item.credits is not None]
    spent = prices.of(provider, fsum(known)) if known else None
    price = prices.of_picture((title, provider))
    # A refused answer without a word on credits is not taken to have cost what a picture costs.
    own = [item for item in told if not item.error and (item.credits is None or spent is None)]
    estimated = len(own) if price is not None else 0
    money = None
    if spent is not None or estimated:
        money = (spent or 0.0) + (price or 0.0) * estimated
    return Account(
        title=title,
        provider=provider,
        answers=len(told),
        credits=round(fsum(known), 6),
        unknown=len(told) - len(known),
        money=money,
        estimated=estimated,
        unpriced=len(told) - estimated - (len(known) if spent is not None else 0),
        seconds=tuple(sorted(item.seconds for item in told if item.seconds is not None)),
    )
