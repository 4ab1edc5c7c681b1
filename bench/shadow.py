"""What a shadow costs the caller: the same calls with it and without, taking turns in one run."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import stub
from calls import KEY, URL, cpu, photo
from figures import Figure

from pixian_shim import Shim
from pixian_shim.pixian import Pixian, Upload
from pixian_shim.rollout import Flag, Recorder, Rollout, Shadow
from pixian_shim.rollout._buckets import BUCKETERS
from pixian_shim.translation import Form, HttpRequest, load

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS, IN_A_ROW, PAUSE = 60, 20, 0.02


def rollout(stack: ExitStack, stage: str, *, observed: bool) -> Rollout:
    """Make a migration between two stubs, each a process of its own."""
    legacy, pixian = (stack.enter_context(stub.running(side=158)) for _ in range(2))
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    client = stack.enter_context(Pixian("id", "secret", base_url=pixian))
    shim = stack.enter_context(Shim(client, policy="silent"))
    shadow = Shadow(credits_per_day=1e6, ledger=folder / "budget.db")
    observe = Recorder(folder) if observed else None
    made = Rollout(Flag(stage=stage), shim=shim, legacy={"removebg": legacy}, shadow=shadow, observe=observe)
    return stack.enter_context(made)


def added(*, observed: bool) -> Figure:
    """Compare the 99th percentiles of what a caller waits, 100 KB photos, some 40 calls a second.

    Args:
        observed: whether calls are written down, which a shadow takes off the caller's way.
    """
    content, adapter = photo(100_000), load("removebg")
    with ExitStack() as stack:
        sides = [rollout(stack, stage, observed=observed) for stage in ("off", "shadow")]

        def call(side: Rollout) -> float:
            form = Form.of({"image_file": Upload(content, "photo.jpg"), "size": "auto"})
            started = time.perf_counter()
            answer = side.serve(adapter, HttpRequest("POST", URL, KEY, parsed=form))
            seconds = time.perf_counter() - started
            assert answer.status == 200, answer.body
            time.sleep(PAUSE)
            return seconds

        for side in sides:
            for _ in range(10):
                call(side)
        times: list[list[float]] = [[], []]
        for _ in range(ROUNDS):
            for place, side in enumerate(sides):
                times[place] += [call(side) for _ in range(IN_A_ROW)]
                assert side.shadow is None or side.shadow.drain()
        dropped = sides[1].shadow.dropped.total() if sides[1].shadow is not None else 0
    without, with_it = (sorted(one)[-1 - len(one) // 100] for one in times)
    middle = [sorted(one)[len(one) // 2] * 1e3 for one in times]
    beside = (
        f"p99 without {without * 1e3:.1f} ms, median {middle[0]:.1f} ms; with it {middle[1]:.1f} ms, {dropped} dropped"
    )
    name = f"a shadow adds to the caller's p99, {'with' if observed else 'without'} observations"
    return Figure(name, (with_it - without) * 1e3, "ms", 1, False, beside)


def deciding() -> Figure:
    """Time one decision about one unit."""
    flag, units = Flag(stage="canary", percent=5), [f"customer-{number}" for number in range(5000)]

    def decide() -> None:
        for unit in units:
            flag.decide(unit)

    seconds = best(decide) / len(units)
    others = ", ".join(
        f"{name} {best(lambda bucketer=bucketer: [bucketer('salt', unit) for unit in units]) / len(units) * 1e6:.1f} us"  # type: ignore[misc]
        for name, bucketer in BUCKETERS.items()
    )
    return Figure("deciding about a unit", seconds * 1e6, "us", 20, False, f"the bucket alone: {others}")


def best(call: Callable[[], object]) -> float:
    """Give the shortest of several runs, CPU seconds."""
    return min(cpu(call) for _ in range(7))


def measure() -> list[Figure]:
    """Take the figures of this module."""
    return [added(observed=False), added(observed=True), deciding()]


if __name__ == "__main__":
    print(*measure(), sep="\n")
