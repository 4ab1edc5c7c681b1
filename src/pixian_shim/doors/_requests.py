"""The door for code that calls a provider with requests: module functions and sessions alike.

Only the choice of the transport adapter is patched, so cookies, hooks, redirects and streaming stay requests' own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from requests import Session
from requests.adapters import BaseAdapter

from pixian_shim.doors._bodies import read_all
from pixian_shim.doors._claims import find
from pixian_shim.doors._patched import replace
from pixian_shim.doors._responses import no_answer, response_of
from pixian_shim.errors import TransportError
from pixian_shim.translation import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest, Response

    from pixian_shim.doors._claims import Interception


class ShimTransport(BaseAdapter):
    """Answer a prepared request with the shim instead of the network."""

    def __init__(self, interception: Interception) -> None:
        super().__init__()
        self._interception = interception

    def send(self, request: PreparedRequest, *_args: Any, **options: Any) -> Response:
        """Answer a request.

        ``verify``, ``cert`` and ``proxies`` belong to the provider's host and are left unused, and so is the time to
        connect. The time to wait for a byte is kept, which the vendor would rather have at 180 s: a call that it cuts
        short may be charged.

        Raises:
            requests.exceptions.ConnectionError: Pixian cannot be reached.
            requests.exceptions.ReadTimeout: Pixian did not answer in time.
        """
        url = request.url or ""
        headers = {name: _text(value) for name, value in request.headers.items()}
        legacy = HttpRequest(request.method or "GET", url, headers, read_all(request.body))
        try:
            answer = self._interception.serve(legacy, timeout=_seconds(options.get("timeout")))
        except TransportError as error:
            raise no_answer(error, url, prepared=request) from error
        return response_of(answer, url, prepared=request)  # type: ignore[no-any-return]

    def close(self) -> None:
        """Leave everything open: the shim owns its connections."""


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _seconds(timeout: Any) -> float | None:
    """Give the time to wait for a byte: of ``(connect, read)``, of a number, or of urllib3's ``Timeout``."""
    seconds = timeout[1] if isinstance(timeout, tuple) else getattr(timeout, "read_timeout", timeout)
    return float(seconds) if isinstance(seconds, int | float) else None


def patch(_library: str) -> Callable[[], None]:
    """Send a provider's traffic through the shim; give the function that undoes it."""

    def make(original: Callable[[Session, str], BaseAdapter]) -> Callable[[Session, str], BaseAdapter]:
        def get_adapter(self: Session, url: str) -> BaseAdapter:
            interception = find(_text(url))
            return original(self, url) if interception is None else ShimTransport(interception)

        return get_adapter

    return replace(Session, "get_adapter", make)
