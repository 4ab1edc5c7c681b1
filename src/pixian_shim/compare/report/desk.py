"""What a served report asks for: the page, its rows, its pictures, and a place for decisions."""

from __future__ import annotations

import gzip
import json
from ipaddress import ip_address
from threading import Lock
from typing import TYPE_CHECKING, Any

import attrs
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pixian_shim.compare._comparison import ACCEPT, REJECT
from pixian_shim.compare.report.html import page, policy, rows
from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from pixian_shim.compare._comparison import Comparison
    from pixian_shim.compare.report.folder import Folder

_TYPES = {".webp": "image/webp", ".jpg": "image/jpeg"}
_MOST = 4096  # bytes of a decision
_FAST = 4  # of gzip: half a second for ten thousand rows
_HEADERS = {
    "Content-Security-Policy": f"{policy('serve')}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@attrs.frozen
class _Shown:
    """A comparison as it is served."""

    comparison: Comparison = attrs.field(repr=False)
    ids: frozenset[str] = attrs.field(repr=False)
    pictures: frozenset[str] = attrs.field(repr=False)
    packed: bytes = attrs.field(repr=False)
    """The rows, undecided, as JSON in gzip."""
    stamp: tuple[int, int]

    @classmethod
    def of(cls, comparison: Comparison, stamp: tuple[int, int]) -> _Shown:
        bare = comparison.decided({row.id: "" for row in comparison.rows})
        text = json.dumps(rows(bare), separators=(",", ":"))
        return cls(
            bare,
            frozenset(row.id for row in bare.rows),
            frozenset(name for row in bare.rows for name in row.views.values()),
            gzip.compress(text.encode(), _FAST),
            stamp,
        )

    def page(self, decisions: Mapping[str, str]) -> str:
        known = {row: word for row, word in decisions.items() if row in self.ids}
        return page(self.comparison.decided(known), mode="serve", version=f"{self.stamp[0]:x}")


class Desk:
    """A comparison's folder behind HTTP.

    Args:
        folder: of the comparison. It is read anew when a later comparison was written to it.

    Raises:
        ConfigurationError: there is none in it.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder, self._reading, self._writing = folder, Lock(), Lock()
        self._last = _Shown.of(folder.load(), folder.stamp())

    def app(self) -> ASGIApp:
        """Give the application."""
        routes = [
            Route("/", self._page, methods=["GET"]),
            Route("/rows.json", self._rows, methods=["GET"]),
            Route("/pictures/{name}", self._picture, methods=["GET"]),
            Route("/decisions", self._decisions, methods=["GET"]),
            Route("/decisions/{row}", self._decide, methods=["PUT"]),
        ]
        return _Guard(Starlette(routes=routes, exception_handlers={ConfigurationError: _failed}))

    def _shown(self) -> _Shown:
        with self._reading:
            stamp = self._folder.stamp()
            if stamp != self._last.stamp:
                self._last = _Shown.of(self._folder.load(), stamp)
            return self._last

    def _page(self, _request: Request) -> Response:
        html = self._shown().page(self._folder.decisions())
        headers = {"Cache-Control": "no-store"}
        return Response(html, media_type="text/html; charset=utf-8", headers=headers)

    def _rows(self, request: Request) -> Response:
        packed = self._shown().packed
        headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(gzip.decompress(packed), media_type="application/json", headers=headers)
        return Response(packed, media_type="application/json", headers=headers | {"Content-Encoding": "gzip"})

    def _picture(self, request: Request) -> Response:
        """Give a picture that the comparison knows; its address changes with the comparison, so it is kept for good."""
        path = self._folder.pictures / (name := request.path_params["name"])
        kind = _TYPES.get(path.suffix)
        if name not in self._last.pictures or path.parent != self._folder.pictures or kind is None:
            return _error(404, "there is no such picture in this comparison")
        try:
            content = path.read_bytes()
        except OSError:
            return _error(404, "this picture is not in the folder any more")
        return Response(content, media_type=kind, headers={"Cache-Control": "private, max-age=31536000, immutable"})

    def _decisions(self, _request: Request) -> Response:
        return JSONResponse(self._folder.decisions(), headers={"Cache-Control": "no-store"})

    async def _decide(self, request: Request) -> Response:
        row = request.path_params["row"]
        if row not in self._last.ids:
            return _error(404, "there is no such pair in this comparison: reload the page")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return _error(415, "a decision is JSON")
        try:
            told = json.loads(await _body(request))
        except (ValueError, RecursionError):
            told = None
        decision = told.get("decision") if isinstance(told, dict) and set(told) == {"decision"} else None
        if decision not in (ACCEPT, REJECT, ""):
            return _error(422, f'a decision is {{"decision": …}} with "{ACCEPT}", "{REJECT}" or ""')
        await run_in_threadpool(self._keep, row, decision)
        return Response(status_code=204)

    def _keep(self, row: str, decision: str) -> None:
        with self._writing:  # the file is read, changed and written as a whole
            self._folder.decide({row: decision})


async def _body(request: Request) -> bytes:
    found = b""
    async for chunk in request.stream():
        found += chunk
        if len(found) > _MOST:
            raise ValueError("too long")
    return found


class _Guard:
    """Answer to this machine's own pages only, and put the headers on that keep a page to itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        problem = _stranger(Headers(scope=scope), scope["method"]) if scope["type"] == "http" else ""
        app: Any = _error(403, problem) if problem else self._app
        await app(scope, receive, answer)


def _stranger(headers: Headers, method: str) -> str:
    """Tell why a request is not answered; empty where it is.

    A name that somebody else owns may lead here (DNS rebinding), and any page may send what it cannot read.
    """
    host = headers.get("host", "")
    if not _address(host):
        return "this server is asked for as localhost, or by its address"
    if method in ("GET", "HEAD"):
        return ""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "same-origin")
    if site != "same-origin" or (origin is not None and origin.lower() != f"http://{host}".lower()):
        return "decisions are taken from this server's own pages"
    return ""


def _address(host: str) -> bool:
    name = host.lower()
    if not name.endswith("]"):
        name = name.rpartition(":")[0] or name
    if name == "localhost":
        return True
    try:
        ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _error(status: int, problem: str) -> Response:
    return JSONResponse({"error": problem}, status)


def _failed(_request: Request, error: Exception) -> Response:
    return _error(500, str(error))
