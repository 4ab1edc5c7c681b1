"""Ask the other origin the same without anybody waiting for it, and without spending more than a budget."""

from __future__ import annotations

import atexit
import logging
import os
from collections import Counter, deque
from datetime import UTC, datetime
from hashlib import blake2b
from random import random
from threading import Condition, Thread
from time import monotonic
from typing import TYPE_CHECKING

import attrs

from pixian_shim.errors import ConfigurationError
from pixian_shim.legacy import Budget
from pixian_shim.rollout._decision import Origin
from pixian_shim.rollout._numbers import check_number
from pixian_shim.translation import unheard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pixian_shim.rollout._replies import Reply

_log = logging.getLogger(__name__)

_WHOLE = 1 << 64
_AT_EXIT = 5.0  # seconds that a program may be kept from ending, for calls that have been paid for


@attrs.frozen(kw_only=True)
class Job:
    """One call to be repeated."""

    origin: Origin
    unit: str | None
    size: int
    """Bytes that are held for it."""
    price: Callable[[], float]
    """The most credits that it can cost."""
    ask: Callable[[], Reply]
    done: Callable[[Reply | None, str], None]
    """Told the reply, or ``None`` and why the call was dropped."""


class Shadow:
    """Repeat a sample of calls in the background.

    Args:
        credits_per_day: what may be spent, for each origin on its own; a mapping gives each its own number, and an
            origin that is not in it is never asked. Days are those of UTC.
        sampling: share of calls, from 0 to 1; chosen by the call's unit, so that a unit is sampled or not for good.
        ledger: a file that holds what was spent: several processes share it, and a restart does not begin anew.
        workers: calls at once.
        waiting: calls that may wait; what comes then is dropped.
        waiting_bytes: of pictures held in memory for these calls.
        deadline: seconds that a call may wait; then it is dropped, and nothing is spent on it.
        clock: gives the time of day, with time zone.

    Raises:
        ConfigurationError: a number that cannot be, or a ledger that cannot be used.
    """

    def __init__(
        self,
        *,
        credits_per_day: float | Mapping[str, float],
        sampling: float = 1.0,
        ledger: str | os.PathLike[str] | None = None,
        workers: int = 2,
        waiting: int = 64,
        waiting_bytes: int = 256 << 20,
        deadline: float = 60.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        check_number("sampling", sampling, 0, 1)
        check_number("deadline", deadline, 0)
        for name, value in (("workers", workers), ("waiting", waiting), ("waiting_bytes", waiting_bytes)):
            check_number(name, value, 1, whole=True)
        amounts = (
            credits_per_day if not isinstance(credits_per_day, int | float) else dict.fromkeys(Origin, credits_per_day)
        )
        self.budgets = {
            _origin(name): Budget(amount, path=ledger, name=f"shadow {name}", clock=clock)
            for name, amount in amounts.items()
        }
        self._sampling, self._deadline = sampling, deadline
        self._workers, self._waiting, self._waiting_bytes = workers, waiting, waiting_bytes
        self.dropped: Counter[str] = Counter()
        """How many calls were not repeated, by reason."""
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._process = os.getpid()
        self._changed = Condition()
        self._queue: deque[tuple[float, Job]] = deque()
        self._threads: list[Thread] = []
        self._held = self._active = 0
        self._closing = False

    def wants(self, origin: Origin, unit: str | None) -> bool:
        """Tell whether a call belongs to the sample."""
        if origin not in self.budgets:
            return self._drop("no_budget")
        if self._sampling >= 1 or _share(unit) < self._sampling:
            return True
        return self._drop("sampling")

    def offer(self, job: Job) -> None:
        """Put a call into the queue, or drop it; ``job.done`` is called in any case, sooner or later."""
        if self._process != os.getpid():  # threads do not follow a fork, and another's lock may be held for ever
            self._begin_anew()
        with self._changed:
            reason = self._no_room(job)
            if reason is None:
                self._held += job.size
                self._queue.append((monotonic(), job))
                if not self._threads:
                    atexit.register(self.close, _AT_EXIT)
                if len(self._threads) < self._workers:
                    thread = Thread(target=self._work, name="pixian-shim-shadow", daemon=True)
                    self._threads.append(thread)
                    thread.start()
                self._changed.notify()
        if reason is not None:
            self._drop(reason)
            _tell(job, None, reason)

    def _no_room(self, job: Job) -> str | None:
        if self._closing:
            return "closing"
        full = len(self._queue) >= self._waiting or self._held + job.size > self._waiting_bytes
        return "queue_full" if full else None

    def _drop(self, reason: str) -> bool:
        self.dropped[reason] += 1
        return False

    def _work(self) -> None:
        unheard.set(True)
        while (taken := self._next()) is not None:
            since, job = taken
            try:
                self._carry_out(since, job)
            finally:
                with self._changed:
                    self._held -= job.size
                    self._active -= 1
                    self._changed.notify_all()

    def _next(self) -> tuple[float, Job] | None:
        with self._changed:
            while not self._queue:
                if self._closing:
                    return None
                self._changed.wait()
            self._active += 1
            return self._queue.popleft()

    def _carry_out(self, since: float, job: Job) -> None:
        reply, reason = None, "deadline"
        try:
            if monotonic() - since <= self._deadline:
                reply, reason = self._asked(job)
        except Exception as error:  # noqa: BLE001 (the next job must be worked on, whatever this one did)
            _log.exception("a shadow call failed")
            reason = type(error).__name__
        if reply is None:
            self._drop(reason)
        _tell(job, reply, reason)

    def _asked(self, job: Job) -> tuple[Reply | None, str]:
        budget = self.budgets[job.origin]
        reservation = budget.reserve(job.price())
        if reservation is None:
            return None, "budget"
        reply = job.ask()
        budget.settle(reservation, reply.credits)
        return reply, ""

    def close(self, timeout: float = 10.0) -> None:
        """Drop what waits, let what is being asked end, and take nothing more.

        Args:
            timeout: seconds; what has not ended by then goes unrecorded, and stays spent.
        """
        if self._process != os.getpid():
            return
        end = monotonic() + timeout
        atexit.unregister(self.close)
        with self._changed:
            self._closing = True
            left, self._queue = [job for _, job in self._queue], deque()
            self._changed.notify_all()
        for job in left:
            self._drop("closing")
            _tell(job, None, "closing")
        with self._changed:
            while self._active and (rest := end - monotonic()) > 0:
                self._changed.wait(rest)

    def drain(self, timeout: float = 30.0) -> bool:
        """Wait until nothing is waiting or being asked; tells whether that came about."""
        end = monotonic() + timeout
        with self._changed:
            while (self._queue or self._active) and (rest := end - monotonic()) > 0:
                self._changed.wait(rest)
            return not self._queue and not self._active


def _tell(job: Job, reply: Reply | None, reason: str) -> None:
    try:
        job.done(reply, reason)
    except Exception:  # noqa: BLE001 (somebody else's code)
        _log.exception("a shadow call cannot be recorded")


def _share(unit: str | None) -> float:
    """Give a number from 0 up to 1: always the same for a unit, and independent of its bucket."""
    if unit is None:
        return random()  # noqa: S311 (a sample, no secret)
    digest = blake2b(b"shadow\0" + unit.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / _WHOLE


def _origin(name: str) -> Origin:
    try:
        return Origin(name)
    except ValueError:
        raise ConfigurationError(f"credits_per_day: {name!r} is none of {', '.join(Origin)}") from None
