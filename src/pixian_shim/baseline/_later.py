"""Small jobs after the call that they belong to, so that nobody waits for them."""

from __future__ import annotations

import atexit
import logging
import os
from collections import deque
from threading import Condition, Thread
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)

_WORKERS, _WAITING = 2, 256
_AT_EXIT = 10.0  # seconds that a program may be kept from ending


class Later:
    """Do jobs one after the other, in a few threads of this process."""

    def __init__(self, waiting: int = _WAITING) -> None:
        self._waiting = waiting
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._process, self._changed = os.getpid(), Condition()
        self._queue: deque[Callable[[], None]] = deque()
        self._threads, self._active = 0, 0

    def offer(self, job: Callable[[], None]) -> bool:
        """Take a job; tells whether there was room for it."""
        if self._process != os.getpid():  # threads do not follow a fork, and another's lock may be held for ever
            self._begin_anew()
        with self._changed:
            if len(self._queue) >= self._waiting:
                return False
            self._queue.append(job)
            if not self._threads:
                atexit.register(self.drain, _AT_EXIT)
            if self._threads < _WORKERS:
                self._threads += 1
                Thread(target=self._work, name="pixian-shim-later", daemon=True).start()
            self._changed.notify()
        return True

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._queue:
                    self._changed.wait()
                self._active += 1
                job = self._queue.popleft()
            try:
                job()
            except Exception:  # noqa: BLE001 (the next job must be worked on, whatever this one did)
                _log.exception("a picture cannot be kept; the call itself is not affected")
            finally:
                with self._changed:
                    self._active -= 1
                    self._changed.notify_all()

    def drain(self, timeout: float = 30.0) -> bool:
        """Wait until nothing is left to do; tells whether that came about."""
        if self._process != os.getpid():
            return True
        end = monotonic() + timeout
        with self._changed:
            while (self._queue or self._active) and (rest := end - monotonic()) > 0:
                self._changed.wait(rest)
            return not self._queue and not self._active
