"""HTTP clients: the only module that names httpx, which is imported when the first client is made."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pixian_shim.errors import ConfigurationError
from pixian_shim.pixian._settings import on_loopback

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from pixian_shim.pixian._settings import Settings

IN_FLIGHT_SYNC, IN_FLIGHT_ASYNC = 100, 20
"""Connections of one client. The vendor asks to be told before 100 are exceeded; httpx's async pool slows beyond 20."""

_KEEP_ALIVE = 30.0


def sync_client(settings: Settings) -> httpx.Client:
    """Make a client with many connections, kept alive."""
    import httpx

    return httpx.Client(**_options(settings, IN_FLIGHT_SYNC))


def async_client(settings: Settings) -> httpx.AsyncClient:
    """Make a client with as many connections as httpx's async pool bears."""
    import httpx

    return httpx.AsyncClient(**_options(settings, IN_FLIGHT_ASYNC))


def _options(settings: Settings, in_flight: int) -> dict[str, Any]:
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    import httpx

    limits = httpx.Limits(max_connections=in_flight, max_keepalive_connections=None, keepalive_expiry=_KEEP_ALIVE)
    cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))  # keeps none: clients of several accounts share it
    options = {"limits": limits, "cookies": cookies, "trust_env": not on_loopback(settings.base_url)}
    if settings.base_url.startswith("http:"):
        import ssl

        options["verify"] = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody, and saves reading who is trusted
    return options


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
