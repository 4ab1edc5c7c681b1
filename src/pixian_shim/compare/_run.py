"""Compare two sides, pair by pair, on as many cores as wanted."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import closing
from hashlib import blake2b
from typing import TYPE_CHECKING

import attrs

from pixian_shim.compare._comparison import Comparison, Row, RowSide, account, ordered
from pixian_shim.compare._processes import worked
from pixian_shim.compare._work import Done, Task, Told
from pixian_shim.compare.judging.accept import Rules
from pixian_shim.compare.judging.causes import findings, values, weight
from pixian_shim.compare.judging.prices import Prices
from pixian_shim.compare.sides.originals import Originals
from pixian_shim.compare.sides.pairs import Pair, pairs
from pixian_shim.images._decode import MAX_PIXELS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pixian_shim.compare.measuring.views import Views
    from pixian_shim.compare.sides.sides import Item, Side

_ENOUGH = 19
"""Repeated answers from which the usual variance is told, and 95 in a hundred that it is told for.

Of n answers and one more, the largest is as likely to be any of the n + 1: a new one goes beyond all 19 in 1 of 20
cases. Fewer cannot tell 95 of 100, and one mishap among three would then hide the same mishap in every other photo; so
below that number a repeated answer counts for its own photo only. From there on the 0.95 * (n + 1)-th smallest is
taken, which a new answer of the incumbent exceeds in at most 5 of 100 cases, whatever the distribution.
"""
_ALL_OR_NOTHING = frozenset({"empty", "opaque"})
"""Causes without a more or less: that some answers are so is nothing that others could be measured by."""


def compare(
    left: Side,
    right: Side,
    *,
    originals: Originals | None = None,
    rules: Rules | None = None,
    noise: Side | None = None,
    prices: Prices | None = None,
    views: Views | None = None,
    jobs: int = 1,
    max_pixels: int = MAX_PIXELS,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Comparison:
    """Compare what two sides answered to the same photos.

    Args:
        left: the incumbent: what the other one is held to.
        right: its successor.
        originals: the photos, to look at.
        rules: limits and accepted differences.
        noise: the incumbent once more: only what goes beyond its own variance is found.
        prices: of credits and pictures.
        views: where pictures for a report go; none are made without it.
        jobs: processes; 1 works in this one. A program that asks for more must be importable without side effects.
        max_pixels: of one picture; a larger one is not read.
        progress: told how many pairs are done, and of how many.

    Raises:
        ConfigurationError: more than one process is wanted, and none can be started.
    """
    found, rules, prices = pairs(left, right), rules or Rules(), prices or Prices()
    again = [] if noise is None else [pair for pair in pairs(left, noise) if pair.left and pair.right]
    photos = Originals(None) if originals is None else originals
    tasks = [_task(pair, photos, views, max_pixels) for pair in found]
    tasks += [_task(pair, photos, None, max_pixels) for pair in again]
    done = _all(tasks, jobs, progress)
    own, usual = _noise(again, done[len(found) :])
    rows, seen = [], Counter[str]()
    for pair, result in zip(found, done[: len(found)], strict=True):
        row = _row(pair, _name(pair, photos), result, rules, _variance(pair, own, usual))
        seen[row.id] += 1
        rows.append(row if seen[row.id] == 1 else attrs.evolve(row, id=_hash(f"{row.id} {seen[row.id]}")))
    titles = _titles(left, right)
    return Comparison(
        rows=tuple(ordered(rows)),
        left=account(titles[0], left.provider, left.items, prices),
        right=account(titles[1], right.provider, right.items, prices),
        limits=rules.limits,
        noise=usual,
        noise_pairs=len(own),
        skipped=_skipped(left, right, noise, photos),
        currency=prices.currency,
    )


def _titles(left: Side, right: Side) -> tuple[str, str]:
    """Tell the sides apart where both have the same name, such as two folders ``out``."""
    if left.title != right.title:
        return left.title, right.title
    return f"{left.title} (left)", f"{right.title} (right)"


def _skipped(left: Side, right: Side, noise: Side | None, originals: Originals) -> tuple[str, ...]:
    places = {"left": left.skipped, "right": right.skipped, "noise": () if noise is None else noise.skipped}
    every = places | {"originals": originals.skipped}
    return tuple(f"{place}: {name}" for place, names in every.items() for name in names)


def _task(pair: Pair, originals: Originals, views: Views | None, max_pixels: int) -> Task | None:
    """Give what is to be worked on; ``None`` where there is no file at all."""
    left, right = ((None if item is None else item.file) for item in (pair.left, pair.right))
    if left is None and right is None:
        return None
    items = [item for item in (pair.left, pair.right) if item is not None]
    photo = next((photo for item in items if (photo := originals.find(item))), None) if views is not None else None
    stored = ("" if pair.left is None else pair.left.stored, "" if pair.right is None else pair.right.stored)
    return Task(left=left, right=right, stored=stored, original=photo, views=views, max_pixels=max_pixels)


def _all(tasks: Sequence[Task | None], jobs: int, progress: Callable[[int, int], None]) -> list[Done | None]:
    """Carry out every task once, the same files only once; results are in the order of the tasks."""
    todo = list(dict.fromkeys(task for task in tasks if task is not None))
    results: dict[Task, Done] = {}
    with closing(worked(todo, jobs)) as results_as_they_come:
        for task, done in results_as_they_come:
            results[task] = done
            progress(len(results), len(todo))
    return [None if task is None else results[task] for task in tasks]


def _noise(again: Sequence[Pair], done: Sequence[Done | None]) -> tuple[dict[Item, dict[str, float]], dict[str, float]]:
    """Give the incumbent's variance, by answer, and from enough answers what 95 of 100 keep to."""
    own: dict[Item, dict[str, float]] = {}
    every: defaultdict[str, list[float]] = defaultdict(list)
    for pair, result in zip(again, done, strict=True):
        if pair.left is None or result is None or result.measures is None:
            continue
        own[pair.left] = values(result.measures)
        for name, value in own[pair.left].items():
            every[name].append(value)
    usual = {
        name: sorted(some)[-(-95 * (len(some) + 1) // 100) - 1]
        for name, some in every.items()
        if len(some) >= _ENOUGH and name not in _ALL_OR_NOTHING
    }
    return own, usual


def _variance(pair: Pair, own: Mapping[Item, dict[str, float]], usual: Mapping[str, float]) -> dict[str, float]:
    """Give what is put down to variance: the larger of this photo's own and of what is usual."""
    mine = own.get(pair.left, {}) if pair.left is not None else {}
    return {name: max(mine.get(name, 0.0), usual.get(name, 0.0)) for name in (*mine, *usual)}


def _name(pair: Pair, originals: Originals) -> str:
    """Give what a row is called: as the photo where that is known, so that no side's names matter."""
    items = [item for item in (pair.left, pair.right) if item is not None]
    return next((name for item in items if (name := originals.name(item))), pair.name)


def _row(pair: Pair, name: str, done: Done | None, rules: Rules, noise: Mapping[str, float]) -> Row:
    parameters = next((item.parameters for item in (pair.left, pair.right) if item and item.parameters), {})
    seen = ("", "") if done is None else (done.left.digest, done.right.digest)
    problem, failed = _problem(pair, done)
    found, most = [], 0.0
    if done is not None and done.measures is not None:
        most = max(weight(value, *rules.limits[name]) for name, value in values(done.measures).items())
        found = rules.applied(name, findings(done.measures, rules.limits, noise))
    return Row(
        id=_hash("\0".join((pair.subject, str(sorted(parameters.items())), *seen))),
        name=name,
        parameters=dict(parameters),
        problem=problem,
        note="" if done is None else done.note,
        failed=failed,
        findings=tuple(found),
        measures=None if done is None else done.measures,
        left=_side(pair.left, None if done is None else done.left),
        right=_side(pair.right, None if done is None else done.right),
        most=most,
        views={} if done is None else done.views,
    )


def _hash(said: str) -> str:
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _side(item: Item | None, told: Told | None) -> RowSide | None:
    if item is None:
        return None
    file = "" if item.file is None else item.file.name
    known = Told(error=item.error) if told is None or item.file is None else told
    return RowSide(file=file, told=known, seconds=item.seconds, credits=item.credits)


def _problem(pair: Pair, done: Done | None) -> tuple[str, bool]:
    """Tell why a pair could not be compared, and whether that is the right side's doing alone."""
    told = {"left": Told(), "right": Told()} if done is None else {"left": done.left, "right": done.right}
    said, wrong = [], []
    for place, item in (("left", pair.left), ("right", pair.right)):
        if item is None:
            said.append(f"there is no partner on the {place}" + (f": {pair.why}" if pair.why else ""))
            continue
        error = item.error if item.file is None else told[place].error
        if error:
            said.append(f"{place}: {error}")
            wrong.append(place)
    alone = pair.left is None or pair.right is None
    if said:
        return "; ".join(said), wrong == ["right"] and not alone
    return (done.error if done is not None else ""), False
