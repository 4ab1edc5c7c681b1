"""An ASGI application behind a socket: uvicorn in a thread."""

from __future__ import annotations

import logging
import socket
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import uvicorn

from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_START_SECONDS = 10.0
_KEEP_ALIVE = 75  # seconds: longer than clients keep a connection, so that they never meet a closed one


class HttpServer:
    """Listen and serve until closed.

    Args:
        app: the application.
        host: address to listen on.
        port: 0 takes a free one.
        name: of the thread, and in messages.
        options: as for ``uvicorn.Config``.

    Raises:
        ConfigurationError: the address cannot be listened on.
    """

    def __init__(self, app: ASGIApp, host: str, port: int, *, name: str, **options: Any) -> None:
        if port not in range(1 << 16):
            raise ConfigurationError(f"a port is a number from 0 to 65535, not {port}")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family, backlog=1024)
        except OSError as error:
            raise ConfigurationError(f"cannot listen on {host} port {port}: {error.strerror or error}") from error
        self.port: int = self._socket.getsockname()[1]
        for logger in ("uvicorn.error", "python_multipart.multipart"):  # not on a terminal nobody set up for logs
            logging.getLogger(logger).addHandler(logging.NullHandler())
        self._config = uvicorn.Config(app, **(_OPTIONS | options))
        self._name, self._server = name, uvicorn.Server(self._config)
        self._thread = Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, name=name, daemon=True)

    def start(self) -> None:
        """Serve; returns when the first request can be answered.

        Raises:
            ConfigurationError: the server did not come up, or its certificate cannot be read.
        """
        try:
            self._config.load()
        except OSError as error:
            self._socket.close()
            raise ConfigurationError(f"the certificate or its key cannot be used: {error}") from error
        self._thread.start()
        end = monotonic() + _START_SECONDS
        while not self._server.started:
            if monotonic() > end or not self._thread.is_alive():
                raise ConfigurationError(f"the {self._name} did not start")
            sleep(0.001)

    def close(self, seconds: float = 10.0) -> None:
        """Stop taking requests, let those under way end as long as the options say, and close.

        Args:
            seconds: to wait for the thread.
        """
        self._server.should_exit = True
        self._thread.join(seconds)
        self._socket.close()


_OPTIONS: dict[str, Any] = {
    "loop": "asyncio",
    "ws": "none",
    "lifespan": "off",
    "interface": "asgi3",
    "log_config": None,
    "log_level": None,
    "access_log": False,
    "server_header": False,
    "proxy_headers": False,  # the peer's address is what counts
    "timeout_keep_alive": _KEEP_ALIVE,
}
