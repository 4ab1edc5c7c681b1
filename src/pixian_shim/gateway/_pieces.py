"""An answer on its way to the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from pixian_shim.gateway._record import notes_header

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from pixian_shim.gateway._intake import Intake
    from pixian_shim.gateway._record import Record
    from pixian_shim.translation import HttpResponse

_PIECE = 1 << 18


class Pieces(Response):
    """A response that is handed over piece by piece, as fast as the client takes it.

    What has not been read of the request is no reason to wait with the answer, but with its end: closing a connection
    with something unread would take the answer away from a client that is still sending.

    Args:
        answer: whole.
        record: told how much was handed over, and whether anybody was there.
        intake: of the request.
        tell: called once before the last piece is handed over, or when it turns out that it will not be.
        head: whether the body is not asked for.
    """

    def __init__(
        self, answer: HttpResponse, record: Record, intake: Intake, tell: Callable[[], None], *, head: bool
    ) -> None:
        notes = notes_header(record.notes)
        headers = dict(answer.headers) | {"X-Request-Id": record.request_id}
        headers |= {"X-Shim-Notes": notes} if notes else {}
        headers |= {} if intake.body.ended or not intake.has_body else {"Connection": "close"}
        status = answer.status if answer.status in range(200, 600) else 502
        super().__init__(answer.body, status, headers)
        self._record, self._rest, self._tell, self._head = record, intake.body, tell, head

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        body = memoryview(b"" if self._head else self.body)
        last = max(0, len(body) - 1) // _PIECE * _PIECE
        self._record.sent = 0
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            for start in range(0, last, _PIECE):
                await self._send(send, body[start : start + _PIECE])
            if await self._rest.gone():
                self._record.error = self._record.error or "ClientDisconnect"
            else:
                self._record.sent = len(body)
            self._tell()
            await self._send(send, body[last:])
            await self._rest.drain()
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._tell()

    async def _send(self, send: Send, piece: memoryview) -> None:
        await send({"type": "http.response.body", "body": bytes(piece), "more_body": True})
        self._record.sent += len(piece)
