"""The module ``photoroom.rate_limiter``: at most so many calls a second."""

from __future__ import annotations

import time
from threading import Lock

from pixian_shim.errors import ShimError


class RateLimitError(ShimError):
    """The client's own limit is reached, and the strategy is ``error``."""


class RateLimiter:
    """Hold calls back, across threads.

    Args:
        rate_limit: calls a second.
        burst_size: calls that may come at once; by default as many as fit into a second.
        strategy: ``wait`` or ``error``.
    """

    def __init__(self, rate_limit: float, burst_size: int | None = None, strategy: str = "wait") -> None:
        self.rate_limit, self.strategy = rate_limit, strategy
        self.burst_size = burst_size or max(1, int(rate_limit))
        self.tokens, self.last_update = float(self.burst_size), time.monotonic()
        self._lock = Lock()

    def acquire(self, tokens: int = 1) -> None:
        """Wait for a place.

        Raises:
            RateLimitError: there is none, and the strategy is ``error``.
        """
        wait = self._taken(tokens)
        if wait > 0:
            time.sleep(wait)

    async def aacquire(self, tokens: int = 1) -> None:
        """Wait for a place without keeping the loop busy; otherwise as ``acquire``."""
        import asyncio

        wait = self._taken(tokens)
        if wait > 0:
            await asyncio.sleep(wait)

    def _taken(self, tokens: int) -> float:
        """Take places, future ones if need be, and give the seconds until they are due."""
        with self._lock:
            left = self._refilled()
            if left < tokens and self.strategy == "error":
                raise RateLimitError(f"Rate limit exceeded ({self.rate_limit} req/s). Available tokens: {left:.2f}")
            self.tokens = left - tokens
            return max(0.0, -self.tokens / self.rate_limit)

    def _refilled(self) -> float:
        now = time.monotonic()
        self.tokens = min(self.burst_size, self.tokens + (now - self.last_update) * self.rate_limit)
        self.last_update = now
        return self.tokens

    def get_available_tokens(self) -> float:
        """Give the places that are free now."""
        with self._lock:
            return max(0.0, self._refilled())

    def reset(self) -> None:
        """Make all places free."""
        with self._lock:
            self.tokens, self.last_update = float(self.burst_size), time.monotonic()

    def __repr__(self) -> str:
        """Tell limit and free places."""
        free = self.get_available_tokens()
        return f"RateLimiter(rate_limit={self.rate_limit} req/s, burst_size={self.burst_size}, available={free:.2f})"
