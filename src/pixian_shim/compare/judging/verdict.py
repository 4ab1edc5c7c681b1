"""Say yes, look first, or no, in plain words, from nothing but counts."""

from __future__ import annotations

from enum import StrEnum
from math import floor, sqrt
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

YES_BAD, YES_LOOK, NO_BAD = 0.01, 0.10, 0.05
"""Shares of the pairs: up to the first two it is a yes, beyond the last a no. A choice, not a law."""

_Z = 1.959964  # of 95 %


class Group(StrEnum):
    """What a pair counts as."""

    FAILED = "failed"
    """The right side has no usable picture, and the left one has."""
    BAD = "bad"
    LOOK = "look"
    UNKNOWN = "unknown"
    """Nothing can be said: no partner, or the left side has no usable picture."""
    ACCEPTED = "accepted"
    """By a rule or by the reviewer."""
    FINE = "fine"


@attrs.frozen
class Verdict:
    """The answer.

    Attributes:
        answer: ``yes``, ``look``, ``no`` or ``nothing``.
        says: it in plain words.
        low: of the share of pictures like these that are bad, 95 % confidence.
        high: likewise.
    """

    answer: str
    says: str
    low: float
    high: float


def verdict(counts: Mapping[str, int]) -> Verdict:
    """Judge by how many pairs are in each group.

    A yes needs few bad pairs, few that should be looked at, and few of which nothing can be said: these could be
    anything. How little a small number tells is said in words: as long as the share of bad pictures may be on either
    side of what makes a no, the range that it is in is part of the sentence.
    """
    bad = counts.get(Group.BAD, 0) + counts.get(Group.FAILED, 0)
    look, unknown = counts.get(Group.LOOK, 0), counts.get(Group.UNKNOWN, 0)
    fine, accepted = counts.get(Group.FINE, 0), counts.get(Group.ACCEPTED, 0)
    judged = bad + look + fine + accepted
    low, high = interval(bad, judged)
    left_out = f" Nothing can be said of {unknown}." if unknown else ""
    if not judged:
        return Verdict("nothing", f"Nothing could be compared.{left_out}", low, high)
    parts = [f"{fine} of {judged} {_are(fine)} fine"]
    parts += [f"{accepted} {_are(accepted)} accepted"] if accepted else []
    parts += [f"{look} should be looked at", f"{bad} {_are(bad)} bad"]
    facts = f"{', '.join(parts)}.{left_out}"
    if low <= NO_BAD < high:
        facts += f" Of pictures like these, {_percent(low)} to {_percent(high)} may be bad: more pairs would tell."
    if bad / judged > NO_BAD:
        return Verdict("no", f"No, not yet. {facts}", low, high)
    if bad / judged > YES_BAD or (look + unknown) / (judged + unknown) > YES_LOOK:
        return Verdict("look", f"Look first. {facts}", low, high)
    surely = "Yes" if high <= NO_BAD else f"Yes, as far as {judged} {'pair' if judged == 1 else 'pairs'} can tell"
    return Verdict("yes", f"{surely}. {facts}", low, high)


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _percent(share: float) -> str:
    return f"{floor(100 * share + 0.5)} %"  # as the report's page rounds


def interval(hits: int, trials: int) -> tuple[float, float]:
    """Give Wilson's 95 % interval of a share (E. B. Wilson, 1927); 0 to 1 without trials."""
    if not trials:
        return 0.0, 1.0
    share, square = hits / trials, _Z * _Z
    middle = share + square / (2 * trials)
    spread = _Z * sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    whole = 1 + square / trials
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)
