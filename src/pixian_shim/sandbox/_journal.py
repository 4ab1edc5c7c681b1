"""What was asked of the sandbox, and what it answered: no pictures, no credentials."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pixian_shim.geometry import Size

_KEPT = 1000


@attrs.define(kw_only=True)
class Entry:
    """One request. While it is being worked on, ``status`` is ``None``; so it stays where no answer was sent.

    Attributes:
        time: when it came in, UTC.
        method: of HTTP.
        path: without its query.
        parameters: Pixian's own parameters as they were sent, with the value's text.
        unknown: names that are no parameters of Pixian; their values are not kept.
        source: ``image``, ``image.base64`` or ``image.url``.
        input_size: upright, before any shrink.
        result_size: of the picture sent back.
        status: of the answer.
        code: of the error object.
        credits_charged: what the call cost.
        credits_calculated: what it would have cost; of tests only.
        fault: the fault that was played.
        milliseconds: until the answer began.
    """

    time: datetime = attrs.field(factory=lambda: datetime.now(UTC))
    method: str
    path: str
    parameters: Mapping[str, str] = attrs.field(factory=dict)
    unknown: tuple[str, ...] = ()
    source: str | None = None
    input_size: Size | None = None
    result_size: Size | None = None
    status: int | None = None
    code: int | None = None
    credits_charged: float = 0.0
    credits_calculated: float | None = None
    fault: str | None = None
    milliseconds: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Give all of it for the control plane."""
        return attrs.asdict(self) | {
            "time": self.time.isoformat(),
            "input_size": None if self.input_size is None else str(self.input_size),
            "result_size": None if self.result_size is None else str(self.result_size),
        }


class Journal:
    """Keep the last 1000 requests; safe for threads."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self._lock = Lock()

    def open(self, method: str, path: str) -> Entry:
        """Begin an entry; it is in the journal at once, and filled in while the request is worked on."""
        entry = Entry(method=method, path=path)
        with self._lock:
            self._entries.append(entry)
        return entry

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Copies of all entries, oldest first."""
        with self._lock:
            return tuple(attrs.evolve(entry) for entry in self._entries)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._entries.clear()
