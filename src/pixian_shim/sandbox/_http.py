"""The sandbox over HTTP: uvicorn in a thread, with a protocol that can break its connections on purpose."""

from __future__ import annotations

import logging
import socket
import struct
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from pixian_shim.errors import ConfigurationError
from pixian_shim.sandbox._wire import WIRE

if TYPE_CHECKING:
    import asyncio

    from starlette.types import ASGIApp, Receive, Scope, Send

_START_SECONDS, _STOP_SECONDS = 10.0, 10.0
_KEEP_ALIVE = 75  # seconds: longer than clients keep a connection, so that they never meet a closed one


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


class HttpServer:
    """Listen and serve until closed.

    Args:
        app: the application.
        host: address to listen on.
        port: 0 takes a free one.

    Raises:
        ConfigurationError: the address cannot be listened on.
    """

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family)
        except (OSError, OverflowError) as error:
            raise ConfigurationError(f"cannot listen on {host} port {port}: {error}") from error
        self.port: int = self._socket.getsockname()[1]
        for name in ("uvicorn.error", "python_multipart.multipart"):  # not on a terminal that nobody set up for logs
            logging.getLogger(name).addHandler(logging.NullHandler())
        config = uvicorn.Config(
            app,
            http=_Protocol,
            loop="asyncio",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # the control plane trusts the peer's address
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._thread = Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="sandbox-http", daemon=True
        )

    def start(self) -> None:
        """Serve; returns when the first request can be answered.

        Raises:
            ConfigurationError: the server did not come up.
        """
        self._thread.start()
        end = monotonic() + _START_SECONDS
        while not self._server.started:
            if monotonic() > end or not self._thread.is_alive():
                raise ConfigurationError("the sandbox did not start")
            sleep(0.001)

    def close(self) -> None:
        """Stop, with open connections."""
        self._server.should_exit = True
        self._thread.join(_STOP_SECONDS)
        self._socket.close()
