"""The door for code that calls a provider with requests: module functions and sessions alike.

Only the choice of the transport adapter is patched, so cookies, hooks, redirects and streaming stay requests' own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from requests import Session
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.util import Timeout

from pixian_shim.doors._bodies import read_all
from pixian_shim.doors._claims import find
from pixian_shim.doors._patched import Replacement
from pixian_shim.doors._responses import no_answer, response_of
from pixian_shim.doors._timeouts import seconds_of
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
    return seconds_of(Timeout(*timeout) if isinstance(timeout, tuple) else timeout)


def patch(_library: str) -> list[Replacement]:
    """Send a provider's traffic through the shim."""

    def make(original: Callable[[Session, str], BaseAdapter]) -> Callable[[Session, str], BaseAdapter]:
        def get_adapter(self: Session, url: str) -> BaseAdapter:
            mounted = original(self, url)
            interception = find(_text(url))
            return mounted if interception is None or _is_special(mounted) else ShimTransport(interception)

        return get_adapter

    return [Replacement(Session, "get_adapter", make)]


def _is_special(adapter: BaseAdapter) -> bool:
    """Tell whether a program has mounted something of its own: a test double, or what sends in another way.

    What that sends in the end through requests itself, comes in by urllib3's door.
    """
    return not isinstance(adapter, HTTPAdapter) or type(adapter).send is not HTTPAdapter.send
