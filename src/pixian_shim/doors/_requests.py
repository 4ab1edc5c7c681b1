"""The door for code that calls a provider with requests: module functions and sessions alike.

Only the choice of the transport adapter is patched, so cookies, hooks, redirects and streaming stay requests' own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from requests import Session
from requests.adapters import BaseAdapter

from pixian_shim.doors._responses import no_answer, response_of
from pixian_shim.errors import TransportError
from pixian_shim.translation import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest, Response

    from pixian_shim.doors._install import Interception


class ShimTransport(BaseAdapter):
    """Answer a prepared request with the shim instead of the network."""

    def __init__(self, interception: Interception) -> None:
        super().__init__()
        self._interception = interception

    def send(self, request: PreparedRequest, *_args: Any, **_options: Any) -> Response:
        """Answer a request.

        ``timeout``, ``verify``, ``cert`` and ``proxies`` belong to the provider's host and are left unused: Pixian asks
        for an idle timeout of at least 180 s, which the client keeps.

        Raises:
            requests.exceptions.ConnectionError: Pixian cannot be reached.
            requests.exceptions.ReadTimeout: Pixian did not answer in time.
        """
        url = request.url or ""
        headers = {name: _text(value) for name, value in request.headers.items()}
        legacy = HttpRequest(request.method or "GET", url, headers, _body(request.body))
        try:
            answer = self._interception.serve(legacy)
        except TransportError as error:
            raise no_answer(error, url, prepared=request) from error
        return response_of(answer, url, prepared=request)  # type: ignore[no-any-return]

    def close(self) -> None:
        """Leave everything open: the shim owns its connections."""


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _body(body: Any) -> bytes:
    """Read what requests would have sent: nothing, text, bytes, a file or an iterable."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes):
        return body
    if hasattr(body, "read"):
        content = body.read()
        return content.encode() if isinstance(content, str) else bytes(content)
    return b"".join(body)


def patch(find: Callable[[str], Interception | None]) -> Callable[[], None]:
    """Send the traffic that ``find`` claims through the shim; give the function that undoes it."""
    original = Session.get_adapter

    def get_adapter(self: Session, url: str) -> BaseAdapter:
        interception = find(_text(url))
        return original(self, url) if interception is None else ShimTransport(interception)

    Session.get_adapter = get_adapter  # type: ignore[method-assign]

    def undo() -> None:
        if Session.get_adapter is get_adapter:
            Session.get_adapter = original  # type: ignore[method-assign]

    return undo
