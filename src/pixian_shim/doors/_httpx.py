"""The door for code that calls a provider with httpx or its successor httpx2, sync and async.

Only the transports that open connections are patched: clients, events, authentication, redirects and transports that
wrap others stay as they are, and so does whatever a program's tests put in their place.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pixian_shim.doors._claims import concerns, find
from pixian_shim.doors._failures import failure
from pixian_shim.doors._patched import Replacement
from pixian_shim.errors import TransportError
from pixian_shim.translation import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixian_shim.doors._claims import Interception
    from pixian_shim.translation import HttpResponse


def patch(library: str) -> list[Replacement]:
    """Send a provider's traffic through the shim.

    Args:
        library: ``httpx`` or ``httpx2``.
    """
    module = import_module(library)
    return [
        Replacement(module.HTTPTransport, "handle_request", partial(_sync, module)),
        Replacement(module.AsyncHTTPTransport, "handle_async_request", partial(_async, module)),
    ]


def _sync(module: Any, original: Callable[..., Any]) -> Callable[..., Any]:
    def handle_request(self: Any, request: Any) -> Any:
        interception = _found(request)
        if interception is None:
            return original(self, request)
        request.read()
        try:
            return _response(module, request, interception.serve(_legacy(request), timeout=_seconds(request)))
        except TransportError as error:
            raise failure(module.__name__, error, _request=request) from error

    return handle_request


def _async(module: Any, original: Callable[..., Any]) -> Callable[..., Any]:
    async def handle_async_request(self: Any, request: Any) -> Any:
        interception = _found(request)
        if interception is None:
            return await original(self, request)
        await request.aread()
        try:
            answer = await interception.serve_async(_legacy(request), timeout=_seconds(request))
        except TransportError as error:
            raise failure(module.__name__, error, _request=request) from error
        return _response(module, request, answer)

    return handle_async_request


def _found(request: Any) -> Interception | None:
    return find(str(request.url)) if concerns(request.url.host) else None


def _legacy(request: Any) -> HttpRequest:
    return HttpRequest(request.method, str(request.url), dict(request.headers), request.content)


def _seconds(request: Any) -> float | None:
    """Give the time to wait for a byte.

    httpx's own default of 5 s is nobody's decision, and Pixian asks for 180 s: with it the client's setting counts.
    """
    timeout = request.extensions.get("timeout", {})
    read = timeout.get("read")
    return None if read is None or set(timeout.values()) == {5.0} else float(read)


def _response(module: Any, request: Any, answer: HttpResponse) -> Any:
    headers = dict(answer.headers) | {"Content-Length": str(len(answer.body))}
    stream = module.ByteStream(b"" if request.method == "HEAD" else answer.body)
    response = module.Response(answer.status, headers=headers, stream=stream, extensions={"http_version": b"HTTP/1.1"})
    response.shim_error = answer.error
    return response
