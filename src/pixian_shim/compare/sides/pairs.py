"""Find which answers belong together; what belongs to nothing is a pair with a hole, never left out."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Literal

import attrs

from pixian_shim.compare.sides.names import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pixian_shim.compare.sides.sides import Item, Side

_SHOWN = 3
_NAMELESS = re.compile("photo [0-9a-f]{12}")  # stands for a photo that is known by content only


@attrs.frozen
class Tier:
    """One kind of key.

    Attributes:
        name: that such keys begin with.
        unique: among ``open`` answers, those without a partner yet, or among ``all`` of a side. What a more certain
            key has settled may be left aside only as long as the key still tells folders apart: otherwise "the only
            one left" would be a guess.
        named: whether it rests on a file's name.
    """

    name: str
    unique: Literal["open", "all"]
    named: bool = False


TIERS = (
    Tier("call", "open"),  # the same call of an observed program
    Tier("asked", "open"),  # the same photo, asked with the same parameters
    Tier("photo", "all"),  # the same photo, if either side has just one answer for it
    Tier("file", "open", named=True),
    Tier("name", "open", named=True),
    Tier("cut", "open", named=True),
    Tier("stem", "open", named=True),
    Tier("flatcut", "all", named=True),
    Tier("flatstem", "all", named=True),
    Tier("bare", "all", named=True),
)

Keyed = dict[str, list["Item"]]


@attrs.frozen
class Pair:
    """What either side answered to one photo.

    Attributes:
        left: the answer, ``None`` where there is none.
        right: likewise.
        why: what is known of why there is none, a clause; empty for nothing.
    """

    left: Item | None
    right: Item | None
    why: str = ""

    @property
    def name(self) -> str:
        """Of the photo, for people: as the left side calls it, whatever the right one has; else as that does."""
        names = [item.name for item in (self.left, self.right) if item is not None]
        return next((name for name in names if not _NAMELESS.fullmatch(name)), names[0])

    @property
    def subject(self) -> str:
        """Of the photo, for machines: the same whether or not originals give it a name to show.

        What the photo's hash is taken from is the record of a call; a file's photo is known by its name only.
        """
        item = self.left or self.right
        if item is None:
            return ""
        return item.original if item.original and _key(item, TIERS[1]) is not None else plain(item.name)


def pairs(left: Side, right: Side) -> list[Pair]:
    """Match by call, by the photo's content and parameters, by content, by name, by name without what was added.

    A key decides where one answer on either side has it. Answers to one and the same question, asked repeatedly, can
    take each other's place and are taken in order; nothing else is: of two answers that have the same name, neither is
    given to a third one because it happens to be listed first. What stays alone is told with the reason.

    The result does not depend on the order of the answers.
    """
    sides = tuple(_in_order(side.items) for side in (left, right))
    still = tuple(dict.fromkeys(items) for items in sides)
    found: list[Pair] = []
    for tier in TIERS:
        groups = tuple(_grouped(items, tier) for items in (still if tier.unique == "open" else sides))
        for key, here in groups[0].items():
            there = groups[1].get(key, [])
            if len(here) == len(there) == 1 and here[0] in still[0] and there[0] in still[1]:
                if tier.named and _apart(here[0], there[0]):
                    continue
                found.append(_taken(still, here[0], there[0]))
    asked = tuple(_grouped(items, TIERS[1]) for items in still)
    for key, here in asked[0].items():
        found += [_taken(still, one, other) for one, other in zip(here, asked[1].get(key, []), strict=False)]
    found += [Pair(item, None, why) for item, why in _alone(still[0], still[1], sides)]
    found += [Pair(None, item, why) for item, why in _alone(still[1], still[0], sides[::-1])]
    place = {item: number for items in sides for number, item in enumerate(items)}
    return sorted(found, key=lambda pair: (pair.left is None, place[pair.left or pair.right]))  # type: ignore[index]


def _in_order(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=lambda item: (item.name, item.keys, str(item.file), item.error, item.seconds or 0.0))


def _taken(still: tuple[dict[Item, None], ...], one: Item, other: Item) -> Pair:
    del still[0][one], still[1][other]
    return Pair(one, other)


def _grouped(items: Iterable[Item], tier: Tier) -> Keyed:
    grouped: Keyed = {}
    for item in items:
        key = _key(item, tier)
        if key is not None:
            grouped.setdefault(key, []).append(item)
    return grouped


def _key(item: Item, tier: Tier) -> str | None:
    start = f"{tier.name} "
    return next((key for key in item.keys if key.startswith(start)), None)


def _apart(one: Item, other: Item) -> bool:
    """Tell whether two answers of one name are known to be answers to different questions."""
    questions = [_key(item, TIERS[1]) for item in (one, other)]
    return None not in questions and questions[0] != questions[1]


def _alone(items: Iterable[Item], others: Iterable[Item], sides: tuple[list[Item], ...]) -> list[tuple[Item, str]]:
    """Give what found no partner, each with what stands in its way."""
    by_key: defaultdict[str, dict[Item, None]] = defaultdict(dict)
    for other in others:
        for key in other.keys:
            by_key[key][other] = None
    counts = tuple(Counter(_key(item, TIERS[1]) for item in side) for side in sides)
    return [(item, _why(item, by_key, counts)) for item in items]


def _why(item: Item, others: Mapping[str, Mapping[Item, None]], counts: tuple[Counter[str | None], ...]) -> str:
    asked = _key(item, TIERS[1])
    if asked is not None and counts[1][asked]:
        return f"the same was asked {counts[0][asked]} times here and {counts[1][asked]} there"
    near = list(dict.fromkeys(other for key in item.keys for other in others.get(key, ())))
    could = [other for other in near if not _apart(item, other)]
    if could:
        names = ", ".join(other.name for other in could[:_SHOWN]) + (", ..." if len(could) > _SHOWN else "")
        return f"it cannot be told whether it belongs to {names}"
    if near:
        return f"{near[0].name} is another photo there, or was asked with other parameters"
    return ""
