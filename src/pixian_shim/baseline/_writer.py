"""Keep the answers of live traffic."""

from __future__ import annotations

import logging
from threading import Lock
from typing import TYPE_CHECKING

from pixian_shim.baseline._store import Question, Store
from pixian_shim.errors import ShimError

if TYPE_CHECKING:
    import os

    from pixian_shim.translation import Adapter, Call, HttpResponse

_log = logging.getLogger(__name__)


class BaselineWriter:
    """Store whatever the provider answers, each question once; several processes may share the folder.

    Args:
        folder: made if it is not there.
        max_bytes: of answers that this process stores; then it stops. ``None`` is without a limit.

    Raises:
        ConfigurationError: the folder is something else.
    """

    def __init__(self, folder: str | os.PathLike[str], *, max_bytes: int | None = 10 << 30) -> None:
        self._folder, self._left = folder, max_bytes
        self._stores: dict[str, Store] = {}
        self._lock = Lock()
        self._told = False
        self.kept = 0

    def keep(self, adapter: Adapter, call: Call, answer: HttpResponse, seconds: float) -> None:
        """Store one answer; what goes wrong is logged once, and does not affect the call."""
        try:
            self._keep(adapter, call, answer, seconds)
        except (OSError, ShimError) as error:
            if not self._told:
                self._told = True
                _log.error("the baseline %s is not written any more: %s", self._folder, error)

    def _keep(self, adapter: Adapter, call: Call, answer: HttpResponse, seconds: float) -> None:
        with self._lock:
            store = self._stores.get(adapter.name)
            if store is None:
                store = self._stores[adapter.name] = Store(self._folder, create=adapter.name)
        question = Question.of(adapter, call)
        if answer.status >= 400 or store.known(question):  # noqa: PLR2004 (how a provider fails on a day is no baseline)
            return
        with self._lock:
            if self._left is not None and len(answer.body) > self._left:
                return
            self._left = None if self._left is None else self._left - len(answer.body)
        charged = adapter.incumbent.charged(answer) if adapter.incumbent is not None else None
        store.keep(question, answer, seconds=seconds, credits=charged)
        self.kept += 1
