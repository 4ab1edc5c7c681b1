"""A double of PhotoRoom's two services on loopback: what unedited programs talk to when they are compared with the shim.

It is written from the fact sheet alone and shares no code with the library. The key selects the day it is having.
"""

from __future__ import annotations

import base64
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import Self
from urllib.parse import parse_qsl, urlsplit
from urllib.request import urlopen

from PIL import Image, ImageColor, ImageDraw
from python_multipart import parse_form

GOOD, WRONG, POOR, BROKEN = "good-key", "wrong-key", "poor-key", "broken-key"
CAPS = {"preview": 250_000, "medium": 1_500_000, "hd": 4_000_000, "full": 36_000_000}
TYPES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}
EXHAUSTED = "API credits exhausted. Visit https://app.photoroom.com/api-dashboard to purchase more API credits"
KNOWN = """imageFile imageUrl removeBackground background.color outputSize padding margin scaling referenceBox horizontalAlignment
verticalAlignment export.format maxWidth maxHeight ignorePaddingAndSnapOnCroppedSides""".split()


class Refusal(Exception):
    def __init__(self, status, message, kind="unknown_error"):
        self.status, self.message, self.kind = status, message, kind


class PhotoRoomDouble:
    """``with PhotoRoomDouble() as double: ... double.url``; requests are kept in ``double.requests``."""

    def __init__(self) -> None:
        self.requests = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"double": self}))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    double: PhotoRoomDouble

    def do_GET(self):
        parts = urlsplit(self.path)
        form = dict(parse_qsl(parts.query, keep_blank_values=True))
        form |= self._body()
        self.double.requests.append((self.command, parts.path, form))
        key = self.headers.get("x-api-key")
        try:
            refuse_by_key(key, parts.path)
            asked = {"/v1/segment": self._segment, "/v2/edit": self._edit, "/v2/account": self._account}
            asked[parts.path](form, key)
        except Refusal as refusal:
            self._refuse(parts.path, refusal)

    do_POST = do_GET

    def _body(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        content_type = self.headers.get("Content-Type", "")
        if content_type.startswith("application/json"):
            return json.loads(body)
        form = {}
        if content_type.startswith("multipart/"):
            headers = {"Content-Type": content_type.encode(), "Content-Length": str(len(body)).encode()}
            parse_form(
                headers,
                BytesIO(body),
                lambda field: form.__setitem__(field.field_name.decode(), field.value.decode("latin-1")),
                lambda file: form.__setitem__(file.field_name.decode(), whole(file)),
            )
        return form

    def _refuse(self, path, refusal):
        if path == "/v1/segment":
            body = {"detail": refusal.message, "status_code": refusal.status, "type": refusal.kind}
        else:
            body = {"error": {"detail" if refusal.status == 402 else "message": refusal.message}}
        self._send(refusal.status, "application/json", json.dumps(body).encode())

    def _account(self, _form, key):
        left = 0 if key == POOR else 100
        body = {"images": {"available": left, "subscription": 100}, "plan": "basic"}
        self._send(200, "application/json", json.dumps(body).encode())

    def _segment(self, form, key):
        given = form.get("image_file") or base64.b64decode(form.get("image_file_b64", "").rpartition(",")[2])
        if not given:
            raise Refusal(400, "Please provide an image.", "missing_image")
        picture = opened(given.encode("latin-1") if isinstance(given, str) else given)
        if (form.get("size") or "full") not in CAPS:
            raise Refusal(400, "size is not one of preview, medium, hd, full")
        if key == POOR:
            raise Refusal(402, EXHAUSTED)
        result = cut_out(picture)
        cap = CAPS[form.get("size") or "full"]
        scale = min(1.0, (cap / (result.width * result.height)) ** 0.5)
        result = result.resize((max(1, int(result.width * scale)), max(1, int(result.height * scale))))
        if form.get("crop") == "true":
            result = result.crop(result.getchannel("A").getbbox())
        encoding = (form.get("format") or "png").removeprefix("image/")
        content = written(result, encoding, form.get("bg_color"), alone=form.get("channels") == "alpha")
        if self.headers.get("Accept") == "application/json":
            text = base64.b64encode(content).decode()
            self._send(200, "application/json", json.dumps({"base64img": text, "result_b64": text}).encode())
        else:
            self._send(200, TYPES[encoding], content, {"x-uncertainty-score": "0.02"})

    def _edit(self, form, key):
        given = form.get("imageFile") or form.get("imageUrl")
        if not given:
            raise Refusal(400, "Please provide an image")
        if form.get("removeBackground", "true") not in ("true", "false"):
            raise Refusal(400, "removeBackground must be boolean")
        if isinstance(given, str):
            with urlopen(given, timeout=5) as answer:
                given = answer.read()
        picture = opened(given)
        if key == POOR:
            raise Refusal(402, EXHAUSTED)
        size = form.get("outputSize") or "auto"
        canvas = tuple(map(int, size.split("x"))) if "x" in size and size[0].isdigit() else picture.size
        subject = cut_out(picture)
        subject = subject.crop(subject.getchannel("A").getbbox())
        inset = float(form.get("padding") or 0)
        room = [side * (1 - 2 * inset) for side in canvas]
        scale = min(room[0] / subject.width, room[1] / subject.height)
        subject = subject.resize((max(1, round(subject.width * scale)), max(1, round(subject.height * scale))))
        result = Image.new("RGBA", canvas)
        result.paste(subject, tuple((whole - part) // 2 for whole, part in zip(canvas, subject.size, strict=True)))
        encoding = form.get("export.format") or "png"
        unknown = [name for name in form if name not in KNOWN]
        headers = {"pr-unsupported-attributes": f"Unsupported attributes: {', '.join(unknown)}"} if unknown else {}
        self._send(200, TYPES[encoding], written(result, encoding, form.get("background.color")), headers)

    def _send(self, status, content_type, body, headers=None):
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


def refuse_by_key(key, path) -> None:
    if key == BROKEN:
        raise Refusal(500, "An unexpected error occurred. Please try again later or contact support.")
    if not key and path.endswith("/account"):
        raise Refusal(400, "apiKey: Required")
    if key not in (GOOD, POOR, f"sandbox_{GOOD}"):
        raise Refusal(403, "Forbidden")


def whole(file) -> bytes:
    file.file_object.seek(0)
    return file.file_object.read()


def opened(content: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(content)).convert("RGB")
    except OSError:
        raise Refusal(400, "The image cannot be read") from None


def cut_out(original: Image.Image) -> Image.Image:
    """Keep what the tests draw: a rectangle at a quarter of the width."""
    result = original.convert("RGBA")
    matte = Image.new("L", result.size)
    box = (result.width // 4, result.height * 4 // 15, result.width // 2 - 1, result.height * 11 // 15 - 1)
    ImageDraw.Draw(matte).rectangle(box, fill=255)
    result.putalpha(matte)
    return result


def written(result: Image.Image, encoding: str, colour: str | None, *, alone: bool = False) -> bytes:
    if alone:
        result = result.getchannel("A")
    elif colour or encoding in ("jpg", "jpeg"):
        name = colour or "white"
        hexadecimal = set(name.lower().lstrip("#")) <= set("0123456789abcdef")
        ground = Image.new("RGBA", result.size, ImageColor.getrgb(f"#{name.lstrip('#')}" if hexadecimal else name))
        result = Image.alpha_composite(ground, result)
    out = BytesIO()
    kind = {"jpg": "JPEG", "jpeg": "JPEG"}.get(encoding, encoding.upper())
    (result.convert("RGB") if kind == "JPEG" and result.mode == "RGBA" else result).save(out, kind)
    return out.getvalue()
