"""Answer from a baseline, as the provider did."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import attrs

from pixian_shim.baseline._exchange import Question
from pixian_shim.baseline._pictures import lacking, relinked
from pixian_shim.baseline._store import Store
from pixian_shim.errors import ConfigurationError, ShimError, TranslationError
from pixian_shim.pixian import content_type_of
from pixian_shim.translation import HttpResponse, load

if TYPE_CHECKING:
    import os

    from pixian_shim.baseline._exchange import Exchange
    from pixian_shim.translation import Adapter, HttpRequest

_PATH = "/pixian-shim/recorded/"
_RECORDED = re.compile(rf"{_PATH}([0-9a-f]{{64}})(\.\w+)?")
"""Where the pictures behind links are, below the address that was asked."""


class Replay:
    """A double of a provider that knows what is in a baseline, and nothing else.

    Args:
        folder: of the baseline.
        real_time: answer as slowly as the provider did.

    Raises:
        ConfigurationError: the folder is no baseline.
    """

    def __init__(self, folder: str | os.PathLike[str], *, real_time: bool = False) -> None:
        self.store = Store(folder)
        self.adapter: Adapter = load(self.store.provider)
        self._real_time = real_time

    def serve(self, request: HttpRequest) -> HttpResponse:
        """Answer a request byte for byte as the provider did, or in its shape with what is missing here.

        Only a link in an answer is another one: it leads to the picture that was recorded, at the address that was
        asked, and is to be asked here as well.
        """
        linked = _RECORDED.fullmatch(urlsplit(request.url).path)
        if linked is not None:
            return self._behind(linked[1])
        call = None
        try:
            call = self.adapter.read(request)
            exchange, body = self._found(Question.of(self.adapter, call))
        except ShimError as error:
            refused = self.adapter.refuse(call, error)
            return attrs.evolve(refused, error=error)
        if self._real_time:
            time.sleep(exchange.seconds or 0.0)
        answer = HttpResponse(exchange.status, exchange.headers, body)
        address = urljoin(request.url, f"{_PATH}{exchange.question.key}{exchange.picture_suffix}")
        return relinked(self.adapter, answer, address)

    def _behind(self, key: str) -> HttpResponse:
        """Give the picture that an answer leads to, or say what can be done to have it."""
        try:
            content = self._linked(key)
        except ConfigurationError as error:
            return HttpResponse(404, {"Content-Type": "text/plain; charset=utf-8"}, f"{error}\n".encode())
        return HttpResponse(200, {"Content-Type": content_type_of(content) or "application/octet-stream"}, content)

    def _linked(self, key: str) -> bytes:
        folder, exchange = self.store.folder, self.store.at(key)
        if exchange is None:
            raise ConfigurationError(f"The baseline {folder} holds no answer with this link.")
        if exchange.picture:
            return self.store.picture(exchange)
        raise ConfigurationError(
            f"The baseline holds no picture for this link{f' ({exchange.missing})' if exchange.missing else ''}. "
            f"Try the provider's own link again: pixian-shim baseline pictures {folder}. Where that has expired, "
            f"delete {folder}/exchanges/{key}.json and record the photo once more."
        )

    def _found(self, question: Question) -> tuple[Exchange, bytes]:
        try:
            exchange = self.store.find(question)
            if exchange is not None:
                return exchange, self.store.body(exchange)
        except ConfigurationError as error:  # of the provider's key, as far as adapters know
            raise TranslationError("The baseline is damaged", code="", detail=str(error)) from error
        raise TranslationError("The baseline holds no such call", code="", detail=self._nearest(question))

    def _nearest(self, question: Question) -> str:
        same = [one for one in self.store.exchanges() if one.question.picture == question.picture]
        said = f"asked with {question.parameters or 'no parameters'}"
        if not same:
            return f"{said} for a picture that it does not know (SHA-256 {question.picture or 'of none'})"
        known = "; ".join(str(one.question.parameters or "no parameters") for one in same[:5])
        return f"{said}; for this picture there is: {known}"


@attrs.define
class Verified:
    """What a look through a baseline found."""

    exchanges: int = 0
    pictures: int = 0
    credits: float = 0.0
    unknown: int = 0
    """Calls that were begun and never answered, or where the service failed: perhaps paid for."""
    missing: int = 0
    """Pictures that an answer leads to, and that are not there."""
    failed: int = 0
    """Answers that say no more than that the service failed that day: recording again asks again."""
    problems: list[str] = attrs.field(factory=list)


def verify(folder: str | os.PathLike[str]) -> Verified:
    """Read every exchange and every answer of a baseline, and change nothing.

    Raises:
        ConfigurationError: the folder is no baseline.
    """
    store, found = Store(folder), Verified()
    pictures, unknown = set(), store.unanswered()
    for path in sorted((store.folder / "exchanges").glob("*.json")):
        try:
            exchange = store.read(path)
            store.body(exchange)
            store.picture(exchange)
        except ConfigurationError as error:
            found.problems.append(str(error))
            continue
        found.exchanges += 1
        found.failed += exchange.transient
        unknown |= {path.stem} if exchange.doubtful else set()
        found.credits += exchange.credits or 0.0
        pictures.add(exchange.question.picture)
    found.pictures, found.unknown = len(pictures), len(unknown)
    found.missing = sum(1 for _ in lacking(store))
    return found
