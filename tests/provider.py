"""A provider on loopback that answers like remove.bg, and whose day can be chosen."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import attrs

from pictures import photo

PICTURE = photo(colour=(1, 2, 3))
"""What the provider answers: nothing that Pixian would."""


@attrs.frozen
class Seen:
    method: str
    path: str
    headers: dict
    body: bytes


class Provider:
    """Answers like remove.bg; ``status``, ``body``, ``delay`` and ``hang_up`` say how it is doing."""

    def __init__(self):
        self.status, self.body, self.delay, self.hang_up, self.seen = 200, PICTURE, 0.0, False, []
        self.headers = {"Content-Type": "image/png", "X-Credits-Charged": "1", "X-Type": "product"}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.headers.get("Transfer-Encoding") == "chunked":
                    body = b"".join(iter(self.chunk, b""))
                provider.seen.append(Seen(self.command, self.path, dict(self.headers.items()), body))
                time.sleep(provider.delay)
                if provider.hang_up:
                    self.close_connection = True
                    return
                self.send_response(provider.status)
                for name, value in {**provider.headers, "Content-Length": str(len(provider.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(provider.body)

            do_GET = do_POST

            def chunk(self):
                length = int(self.rfile.readline(), 16)
                data = self.rfile.read(length)
                self.rfile.readline()
                return data

            def log_message(self, *_args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
