"""Bad days to rehearse: a queue of faults that the next requests meet."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import Any, Literal, Self

import attrs

from pixian_shim.errors import InvalidParameter
from pixian_shim.sandbox._rejections import INTERNAL, OUT_OF_CREDITS, OVERLOADED, SLOW_DOWN, Reason

FaultKind = Literal[
    "rate_limit",
    "latency",
    "reset",
    "lost",
    "half_body",
    "not_json",
    "html",
    "no_credits",
    "overloaded",
    "server_error",
]

KINDS: dict[str, str] = {
    "rate_limit": "429 with code 1015; several in a row are a storm",
    "latency": "wait for `seconds`, then answer as usual",
    "reset": "reset the connection before anything is done or charged",
    "lost": "do the work and charge for it, then reset the connection without an answer",
    "half_body": "do the work and charge for it, then break off in the middle of the body",
    "not_json": "`status` (500) with plain text instead of an error object",
    "html": "`status` (200) with a page of HTML",
    "no_credits": "402 with code 1011",
    "overloaded": "503 with code -3",
    "server_error": "`status` (500) with an error object",
}
"""What each kind does."""

REASONS: dict[str, Reason] = {
    "rate_limit": SLOW_DOWN,
    "no_credits": OUT_OF_CREDITS,
    "overloaded": OVERLOADED,
    "server_error": INTERNAL,
}
"""Faults that are ordinary error objects."""

_STATUSES = {"not_json": 500, "html": 200, "server_error": 500}
_LONGEST = 3600.0


def _times(_fault: object, _field: object, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1_000_000:  # noqa: PLR2004
        raise InvalidParameter("times", value, "a whole number of at least 1 is expected")


def _seconds(_fault: object, _field: object, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LONGEST:
        raise InvalidParameter("seconds", value, f"0 to {_LONGEST:g} seconds are expected")


def _kind(_fault: object, _field: object, value: object) -> None:
    if value not in KINDS:
        raise InvalidParameter("kind", value, f"one of {', '.join(KINDS)} is expected")


def _status(fault: Fault, _field: object, value: object) -> None:
    if value is None:
        return
    if fault.kind not in _STATUSES:
        raise InvalidParameter("status", value, f"only {', '.join(_STATUSES)} have one to choose")
    if isinstance(value, bool) or not isinstance(value, int) or not 200 <= value <= 599:  # noqa: PLR2004
        raise InvalidParameter("status", value, "200 to 599 are expected")


@attrs.frozen
class Fault:
    """What the next requests to the API meet.

    Attributes:
        kind: see ``KINDS``.
        times: how many requests.
        seconds: of latency.
        status: instead of the kind's own; for ``not_json``, ``html`` and ``server_error``.

    Raises:
        InvalidParameter: a value out of its range.
    """

    kind: FaultKind = attrs.field(validator=_kind)
    times: int = attrs.field(default=1, validator=_times)
    seconds: float = attrs.field(default=0.0, validator=_seconds)
    status: int | None = attrs.field(default=None, validator=_status)  # type: ignore[assignment]

    @property
    def answers_with(self) -> int:
        """The status that the kind answers with."""
        return self.status or _STATUSES.get(self.kind, 500)

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read ``{"kind": "rate_limit", "times": 3}``.

        Raises:
            InvalidParameter: not an object, an unknown name, or a value out of its range.
        """
        if not isinstance(body, dict) or "kind" not in body:
            raise InvalidParameter("fault", body, 'an object such as {"kind": "rate_limit", "times": 3} is expected')
        unknown = body.keys() - {field.name for field in attrs.fields(cls)}
        if unknown:
            raise InvalidParameter(min(unknown), body[min(unknown)], "kind, times, seconds and status are known")
        return cls(**body)


class FaultQueue:
    """Play faults in the order they were added; safe for threads."""

    def __init__(self) -> None:
        self._waiting: deque[Fault] = deque()
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        """Put a fault behind those that wait already."""
        with self._lock:
            self._waiting.append(fault)

    def next(self) -> Fault | None:
        """Take the fault for one request."""
        with self._lock:
            if not self._waiting:
                return None
            fault = self._waiting.popleft()
            if fault.times > 1:
                self._waiting.appendleft(attrs.evolve(fault, times=fault.times - 1))
            return fault

    @property
    def waiting(self) -> tuple[Fault, ...]:
        """What is left, in order."""
        with self._lock:
            return tuple(self._waiting)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._waiting.clear()
