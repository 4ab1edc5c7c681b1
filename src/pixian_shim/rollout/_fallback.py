"""When the other origin is asked because the one that was chosen fails, and how often at most."""

from __future__ import annotations

from collections import deque
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from pixian_shim.errors import ConfigurationError
from pixian_shim.rollout._decision import Origin
from pixian_shim.rollout._numbers import check_number
from pixian_shim.rollout._replies import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FREE = frozenset(
    {Failure.CONNECT, Failure.GONE, Failure.SERVER_ERROR, Failure.RATE_LIMITED, Failure.NO_CREDITS, Failure.REFUSED}
)
"""Failures after which the first origin has most probably charged nothing."""

_MINUTE = 60.0
_BROKEN = frozenset({Failure.CONNECT, Failure.GONE, Failure.TIMEOUT, Failure.LOST, Failure.SERVER_ERROR, Failure.AUTH})
"""Failures that tell of the origin rather than of one call."""


class Breaker:
    """Stop asking an origin that keeps failing, and try again with one call after a while.

    Args:
        failures: in a row that open it.
        cool_seconds: until one call may try.
        clock: monotonic seconds.
    """

    def __init__(self, failures: int = 5, cool_seconds: float = 30.0, clock: Callable[[], float] = monotonic) -> None:
        self._most, self._cool, self._clock = failures, cool_seconds, clock
        self._lock = Lock()
        self._count, self._next_try = 0, 0.0

    def lets_through(self) -> bool:
        """Tell whether the origin may be asked; after the pause one caller at a time is told so."""
        with self._lock:
            if self._count < self._most:
                return True
            now = self._clock()
            if now < self._next_try:
                return False
            self._next_try = now + self._cool
            return True

    def note(self, failure: Failure | None) -> None:
        """Learn how a call went; a refusal of the call itself says that the origin works."""
        with self._lock:
            if failure not in _BROKEN:
                self._count = 0
                return
            self._count += 1
            if self._count >= self._most:
                self._next_try = self._clock() + self._cool

    @property
    def open(self) -> bool:
        """Whether the origin is being avoided."""
        return self._count >= self._most


class Fallback:
    """Ask the other origin where the chosen one fails.

    Not in stage ``off`` and not in ``complete``: there the other one is asked nothing.

    Args:
        on: failures that count. After a ``timeout``, a ``lost`` connection or an ``unreadable`` answer the first origin
            may have charged for the call as well; they are left out unless named here.
        per_minute: calls that may be handed over, those that an open breaker hands over included; beyond that callers
            get the failure itself.
        breaker_failures: in a row after which an origin is not even asked.
        breaker_seconds: until one call tries it again.
        clock: monotonic seconds.

    Raises:
        ConfigurationError: an unknown failure, or a number that cannot be.
    """

    def __init__(
        self,
        on: Iterable[Failure | str] = FREE,
        *,
        per_minute: int = 60,
        breaker_failures: int = 5,
        breaker_seconds: float = 30.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.on = frozenset(map(_failure, [on] if isinstance(on, str) else on))
        check_number("per_minute", per_minute, 1, whole=True)
        check_number("breaker_failures", breaker_failures, 1, whole=True)
        check_number("breaker_seconds", breaker_seconds, 0)
        self._most, self._clock, self._lock = per_minute, clock, Lock()
        self._recent: deque[float] = deque()
        self.breakers = {origin: Breaker(breaker_failures, breaker_seconds, clock) for origin in Origin}

    def admits(self) -> bool:
        """Take one of the calls that may be handed over in this minute; tells whether there was one."""
        now = self._clock()
        with self._lock:
            while self._recent and self._recent[0] <= now - _MINUTE:
                self._recent.popleft()
            if len(self._recent) >= self._most:
                return False
            self._recent.append(now)
            return True


def _failure(value: str) -> Failure:
    try:
        return Failure(value)
    except ValueError:
        raise ConfigurationError(f"unknown failure {value!r}: one of {', '.join(Failure)} is expected") from None
