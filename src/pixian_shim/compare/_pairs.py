"""Find which answers belong together; what belongs to nothing is a pair with a hole, never left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pixian_shim.compare._sides import Item, Side

_TIERS = (("call", 0), ("photo", 0), ("photo", 1), ("name", 0), ("stem", 0))


@attrs.frozen
class Pair:
    """What either side answered to one photo."""

    left: Item | None
    right: Item | None

    @property
    def name(self) -> str:
        """Of the photo, for people: the shorter one, since removers of backgrounds lengthen names."""
        names = [item.name for item in (self.left, self.right) if item is not None]
        known = [name for name in names if not name.startswith("photo ")] or names
        return min(known, key=len)


def pairs(left: Side, right: Side) -> list[Pair]:
    """Match by call, by the photo's content and parameters, by content, by name, by name without what was added.

    A key that several answers share decides nothing as long as another one tells them apart; in the end such answers
    are taken in order where both sides have as many of them.
    """
    open_left, open_right = dict(enumerate(left.items)), dict(enumerate(right.items))
    found: list[tuple[int, Pair]] = []
    for most in (1, max(len(left.items), len(right.items))):
        for tier, depth in _TIERS:
            here, there = _keyed(open_left, tier, depth), _keyed(open_right, tier, depth)
            for key, numbers in here.items():
                others = there.get(key, [])
                if len(numbers) != len(others) or len(numbers) > most:
                    continue
                for number, other in zip(numbers, others, strict=True):
                    found.append((number, Pair(open_left.pop(number), open_right.pop(other))))
    found += [(number, Pair(item, None)) for number, item in open_left.items()]
    found += [(len(left.items) + number, Pair(None, item)) for number, item in open_right.items()]
    return [pair for _, pair in sorted(found, key=lambda one: one[0])]


def _keyed(items: dict[int, Item], tier: str, depth: int) -> dict[str, list[int]]:
    """Group what has a key of a kind; content comes in two, with the parameters and without."""
    grouped: dict[str, list[int]] = {}
    for number, item in items.items():
        keys: Sequence[str] = [key for key in item.keys if key.startswith(f"{tier} ")]
        if depth < len(keys):
            grouped.setdefault(keys[depth], []).append(number)
    return grouped
