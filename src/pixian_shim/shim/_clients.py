"""Which client of Pixian a legacy call goes through."""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from pixian_shim.pixian import AsyncPixian, Credentials, Pixian

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_CLIENTS = 100

ClientT = TypeVar("ClientT", Pixian, AsyncPixian)


class Clients(Generic[ClientT]):
    """One client for the configured credentials, and one for each ``id:secret`` found in a legacy key slot.

    They share their connections, and the latest ones are kept. A forked process makes its own: sockets must not be
    shared.
    """

    def __init__(self, configured: ClientT | None, make: Callable[..., ClientT]) -> None:
        self._configured: ClientT | None = configured
        self._make: Callable[..., ClientT] = make
        self._first: dict[int, ClientT] = {}
        self._made: dict[tuple[int, Credentials | None], ClientT] = {}
        self._lock = Lock()

    def of(self, key: str | None) -> ClientT:
        """Give the client for a legacy key: Pixian's own credentials are used, any other key is left unused."""
        credentials = None if key is None else Credentials.parse_key(key)
        if credentials is None and self._configured is not None:
            return self._configured
        slot = os.getpid(), credentials
        client = self._made.get(slot)
        if client is None:
            with self._lock:
                client = self._made.get(slot) or self._made.setdefault(slot, self._new(credentials))
                if len(self._made) > _MOST_CLIENTS:
                    del self._made[next(iter(self._made))]
        return client

    def _new(self, credentials: Credentials | None) -> ClientT:
        if credentials is None:
            return self._make()
        first = self._configured or self._first.get(os.getpid())
        if first is not None:
            return first.with_credentials(credentials)
        return self._first.setdefault(os.getpid(), self._make(credentials=credentials))

    def drained(self) -> list[ClientT]:
        """Forget the clients made here, and give them to be closed."""
        with self._lock:
            mine = [client for (process, _), client in self._made.items() if process == os.getpid()]
            mine += [first for process, first in self._first.items() if process == os.getpid()]
            self._made.clear()
            self._first.clear()
        return mine
