"""A loopback server whose every connection follows a script: for faults that no well-behaved server shows."""

from __future__ import annotations

import json
import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Script = Callable[["Connection"], None]


@dataclass
class Received:
    """A request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Connection:
    """One accepted connection, in the hands of a script."""

    sock: socket.socket
    server: SocketServer
    _buffer: bytes = field(default=b"", repr=False)

    def read_head(self) -> Received:
        """Read up to the empty line, and nothing of the body."""
        while b"\r\n\r\n" not in self._buffer:
            self._more()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        request = Received(method, path, headers)
        self.server.received.append(request)
        return request

    def read_request(self) -> Received:
        """Read a whole request."""
        request = self.read_head()
        length = int(request.headers.get("content-length", 0))
        chunks = [self._buffer[:length]]
        self._buffer, missing = self._buffer[length:], length - len(chunks[0])
        while missing:
            chunk = self.sock.recv(min(missing, 1 << 16))
            if not chunk:
                raise ConnectionError
            chunks.append(chunk)
            missing -= len(chunk)
        request.body = b"".join(chunks)
        return request

    def _more(self) -> None:
        chunk = self.sock.recv(1 << 16)
        if not chunk:
            raise ConnectionError
        self._buffer += chunk

    def send(self, data: bytes) -> None:
        """Send raw bytes."""
        self.sock.sendall(data)

    def answer(
        self,
        status: int = 200,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        length: int | None = None,
    ) -> None:
        """Send an answer; ``length`` announces another length than the body's."""
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body) if length is None else length}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def answer_error(self, status: int, code: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        """Send an error object as Pixian writes it."""
        body = json.dumps({"error": {"status": status, "code": code, "message": message}}).encode()
        self.answer(status, body, {"Content-Type": "application/json", **(headers or {})})

    def drain(self) -> None:
        """Read until the other side closes."""
        with suppress(OSError):
            while self.sock.recv(1 << 16):
                pass

    def wait(self, seconds: float) -> None:
        """Do nothing, but not longer than the server lives."""
        self.server.closing.wait(seconds)

    def reset(self) -> None:
        """Close with a reset instead of an orderly end."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class SocketServer:
    """Give the n-th connection to the n-th script; the last one serves all that follow.

    Attributes:
        received: every request, in order.
        connections: how many were accepted.
    """

    def __init__(self, *scripts: Script) -> None:
        self.received: list[Received] = []
        self.connections = 0
        self.closing = threading.Event()
        self._scripts = scripts
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join(5)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                sock.settimeout(5)
                script = self._scripts[min(self.connections, len(self._scripts) - 1)]
                self.connections += 1
                thread = threading.Thread(target=self._follow, args=(script, sock), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _follow(self, script: Script, sock: socket.socket) -> None:
        with sock, suppress(OSError):
            script(Connection(sock, self))
