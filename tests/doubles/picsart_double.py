"""A double of api.picsart.io on loopback, written from the fact sheet: what its users' programs can see, no more.

The key decides what kind of day it is, as with the other doubles: ``wrong-key``, ``poor-key``, ``busy-key``,
``broken-key``; any other one is good. Results live under its own address, as Picsart's live on a CDN.
"""

from __future__ import annotations

import io
import json
import threading
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl
from uuid import uuid4

from PIL import Image

from pictures import photo

NUMBERS = {
    "bg_blur": (0, 100),
    "bg_width": (1, 10_000),
    "bg_height": (1, 10_000),
    "stroke_size": (0, 100),
    "stroke_opacity": (0, 100),
    "shadow_opacity": (0, 100),
    "shadow_blur": (0, 100),
    "shadow_offset_x": (-100, 100),
    "shadow_offset_y": (-100, 100),
}
SHADOWS = "disabled custom bottom-right bottom bottom-left left right top-left top top-right".split()
WORDS = {
    "output_type": ["cutout", "mask"],
    "scale": ["fit", "fill"],
    "format": ["JPG", "PNG", "WEBP"],
    "shadow": SHADOWS,
}
BACKGROUNDS = ("bg_image", "bg_image_url", "bg_image_id", "bg_color")
PHRASES = {400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 404: "Not Found", 405: "Method Not Allowed",
           413: "Payload Too Large", 429: "Too Many Requests", 503: "Service Unavailable"}  # fmt: skip


class Refused(Exception):
    def __init__(self, status, detail):
        super().__init__(detail)
        self.status, self.detail = status, detail


def fields_of(content_type, body):
    """Give names and values; files as bytes."""
    if content_type.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode()))
    if not content_type.startswith("multipart/form-data"):
        raise Refused(400, "a form is expected")
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    found = {}
    for part in message.iter_parts():
        content = part.get_payload(decode=True)
        found[part.get_param("name", header="content-disposition")] = (
            content if part.get_filename() is not None else content.decode()
        )
    return {name: value for name, value in found.items() if value != ""}


def size_of(content):
    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.size
    except OSError:
        raise Refused(400, "the picture cannot be read") from None


class PicsartDouble:
    """Serve on loopback within a block; ``requests`` holds method and path of each call."""

    def __init__(self):
        self.requests, self.results = [], {}
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.answer()

            do_POST = do_PUT = do_HEAD = do_GET

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                path = self.path.partition("?")[0]
                if path in double.results:
                    self.give(200, *double.results[path])
                    return
                if path == "/photo.png":
                    self.give(200, "image/png", photo())
                    return
                double.requests.append((self.command, path))
                try:
                    status, told = double.call(self.command, path, self.headers, body)
                except Refused as error:
                    status, told = error.status, refusal(error)
                headers = {"X-Picsart-Correlation-Id": str(uuid4())}
                if status != 401:
                    headers |= {"X-Picsart-Ratelimit-Available": "99", "X-Picsart-Ratelimit-Limit": "100"}
                self.give(status, "application/json", json.dumps(told).encode(), headers)

            def give(self, status, content_type, content, headers=None):
                self.send_response(status)
                for name, value in {
                    "Content-Type": content_type,
                    "Content-Length": len(content),
                    **(headers or {}),
                }.items():
                    self.send_header(name, str(value))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            def log_message(self, *_args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def call(self, method, path, headers, body):
        key = headers.get("X-Picsart-API-Key", "")
        if path not in ("/tools/1.0/removebg", "/tools/1.0/balance"):
            raise Refused(404, "no such address")
        if method != ("POST" if path.endswith("removebg") else "GET"):
            raise Refused(405, "no such method")
        if not key or key == "wrong-key":
            raise Refused(401, "the key is not accepted")
        if key == "busy-key":
            raise Refused(429, "too many requests")
        if key == "broken-key":
            raise Refused(503, "out of order")
        if path.endswith("balance"):
            return 200, {"credits": 0 if key == "poor-key" else 1000}
        kind, content = self.result(fields_of(headers.get("Content-Type", ""), body), poor=key == "poor-key")
        name = f"/cdn/{uuid4()}.{kind}"
        self.results[name] = (f"image/{kind.replace('jpg', 'jpeg')}", content)
        return 200, {"status": "success", "data": {"id": str(uuid4()), "url": f"{self.url}{name}"}}

    def result(self, fields, *, poor):
        check(fields)
        content = fields.get("image")
        if content is None:
            if "photo" not in fields["image_url"]:
                raise Refused(400, "the address cannot be fetched")
            content = photo()
        if not isinstance(content, bytes):
            raise Refused(400, "image: a file is expected")
        size = size_of(content)
        if poor:
            raise Refused(402, "no credits left")
        size = (int(fields.get("bg_width", size[0])), int(fields.get("bg_height", size[1])))
        kind = fields.get("format", "PNG").lower()
        opaque = kind == "jpg" or "bg_color" in fields or "bg_image" in fields
        mode = "L" if fields.get("output_type") == "mask" else "RGB" if opaque else "RGBA"
        made = io.BytesIO()
        Image.new(mode, size).save(made, {"jpg": "JPEG"}.get(kind, kind.upper()))
        return kind, made.getvalue()


def check(fields):
    sources = [name for name in ("image", "image_url", "image_id") if name in fields]
    if len(sources) != 1 or "image_id" in sources:
        raise Refused(400, "one picture is expected")
    if sum(name in fields for name in BACKGROUNDS) > 1:
        raise Refused(400, "one background is expected")
    for name, (low, high) in NUMBERS.items():
        text = fields.get(name, str(low))
        if not text.lstrip("-").isdecimal() or not low <= int(text) <= high:
            raise Refused(400, f"{name}: {low} to {high}")
    for name, allowed in WORDS.items():
        if name in fields and fields[name].lower() not in [word.lower() for word in allowed]:
            raise Refused(400, f"{name}: one of {allowed}")
    if fields.get("shadow") == "custom" and not {"shadow_offset_x", "shadow_offset_y"} <= fields.keys():
        raise Refused(400, "custom shadows need an offset")


def refusal(error):
    if error.status == 401:
        return {"code": 401, "message": "Unauthorized", "detail": error.detail}
    return {"detail": error.detail, "message": PHRASES[error.status], "code": error.status}
