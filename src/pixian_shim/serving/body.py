"""A limit on what is read of a request."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Message, Receive

_DRAINED = 32 << 20  # read and thrown away, so that a client that is still sending can read the answer
_DRAIN_SECONDS = 10.0


class BoundedBody:
    """Pass on a request's body while it comes in, within bounds.

    Args:
        receive: of the server.
        limit: bytes.
        too_long: makes the error for a longer one.
        idle: seconds without a single byte.
        too_slow: makes the error for that, given the seconds.
    """

    def __init__(
        self,
        receive: Receive,
        limit: int,
        too_long: Callable[[], Exception],
        *,
        idle: float | None = None,
        too_slow: Callable[[float], Exception] = TimeoutError,
    ) -> None:
        self._receive, self._limit, self._too_long = receive, limit, too_long
        self._idle, self._too_slow = idle, too_slow
        self.ended = False
        """Whether there is nothing more to read."""
        self._gone = False
        self.seen = 0

    async def receive(self) -> Message:
        """Pass on one piece.

        Raises:
            Exception: what ``too_long`` or ``too_slow`` made.
        """
        try:
            async with asyncio.timeout(self._idle):
                message = await self._receive()
        except TimeoutError:
            self.give_up()
            raise self._too_slow(self._idle or 0.0) from None
        self._count(message)
        if self.seen > self._limit:
            raise self._too_long()
        return message

    async def drain(self) -> None:
        """Read what is left, within reason, and throw it away."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                while not self.ended and self.seen <= self._limit + _DRAINED:
                    async with asyncio.timeout(self._idle):
                        self._count(await self._receive())

    async def gone(self) -> bool:
        """Tell whether the client has left, as far as that is known without waiting."""
        if self.ended and not self._gone:
            with suppress(TimeoutError):
                async with asyncio.timeout(0):
                    self._count(await self._receive())
        return self._gone

    async def left(self) -> None:
        """Wait until the client leaves; only after the whole body has been read."""
        while not self._gone:
            self._count(await self._receive())

    def give_up(self) -> None:
        """Read nothing more of it."""
        self.ended = True

    def _count(self, message: Message) -> None:
        self.seen += len(message.get("body", b""))
        self._gone = message["type"] == "http.disconnect"
        self.ended = self._gone or not message.get("more_body", False)
