"""A fast Pixian on loopback, in a process of its own: reads a whole upload, answers a picture, at once or later.

It stands behind every side of ``gateway.py`` and has to be faster than all of them. The reading of HTTP messages is
here too, for the load generator at the other end: bodies are counted, not kept.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re

import stub

try:
    from uvloop import run
except ImportError:  # Windows, or without the extra
    from asyncio import run

PICTURE = stub.png(158, 158)
"""A hundred kilobytes, the same length in every process."""

HEADERS = stub.HEADERS | {"X-Result-Size": "158 158", "X-Result-Foreground": "10 10 100 100"}

ACCOUNT = {"state": "active", "useDays": 100, "credits": 1e6}
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
MARK = re.compile(rb"upstream:(\w+);")
"""Stands at the beginning of a photo that wants another answer than a picture: a status, or ``break``."""

_LONGEST_HEAD = 1 << 14
_KEPT = 1 << 11
ROOM = memoryview(bytearray(1 << 18))
"""Where bytes arrive; one for all connections of a process, since each is looked at before the next is read."""


class Message:
    """One HTTP/1.1 message after another, none begun before the last has ended.

    Attributes:
        head: the first line and the headers, empty until complete.
        opening: the first two kilobytes of the body, as they came.
        size: bytes of the body, without the frame of chunks.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin the next one."""
        self.head = self.opening = self._pending = b""
        self.size = self._left = 0
        self._chunked = self._last = False

    @property
    def status(self) -> int:
        """Of an answer."""
        return int(self.head[9:12])

    def feed(self, data: memoryview) -> bool:
        """Take what arrived, and say whether the message is complete."""
        if not self.head:
            begin = self._read_head(data)
            if begin is None:
                return False
            data = data[begin:]
        if len(self.opening) < _KEPT:
            self.opening += bytes(data[: _KEPT - len(self.opening)])
        if self._chunked:
            return self._read_chunks(data)
        self._left -= len(data)
        if self._left < 0:
            raise ValueError(f"{-self._left} bytes too many")
        return not self._left

    def _read_head(self, data: memoryview) -> int | None:
        """Look for the end of the head, and give where the body begins in the data."""
        before = len(self._pending)
        self._pending += bytes(data[:_LONGEST_HEAD])
        end = self._pending.find(b"\r\n\r\n")
        if end < 0:
            if len(self._pending) > _LONGEST_HEAD:
                raise ValueError("no end of the head")
            return None
        self.head, self._pending = self._pending[: end + 2], b""
        self._chunked = CHUNKED.search(self.head) is not None
        length = LENGTH.search(self.head)
        self.size = self._left = int(length[1]) if length and not self._chunked else 0
        return end + 4 - before

    def _read_chunks(self, data: memoryview) -> bool:
        """Count chunks; the line ends are counted as part of them."""
        while data:
            if self._left:
                data, self._left = data[self._left :], max(0, self._left - len(data))
                continue
            piece = bytes(data[:64])
            line, end, _ = (self._pending + piece).partition(b"\n")
            if not end:
                self._pending, data = line, data[len(piece) :]
                continue
            data, self._pending = data[len(line) + 1 - len(self._pending) :], b""
            if self._last:  # trailers, until an empty line
                if not line.strip():
                    return True
                continue
            size = int(line.partition(b";")[0], 16)
            self._last = not size
            self._left = size + 2 if size else 0
            self.size += size
        return False


class Upstream:
    """What all connections share: how to answer, and what has been seen."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.seen = {"posts": 0, "bytes": 0}
        self.picture = answer(200, PICTURE, HEADERS)

    def to(self, message: Message) -> bytes | None:
        """Choose an answer, or None where the connection has to break."""
        if not message.head.startswith(b"POST"):
            found = {b"/seen": self.seen, b"/api/v2/account": ACCOUNT}.get(message.head.split(b" ", 2)[1])
            return error(404) if found is None else answer(200, json.dumps(found).encode(), {})
        self.seen["posts"] += 1
        self.seen["bytes"] += message.size
        mark = MARK.search(message.opening)
        if mark is None:
            return self.picture
        return None if mark[1] == b"break" else error(int(mark[1]))


def answer(status: int, body: bytes, headers: dict[str, str]) -> bytes:
    """Write a whole answer."""
    lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
    return f"HTTP/1.1 {status} -\r\n{''.join(lines)}Content-Length: {len(body)}\r\n\r\n".encode() + body


def error(status: int) -> bytes:
    """Write an error as Pixian does."""
    body = {"error": {"status": status, "code": 1000, "message": "as asked for"}}
    return answer(status, json.dumps(body).encode(), {"Content-Type": "application/json"})


class Connection(asyncio.BufferedProtocol):
    """One kept-alive connection."""

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self.message = Message()

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(6, 1, 1)  # TCP_NODELAY

    def get_buffer(self, _size: int) -> memoryview:
        return ROOM

    def buffer_updated(self, size: int) -> None:
        if not self.message.feed(ROOM[:size]):
            return
        content = self.upstream.to(self.message)
        self.message.clear()
        if content is None:
            self.transport.abort()
        elif self.upstream.delay and len(content) > len(PICTURE):
            asyncio.get_running_loop().call_later(self.upstream.delay, self.write, content)
        else:
            self.write(content)

    def write(self, content: bytes) -> None:
        """Send, unless the other end has gone while it waited."""
        if not self.transport.is_closing():
            self.transport.write(content)


async def serve(delay: float) -> None:
    """Serve until killed; the first line of output is the URL."""
    upstream = Upstream(delay)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(upstream), "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=0, help="seconds until a picture is answered")
    run(serve(parser.parse_args().delay))
