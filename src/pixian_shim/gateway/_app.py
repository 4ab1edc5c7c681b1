"""The ASGI application: from a legacy request of any provider to its answer."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import TYPE_CHECKING

import attrs
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route as Endpoint

from pixian_shim.errors import AuthenticationFailed, Busy, ShimError
from pixian_shim.gateway._intake import Intake
from pixian_shim.gateway._metrics import Metrics
from pixian_shim.gateway._openapi import description
from pixian_shim.gateway._record import Record, notes_header
from pixian_shim.gateway._routes import Routes
from pixian_shim.gateway._telemetry import traced
from pixian_shim.shim import LINK_PATH, AsyncShim
from pixian_shim.translation import Form, HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Receive, Scope, Send

    from pixian_shim.gateway._config import Config
    from pixian_shim.gateway._routes import Route
    from pixian_shim.serving.body import BoundedBody
    from pixian_shim.translation import Adapter, Call

_log = logging.getLogger(__name__)

_PIECE = 1 << 18
_CLIENT_GONE = 499  # as nginx writes it; nobody is there to read it
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Answers:
    """Answer every adapter's interface.

    Args:
        config: limits and keys.
        shim: carries calls out; it is closed with the application.
    """

    def __init__(self, config: Config, shim: AsyncShim) -> None:
        self.config, self.shim = config, shim
        self.routes = Routes(config.providers)
        self.metrics = Metrics(self.routes.adapters, lambda: self.active)
        self.active = 0
        self.stopping = False
        self._places = asyncio.Semaphore(config.max_active)

    async def answer(self, request: Request) -> Response:
        """Answer one request; it is logged and counted however it ends."""
        client = request.client.host if request.client else ""
        record = Record(request_id=token_hex(8), client=client, method=request.method, path=request.url.path)
        intake = Intake(request, self.config)
        with traced(record, request.headers):
            self.active += 1
            try:
                answer = await self._answered(request, intake, record)
            except ClientDisconnect:
                record.error, answer = "ClientDisconnect", HttpResponse(_CLIENT_GONE, {}, b"")
            finally:
                self.active -= 1
                record.received = intake.body.seen
            record.close(answer.status, len(answer.body))
        self.metrics.count(record)
        record.log()
        notes = notes_header(record.notes)
        told = {"X-Request-Id": record.request_id} | ({"X-Shim-Notes": notes} if notes else {})
        body = b"" if request.method == "HEAD" else answer.body
        return Pieces(body, answer.status, dict(answer.headers) | told, rest=intake.body)

    async def _answered(self, request: Request, intake: Intake, record: Record) -> HttpResponse:
        path = request.url.path
        if path.startswith(LINK_PATH):
            record.operation = "result"
            return await asyncio.to_thread(self.shim.links.answer, request.method, path)
        route = self.routes.find(request.url.hostname or "", path)
        if route is None:
            return self._nobody(path)
        adapter = route.adapter
        record.provider = adapter.name
        if request.method == "OPTIONS" and adapter.any_origin:
            return HttpResponse(204, _PREFLIGHT, b"")
        call = None
        try:
            if self.active > self.config.max_active + self.config.max_waiting:
                raise Busy(self.active - 1)  # noqa: TRY301 (all errors are answered in one place)
            call = self._read(route, request, record)
            return await self._carried_out(adapter, call, intake, request, record)
        except ClientDisconnect:
            raise
        except ShimError as error:
            refused = error
        except Exception as error:  # noqa: BLE001 (whatever happens, the caller gets an error in its shape)
            _log.exception("request %s failed", record.request_id)
            refused = ShimError(f"internal error, request {record.request_id}")
            refused.result = getattr(error, "result", None)  # type: ignore[attr-defined]
        record.failed(refused)
        return adapter.refuse(call, refused)

    def _read(self, route: Route, request: Request, record: Record) -> Call:
        """Read what can be read without the body: what is wanted, and who wants it."""
        url = f"{self._origin(request)}{route.path}" + (f"?{request.url.query}" if request.url.query else "")
        query = Form.parse(url, "", b"")
        call = route.adapter.read(HttpRequest(request.method, url, request.headers, parsed=query))
        record.asked(call)
        if not self.config.keys:
            return call
        key = self.config.key_of(call.key)
        if key is None:
            raise AuthenticationFailed(
                "this gateway knows no such key", status=401, code=1001, request=f"{request.method} {route.path}"
            )
        record.key = key.name
        return attrs.evolve(call, key=key.pixian)

    async def _carried_out(
        self, adapter: Adapter, call: Call, intake: Intake, request: Request, record: Record
    ) -> HttpResponse:
        intake.check_length()
        async with intake.form() as form:
            call = attrs.evolve(call, form=form)
            async with self._places:
                ending = await self.shim.run(adapter, call)
            record.ended(ending)
            return await self.shim.answer(adapter, call, ending, self._origin(request))

    def _origin(self, request: Request) -> str:
        return self.config.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"

    def _nobody(self, path: str) -> HttpResponse:
        """Answer what no provider's path begins like, so that there is no shape to answer in."""
        served = sorted({endpoint.path for adapter in self.routes.adapters for endpoint in adapter.endpoints})
        text = f"Nothing is served at {path!r}. There is: {', '.join(served)}; or put a provider's name in front.\n"
        return HttpResponse(404, {"Content-Type": "text/plain; charset=utf-8"}, text.encode())


_PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, X-Api-Key",
    "Access-Control-Max-Age": "86400",
}
"""Assumption: how a provider that lets pages of any origin read its answers lets them ask."""


class Pieces(Response):
    """A response that is handed over piece by piece, as fast as the client takes it.

    Args:
        content: whole.
        status_code: as in HTTP.
        headers: likewise.
        rest: what has not been read of the request. The answer does not wait for it, but its end does: closing a
            connection with something unread would take the answer away from a client that is still sending.
    """

    def __init__(self, content: bytes, status_code: int, headers: dict[str, str], *, rest: BoundedBody) -> None:
        super().__init__(content, status_code, headers)
        self._rest = rest

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        body = memoryview(self.body)
        for start in range(0, len(body), _PIECE):
            piece = bytes(body[start : start + _PIECE])
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await self._rest.drain()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class Health:
    """Tell whether the process lives, and whether it should be asked."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    async def live(self, _request: Request) -> Response:
        """Tell that it lives."""
        return PlainTextResponse("ok\n")

    async def ready(self, _request: Request) -> Response:
        """Tell whether further calls would be taken."""
        answers, config = self._answers, self._answers.config
        if answers.stopping:
            return PlainTextResponse("stopping\n", 503)
        if answers.active >= config.max_active + config.max_waiting:
            return PlainTextResponse("busy\n", 503)
        return PlainTextResponse("ready\n")


def build(config: Config, shim: AsyncShim) -> Starlette:
    """Make the application of one gateway.

    Raises:
        ConfigurationError: a provider without an adapter, or two that answer the same path.
        MissingExtra: a part that the gateway needs is not installed.
    """
    answers = Answers(config, shim)
    health = Health(answers)
    described = description(answers.routes.adapters)

    async def metrics(_request: Request) -> Response:
        return Response(answers.metrics.text(), media_type=answers.metrics.content_type)

    async def openapi(_request: Request) -> Response:
        return JSONResponse(described)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await shim.aclose()

    routes = [
        Endpoint("/healthz", health.live),
        Endpoint("/readyz", health.ready),
        Endpoint("/metrics", metrics),
        Endpoint("/openapi.json", openapi),
        Endpoint("/{path:path}", answers.answer, methods=_METHODS),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.answers = answers
    return app
