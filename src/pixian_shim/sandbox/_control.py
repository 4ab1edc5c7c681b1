"""The control plane: rehearse a bad day, refill the account, read what was asked. On loopback, without credentials."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pixian_shim.errors import InvalidParameter
from pixian_shim.sandbox._faults import KINDS, Fault
from pixian_shim.sandbox._rejections import BAD_PARAMETER, FORBIDDEN, Rejected

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from pixian_shim.sandbox._service import Service

PREFIX = "/_sandbox"
_MAX_BODY = 1 << 16
_STATES = {"active": False, "dormant": True}


class Control:
    """Answer the control plane's requests."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @property
    def routes(self) -> list[Route]:
        """Every path with its methods."""
        table: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
            ("reset", "POST", self.reset),
            ("faults", "GET", self.show_faults),
            ("faults", "POST", self.add_fault),
            ("faults", "DELETE", self.clear_faults),
            ("credits", "GET", self.show_credits),
            ("credits", "PUT", self.set_credits),
            ("requests", "GET", self.show_requests),
            ("requests", "DELETE", self.clear_requests),
        ]
        return [Route(f"{PREFIX}/{name}", self._guarded(answer), methods=[method]) for name, method, answer in table]

    async def reset(self, _request: Request) -> Response:
        """Go back to the start."""
        self._service.reset()
        return Response(status_code=204)

    async def show_faults(self, _request: Request) -> Response:
        """List what waits, and which kinds there are."""
        waiting = [_as_json(fault) for fault in self._service.faults.waiting]
        return JSONResponse({"faults": waiting, "kinds": KINDS})

    async def add_fault(self, request: Request) -> Response:
        """Add one fault, or a list of them."""
        body = await _body(request)
        faults = [Fault.from_json(one) for one in (body if isinstance(body, list) else [body])]
        for fault in faults:
            self._service.faults.add(fault)
        return JSONResponse({"faults": [_as_json(fault) for fault in self._service.faults.waiting]}, 201)

    async def clear_faults(self, _request: Request) -> Response:
        """Forget all faults."""
        self._service.faults.clear()
        return Response(status_code=204)

    async def show_credits(self, _request: Request) -> Response:
        """Show the account."""
        return JSONResponse(self._service.ledger.balance.as_json())

    async def set_credits(self, request: Request) -> Response:
        """Change credits, ``creditPack`` and ``state``."""
        body = await _body(request)
        if not isinstance(body, dict) or body.keys() - {"credits", "creditPack", "state"}:
            raise InvalidParameter("body", body, "credits, creditPack and state are known")
        state, pack = body.get("state"), body.get("creditPack")
        if state is not None and (not isinstance(state, str) or state not in _STATES):
            raise InvalidParameter("state", state, "active or dormant is expected")
        if pack is not None and not isinstance(pack, str):
            raise InvalidParameter("creditPack", pack, "a text is expected")
        balance = self._service.ledger.set(
            body.get("credits"), credit_pack=pack, dormant=None if state is None else _STATES[state]
        )
        return JSONResponse(balance.as_json())

    async def show_requests(self, _request: Request) -> Response:
        """List the journal, oldest first."""
        return JSONResponse({"requests": [entry.as_json() for entry in self._service.journal.entries]})

    async def clear_requests(self, _request: Request) -> Response:
        """Empty the journal."""
        self._service.journal.clear()
        return Response(status_code=204)

    def _guarded(self, answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            try:
                self._admit(request)
                return await answer(request)
            except InvalidParameter as error:
                rejected = Rejected(BAD_PARAMETER, str(error))
            except Rejected as error:
                rejected = error
            return JSONResponse(rejected.body, rejected.status)

        return guarded

    def _admit(self, request: Request) -> None:
        if not (self._service.settings.open_control or _is_local(request)):
            raise Rejected(FORBIDDEN)


def _is_local(request: Request) -> bool:
    """Tell whether the asker is on this machine, and no web page that was led here."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    host = request.client.host if request.client else ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _body(request: Request) -> Any:
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > _MAX_BODY:
            raise InvalidParameter("body", f"{len(content)} bytes", f"at most {_MAX_BODY} are accepted")
    import json

    try:
        return json.loads(bytes(content))
    except (ValueError, RecursionError):
        raise InvalidParameter("body", bytes(content[:40]), "JSON is expected") from None


def _as_json(fault: Fault) -> dict[str, Any]:
    return {"kind": fault.kind, "times": fault.times, "seconds": fault.seconds, "status": fault.status}
