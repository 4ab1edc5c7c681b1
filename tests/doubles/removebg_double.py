"""A double of api.remove.bg on loopback: what the legacy packages talk to when they are compared with the drop-ins.

It is written from the fact sheet alone and shares no code with the library. The key selects the day it is having.
"""

from __future__ import annotations

import base64
import json
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Lock, Thread
from typing import Self
from urllib.parse import parse_qsl, urlsplit
from urllib.request import urlopen
from uuid import uuid4

from PIL import Image, ImageColor, ImageDraw
from python_multipart import parse_form

GOOD, WRONG, POOR, BUSY, BROKEN = "good-key", "wrong-key", "poor-key", "busy-key", "broken-key"
CAPS = dict.fromkeys(("preview", "small", "regular"), 250_000) | {
    "medium": 1_500_000,
    "hd": 4_000_000,
    "full": 25_000_000,
    "4k": 25_000_000,
    "50MP": 50_000_000,
    "auto": 25_000_000,
}
SOURCES = ("image_file", "image_file_b64", "image_url")
TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "zip": "application/zip"}


class Refusal(Exception):
    """An error in remove.bg's words."""

    def __init__(self, status: int, code: str, title: str, detail: str = "", **headers: str) -> None:
        self.status, self.headers = status, {name.replace("_", "-"): value for name, value in headers.items()}
        error = {"title": title} | ({"code": code} if code else {}) | ({"detail": detail} if detail else {})
        self.body = json.dumps({"errors": [error]}).encode()


RATE_LIMIT = {"X-Ratelimit-Limit": "500", "X-Ratelimit-Remaining": "499", "X-Ratelimit-Reset": "1591023512"}
MOODS = {
    WRONG: lambda: Refusal(403, "auth_failed", "API Key invalid"),
    POOR: lambda: Refusal(402, "insufficient_credits", "Insufficient credits"),
    BUSY: lambda: Refusal(429, "rate_limit_exceeded", "Rate limit exceeded", Retry_After="7", **RATE_LIMIT),
}


class RemoveBgDouble:
    """``with RemoveBgDouble() as double: ... double.url``; requests are kept in ``double.requests``."""

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

    def charge(self, amount: float) -> None:
        with self.lock:
            self.left -= amount


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    double: RemoveBgDouble

    def do_GET(self):
        self._serve({"/v1.0/account": self._account})

    def do_POST(self):
        self._serve({"/v1.0/removebg": self._remove, "/v1.0/improve": self._improve})

    def _serve(self, operations):
        path = urlsplit(self.path).path
        form = self._form()
        self.double.requests.append(
            (self.command, path, dict(self.headers), {name: kind(value) for name, value in form.items()})
        )
        try:
            key = self.headers.get("X-Api-Key")
            if key == BROKEN:
                return self._send(500, "text/html; charset=utf-8", b"<html><body>Internal Server Error</body></html>")
            if path not in operations:
                return self._nothing()
            refuse_by_key(key, path)
            return operations[path](form)
        except Refusal as refusal:
            return self._send(refusal.status, "application/json; charset=utf-8", refusal.body, refusal.headers)

    def _form(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        content_type = self.headers.get("Content-Type", "")
        if content_type.startswith("application/json"):
            return json.loads(body)
        if not content_type.startswith("multipart/"):
            return dict(parse_qsl(body.decode()))
        form = {}
        headers = {"Content-Type": content_type.encode(), "Content-Length": str(len(body)).encode()}
        parse_form(
            headers,
            BytesIO(body),
            lambda field: form.__setitem__(field.field_name.decode(), field.value.decode("utf-8", "replace")),
            lambda file: form.__setitem__(file.field_name.decode(), whole(file)),
        )
        return form

    def _nothing(self):
        raise Refusal(404, "not_found", "Not found")

    def _account(self, _form):
        left = 0 if self.headers["X-Api-Key"] == POOR else self.double.left
        shares = {"subscription": 0, "payg": left, "enterprise": 0, "total": left}
        self._json({"data": {"attributes": {"credits": shares, "api": {"free_calls": 0, "sizes": "all"}}}})

    def _improve(self, form):
        if not any(form.get(name) for name in SOURCES):
            raise Refusal(400, "missing_source", "No image given")
        self._json({"id": str(uuid4())})

    def _remove(self, form):
        original = source(form)
        check(form)
        size = form.get("size") or "preview"
        result = cut_out(original, CAPS[size])
        charged = (
            "0.25" if CAPS[size] == 250_000 or (size == "auto" and original.width * original.height <= 250_000) else "1"
        )
        body, content_type = written(result, original, form)
        self.double.charge(json.loads(charged))
        box = result.getchannel("A").getbbox()
        headers = {} if form.get("type_level") == "none" else {"X-Type": "other"}
        headers |= {
            "X-Width": str(result.width),
            "X-Height": str(result.height),
            "X-Max-Width": str(original.width),
            "X-Max-Height": str(original.height),
            "X-Credits-Charged": charged,
            "X-Foreground-Top": str(box[1]),
            "X-Foreground-Left": str(box[0]),
            "X-Foreground-Width": str(box[2] - box[0]),
            "X-Foreground-Height": str(box[3] - box[1]),
        } | RATE_LIMIT
        if "application/json" not in self.headers.get("Accept", ""):
            return self._send(200, content_type, body, headers)
        edges = {
            f"foreground_{name[13:].lower()}": int(value)
            for name, value in headers.items()
            if name.startswith("X-Foreground")
        }
        return self._json({"data": {"result_b64": base64.b64encode(body).decode()} | edges}, headers)

    def _json(self, value, headers=None):
        self._send(200, "application/json; charset=utf-8", json.dumps(value).encode(), headers)

    def _send(self, status, content_type, body, headers=None):
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


def refuse_by_key(key, path) -> None:
    if key is None:
        raise Refusal(403, "auth_failed", "Missing API Key")
    if key != GOOD and not (key == POOR and path.endswith("/account")):
        refusal = MOODS.get(key, MOODS[WRONG])
        raise refusal()


def kind(value):
    return f"file of {len(value)} bytes" if isinstance(value, bytes) else str(value)[:60]


def whole(file) -> bytes:
    file.file_object.seek(0)
    return file.file_object.read()


def source(form) -> Image.Image:
    given = [name for name in SOURCES if form.get(name, "") != ""]
    if not given:
        raise Refusal(400, "missing_source", "No image given", "Please provide the source image")
    if len(given) > 1:
        raise Refusal(400, "multiple_sources", f"Multiple image sources given: {', '.join(given)}")
    return READERS[given[0]](form[given[0]])


def of_file(value) -> Image.Image:
    if not isinstance(value, bytes):
        raise Refusal(400, "invalid_file_type", "Invalid file type")
    return opened(value)


def of_base64(value) -> Image.Image:
    try:
        return opened(base64.b64decode(value.rpartition(",")[2]))
    except ValueError:
        raise Refusal(400, "failed_to_read_image", "There was an error reading the image.") from None


def of_url(value) -> Image.Image:
    if not value.startswith(("http://", "https://")):
        raise Refusal(400, "invalid_image_url", f"Invalid image_url: {value}")
    try:
        with urlopen(value, timeout=5) as answer:
            return opened(answer.read())
    except OSError as error:
        raise Refusal(400, "failed_image_download", f"Failed to download image from given image_url: {error}") from None


READERS = {"image_file": of_file, "image_file_b64": of_base64, "image_url": of_url}


def opened(content: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(content)).convert("RGB")
    except OSError:
        raise Refusal(400, "failed_to_read_image", "There was an error reading the image.") from None


def check(form) -> None:
    if (form.get("size") or "preview") not in CAPS:
        raise Refusal(400, "invalid_size", "Invalid value for parameter 'size'")
    if (form.get("channels") or "rgba") not in ("rgba", "alpha"):
        raise Refusal(400, "invalid_channels", "Invalid value for parameter 'channels'")
    if (form.get("format") or "auto") not in ("auto", *TYPES):
        raise Refusal(400, "invalid_format", "Invalid format parameter given")
    if form.get("bg_color"):
        colour(form["bg_color"])


def colour(text: str):
    try:
        return ImageColor.getrgb(text if text.isalpha() and not set(text) <= set("abcdef") else f"#{text.lstrip('#')}")
    except ValueError:
        raise Refusal(400, "invalid_bg_color", "Invalid bg_color parameter given") from None


def cut_out(original: Image.Image, cap: int) -> Image.Image:
    """Keep an ellipse: where the subject is does not matter here."""
    scale = min(1.0, (cap / (original.width * original.height)) ** 0.5)
    result = original.resize((round(original.width * scale), round(original.height * scale))).convert("RGBA")
    matte = Image.new("L", result.size)
    ImageDraw.Draw(matte).ellipse(
        (result.width // 4, result.height // 4, result.width * 3 // 4, result.height * 3 // 4), fill=255
    )
    result.putalpha(matte)
    return result


def written(result: Image.Image, original: Image.Image, form) -> tuple[bytes, str]:
    behind = form.get("bg_color") or form.get("bg_image_file") or form.get("bg_image_url")
    encoding = form.get("format") or "auto"
    if encoding == "auto":
        encoding = "jpg" if behind and form.get("channels") != "alpha" else "png"
    if encoding == "zip":
        return zipped(original.resize(result.size), result.getchannel("A")), TYPES["zip"]
    if form.get("channels") == "alpha":
        result = result.getchannel("A")
    elif behind or encoding == "jpg":
        ground = Image.new("RGBA", result.size, colour(form["bg_color"]) if form.get("bg_color") else "white")
        result = Image.alpha_composite(ground, result).convert("RGB" if encoding == "jpg" else "RGBA")
    return encoded(result, {"jpg": "JPEG"}.get(encoding, encoding.upper())), TYPES[encoding]


def zipped(original: Image.Image, matte: Image.Image) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("color.jpg", encoded(original, "JPEG"))
        archive.writestr("alpha.png", encoded(matte, "PNG"))
    return out.getvalue()


def encoded(image: Image.Image, name: str) -> bytes:
    out = BytesIO()
    image.save(out, name)
    return out.getvalue()
