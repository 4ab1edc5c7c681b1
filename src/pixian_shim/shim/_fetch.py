"""Get a picture from its address, without being led anywhere else.

A name is resolved once, every address it has must be public, and the connection goes to the address that was checked;
each redirect is checked again. Scheme, size, time and number of redirects are limited.
"""

from __future__ import annotations

import ipaddress
import socket
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs

from pixian_shim.errors import FetchError
from pixian_shim.pixian import MAX_UPLOAD_BYTES, Upload

if TYPE_CHECKING:
    import httpx


@attrs.frozen
class Fetcher:
    """Fetch pictures within limits."""

    max_bytes: int = MAX_UPLOAD_BYTES
    seconds: float = 30.0
    """For one picture in all, redirects included."""
    redirects: int = 3
    allow_private: bool = False
    """Whether addresses that are not public may be asked, such as loopback in tests."""

    def fetch(self, url: str) -> Upload:
        """Get the picture at an http or https address.

        Raises:
            FetchError: the address is unusable, not public, or does not deliver within the limits.
        """
        import httpx

        deadline = monotonic() + self.seconds
        try:
            with httpx.Client(trust_env=False, timeout=self.seconds) as client:
                for _ in range(self.redirects + 1):
                    response = client.send(self._pinned(client, httpx.URL(url)), stream=True)
                    try:
                        if not response.has_redirect_location:
                            return Upload(self._body(response, deadline), urlsplit(url).path or "image")
                        url = str(httpx.URL(url).join(response.headers["location"]))
                    finally:
                        response.close()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchError(f"the connection failed ({type(error).__name__})") from error
        raise FetchError(f"more than {self.redirects} redirects")

    def _pinned(self, client: httpx.Client, url: httpx.URL) -> httpx.Request:
        """Address the request to a checked address; name and certificate stay those of the host."""
        if url.scheme not in ("http", "https") or not url.host:
            raise FetchError("only http and https addresses are fetched", invalid=True)
        address = self._resolved(url.host, url.port or (443 if url.scheme == "https" else 80))
        return client.build_request(
            "GET",
            url.copy_with(host=str(address)),
            headers={"Host": url.netloc.decode("ascii"), "Accept": "image/*,*/*;q=0.5"},
            extensions={"sni_hostname": url.host},
        )

    def _resolved(self, host: str, port: int) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise FetchError("the host name cannot be resolved") from error
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        if not self.allow_private and not all(map(_public, addresses)):
            raise FetchError("the address is not public")
        return addresses[0]

    def _body(self, response: httpx.Response, deadline: float) -> bytes:
        if response.status_code != 200:  # noqa: PLR2004
            raise FetchError(f"HTTP Status {response.status_code}")
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > self.max_bytes:
                raise FetchError(f"the file is larger than {self.max_bytes:,} bytes")
            if monotonic() > deadline:
                raise FetchError(f"the download took longer than {self.seconds:g} s")
        return bytes(body)


# What ``is_global`` lets through, in some Python versions or always: protocol assignments, and IPv6 wrappings of IPv4.
_NEVER = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


def _public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    address = getattr(address, "ipv4_mapped", None) or address
    barred = address.is_multicast or address.is_reserved or any(address in network for network in _NEVER)
    return address.is_global and not barred
