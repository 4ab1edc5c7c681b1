"""The sandbox over HTTP: a protocol that can break its connections on purpose."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol

from pixian_shim.sandbox._wire import WIRE
from pixian_shim.serving.server import HttpServer

if TYPE_CHECKING:
    import asyncio

    from starlette.types import ASGIApp, Receive, Scope, Send


class _SocketWire:
    """A TCP connection."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def reset(self) -> None:
        """Send a reset instead of an orderly end."""
        connection = self._transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def end(self) -> None:
        """Send what was written, then an orderly end."""
        self._transport.close()


class _Protocol(H11Protocol):
    """Hand the connection to the application as an ASGI extension."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app, wire = self.app, _SocketWire(transport)

        async def wired(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[WIRE] = wire
            await app(scope, receive, send)

        self.app = wired


def http_server(app: ASGIApp, host: str, port: int) -> HttpServer:
    """Listen for a sandbox.

    Args:
        app: the application.
        host: address to listen on.
        port: 0 takes a free one.

    Raises:
        ConfigurationError: the address cannot be listened on.
    """
    return HttpServer(app, host, port, name="sandbox", http=_Protocol, timeout_graceful_shutdown=2)
