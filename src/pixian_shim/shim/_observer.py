"""Tell whoever wants to know how each call ended: for logs, metrics and reports."""

from __future__ import annotations

import logging
from time import perf_counter
from typing import TYPE_CHECKING, Self, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixian_shim.pixian import Account
    from pixian_shim.translation import Call, Cutout

    Ending: TypeAlias = Cutout | Account | Exception | None
    Observer: TypeAlias = Callable[[Call, Ending, float], None]

_log = logging.getLogger(__name__)


class Observed:
    """Time one call within a block, and tell the observer how it ended, if there is one.

    An observer cannot break a call, which may have been paid for: what it raises is logged. A call that was cancelled
    or interrupted is not told of, for nobody waits for its end.
    """

    __slots__ = ("_call", "_observer", "_started", "ending")

    def __init__(self, observer: Observer | None, call: Call) -> None:
        self._observer, self._call = observer, call
        self.ending: Ending = None

    def __enter__(self) -> Self:
        """Start the clock."""
        self._started = perf_counter()
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        """Tell of it."""
        if self._observer is None or not isinstance(error, Exception | None):
            return
        seconds = perf_counter() - self._started
        try:
            self._observer(self._call, error or self.ending, seconds)
        except Exception:  # noqa: BLE001 (somebody else's code, and the call is over)
            _log.exception("the observer of a call failed; the call itself is not affected")
