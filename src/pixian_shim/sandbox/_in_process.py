"""The sandbox without sockets: httpx transports that call the application, and fail as a socket would."""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError
from contextlib import ExitStack
from threading import Lock
from typing import TYPE_CHECKING, Any

import httpx
from anyio.from_thread import start_blocking_portal

from pixian_shim.sandbox._wire import WIRE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from anyio.from_thread import BlockingPortal
    from starlette.types import ASGIApp, Message


class Loop:
    """An event loop in a thread of its own, started when the first blocking client asks something."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._lock = Lock()
        self._portal: BlockingPortal | None = None
        self._closed = False

    @property
    def portal(self) -> BlockingPortal:
        """The way into the loop.

        Raises:
            httpx.ConnectError: the sandbox is closed.
        """
        with self._lock:
            if self._closed:
                raise httpx.ConnectError("the sandbox is closed")
            if self._portal is None:
                self._portal = self._stack.enter_context(start_blocking_portal())
            return self._portal

    def close(self) -> None:
        """Stop the thread."""
        with self._lock:
            self._closed = True
            if self._portal is not None:
                self._portal.call(self._portal.stop, True)
            self._stack.close()


class InProcess(httpx.BaseTransport):
    """Serve a blocking client."""

    def __init__(self, app: ASGIApp, loop: Loop) -> None:
        self._app, self._loop = app, loop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Call the application in its loop.

        Raises:
            httpx.TransportError: as the faults say.
        """
        try:
            return self._loop.portal.call(exchange, self._app, request, request.read())
        except CancelledError as error:
            raise httpx.ReadError("the sandbox was closed", request=request) from error


class AsyncInProcess(httpx.AsyncBaseTransport):
    """Serve an asyncio client."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Call the application.

        Raises:
            httpx.TransportError: as the faults say.
        """
        return await exchange(self._app, request, await request.aread())


class _Wire:
    """Remember how the connection was broken."""

    was_reset = False
    was_ended = False

    def reset(self) -> None:
        self.was_reset = True

    def end(self) -> None:
        self.was_ended = True


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that may break off."""

    def __init__(self, content: bytes, *, cut: bool) -> None:
        self._content, self._cut = content, cut

    def __iter__(self) -> Iterator[bytes]:
        yield self._content
        if self._cut:
            raise httpx.RemoteProtocolError(
                f"peer closed connection without sending complete message body (received {len(self._content)} bytes)"
            )

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


async def exchange(app: ASGIApp, request: httpx.Request, content: bytes) -> httpx.Response:
    """Carry one request to an application and its answer back.

    Raises:
        httpx.ReadError: the connection was reset.
        httpx.ReadTimeout: the answer did not begin within the client's read timeout.
    """
    wire, messages, pieces = _Wire(), [], [content]

    async def receive() -> Message:
        if pieces and not wire.was_reset:
            return {"type": "http.request", "body": pieces.pop(), "more_body": False}
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        messages.append(message)

    try:
        async with asyncio.timeout(request.extensions.get("timeout", {}).get("read")):
            await app(_scope(request, wire), receive, send)
    except TimeoutError as error:
        raise httpx.ReadTimeout("The read operation timed out", request=request) from error
    if wire.was_reset or not messages:
        raise httpx.ReadError("Connection reset by peer", request=request)
    start, *rest = messages
    body = _Body(b"".join(message.get("body", b"") for message in rest), cut=wire.was_ended)
    return httpx.Response(start["status"], headers=start["headers"], stream=body, request=request)


def _scope(request: httpx.Request, wire: _Wire) -> dict[str, Any]:
    url = request.url
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": url.path,
        "raw_path": url.raw_path.partition(b"?")[0],
        "query_string": url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 0),
        "server": (url.host, url.port or 80),
        "extensions": {WIRE: wire},
    }
