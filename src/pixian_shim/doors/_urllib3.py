"""The door for code that calls a provider with urllib3: pool managers, pools, and what is built on them.

A call is answered as a whole: retries that a program configures do not repeat it, since Pixian's client has done what
can be repeated without paying twice.
"""

from __future__ import annotations

from inspect import signature
from io import BytesIO
from typing import TYPE_CHECKING, Any

import urllib3
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.util import Timeout

from pixian_shim.doors._bodies import read_all
from pixian_shim.doors._claims import concerns, find
from pixian_shim.doors._failures import failure
from pixian_shim.doors._patched import Replacement
from pixian_shim.doors._responses import phrase
from pixian_shim.doors._timeouts import seconds_of
from pixian_shim.errors import ConnectFailed, TransportError
from pixian_shim.translation import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_PORTS = {"http": 80, "https": 443}


def patch(_library: str) -> list[Replacement]:
    """Send a provider's traffic through the shim."""

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def urlopen(
            self: Any, method: str, url: str, body: Any = None, headers: Any = None, *args: Any, **options: Any
        ) -> Any:
            address = _address(self, url)
            interception = find(address)
            if interception is None:
                return original(self, method, url, body, headers, *args, **options)
            bound = signature(original).bind_partial(self, method, url, body, headers, *args, **options).arguments
            said: dict[str, Any] = bound | bound.get("response_kw", {})
            given: Mapping[str, Any] = self.headers if headers is None else headers
            request = HttpRequest(
                method, address, {_text(name): _text(value) for name, value in given.items()}, read_all(body)
            )
            try:
                answer = interception.serve(request, timeout=_seconds(self, said))
            except TransportError as error:
                reason = ConnectFailed(str(error)) if isinstance(error, ConnectFailed) else error
                raise failure("urllib3", error, pool=self, url=url, reason=reason) from error
            return urllib3.HTTPResponse(
                BytesIO(b"" if method == "HEAD" else answer.body),
                dict(answer.headers) | {"Content-Length": str(len(answer.body))},
                answer.status,
                version=11,
                reason=phrase(answer.status),
                preload_content=said.get("preload_content", True),
                decode_content=said.get("decode_content", True),
                retries=retries if isinstance(retries := said.get("retries"), urllib3.Retry) else None,
                request_method=method,
                request_url=url,
            )

        return urlopen

    return [Replacement(HTTPConnectionPool, "urlopen", make)]


def _address(pool: Any, url: str) -> str:
    """Give the whole address of what a pool is asked, empty if it is nothing of ours; proxies get it whole already."""
    if not url.startswith("/") and "://" in url:
        return url
    if not concerns(pool.host):
        return ""
    port = "" if pool.port in (None, _PORTS.get(pool.scheme)) else f":{pool.port}"
    return f"{pool.scheme}://{pool.host}{port}{url}"


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _seconds(pool: Any, said: Mapping[str, Any]) -> float | None:
    """Give the time to wait for a byte: what the call says, else what the pool says."""
    timeout = said.get("timeout", pool.timeout)
    return seconds_of(timeout if isinstance(timeout, int | float | Timeout | None) else pool.timeout)
