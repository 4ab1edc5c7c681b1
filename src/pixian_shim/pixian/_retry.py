"""When to ask again: a state machine without clock, sleep or socket, and the settings it follows.

A paid request has no idempotency key: asked twice, it may be charged twice. So only what provably did not run is
repeated unasked: no connection, 429, and a 503 that says that all workers are busy (code -3 of the sister service) and
names a time to come back (our choice, Pixian documents no such answer). Everything else is ambiguous and opt-in.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import attrs
from attrs import validators

from pixian_shim.errors import (
    ApiError,
    ConnectFailed,
    DeadlineExceeded,
    IncompleteBody,
    RateLimited,
    ResponseError,
    ServerError,
    ShimError,
    TimedOut,
    TransportError,
)

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Generator
    from typing import Protocol

    from pixian_shim.pixian._transport import Answer

    class Streak(Protocol):
        """How many 429 came in a row."""

        @property
        def count(self) -> int: ...

        @count.setter
        def count(self, value: int) -> None: ...

    Failure = TransportError | ResponseError | ApiError


CONNECT_WAIT = 0.2
"""Seconds before the second attempt to connect; doubled each time."""

AMBIGUOUS_WAIT, AMBIGUOUS_WAIT_CAP = 1.0, 8.0
"""Seconds before an ambiguous request is repeated; doubled each time, up to the cap."""

RETRY_AFTER_CAP = 120.0
"""The longest ``Retry-After`` that is believed, in seconds."""

_OVERLOADED = 503, -3
"""Status and code; -10 with the same status is a timeout inside the service, which may have run."""

_COUNT = [validators.instance_of(int), validators.ge(0)]


def _positive_or_none(_instance: object, attribute: attrs.Attribute[Any], value: float | None) -> None:
    if value is not None and not value > 0:
        raise ValueError(f"{attribute.name}={value!r}: more than 0 seconds are expected, or None for no limit")


@attrs.frozen(kw_only=True)
class Retry:
    """How patient a client is."""

    rate_limit_waits: int = attrs.field(default=4, validator=_COUNT)
    """How often one call waits after a 429. The n-th consecutive one waits n x ``wait_unit``, as the vendor asks;
    counted per thread or task over all its calls, until one succeeds. ``Retry-After``, which v2 does not document, is
    followed only where it is longer, up to 120 s."""
    connect_retries: int = attrs.field(default=2, validator=_COUNT)
    """How often connecting is tried again: after 0.2 s, doubled each time."""
    ambiguous: int = attrs.field(default=0, validator=_COUNT)
    """How often a request is repeated that may have been carried out and charged: the connection lost, timed out,
    5xx, a cut-off answer. What it may have cost twice is marked ``possible_double_charge``."""
    deadline: float | None = attrs.field(default=600.0, validator=_positive_or_none)
    """Seconds for a call with all its attempts and waits; ``None`` sets no limit. Nothing is sent after it, and no wait
    goes beyond it. A picture that has begun to arrive by then is paid for, and is read to its end if that comes within
    the idle timeout. Threads wait for an answer's headers until the deadline only if nothing at all arrives."""
    wait_unit: float = attrs.field(default=5.0, validator=validators.ge(0.0))
    """Seconds; Pixian documents 5."""

    @property
    def harmless(self) -> Retry:
        """The same for a request that costs nothing and changes nothing: ambiguous failures are repeated too."""
        return attrs.evolve(self, ambiguous=max(self.ambiguous, self.connect_retries))


@attrs.frozen
class Send:
    """Send the request (again), and hand in its answer or failure."""

    end: float | None
    """When the attempt must be over, on the clock that the machine was given."""


@attrs.frozen
class Sleep:
    """Wait, and hand in nothing."""

    seconds: float
    because: str


@attrs.frozen
class Outcome:
    """A successful answer, and what it took."""

    answer: Answer
    attempts: int
    possible_double_charge: bool


class ThreadStreak(threading.local):
    """Consecutive 429, for each thread by itself."""

    count = 0


class TaskStreak:
    """Consecutive 429, for each asyncio task by itself."""

    def __init__(self) -> None:
        self._counts: WeakKeyDictionary[asyncio.Task[object], int] = WeakKeyDictionary()

    @property
    def count(self) -> int:
        """Of the running task."""
        task = _task()
        return self._counts.get(task, 0) if task is not None else 0

    @count.setter
    def count(self, value: int) -> None:
        task = _task()
        if task is None:
            return
        if value:
            self._counts[task] = value
        else:
            self._counts.pop(task, None)


def _task() -> asyncio.Task[object] | None:
    import asyncio

    return asyncio.current_task()


def attempts(
    retry: Retry,
    streak: Streak,
    clock: Callable[[], float],
    *,
    paid: bool,
) -> Generator[Send | Sleep, Answer | Failure | None, Outcome]:
    """Give commands until a request succeeded; a driver carries them out.

    Args:
        retry: the settings.
        streak: the thread's or task's count.
        clock: seconds that never go back.
        paid: whether a repeated request can be charged twice.

    Raises:
        TransportError: no answer, and no attempt left; ``attempts`` and ``possible_double_charge`` are set on this and
            the following.
        ResponseError: an unusable answer.
        ApiError: an error answer.
        DeadlineExceeded: the next wait would end after the deadline; ``__cause__`` is the last failure.
    """
    end = None if retry.deadline is None else clock() + retry.deadline
    budget = _Budget(retry, streak)
    attempt, doubtful = 0, False
    while True:
        attempt += 1
        reply = yield Send(end)
        if not isinstance(reply, ShimError):
            streak.count = 0
            assert reply is not None  # noqa: S101 (the driver's contract)
            return Outcome(reply, attempt, doubtful)
        reply.attempts, reply.possible_double_charge = attempt, doubtful
        wait = budget.wait_after(reply)
        now = clock()
        if wait is None:
            if end is not None and now >= end and isinstance(reply, TimedOut | ConnectFailed):
                raise _too_late(reply, f"not done within {retry.deadline:g} s") from reply
            raise reply
        if end is not None and now + wait >= end:
            over = f"the deadline of {retry.deadline:g} s would pass before the next attempt"
            raise _too_late(reply, over if now < end else f"not done within {retry.deadline:g} s") from reply
        doubtful = doubtful or (paid and not _provably_not_run(reply))
        yield Sleep(wait, type(reply).__name__)


@attrs.define
class _Budget:
    """What is left of the patience of one call."""

    retry: Retry
    streak: Streak
    rate_limited: int = 0
    unconnected: int = 0
    ambiguous: int = 0

    def wait_after(self, failure: Failure) -> float | None:
        """Count a failure; give the seconds to wait, or ``None`` if it is final."""
        if _throttled(failure):
            self.rate_limited += 1
            self.streak.count += 1
            own = self.streak.count * self.retry.wait_unit
            return max(own, _retry_after(failure)) if self.rate_limited <= self.retry.rate_limit_waits else None
        if isinstance(failure, TransportError) and not failure.may_have_run:
            self.unconnected += 1
            spent, allowed = self.unconnected, self.retry.connect_retries
            return CONNECT_WAIT * 2 ** min(spent - 1, 16) if spent <= allowed else None
        if isinstance(failure, TransportError | ServerError | IncompleteBody):
            self.ambiguous += 1
            spent, allowed = self.ambiguous, self.retry.ambiguous
            return min(AMBIGUOUS_WAIT * 2 ** min(spent - 1, 16), AMBIGUOUS_WAIT_CAP) if spent <= allowed else None
        return None


def _throttled(failure: Failure) -> bool:
    if isinstance(failure, RateLimited):
        return True
    if not isinstance(failure, ServerError):
        return False
    return (failure.status, failure.code) == _OVERLOADED and "retry-after" in failure.headers


def _provably_not_run(failure: Failure) -> bool:
    return isinstance(failure, ConnectFailed) or _throttled(failure)


def _retry_after(failure: Failure) -> float:
    """Read whole seconds; the form with a date would need a wall clock, and is left aside."""
    text = failure.headers.get("retry-after", "") if isinstance(failure, ApiError) else ""
    if not (text.isascii() and text.isdigit()):
        return 0.0
    return RETRY_AFTER_CAP if len(text) > 4 else min(float(text), RETRY_AFTER_CAP)  # noqa: PLR2004 (digits enough for the cap)


def _too_late(failure: Failure, over: str) -> DeadlineExceeded:
    error = DeadlineExceeded(f"{over}, after {failure.attempts} attempt(s); the last one: {failure}")
    error.attempts, error.possible_double_charge = failure.attempts, failure.possible_double_charge
    error.may_have_run = error.possible_double_charge or not _provably_not_run(failure)
    return error
