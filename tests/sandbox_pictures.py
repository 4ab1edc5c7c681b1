"""A web server with pictures, and with what goes wrong on the web."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from pictures import photo


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        kind, _, rest = self.path.strip("/").partition("/")
        if kind == "redirect" and int(rest) > 0:
            self._answer(302, b"", "text/plain", location=f"/redirect/{int(rest) - 1}")
        elif kind == "missing":
            self._answer(404, b"", "image/png")
        elif kind == "page":
            self._answer(200, b"<html>", "text/html")
        elif kind == "broken":
            self._answer(200, b"no picture", "image/png")
        elif kind == "slow":
            self.server.stop.wait(5)
            self._answer(200, photo(), "image/png")
        elif kind == "cut":
            self._answer(200, photo()[:100], "image/png", length=10_000)
            self.close_connection = True
        elif kind == "large":
            self._answer(200, b"\0" * 3000, "image/png")
        else:
            self._answer(200, photo(), "image/png")

    def _answer(self, status, body, content_type, *, location=None, length=None):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(length or len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        """Stay quiet: some clients go away on purpose."""


class PictureServer:
    """Serve on loopback within a block."""

    def __enter__(self):
        from threading import Event

        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.stop = Event()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.stop.set()
        self._server.shutdown()
        self._server.server_close()
