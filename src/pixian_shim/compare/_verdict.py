"""Say yes, look first, or no, in plain words, from nothing but counts."""

from __future__ import annotations

from enum import StrEnum
from math import sqrt

import attrs

YES_BAD, YES_LOOK, NO_BAD = 0.01, 0.10, 0.05
"""Shares of the judged pairs: up to the first two it is a yes, beyond the last a no. A choice, not a law."""

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


def verdict(counts: dict[str, int]) -> Verdict:
    """Judge by how many pairs are in each group."""
    bad = counts.get(Group.BAD, 0) + counts.get(Group.FAILED, 0)
    look, unknown = counts.get(Group.LOOK, 0), counts.get(Group.UNKNOWN, 0)
    good = counts.get(Group.FINE, 0) + counts.get(Group.ACCEPTED, 0)
    judged = bad + look + good
    low, high = interval(bad, judged)
    left_out = f" Nothing can be said of {unknown}." if unknown else ""
    if not judged:
        return Verdict("nothing", f"Nothing could be compared.{left_out}", low, high)
    facts = f"{good} of {judged} are fine, {look} should be looked at, {bad} {'is' if bad == 1 else 'are'} bad."
    if bad / judged > NO_BAD:
        return Verdict("no", f"No, not yet. {facts}{left_out}", low, high)
    if bad / judged > YES_BAD or look / judged > YES_LOOK:
        return Verdict("look", f"Look first. {facts}{left_out}", low, high)
    return Verdict("yes", f"Yes. {facts}{left_out}", low, high)


def interval(hits: int, trials: int) -> tuple[float, float]:
    """Give Wilson's 95 % interval of a share (E. B. Wilson, 1927); 0 to 1 without trials."""
    if not trials:
        return 0.0, 1.0
    share, square = hits / trials, _Z * _Z
    middle = share + square / (2 * trials)
    spread = _Z * sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    whole = 1 + square / trials
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)
