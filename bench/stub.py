"""A server on loopback that answers at once, in a process of its own: remove.bg's endpoint and Pixian's."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def png(width: int, height: int) -> bytes:
    """Write a valid RGBA PNG of noise, which no encoder can make smaller: four bytes a pixel."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(b"\0" + os.urandom(4 * width) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"")


HEADERS = {
    "Content-Type": "image/png",
    "X-Credits-Charged": "1",
    "X-Input-Size": "500 500",
    "X-Result-Size": "500 500",
    "X-Input-Foreground": "10 10 400 400",
    "X-Result-Foreground": "10 10 400 400",
    "X-Input-Orientation": "1",
}


class Handler(BaseHTTPRequestHandler):
    """Read everything, answer the picture."""

    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(6, 1, 1)  # TCP_NODELAY: the two sides must not differ by an accident of packets

    def do_POST(self) -> None:
        left = int(self.headers["Content-Length"])
        while left:
            left -= len(self.rfile.read(min(left, 1 << 20)))
        head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
        self.wfile.write(f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(PICTURE)}\r\n\r\n".encode() + PICTURE)

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def running(side: int = 500) -> Iterator[str]:
    """Give the base URL of a running stub that answers a picture of so many pixels a side; 500 make a megabyte."""
    with subprocess.Popen([sys.executable, __file__, str(side)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


if __name__ == "__main__":
    PICTURE = png(int(sys.argv[1]), int(sys.argv[1]))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
