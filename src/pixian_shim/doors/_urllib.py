"""The door for code that calls a provider with ``urllib.request``: ``urlopen``, openers, and handlers of one's own."""

from __future__ import annotations

from http.client import HTTPResponse
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.request import AbstractHTTPHandler

from pixian_shim.doors._bodies import read_all
from pixian_shim.doors._claims import find
from pixian_shim.doors._failures import failure
from pixian_shim.doors._patched import Replacement
from pixian_shim.doors._responses import phrase
from pixian_shim.doors._timeouts import default_seconds
from pixian_shim.errors import TransportError
from pixian_shim.translation import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable
    from urllib.request import Request

    from pixian_shim.translation import HttpResponse as Answer


def patch(_library: str) -> list[Replacement]:
    """Send a provider's traffic through the shim."""

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def do_open(self: AbstractHTTPHandler, http_class: Any, req: Request, **http_conn_args: Any) -> Any:
            interception = find(req.full_url)
            if interception is None:
                return original(self, http_class, req, **http_conn_args)
            headers = {name: str(value) for name, value in req.header_items()}
            request = HttpRequest(req.get_method(), req.full_url, headers, read_all(req.data))
            try:
                return _response(interception.serve(request, timeout=_seconds(req.timeout)), req)
            except TransportError as error:
                raise failure("urllib.request", error, reason=error) from error

        return do_open

    return [Replacement(AbstractHTTPHandler, "do_open", make)]


class _Connection:
    """What a response reads from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, _mode: str) -> BytesIO:
        return BytesIO(self._content)


def _response(answer: Answer, req: Request) -> HTTPResponse:
    """Make the standard library's own response, by letting it read one."""
    headers = dict(answer.headers) | {"Content-Length": str(len(answer.body)), "Connection": "close"}
    lines = [
        f"HTTP/1.1 {answer.status} {phrase(answer.status)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    head = "\r\n".join(lines).encode("latin-1")
    response = HTTPResponse(_Connection(head + b"\r\n\r\n" + answer.body), method=req.get_method())  # type: ignore[arg-type]
    response.begin()
    response.url = req.full_url
    response.msg = response.reason  # type: ignore[assignment] # as urllib.request does
    return response


def _seconds(timeout: Any) -> float | None:
    if timeout is None:
        return None
    return float(timeout) if isinstance(timeout, int | float) else default_seconds()
