"""The HTTP face: Pixian v2 and v1 as an ASGI application."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Literal

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pixian_shim.errors import ConfigurationError, InvalidParameter
from pixian_shim.pixian import ImageUrl, Upload
from pixian_shim.sandbox._control import Control
from pixian_shim.sandbox._fetch import fetch
from pixian_shim.sandbox._intake import authenticate, body_limit, read_order
from pixian_shim.sandbox._openapi import description
from pixian_shim.sandbox._rejections import BAD_PARAMETER, INTERNAL, TOO_MANY_BYTES, Rejected
from pixian_shim.sandbox._wire import ENTRY, Surroundings
from pixian_shim.serving.body import BoundedBody

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp

    from pixian_shim.pixian import Parameters, Source
    from pixian_shim.sandbox._journal import Entry
    from pixian_shim.sandbox._service import Service, Worked

_log = logging.getLogger(__name__)


def build(service: Service) -> ASGIApp:
    """Make the application of one sandbox."""
    api = Api(service)
    routes = [
        Route("/api/v2/remove-background", api.guarded(partial(api.remove_background, "v2")), methods=["POST"]),
        Route("/api/v1/remove-background", api.guarded(partial(api.remove_background, "v1")), methods=["POST"]),
        Route("/api/v2/account", api.guarded(api.account), methods=["GET"]),
        Route("/openapi.json", _description, methods=["GET"]),
        *Control(service).routes,
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _http_error})
    return Surroundings(app, service)


class Api:
    """Answer the API's requests."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def account(self, _request: Request) -> Response:
        """Tell the account's state."""
        return JSONResponse(self._service.ledger.balance.as_json())

    async def remove_background(self, version: Literal["v1", "v2"], request: Request) -> Response:
        """Read the order, work on it in a thread, tell about it in headers."""
        service, entry = self._service, _entry(request)
        order = await read_order(request, service, version, entry)
        content = await self._content(order.source)
        loop = asyncio.get_running_loop()
        worked = await loop.run_in_executor(service.workers, service.remove_background, content, order.parameters)
        _note(entry, worked, order.parameters)
        return Response(worked.finished.content, headers=_headers(worked, order.parameters))

    async def _content(self, source: Source) -> bytes:
        if isinstance(source, ImageUrl):
            return await fetch(source.url, self._service.settings.max_bytes)
        return (source if isinstance(source, Upload) else source.decode()).read()

    def guarded(self, answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Check credentials and length first; answer every failure with the documented error object."""

        async def guarded(request: Request) -> Response:
            body = BoundedBody(request.receive, body_limit(self._service), partial(Rejected, TOO_MANY_BYTES))
            bounded = Request(request.scope, body.receive)
            try:
                authenticate(bounded, self._service)
                if int(request.headers.get("content-length", 0)) > body_limit(self._service):
                    raise Rejected(TOO_MANY_BYTES)  # noqa: TRY301 (all rejections are answered in one place)
                return await answer(bounded)
            except ClientDisconnect:
                return Response(status_code=400)
            except Exception as error:  # noqa: BLE001 (whatever happens, the client gets an error object)
                rejected = _rejected(error)
            await body.drain()
            _entry(request).code = rejected.code
            return JSONResponse(rejected.body, rejected.status)

        return guarded


def _rejected(error: Exception) -> Rejected:
    """Turn any failure into an answer."""
    if isinstance(error, Rejected):
        return error
    if isinstance(error, InvalidParameter):
        return Rejected(BAD_PARAMETER, str(error))
    _log.error("the sandbox failed: %s", error, exc_info=error)
    return Rejected(INTERNAL, str(error) if isinstance(error, ConfigurationError) else "")


def _headers(worked: Worked, parameters: Parameters) -> dict[str, str]:
    """Write the documented headers; the calculated credits for tests only."""
    finished = worked.finished
    headers = {
        "Content-Type": finished.content_type,
        "X-Credits-Charged": f"{0.0 if parameters.test else worked.price:.6f}",
        "X-Input-Orientation": str(worked.orientation),
        "X-Input-Size": str(worked.input_size),
        "X-Result-Size": str(finished.result_size),
        "X-Input-Foreground": str(finished.input_foreground),
        "X-Result-Foreground": str(finished.result_foreground),
    }
    if parameters.test:
        headers["X-Credits-Calculated"] = f"{worked.price:.6f}"
    return headers


def _note(entry: Entry, worked: Worked, parameters: Parameters) -> None:
    entry.input_size, entry.result_size = worked.input_size, worked.finished.result_size
    entry.credits_charged = 0.0 if parameters.test else worked.price
    entry.credits_calculated = worked.price if parameters.test else None


def _entry(request: Request) -> Entry:
    entry: Entry = request.scope[ENTRY]
    return entry


async def _description(_request: Request) -> Response:
    return JSONResponse(description())


async def _http_error(request: Request, error: Exception) -> Response:
    """Answer unknown paths and methods in the same shape; their codes are not established, the status stands in."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    if (entry := request.scope.get(ENTRY)) is not None:
        entry.code = status
    message = "Not found." if status == 404 else "Method not allowed."  # noqa: PLR2004
    return JSONResponse({"error": {"status": status, "code": status, "message": message}}, status, headers)
