"""The ASGI application: from a legacy request of any provider to its answer."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from functools import partial
from secrets import token_hex
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route as Endpoint

from pixian_shim.errors import AuthenticationFailed, Busy, NoForeground, ShimError
from pixian_shim.gateway._intake import Intake
from pixian_shim.gateway._metrics import Metrics
from pixian_shim.gateway._openapi import description
from pixian_shim.gateway._pieces import Pieces
from pixian_shim.gateway._record import Record
from pixian_shim.gateway._rolled import Rolled
from pixian_shim.gateway._routes import Routes
from pixian_shim.gateway._telemetry import traced
from pixian_shim.pixian import Result
from pixian_shim.pixian._settings import on_loopback
from pixian_shim.shim import LINK_PATH, AsyncShim
from pixian_shim.translation import Cutout, Form, HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from pixian_shim.gateway._config import Config
    from pixian_shim.gateway._routes import Route
    from pixian_shim.rollout import Rollout
    from pixian_shim.shim import Serves
    from pixian_shim.translation import Adapter, Call

_log = logging.getLogger(__name__)

_LONGEST_PATH = 500  # in the log
_CLIENT_GONE = 499  # as nginx writes it; nobody is there to read it
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Answers:
    """Answer every adapter's interface.

    Args:
        config: limits and keys.
        shim: carries calls out; it is closed with the application.
        rollout: decides which of them the providers themselves answer; without one, Pixian answers all.
    """

    def __init__(self, config: Config, shim: AsyncShim, rollout: Rollout | None = None) -> None:
        self.config, self.shim, self.rollout = config, shim, rollout
        self.routes = Routes(config.providers)
        self.metrics = Metrics(self.routes.adapters, lambda: self.active)
        if rollout is not None:
            self.metrics.of_rollout(rollout)
        self.under_way: set[Record] = set()
        """Requests that are not in the log yet."""
        self.stopping = False
        self._places = asyncio.Semaphore(config.max_active)
        self._own_hosts = {host for adapter in self.routes.adapters for host in adapter.hosts}
        self._own_hosts |= {urlsplit(config.public_url).hostname or "", config.host}

    @property
    def active(self) -> int:
        """How many requests are under way."""
        return len(self.under_way)

    async def answer(self, request: Request) -> Response:
        """Answer one request; it is logged and counted however it ends."""
        client, path = request.client.host if request.client else "", request.url.path[:_LONGEST_PATH]
        record = Record(request_id=token_hex(8), client=client, method=request.method, path=path)
        intake = Intake(request, self.config)
        self.under_way.add(record)
        try:
            with traced(record, request.headers):
                answer = await self._whatever_happens(request, intake, record)
                record.close(answer.status, len(answer.body))
        except BaseException:  # the time to finish is over
            self.cut_off(record)
            raise
        return Pieces(answer, record, intake, partial(self.tell, record), head=request.method == "HEAD")

    def tell(self, record: Record) -> None:
        """Count and log a request, once."""
        if record in self.under_way:
            self.under_way.remove(record)
            try:
                self.metrics.count(record)
                record.log()
            except Exception:  # noqa: BLE001 (an answer that was paid for is not given up for a line of the log)
                _log.exception("request %s cannot be logged", record.request_id)

    def cut_off(self, record: Record) -> None:
        """Log a request that ends without an answer, though Pixian may have been paid for it."""
        record.error = "CutOff"
        self.tell(record)

    async def _whatever_happens(self, request: Request, intake: Intake, record: Record) -> HttpResponse:
        try:
            return await self._answered(request, intake, record)
        except ClientDisconnect:
            record.error = "ClientDisconnect"
            return HttpResponse(_CLIENT_GONE, {}, b"")
        except ShimError as error:
            record.failed(error)
            return _text(503, str(error))
        except Exception as error:  # noqa: BLE001 (whatever happens, there is an answer)
            _log.exception("request %s failed", record.request_id)
            record.error = type(error).__name__
            return _text(500, f"internal error, request {record.request_id}")
        finally:
            record.received = intake.body.seen

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
        call = None
        try:
            self._check_page(request)
            if request.method == "OPTIONS" and adapter.any_origin:
                return HttpResponse(204, _PREFLIGHT, b"")
            if self.active > self.config.max_active + self.config.max_waiting:
                raise Busy(self.active - 1)  # noqa: TRY301 (all errors are answered in one place)
            call, pays = self._read(route, request, record)
            return await self._carried_out(adapter, call, pays, route.path, intake, request, record)
        except ClientDisconnect:
            raise
        except ShimError as error:
            refused = error
        except Exception as error:  # noqa: BLE001 (whatever happens, the caller gets an error in its shape)
            _log.exception("request %s failed", record.request_id)
            refused = ShimError(f"internal error, request {record.request_id}")
            refused.result = getattr(error, "result", None)  # type: ignore[attr-defined]
        record.failed(refused)
        await self._keep(refused, request, record)
        return adapter.refuse(call, refused)

    def _check_page(self, request: Request) -> None:
        """Refuse what a browser sends for somebody's page, where whoever reaches this gateway may call.

        Raises:
            AuthenticationFailed: the page is of another origin, or the host's name was made to lead here.
        """
        if self.config.keys:
            return
        origin, host = request.headers.get("origin"), request.url.hostname
        foreign = origin is not None and origin not in self.config.allow_origins and not on_loopback(origin)
        if foreign or (host and host not in self._own_hosts and not on_loopback(f"http://{request.url.netloc}")):
            raise AuthenticationFailed(
                "without [[keys]] this gateway answers its own hosts only, and no pages of others: see allow_origins "
                "and public_url",
                status=403,
                code=1001,
                request=f"{request.method} {request.url.path}",
            )

    async def _keep(self, error: ShimError, request: Request, record: Record) -> None:
        """Keep what was paid for and could not be finished."""
        paid = getattr(error, "result", None)
        if isinstance(paid, Cutout | Result) and not isinstance(error, NoForeground):
            kept = await self.shim.keep(self._origin(request), paid.content, paid.content_type)
            record.kept = error.kept_at = kept  # type: ignore[attr-defined]

    def _read(self, route: Route, request: Request, record: Record) -> tuple[Call, str | None]:
        """Read what can be read without the body: what is wanted, and who pays for it."""
        url = f"{self._origin(request)}{route.path}" + (f"?{request.url.query}" if request.url.query else "")
        query = Form.parse(url, "", b"")
        call = route.adapter.read(HttpRequest(request.method, url, request.headers, parsed=query))
        record.asked(call)
        if not self.config.keys:
            return call, None
        key = self.config.key_of(call.key)
        if key is None:
            raise AuthenticationFailed(
                "this gateway knows no such key", status=401, code=1001, request=f"{request.method} {route.path}"
            )
        record.key = key.name
        # The caller's own key is known here, and means nothing to Pixian.
        return (call if self.rollout else attrs.evolve(call, key=key.pixian)), key.pixian

    async def _carried_out(
        self,
        adapter: Adapter,
        call: Call,
        pays: str | None,
        path: str,
        intake: Intake,
        request: Request,
        record: Record,
    ) -> HttpResponse:
        intake.check_length()
        copy = None if self.rollout is None else intake.copied()
        async with intake.form() as form:
            call = attrs.evolve(call, form=form)
            async with self._place(intake):
                if self.rollout is not None and copy is not None:
                    query = f"?{request.url.query}" if request.url.query else ""
                    return await Rolled(
                        rollout=self.rollout,
                        shim=self.shim,
                        adapter=adapter,
                        call=call,
                        pays=pays,
                        method=request.method,
                        path=path + query,
                        headers=request.headers,
                        origin=self._origin(request),
                        copy=copy,
                        record=record,
                    ).answer()
                ending = await self.shim.run(adapter, call)
            record.ended(ending)
            return await self.shim.answer(adapter, call, ending, self._origin(request))

    @asynccontextmanager
    async def _place(self, intake: Intake) -> AsyncIterator[None]:
        """Wait for a place among the calls that Pixian is asked.

        Raises:
            ClientDisconnect: nobody waits for the answer any more, and nothing has been paid for.
            Busy: none came free in time.
        """
        if self._places.locked():
            await self._wait(intake)
        else:
            await self._places.acquire()
        try:
            if await intake.body.gone():
                raise ClientDisconnect
            yield
        finally:
            self._places.release()

    async def _wait(self, intake: Intake) -> None:
        place, leaving = asyncio.create_task(self._places.acquire()), asyncio.create_task(intake.body.left())
        try:
            await asyncio.wait(
                (place, leaving), timeout=self.config.waiting_seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            leaving.cancel()
            if not place.done():
                place.cancel()
        if not place.done():
            raise ClientDisconnect if leaving.done() else Busy(self.active)

    def _origin(self, request: Request) -> str:
        return self.config.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"

    def _nobody(self, path: str) -> HttpResponse:
        """Answer what no provider's path begins like, so that there is no shape to answer in."""
        served = sorted({endpoint.path for adapter in self.routes.adapters for endpoint in adapter.endpoints})
        return _text(
            404, f"Nothing is served at {path!r}. There is: {', '.join(served)}; or put a provider's name in front."
        )


def _text(status: int, text: str) -> HttpResponse:
    """Answer where there is no provider's shape to answer in."""
    return HttpResponse(status, {"Content-Type": "text/plain; charset=utf-8"}, f"{text}\n".encode("utf-8", "replace"))


_PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, X-Api-Key",
    "Access-Control-Max-Age": "86400",
}
"""Assumption: how a provider that lets pages of any origin read its answers lets them ask."""


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


def build(config: Config, shim: AsyncShim, rollout: Rollout | None = None, owned: Sequence[Serves] = ()) -> Starlette:
    """Make the application of one gateway, which ends with its shim and whatever else is its own.

    Raises:
        ConfigurationError: a provider without an adapter, or two that answer the same path.
        MissingExtra: a part that the gateway needs is not installed.
    """
    answers = Answers(config, shim, rollout)
    health = Health(answers)
    described = description(answers.routes.adapters)

    async def metrics(_request: Request) -> Response:
        return Response(answers.metrics.text(), media_type=answers.metrics.content_type)

    async def openapi(_request: Request) -> Response:
        return JSONResponse(described)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await asyncio.to_thread(_import_what_calls_need)
        try:
            yield
        finally:
            await shim.aclose()
            for own in owned:
                await asyncio.to_thread(own.close)

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


def _import_what_calls_need() -> None:
    """Import before the first call what would keep the loop busy then."""
    import httpx  # noqa: F401

    from pixian_shim import images

    _ = images.decode
