"""Compare two sides, pair by pair, on as many cores as wanted."""

from __future__ import annotations

import multiprocessing
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from hashlib import blake2b
from typing import TYPE_CHECKING

from pixian_shim.compare._accept import Rules
from pixian_shim.compare._causes import findings, values
from pixian_shim.compare._comparison import Comparison, Row, RowSide, account, ordered
from pixian_shim.compare._pairs import Pair, pairs
from pixian_shim.compare._prices import Prices
from pixian_shim.compare._sides import Item, Originals, Side
from pixian_shim.compare._work import Done, Task, Told, work
from pixian_shim.images._decode import MAX_PIXELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pixian_shim.compare._views import Views

_DIED = "the process that compared it died, most probably for lack of memory"
_NOISE_SHARE = 0.95


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
        prices: of credits.
        views: where pictures for a report go; none are made without it.
        jobs: processes; 1 works in this one. A program that asks for more must be importable without side effects.
        max_pixels: of one picture; a larger one is not read.
        progress: told how many pairs are done, and of how many.
    """
    found, rules = pairs(left, right), rules or Rules()
    again = [] if noise is None else [pair for pair in pairs(left, noise) if pair.left and pair.right]
    photos = originals or Originals(None)
    tasks = [_task(pair, photos, views, max_pixels) for pair in found]
    tasks += [_task(pair, photos, None, max_pixels) for pair in again]
    done = _all(tasks, jobs, progress)
    own, usual = _noise(again, done[len(found) :])
    rows, seen = [], Counter[str]()
    for pair, result in zip(found, done, strict=False):
        seen[pair.name] += 1
        rows.append(_row(pair, seen[pair.name], result, rules, _variance(pair, own, usual)))
    return Comparison(
        rows=tuple(ordered(rows)),
        left=account(left.title, left.provider, _costs(left), prices or Prices()),
        right=account(right.title, right.provider, _costs(right), prices or Prices()),
        limits=rules.limits,
        noise=usual,
        skipped=(*left.skipped, *right.skipped),
        currency=(prices or Prices()).currency,
    )


def _costs(side: Side) -> Iterator[tuple[float | None, float | None]]:
    return ((item.credits, item.seconds) for item in side.items)


def _task(pair: Pair, originals: Originals, views: Views | None, max_pixels: int) -> Task | None:
    """Give what is to be worked on; ``None`` where a side has no file."""
    left, right = pair.left, pair.right
    if left is None or right is None or left.file is None or right.file is None:
        return None
    original = (originals.find(left) or originals.find(right)) if views is not None else None
    return Task(left=left.file, right=right.file, original=original, views=views, max_pixels=max_pixels)


def _all(tasks: Sequence[Task | None], jobs: int, progress: Callable[[int, int], None]) -> list[Done | None]:
    """Carry out every task once, the same files only once; results are in the order of the tasks."""
    todo = list(dict.fromkeys(task for task in tasks if task is not None))
    results: dict[Task, Done] = {}
    for task, done in _worked(todo, jobs):
        results[task] = done
        progress(len(results), len(todo))
    return [None if task is None else results[task] for task in tasks]


def _worked(todo: list[Task], jobs: int) -> Iterator[tuple[Task, Done]]:
    if jobs <= 1 or len(todo) < 2:  # noqa: PLR2004
        yield from ((task, work(task)) for task in todo)
        return
    left = set(todo)
    with _pool(min(jobs, len(todo))) as pool:
        futures = {pool.submit(work, task): task for task in todo}
        for future in as_completed(futures):
            try:
                done = future.result()
            except BrokenProcessPool:
                continue
            left.discard(futures[future])
            yield futures[future], done
    for task in todo:  # after a death: one by one, so that only the one that kills is lost
        if task in left:
            with _pool(1) as pool:
                try:
                    yield task, pool.submit(work, task).result()
                except BrokenProcessPool:
                    yield task, Done(left=Told(), right=Told(), error=_DIED)


def _pool(jobs: int) -> ProcessPoolExecutor:
    # Not forked: the parent may have threads, such as a progress bar's.
    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))


def _noise(again: Sequence[Pair], done: Sequence[Done | None]) -> tuple[dict[Item, dict[str, float]], dict[str, float]]:
    """Give the incumbent's variance, by answer, and what 95 of 100 of its answers keep to."""
    own: dict[Item, dict[str, float]] = {}
    every: defaultdict[str, list[float]] = defaultdict(list)
    for pair, result in zip(again, done, strict=True):
        if pair.left is None or result is None or result.measures is None:
            continue
        own[pair.left] = values(result.measures)
        for name, value in own[pair.left].items():
            every[name].append(value)
    usual = {name: sorted(some)[min(len(some) - 1, int(len(some) * _NOISE_SHARE))] for name, some in every.items()}
    return own, usual


def _variance(pair: Pair, own: Mapping[Item, dict[str, float]], usual: Mapping[str, float]) -> dict[str, float]:
    """Give what is put down to variance: the larger of this photo's own and of what is usual."""
    mine = own.get(pair.left, {}) if pair.left is not None else {}
    return {name: max(mine.get(name, 0.0), value) for name, value in usual.items()}


def _row(pair: Pair, occurrence: int, done: Done | None, rules: Rules, noise: Mapping[str, float]) -> Row:
    parameters = next((item.parameters for item in (pair.left, pair.right) if item and item.parameters), {})
    seen = ("", "") if done is None else (done.left.digest, done.right.digest)
    said = "\0".join((pair.name, str(sorted(parameters.items())), str(occurrence), *seen))
    problem, failed = _problem(pair, done)
    found, most = [], 0.0
    if done is not None and done.measures is not None:
        most = max(value / rules.limits[name][0] for name, value in values(done.measures).items())
        found = rules.applied(pair.name, findings(done.measures, rules.limits, noise))
    return Row(
        id=blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest(),
        name=pair.name,
        parameters=dict(parameters),
        problem=problem,
        failed=failed,
        findings=tuple(found),
        measures=None if done is None else done.measures,
        left=_side(pair.left, None if done is None else done.left),
        right=_side(pair.right, None if done is None else done.right),
        most=most,
        views={} if done is None else done.views,
    )


def _side(item: Item | None, told: Told | None) -> RowSide | None:
    if item is None:
        return None
    file = "" if item.file is None else item.file.name
    return RowSide(file=file, told=told or Told(error=item.error), seconds=item.seconds, credits=item.credits)


def _problem(pair: Pair, done: Done | None) -> tuple[str, bool]:
    """Tell why a pair could not be compared, and whether that is the right side's doing alone."""
    if pair.left is None or pair.right is None:
        return f"there is no partner on the {'left' if pair.left is None else 'right'}", False
    errors = [
        (item.error if item.file is None else "" if done is None else told.error)
        for item, told in ((pair.left, done.left if done else Told()), (pair.right, done.right if done else Told()))
    ]
    said = "; ".join(f"{side}: {error}" for side, error in zip(("left", "right"), errors, strict=True) if error)
    if said:
        return said, bool(errors[1]) and not errors[0]
    return (done.error, False) if done is not None else ("", False)
