"""The access log on a stream that may be slow: a line never keeps the gateway waiting."""

from __future__ import annotations

import logging
from contextlib import suppress
from queue import Full, Queue
from threading import Thread
from typing import IO

_WAITING = 10_000
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
        self._waiting: Queue[str | None] = Queue(_WAITING)
        self._thread = Thread(target=self._write, name="access-log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Put a line on the way."""
        try:
            self._waiting.put_nowait(self.format(record))
        except Full:
            self.lost += 1

    def close(self) -> None:
        """Write what is waiting, as far as it can be written in a few seconds."""
        with suppress(Full):
            self._waiting.put(None, timeout=_CLOSE_SECONDS)
            self._thread.join(_CLOSE_SECONDS)
        super().close()

    def _write(self) -> None:
        with suppress(OSError, ValueError):  # the reader has gone, or the stream is closed
            while (line := self._waiting.get()) is not None:
                self._stream.write(f"{line}\n")
                self._stream.flush()
