"""A double of clipdrop-api.co on loopback: what the real package talks to when it is compared with the drop-in.

It is written from the fact sheet alone and shares no code with the library. The key selects the day it is having. The
wording of its errors is invented, but for a missing key; nothing that is compared depends on it.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Lock, Thread
from typing import Self
from urllib.parse import urlsplit

from PIL import Image, ImageDraw
from python_multipart import parse_form

GOOD, WRONG, POOR, BUSY, BROKEN = "good-key", "wrong-key", "poor-key", "busy-key", "broken-key"
MOODS = {
    WRONG: (403, "Api key revocated"),
    POOR: (402, "No credits left"),
    BUSY: (429, "Too many requests"),
}
TYPES = {
    "image/png": ("PNG", "image/png"),
    "image/webp": ("WEBP", "image/webp"),
    "image/jpeg": ("JPEG", "image/jpeg"),
    "image/jpg": ("JPEG", "image/jpeg"),
    "image/*": ("PNG", "image/png"),
    "*/*": ("PNG", "image/png"),
}


class Refusal(Exception):
    """An error in Clipdrop's shape."""

    def __init__(self, status: int, message: str) -> None:
        self.status, self.body = status, json.dumps({"error": message}).encode()


class ClipdropDouble:
    """``with ClipdropDouble() as double: ... double.url``; requests are kept in ``double.requests``."""

    def __init__(self, total: float = 1000) -> None:
        self.left, self.requests, self.lock = total, [], Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"double": self}))
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def charge(self) -> int:
        with self.lock:
            self.left -= 1
            return self.left


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    double: ClipdropDouble

    def do_POST(self):
        form, path = self._form(), urlsplit(self.path).path
        self.double.requests.append((self.command, path, dict(self.headers), form))
        key = self.headers.get("x-api-key")
        if key == BROKEN:
            return self._send(500, "text/html", b"<html><body>Internal Server Error</body></html>", {})
        try:
            return self._removed(key, path, form)
        except Refusal as refusal:
            return self._send(refusal.status, "application/json", refusal.body, {})

    def do_GET(self):
        self._send(404, "application/json", b'{"error": "Not found"}', {})

    def _removed(self, key, path, form):
        if not path.endswith("/remove-background/v1"):
            raise Refusal(404, "Not found")
        if not key:
            raise Refusal(401, "No api key provided")
        if key != GOOD:
            raise Refusal(*MOODS.get(key, MOODS[WRONG]))
        kind, content_type = accepted(self.headers.get("Accept"))
        result = cut_out(form)
        out = BytesIO()
        flat(result, kind).save(out, kind)
        headers = {"x-remaining-credits": str(self.double.charge()), "x-credits-consumed": "1"}
        return self._send(200, content_type, out.getvalue(), headers)

    def _form(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        content_type = self.headers.get("Content-Type", "")
        form = {}
        if content_type.startswith("multipart/"):
            headers = {"Content-Type": content_type.encode(), "Content-Length": str(len(body)).encode()}
            parse_form(
                headers,
                BytesIO(body),
                lambda field: form.__setitem__(field.field_name.decode(), (field.value or b"").decode()),
                lambda file: form.__setitem__(file.field_name.decode(), whole(file)),
            )
        return form

    def _send(self, status, content_type, body, headers):
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


def whole(file) -> bytes:
    file.file_object.seek(0)
    return file.file_object.read()


def accepted(header) -> tuple[str, str]:
    """Take the first type that is offered: how several are weighed is not documented."""
    for listed in (header or "*/*").split(","):
        media = listed.partition(";")[0].strip()
        if media in TYPES:
            return TYPES[media]
    raise Refusal(406, "Not acceptable")


def cut_out(form) -> Image.Image:
    """Keep an ellipse: where the subject is does not matter here."""
    content = form.get("image_file")
    if not isinstance(content, bytes):
        raise Refusal(400, "image_file is missing")
    try:
        original = Image.open(BytesIO(content))
        original.load()
    except OSError:
        raise Refusal(400, "Bad image format") from None
    if original.width * original.height > 25_000_000:
        raise Refusal(400, "Resolution too high")
    result = original.convert("RGBA")
    if form.get("transparency_handling") == "discard_alpha_layer":
        result.putalpha(255)
    if result.getchannel("A").getextrema()[0] < 255:
        return result
    matte = Image.new("L", result.size)
    ImageDraw.Draw(matte).ellipse(
        (result.width // 4, result.height // 4, result.width * 3 // 4, result.height * 3 // 4), fill=255
    )
    result.putalpha(matte)
    return result


def flat(result: Image.Image, kind: str) -> Image.Image:
    if kind != "JPEG":
        return result
    return Image.alpha_composite(Image.new("RGBA", result.size, "white"), result).convert("RGB")
