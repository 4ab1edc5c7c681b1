"""The door for code that calls a provider with aiohttp: its connector gets a connection that ends in this process.

What goes over it is HTTP as ever, so that sessions, middlewares, traces, streams and time limits stay aiohttp's own.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import h11
from aiohttp import BaseConnector
from aiohttp.connector import Connection

from pixian_shim.doors._claims import concerns, find
from pixian_shim.doors._failures import failure
from pixian_shim.doors._patched import Replacement
from pixian_shim.doors._responses import phrase
from pixian_shim.errors import TransportError
from pixian_shim.translation import HttpRequest, calling_frame

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from pixian_shim.doors._claims import Interception
    from pixian_shim.translation import HttpResponse


def patch(_library: str) -> list[Replacement]:
    """Send a provider's traffic through the shim."""
    connectors: WeakKeyDictionary[BaseConnector, _Connector] = WeakKeyDictionary()

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        async def connect(self: BaseConnector, req: Any, *args: Any, **options: Any) -> Connection:
            interception = find(str(req.url)) if concerns(req.url.host) else None
            if interception is None or isinstance(self, _Connector):
                return await original(self, req, *args, **options)  # type: ignore[no-any-return]
            connector = connectors.get(self)
            if connector is None:
                connector = connectors[self] = _Connector(force_close=True, limit=0)
            return await connector.open(req, interception, calling_frame())

        return connect

    return [Replacement(BaseConnector, "connect", make)]


class _Connector(BaseConnector):
    """Open connections that end here; none is kept."""

    async def open(self, req: Any, interception: Interception, caller: FrameType) -> Connection:
        proto = self._factory()
        proto.connection_made(_Wire(proto, req, interception, caller))
        self._acquired.add(proto)
        return Connection(self, req.connection_key, proto, self._loop)


class _Wire(asyncio.Transport):
    """Read a request as a server would, and answer it."""

    def __init__(self, proto: Any, req: Any, interception: Interception, caller: FrameType) -> None:
        super().__init__()
        self._proto, self._interception, self._caller = proto, interception, caller
        self._url = str(req.url)
        self._server = h11.Connection(h11.SERVER)
        self._request: h11.Request | None = None
        self._pieces: list[bytes] = []
        self._closing = False
        self._answering: asyncio.Task[None] | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take what aiohttp sends."""
        if self._closing:
            return
        self._server.receive_data(bytes(data))
        try:
            while self._take(self._server.next_event()):
                pass
        except h11.RemoteProtocolError:
            self.abort()
            return
        if self._server.they_are_waiting_for_100_continue:
            self._send(h11.InformationalResponse(status_code=100, headers=[]))

    def writelines(self, list_of_data: Any) -> None:
        """Take several pieces."""
        self.write(b"".join(list_of_data))

    def _take(self, event: Any) -> bool:
        """Take one part of the request; tells whether there may be another one."""
        match event:
            case h11.Request():
                self._request = event
            case h11.Data():
                self._pieces.append(bytes(event.data))
            case h11.EndOfMessage():
                self._answering = asyncio.get_running_loop().create_task(self._answer())
                return False
            case _:
                return False
        return True

    async def _answer(self) -> None:
        assert self._request is not None  # noqa: S101 (its end has been seen)
        request = self._request
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
        legacy = HttpRequest(request.method.decode("ascii"), self._url, headers, b"".join(self._pieces))
        self._pieces.clear()
        try:
            answer = await self._interception.serve_async(legacy, caller=self._caller)
            self._give(answer, head=legacy.method == "HEAD")
        except TransportError as error:
            self._proto.set_exception(failure("aiohttp", error, message=str(error)))
            self.close()
        except Exception as error:  # noqa: BLE001 (whatever it is, aiohttp must not wait for ever)
            self._proto.set_exception(error)
            self.close()

    def _give(self, answer: HttpResponse, *, head: bool) -> None:
        headers = dict(answer.headers) | {"Content-Length": str(len(answer.body))}
        pairs = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]
        self._send(h11.Response(status_code=answer.status, headers=pairs, reason=phrase(answer.status).encode()))
        if not head:
            self._send(h11.Data(data=answer.body))
        self._send(h11.EndOfMessage())

    def _send(self, event: Any) -> None:
        data = self._server.send(event)
        if data and not self._closing:
            self._proto.data_received(data)

    def close(self) -> None:
        """End the connection; a call under way goes on, since it has probably been paid for."""
        if not self._closing:
            self._closing = True
            asyncio.get_running_loop().call_soon(self._proto.connection_lost, None)

    abort = close

    def is_closing(self) -> bool:
        """Tell whether it has ended."""
        return self._closing

    def get_write_buffer_size(self) -> int:
        """Give 0: whatever is written is read at once."""
        return 0

    def pause_reading(self) -> None:
        """Change nothing: all there is to read has been given."""

    resume_reading = pause_reading
