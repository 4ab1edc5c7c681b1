"""The gateway's connections: as uvicorn has them, with limits on how slowly heads may come and answers may be taken.

h11 reads them, also where httptools is installed: it bounds trailers, and takes requests that offer an upgrade to
HTTP/2 (as Java's client does) for what they are.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol

from pixian_shim.serving.server import HttpServer

if sys.platform != "win32":
    from fcntl import ioctl
    from termios import TIOCOUTQ

if TYPE_CHECKING:
    import asyncio

    from starlette.types import ASGIApp

    from pixian_shim.gateway._config import Config

_LONGEST_HEAD = 1 << 16


class _Patient(H11Protocol):
    """Close a connection whose request does not get as far as its body, or whose answer is not taken."""

    idle_seconds = 30.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        cycle = self.cycle
        super().data_received(data)
        if self.cycle is not cycle or self._under_way():
            self._stop_timer()
        elif self._timer is None:
            self._start_timer()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        self._forget_reader()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self._forget_reader()
        super().connection_lost(exc)

    def _under_way(self) -> bool:
        return not getattr(self.cycle, "response_complete", True)

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(self.idle_seconds, self._give_up)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if not self._under_way() and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()

    def _await_reader(self) -> None:
        self._reading = self.loop.call_later(self.idle_seconds, self._look_after_reader, self._not_taken())

    def _look_after_reader(self, before: int) -> None:
        if self._not_taken() < before:
            self._await_reader()
        else:
            self.transport.abort()  # results wait in memory, so that nobody may be waited for without end

    def _forget_reader(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _not_taken(self) -> int:
        """Count the bytes that wait here, and in the kernel until the other end has them, where it tells."""
        size = self.transport.get_write_buffer_size()
        if sys.platform != "win32":
            connection = self.transport.get_extra_info("socket")
            with suppress(OSError, AttributeError):
                size += int.from_bytes(ioctl(connection.fileno(), TIOCOUTQ, bytes(4)), sys.byteorder)
        return size


def gateway_server(app: ASGIApp, config: Config) -> HttpServer:
    """Listen for a gateway.

    Raises:
        ConfigurationError: the address cannot be listened on, or the certificate not be read.
    """
    patient = type("Patient", (_Patient,), {"idle_seconds": config.idle_seconds})
    return HttpServer(
        app,
        config.host,
        config.port,
        name="gateway",
        http=patient,
        loop="auto",
        lifespan="on",
        ssl_certfile=config.tls_cert,
        ssl_keyfile=config.tls_key,
        h11_max_incomplete_event_size=_LONGEST_HEAD,
        timeout_graceful_shutdown=int(config.grace_seconds) or 1,
    )
