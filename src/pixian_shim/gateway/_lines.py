"""The access log on a stream that may be slow: a line never keeps the gateway waiting."""

from __future__ import annotations

import logging
from collections import deque
from contextlib import suppress
from threading import Event, Thread
from time import sleep
from typing import IO

_WAITING = 10_000
_GATHERED_SECONDS = 0.02  # waking a thread for each line would be a tenth of a call's time
_CLOSE_SECONDS = 5.0


class Lines(logging.Handler):
    """Write each record as a line, from a thread of its own.

    Args:
        stream: to write to; one that nobody reads blocks this thread only.

    Attributes:
        lost: lines that found no room among those waiting.
    """

    def __init__(self, stream: IO[str]) -> None:
        super().__init__()
        self.lost = 0
        self._stream = stream
        self._waiting: deque[str] = deque()
        self._any, self._closing = Event(), False
        self._thread = Thread(target=self._write, name="access-log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Put a line on the way."""
        if len(self._waiting) >= _WAITING:
            self.lost += 1
            return
        self._waiting.append(f"{self.format(record)}\n")
        if not self._any.is_set():
            self._any.set()

    def close(self) -> None:
        """Write what is waiting, as far as it can be written in a few seconds."""
        self._closing = True
        self._any.set()
        self._thread.join(_CLOSE_SECONDS)
        super().close()

    def _write(self) -> None:
        with suppress(OSError, ValueError):  # the reader has gone, or the stream is closed
            while self._waiting or not self._closing:
                self._any.wait()
                if not self._closing:
                    sleep(_GATHERED_SECONDS)
                self._any.clear()
                self._stream.write("".join(self._waiting.popleft() for _ in range(len(self._waiting))))
                self._stream.flush()
