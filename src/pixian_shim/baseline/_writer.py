"""Keep the answers of live traffic."""

from __future__ import annotations

import logging
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from pixian_shim.baseline._exchange import Question
from pixian_shim.baseline._later import Later
from pixian_shim.baseline._pictures import fetched, found_in
from pixian_shim.baseline._store import Store
from pixian_shim.errors import ConfigurationError, FetchError, ShimError
from pixian_shim.legacy import LegacyHost

if TYPE_CHECKING:
    import os

    from pixian_shim.baseline._exchange import Exchange
    from pixian_shim.shim import Fetcher
    from pixian_shim.translation import Adapter, Call, HttpResponse

_log = logging.getLogger(__name__)

_WAITING = "it was not fetched before the program ended"
_TOO_MANY = "too many pictures were waiting to be fetched"


class BaselineWriter:
    """Store whatever the provider answers, each question once; several processes may share the folder.

    What an answer links to is fetched afterwards, in a thread of its own. Where that fails, the answer stays, and a
    later one to the same question takes its place.

    Args:
        folder: made if it is not there.
        max_bytes: of answers that this process stores; then it stops. ``None`` is without a limit.
        fetcher: fetches what answers link to; by default from public addresses only.

    Raises:
        ConfigurationError: the folder is something else.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        max_bytes: int | None = 10 << 30,
        fetcher: Fetcher | None = None,
    ) -> None:
        self._folder, self._left = folder, max_bytes
        self._fetcher, self._later = fetcher or LegacyHost().fetcher, Later()
        self._stores: dict[str, Store] = {}
        self._lock = Lock()
        self._under_way: set[str] = set()
        self._told = False
        self.kept = 0

    def keep(self, adapter: Adapter, call: Call, answer: HttpResponse, seconds: float) -> None:
        """Store one answer; what goes wrong is logged once, and does not affect the call."""
        try:
            self._keep(adapter, call, answer, seconds)
        except (OSError, ShimError) as error:
            self._tell(error)

    def drain(self, timeout: float = 30.0) -> bool:
        """Wait for pictures that are being fetched; tells whether none is left."""
        return self._later.drain(timeout)

    def _keep(self, adapter: Adapter, call: Call, answer: HttpResponse, seconds: float) -> None:
        with self._lock:
            store = self._stores.get(adapter.name)
            if store is None:
                store = self._stores[adapter.name] = Store(self._folder, create=adapter.name)
        question = Question.of(adapter, call)
        if answer.status >= 400:  # noqa: PLR2004 (how a provider fails on a day is no baseline)
            return
        found = found_in(adapter, answer)
        if store.known(question) and (found is None or not self._lacks(store, question)):
            return
        inside = found if isinstance(found, bytes) else b""
        if not self._room(len(answer.body) + len(inside)):
            return
        charged = adapter.incumbent.charged(answer) if adapter.incumbent is not None else None
        exchange = store.keep(question, answer, seconds=seconds, credits=charged, picture=inside)
        self.kept += 1
        if isinstance(found, str):
            exchange = store.keep_missing(exchange, _WAITING)
            self._under_way.add(question.key)
            if not self._later.offer(partial(self._fetch, store, exchange, found)):
                self._under_way.discard(question.key)
                store.keep_missing(exchange, _TOO_MANY)

    def _lacks(self, store: Store, question: Question) -> bool:
        """Tell whether the picture of an answer that is here is not, and nobody is fetching it."""
        try:
            known = store.find(question)
        except ConfigurationError:  # damaged: that is for ``verify`` to tell
            return False
        return known is not None and not known.picture and question.key not in self._under_way

    def _fetch(self, store: Store, exchange: Exchange, url: str) -> None:
        try:
            content = fetched(self._fetcher, url)
            if self._room(len(content)):
                store.keep_picture(exchange, content)
            else:
                store.keep_missing(exchange, "the baseline has the size that it may have")
        except FetchError as error:
            store.keep_missing(exchange, str(error))
            _log.warning("a picture is missing in the baseline %s: %s", self._folder, error)
        except OSError as error:
            self._tell(error)
        finally:
            self._under_way.discard(exchange.question.key)

    def _room(self, size: int) -> bool:
        """Count bytes that are to be stored; tells whether they may be."""
        with self._lock:
            if self._left is None:
                return True
            if size > self._left:
                return False
            self._left -= size
            return True

    def _tell(self, error: Exception) -> None:
        if not self._told:
            self._told = True
            _log.error("the baseline %s is not written any more: %s", self._folder, error)
