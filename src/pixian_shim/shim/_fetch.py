"""Get a picture from its address, without being led anywhere else.

A name is resolved once, every address it has must be public, and the connection goes to the address that was checked;
each redirect is checked again. Scheme, port, size, time and number of redirects are limited.
"""

from __future__ import annotations

import ipaddress
import socket
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import attrs

from pixian_shim.errors import FetchError
from pixian_shim.pixian import MAX_UPLOAD_BYTES, Upload

if TYPE_CHECKING:
    import asyncio

    import httpx
    from anyio import CapacityLimiter

_LOOK_UPS = 16


@attrs.frozen
class Fetcher:
    """Fetch pictures within limits."""

    max_bytes: int = MAX_UPLOAD_BYTES
    seconds: float = 30.0
    """For one picture in all, redirects included."""
    redirects: int = 3
    allow_private: bool = False
    """Whether addresses that are not public may be asked, such as loopback in tests."""
    ports: frozenset[int] | None = None
    """The only ports that may be asked; ``None`` allows any."""
    chosen: frozenset[tuple[str, int]] = frozenset()
    """Hosts, each with its port, that may be asked though their addresses are not public: the user has named them."""

    def fetch(self, url: str) -> Upload:
        """Get the picture at an http or https address, from any thread.

        Raises:
            FetchError: the address is unusable, not public, or does not deliver within the limits.
        """
        import asyncio

        endings: SimpleQueue[Upload | Exception] = SimpleQueue()

        def run() -> None:
            try:
                endings.put(asyncio.run(self.afetch(url)))
            except Exception as error:  # noqa: BLE001 (raised again where it is waited for)
                endings.put(error)

        # Only a task can be ended in the middle of a header that drips; and this thread may run a loop of its own.
        Thread(target=copy_context().run, args=(run,), name="pixian-shim-fetch", daemon=True).start()
        ending = endings.get()
        if isinstance(ending, Exception):
            raise ending
        return ending

    async def afetch(self, url: str) -> Upload:
        """Get the picture at an http or https address, from asyncio.

        Raises:
            FetchError: the address is unusable, not public, or does not deliver within the limits.
        """
        import asyncio

        import httpx

        try:
            async with asyncio.timeout(self.seconds):
                async with httpx.AsyncClient(trust_env=False, timeout=self.seconds) as client:
                    return await self._followed(client, url)
        except TimeoutError:
            raise FetchError(f"the download took longer than {self.seconds:g} s") from None
        except (httpx.InvalidURL, UnicodeError) as error:
            raise FetchError("that is no address", invalid=True) from error
        except httpx.HTTPError as error:
            raise FetchError(f"the connection failed ({type(error).__name__})") from error

    async def _followed(self, client: httpx.AsyncClient, url: str) -> Upload:
        import httpx

        for _ in range(self.redirects + 1):
            response = await client.send(await self._pinned(client, httpx.URL(url)), stream=True)
            try:
                if not response.has_redirect_location:
                    return Upload(await self._body(response), urlsplit(url).path or "image")
                url = str(httpx.URL(url).join(response.headers["location"]))
            finally:
                await response.aclose()
        raise FetchError(f"more than {self.redirects} redirects")

    async def _pinned(self, client: httpx.AsyncClient, url: httpx.URL) -> httpx.Request:
        """Address the request to a checked address; name and certificate stay those of the host."""
        if url.scheme not in ("http", "https") or not url.host:
            raise FetchError("only http and https addresses are fetched", invalid=True)
        port = url.port or (443 if url.scheme == "https" else 80)
        if self.ports is not None and port not in self.ports:
            raise FetchError(f"port {port} is not asked, only {', '.join(map(str, sorted(self.ports)))}", invalid=True)
        address = await self._resolved(url.host, port)
        return client.build_request(
            "GET",
            url.copy_with(host=str(address)),
            headers={
                "Host": url.netloc.decode("ascii"),
                "Accept": "image/*,*/*;q=0.5",
                "Accept-Encoding": "identity",  # a packed body could unpack to any size
            },
            extensions={"sni_hostname": url.host},
        )

    async def _resolved(self, host: str, port: int) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
        from anyio import to_thread

        look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        try:
            found = await to_thread.run_sync(look_up, abandon_on_cancel=True, limiter=_look_ups())
        except (OSError, UnicodeError) as error:
            raise FetchError("the host name cannot be resolved") from error
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        private = self.allow_private or (host, port) in self.chosen
        if not private and not all(map(_public, addresses)):
            raise FetchError("the address is not public")
        return addresses[0]

    async def _body(self, response: httpx.Response) -> bytes:
        if response.status_code != 200:  # noqa: PLR2004
            raise FetchError(f"HTTP Status {response.status_code}", status=response.status_code)
        if response.headers.get("content-encoding", "identity") != "identity":
            raise FetchError("the file is packed, which was not asked for")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self.max_bytes:
                raise FetchError(f"the file is larger than {self.max_bytes:,} bytes")
        return bytes(body)


def _look_ups() -> CapacityLimiter:
    """Give this loop's places for look-ups, which nobody can end: they get no threads that others wait for."""
    import asyncio

    from anyio import CapacityLimiter

    loop = asyncio.get_running_loop()
    return _limiters.get(loop) or _limiters.setdefault(loop, CapacityLimiter(_LOOK_UPS))


_limiters: WeakKeyDictionary[asyncio.AbstractEventLoop, CapacityLimiter] = WeakKeyDictionary()

_AZURE = "168.63.129.16/32"  # the host's own services
# What ``is_global`` lets through, in some Python versions or always: protocol assignments, and IPv6 wrappings of IPv4.
_BARRED = ("192.0.0.0/24", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10", "3fff::/20", _AZURE)
_NEVER = tuple(map(ipaddress.ip_network, _BARRED))


def _public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    address = getattr(address, "ipv4_mapped", None) or address
    barred = address.is_multicast or address.is_reserved or any(address in network for network in _NEVER)
    return address.is_global and not barred
