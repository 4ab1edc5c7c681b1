"""Name what is wrong with a pair, and how badly: one row a cause."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from pixian_shim._documents import is_number, shown
from pixian_shim.compare.measuring.histogram import EMPTY
from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pixian_shim.compare.measuring.measure import Measures


class Level(StrEnum):
    """What a reviewer should do about a pair."""

    FINE = "fine"
    LOOK = "look"
    BAD = "bad"


@attrs.frozen
class Cause:
    """One way of differing.

    Attributes:
        name: as it is written everywhere.
        value: gives how strong it is, from the measures; ``None`` where it cannot be told.
        look: the value from which somebody should look.
        bad: the value from which it is bad.
        unit: of the value, for people.
        says: what it means.
    """

    name: str
    value: Callable[[Measures], float | None]
    look: float
    bad: float
    unit: str
    says: str


def _empty(found: Measures) -> float:
    return float((found.left_share < EMPTY) != (found.right_share < EMPTY))


def _both(found: Measures) -> bool:
    """Tell whether either side has a subject cut out, or neither has: the rest can only be judged then."""
    return min(found.left_share, found.right_share) >= EMPTY and found.left_opaque == found.right_opaque


def _edge(found: Measures) -> float:
    """Take the outline's disagreement; each lost or gained part counts as much as two per cent of it."""
    return 1 - found.boundary_f + _PART * (found.lost_parts + found.gained_parts)


def _sized(found: Measures) -> float:
    """Give how far the linear scales are apart; rounding of a side to whole pixels is no difference."""
    rounding = 1 / max(1, min(found.left_width, found.left_height, found.right_width, found.right_height))
    apart = max(found.scale, 1 / found.scale) - 1 if found.scale > 0 else 0.0
    return apart if apart > rounding else 0.0


_PART = 0.02
_BAD_WEIGHT = 10.0

CAUSES = (
    Cause("empty", _empty, 0.5, 0.5, "", "One side shows nothing at all."),
    Cause(
        "opaque",
        lambda found: float(found.left_opaque != found.right_opaque),
        0.5,
        0.5,
        "",
        "One side has no transparency: a background was left or put in.",
    ),
    Cause(
        "missing object",
        lambda found: found.missing if _both(found) else None,
        0.004,
        0.03,
        "of the subject",
        "A solid part of the left subject is not on the right.",
    ),
    Cause(
        "extra object",
        lambda found: found.extra if _both(found) else None,
        0.004,
        0.03,
        "of the subject",
        "The right has a solid part that is not on the left.",
    ),
    Cause(
        "hole",
        lambda found: found.hole if _both(found) else None,
        0.002,
        0.015,
        "of the subject",
        "One side is open inside the subject where the other is not.",
    ),
    Cause(
        "edge",
        lambda found: _edge(found) if _both(found) else None,
        0.08,
        0.25,
        "of the outline",
        "The outlines run apart, or thin parts such as hair or straps are lost or added.",
    ),
    Cause(
        "colour fringe",
        lambda found: found.fringe if _both(found) else None,
        5.0,
        12.0,
        "CIEDE2000",
        "Along the edge the colours differ more than inside: a rim of the old background.",
    ),
    Cause(
        "colour",
        lambda found: found.colour if _both(found) else None,
        3.0,
        8.0,
        "CIEDE2000",
        "The subject itself has other colours: another profile, compression, retouching.",
    ),
    Cause(
        "crop shift",
        lambda found: found.crop if _both(found) else None,
        0.01,
        0.06,
        "of the canvas",
        "The subject stands elsewhere on its canvas, or the canvas is cut another way.",
    ),
    Cause(
        "size",
        _sized,
        0.005,
        0.5,
        "",
        "The subject has another number of pixels.",
    ),
)
"""In the order in which they are told; the limits were set on demo photos and planted defects, and can be changed."""

_BY_NAME = {cause.name: cause for cause in CAUSES}


@attrs.frozen
class Finding:
    """One cause that was found in one pair.

    Attributes:
        cause: its name.
        value: how strong it is.
        level: ``look`` or ``bad``.
        weight: the value on a scale that all causes share, see ``weight``; what pairs are sorted by.
        accepted: the rule that accepts it; empty where none does.
        noise: what the left provider differs from itself by, if that is known.
    """

    cause: str
    value: float
    level: Level
    weight: float
    accepted: str = ""
    noise: float | None = None


Limits = dict[str, tuple[float, float]]


def limits(changed: Mapping[str, object] | None = None) -> Limits:
    """Give each cause's limits for ``look`` and ``bad``.

    Args:
        changed: by cause, ``{"look": 0.1, "bad": 0.4}`` or one of the two; the others keep their defaults.

    Raises:
        ConfigurationError: no such cause, or limits that are no numbers above 0, or the wrong way round.
    """
    known = {cause.name: (cause.look, cause.bad) for cause in CAUSES}
    for name, told in (changed or {}).items():
        if name not in known:
            raise ConfigurationError(f"limits: {name!r} is none of {', '.join(known)}")
        if not isinstance(told, dict) or not told or not set(told) <= {"look", "bad"}:
            raise ConfigurationError(f"limits: {name!r} takes look and bad, not {told!r}")
        look, bad = (told.get(level, known[name][index]) for index, level in enumerate(("look", "bad")))
        if not all(is_number(limit) and limit > 0 for limit in (look, bad)):
            said = ", ".join(f"{level} = {shown(limit)}" for level, limit in told.items())
            raise ConfigurationError(f"limits: {name!r} takes numbers above 0, not {said}")
        if look > bad:
            raise ConfigurationError(f"limits: {name!r} cannot be bad at {bad:g} before it is looked at, at {look:g}")
        known[name] = float(look), float(bad)
    return known


def values(found: Measures) -> dict[str, float]:
    """Give every cause's value, whether it matters or not; what cannot be told is left out."""
    told = {cause.name: cause.value(found) for cause in CAUSES}
    return {name: value for name, value in told.items() if value is not None}


def weight(value: float, look: float, bad: float) -> float:
    """Bring a value onto a scale that all causes share: 1 at the limit for ``look``, 10 at that for ``bad``.

    In multiples of its first limit alone, half the number of pixels would outweigh a lost arm a hundred times over.
    """
    if value >= bad:
        return _BAD_WEIGHT * value / bad
    if value <= look:
        return value / look
    return 1 + (_BAD_WEIGHT - 1) * (value - look) / (bad - look)


def findings(found: Measures, within: Limits, noise: Mapping[str, float] | None = None) -> list[Finding]:
    """Give what goes beyond its limit and beyond the left provider's own variance, the strongest first.

    Args:
        found: the measures of a pair.
        within: see ``limits``.
        noise: by cause, how much the left provider differs from itself.
    """
    result = []
    for name, value in values(found).items():
        look, bad = within[name]
        own = (noise or {}).get(name)
        if value < look or (own is not None and value <= own):
            continue
        level = Level.BAD if value >= bad else Level.LOOK
        result.append(Finding(name, value, level, weight(value, look, bad), noise=own))
    return sorted(result, key=lambda one: -one.weight)


def describe(name: str) -> Cause:
    """Give a cause by its name."""
    return _BY_NAME[name]
