"""HTTP clients: the only module that names httpx, which is imported when the first client is made."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from pixian_shim.errors import ConfigurationError
from pixian_shim.pixian._settings import on_loopback

if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import Callable, Iterator

    import httpx

    from pixian_shim.pixian._settings import Settings

IN_FLIGHT = 100
"""Calls at once. The vendor asks to be told before 100 are exceeded."""

_BEARABLE = 2  # connections of one async client of httpx: its pool looks at all of them at every turn (measured)

_NO_LIMIT = 1 << 30

_KEEP_ALIVE = 30.0


def sync_client(settings: Settings, in_flight: int) -> httpx.Client:
    """Make a client with many connections, kept alive."""
    import httpx

    return httpx.Client(**_options(settings, in_flight))


def async_client(settings: Settings) -> httpx.AsyncClient:
    """Make a client with as many connections as httpx's async pool bears."""
    import httpx

    return httpx.AsyncClient(**_options(settings, _BEARABLE))


def _options(settings: Settings, in_flight: int) -> dict[str, Any]:
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    import httpx

    limits = httpx.Limits(max_connections=in_flight, max_keepalive_connections=None, keepalive_expiry=_KEEP_ALIVE)
    cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))  # keeps none: clients of several accounts share it
    options = {"limits": limits, "cookies": cookies, "trust_env": not on_loopback(settings.base_url)}
    if settings.base_url.startswith("http:"):
        import ssl

        options["verify"] = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody, and saves reading who is trusted
    else:
        named = (os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
        options["verify"] = _trust(bool(options["trust_env"]), *named)
    return options


@cache
def _trust(trust_env: bool, _file: str | None, _folder: str | None) -> ssl.SSLContext:
    """Read once who is trusted: it takes longer than all else about a client."""
    import httpx

    return httpx.create_ssl_context(trust_env=trust_env)


ClientT = TypeVar("ClientT")


class Connections(Generic[ClientT]):
    """An HTTP client, and the process that its sockets belong to."""

    def __init__(self, make: Callable[[], ClientT], injected: ClientT | None) -> None:
        self._make = make
        self.owned = injected is None
        self._client = make() if injected is None else injected
        self._process = os.getpid()

    @property
    def client(self) -> ClientT:
        """The client for this process; a forked one gets its own, since answers on shared sockets go to either.

        Raises:
            ConfigurationError: the client was injected before the fork.
        """
        process = os.getpid()
        if process != self._process:
            if not self.owned:
                raise ConfigurationError("the injected HTTP client belongs to another process; make one after the fork")
            self._client, self._process = self._make(), process
        return self._client


@attrs.define
class _Lane:
    connections: Connections[httpx.AsyncClient]
    busy: int = 0


class Lanes:
    """As many async clients as it takes for none to have more calls in flight than its pool bears.

    Args:
        make: opens a client.
        injected: somebody's own client, which then is the only one and decides itself how much it bears.
        in_flight: calls at once; more of them wait.
    """

    def __init__(
        self, make: Callable[[], httpx.AsyncClient], injected: httpx.AsyncClient | None, in_flight: int
    ) -> None:
        self._make = make
        self.owned = injected is None
        self._most = _BEARABLE if self.owned else _NO_LIMIT
        self._lanes = [_Lane(Connections(make, injected))]
        # Waiting in front of the pool is cheap, waiting inside is not: it looks at every waiter at every turn.
        self.gate = _gate(in_flight if self.owned else _NO_LIMIT)

    @contextmanager
    def lane(self) -> Iterator[httpx.AsyncClient]:
        """Give a client that bears one more call; the first ones are filled first, so that connections are used again.

        Raises:
            ConfigurationError: the client was injected before a fork.
        """
        lane = next((lane for lane in self._lanes if lane.busy < self._most), None)
        if lane is None:
            lane = _Lane(Connections(self._make, None))
            self._lanes.append(lane)
        lane.busy += 1
        try:
            yield lane.connections.client
        finally:
            lane.busy -= 1

    @property
    def client(self) -> httpx.AsyncClient:
        """The first client."""
        return self._lanes[0].connections.client

    async def aclose(self) -> None:
        """Close the clients that were made here."""
        if self.owned:
            for lane in self._lanes:
                await lane.connections.client.aclose()


def _gate(places: int) -> asyncio.Semaphore:
    """Let only so many calls through at once."""
    import asyncio

    return asyncio.Semaphore(places)
