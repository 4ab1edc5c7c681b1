"""A request of which a rollout decides who answers it; what goes to the provider goes there byte for byte."""

from __future__ import annotations

from functools import partial
from tempfile import SpooledTemporaryFile
from time import perf_counter
from typing import TYPE_CHECKING

import attrs

from pixian_shim.errors import ShimError
from pixian_shim.rollout import Origin, Reply
from pixian_shim.rollout._rollout import charged_for, of_pixian
from pixian_shim.rollout._units import Asked
from pixian_shim.translation import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.types import Message, Receive

    from pixian_shim.gateway._record import Record
    from pixian_shim.rollout import Conduct, Rollout
    from pixian_shim.shim import AsyncShim
    from pixian_shim.translation import Adapter, Call, HttpResponse

_IN_MEMORY, _PIECE = 1 << 20, 1 << 18


class Copy:
    """A request's body as it came, beside its parsing: in memory while it is small."""

    def __init__(self) -> None:
        self._file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (closed below)
        self.length = 0

    def of(self, receive: Receive) -> Receive:
        """Pass on what is received, and keep it."""

        async def passed_on() -> Message:
            message = await receive()
            body = message.get("body", b"")
            if body:
                self._file.write(body)
                self.length += len(body)
            return message

        return passed_on

    def pieces(self) -> Iterator[bytes]:
        """Give it from its start."""
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            yield piece

    def read(self) -> bytes:
        """Give it whole."""
        return b"".join(self.pieces())

    def close(self) -> None:
        """Throw it away."""
        self._file.close()


@attrs.frozen(kw_only=True)
class Rolled:
    """One request of a gateway, for its rollout.

    Attributes:
        call: with the caller's own key, which is the provider's.
        pays: ``id:secret`` of the Pixian account that the key stands for, if it has one of its own.
        path: as the provider documents it, with the query.
    """

    rollout: Rollout
    shim: AsyncShim
    adapter: Adapter
    call: Call
    pays: str | None = attrs.field(repr=False)
    method: str
    path: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    origin: str
    copy: Copy
    record: Record

    async def answer(self) -> HttpResponse:
        """Answer it.

        Raises:
            ShimError: whoever was asked gave no answer.
        """
        incumbent = self.adapter.incumbent
        home = incumbent.home_of(self.call.operation) if incumbent is not None else self.origin
        request = HttpRequest(self.method, home + self.path, self.headers, parsed=self.call.form)
        asked = Asked(self.adapter, request, given=self.call, pays=self.pays, raw=self.copy.read)
        conduct = await self.rollout.serve_async(asked, self._pixian, partial(self._legacy, asked))
        self._note(conduct)
        reply = conduct.reply
        if reply.answer is None:
            raise reply.error or ShimError("nobody answered")
        return reply.answer

    def _legacy(self, asked: Asked) -> Reply:
        return self.rollout.ask_legacy(asked, content=self.copy.pieces(), length=self.copy.length, raw=True)

    async def _pixian(self) -> Reply:
        started = perf_counter()
        try:
            call = attrs.evolve(self.call, key=self.pays) if self.pays is not None else self.call
            ending = await self.shim.run(self.adapter, call)
            self.record.ended(ending)
            answer = await self.shim.answer(self.adapter, call, ending, self.origin)
        except Exception as error:  # noqa: BLE001 (raised again where nobody else answers)
            seconds = perf_counter() - started
            return Reply(origin=Origin.PIXIAN, error=error, seconds=seconds, credits=charged_for(error))
        return of_pixian(answer, perf_counter() - started)

    def _note(self, conduct: Conduct) -> None:
        record = self.record
        record.stage, record.answered_by = str(conduct.decision.stage), str(conduct.answered_by)
        record.because = conduct.because or None
        legacy = conduct.replies.get(Origin.LEGACY)
        record.legacy_credits = legacy.credits if legacy is not None else None
