"""What lies around the endpoints: every request is written down, and meets its fault."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from pixian_shim.sandbox._faults import REASONS, Fault
from pixian_shim.sandbox._rejections import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from pixian_shim.sandbox._journal import Entry
    from pixian_shim.sandbox._service import Service

WIRE = "pixian_shim.wire"
"""The ASGI extension that gives a ``Wire``: both of the sandbox's servers have it."""

ENTRY = "pixian_shim.entry"
"""Where in the scope the request's journal entry is."""

API = "/api/"


class Wire(Protocol):
    """The connection below a request, to be broken."""

    def reset(self) -> None:
        """Drop it at once; what was written may be lost."""

    def end(self) -> None:
        """Close it after what was written."""


class Surroundings:
    """Keep the journal and play the faults of the API; the control plane has neither."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        entry = self._service.journal.open(scope["method"], scope["path"])
        scope[ENTRY] = entry

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
                entry.milliseconds = round((perf_counter() - started) * 1000, 3)
            await send(message)

        fault = self._service.faults.next()
        if fault is None:
            await self._app(scope, receive, watched)
        else:
            entry.fault = fault.kind
            await self._play(fault, scope, receive, watched)

    async def _play(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        wire: Wire | None = scope.get("extensions", {}).get(WIRE)
        match fault.kind:
            case "latency":
                await asyncio.sleep(fault.seconds)
                await self._app(scope, receive, send)
            case "reset" | "lost" | "half_body" if wire is not None:
                await self._break(fault, wire, scope, receive, send)
            case _:
                answer = _answer(fault, scope[ENTRY])
                await _drain(receive)
                await answer(scope, receive, send)

    async def _break(self, fault: Fault, wire: Wire, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.kind == "reset":
            await _drain(receive)
            await _cut(wire.reset, receive)
            return
        messages: list[Message] = []

        async def kept(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, kept)
        if fault.kind == "lost":
            await _cut(wire.reset, receive)
            return
        start, *rest = messages
        body = b"".join(message.get("body", b"") for message in rest)
        await send(start)
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await _cut(wire.end, receive)


def _answer(fault: Fault, entry: Entry) -> Response:
    status = fault.answers_with
    if fault.kind == "html":
        return HTMLResponse("<!doctype html><title>Gateway</title><h1>Please wait</h1>", status)
    if fault.kind not in REASONS:
        return PlainTextResponse("upstream connect error or disconnect/reset before headers", status)
    rejected = Rejected(REASONS[fault.kind])
    entry.code = rejected.code
    status = fault.status or rejected.status
    return JSONResponse({"error": rejected.body["error"] | {"status": status}}, status)


async def _drain(receive: Receive) -> None:
    """Take the body in, so that the client meets the fault where it reads the answer."""
    while True:
        message = await receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            return


async def _cut(break_wire: Callable[[], None], receive: Receive) -> None:
    """Break the connection, and wait until the server has noticed: it complains about unfinished answers otherwise."""
    break_wire()
    while (await receive())["type"] != "http.disconnect":
        pass
