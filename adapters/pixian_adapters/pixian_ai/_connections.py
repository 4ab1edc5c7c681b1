"""Pixian clients by account, kept so that their connections are: the original opens a new one for each picture."""

from __future__ import annotations

import atexit
import os
from functools import lru_cache
from weakref import WeakKeyDictionary

from pixian_shim.pixian import Credentials, Pixian, Settings

SETTINGS = ("PIXIAN_BASE_URL", "PIXIAN_TEST")
"""Variables that a client is made of, besides the credentials: changed ones make another client."""

_made_in: WeakKeyDictionary[Pixian, int] = WeakKeyDictionary()


def client_of(credentials: Credentials) -> Pixian:
    """Give the client of an account.

    Raises:
        ConfigurationError: an unusable ``PIXIAN_BASE_URL``.
    """
    # A forked process makes its own: sockets must not be shared.
    return _client(credentials, os.getpid(), *map(os.environ.get, SETTINGS))


@lru_cache(maxsize=32)
def _client(credentials: Credentials, process: int, _base_url: str | None, _test: str | None) -> Pixian:
    settings = Settings.resolve(credentials=credentials, files=False)  # the original reads none either
    client = Pixian(credentials=credentials, base_url=settings.base_url, test=settings.test)
    _made_in[client] = process
    return client


@atexit.register
def close() -> None:
    """Close the clients that this process made; the next call makes new ones."""
    for client, process in list(_made_in.items()):
        if process == os.getpid():
            client.close()
    _client.cache_clear()
    _made_in.clear()
