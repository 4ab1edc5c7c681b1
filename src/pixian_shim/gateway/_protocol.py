"""The gateway's connections: as uvicorn has them, with limits on how slowly heads may come and answers may be taken."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from pixian_shim.serving.server import HttpServer

try:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
except ImportError:
    _Base: Any = H11Protocol
else:
    _Base = HttpToolsProtocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from pixian_shim.gateway._config import Config

_LONGEST_HEAD = 1 << 16


class _Patient(_Base):  # type: ignore[misc]
    """Close a connection whose request does not get as far as its body, or whose answer is not taken."""

    idle_seconds = 30.0

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._head = 0
        self._timer: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        cycle = self.cycle
        super().data_received(data)
        if self.cycle is not cycle or self._under_way():
            self._head = 0
            self._stop_timer()
            return
        self._head += len(data)
        if self._head > _LONGEST_HEAD:
            self._give_up()
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

    def _await_reader(self) -> None:
        unsent = self.transport.get_write_buffer_size()
        self._reading = asyncio.get_running_loop().call_later(self.idle_seconds, self._look_after_reader, unsent)

    def _look_after_reader(self, unsent: int) -> None:
        if self.transport.get_write_buffer_size() < unsent:
            self._await_reader()
        else:
            self.transport.abort()  # results wait in memory, so that nobody may be waited for without end

    def _forget_reader(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _under_way(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _start_timer(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self.idle_seconds, self._give_up)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if not self._under_way() and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()


def gateway_server(app: ASGIApp, config: Config) -> HttpServer:
    """Listen for a gateway.

    Raises:
        ConfigurationError: the address cannot be listened on.
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
