"""What is kept of one request: a line of the access log, numbers for metrics, attributes of a trace."""

from __future__ import annotations

import json
import logging
import re
from math import isfinite
from time import perf_counter, time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import attrs

from pixian_shim.translation import Cutout

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pixian_shim.errors import ShimError
    from pixian_shim.pixian import Account
    from pixian_shim.translation import Call, Note

access = logging.getLogger("pixian_shim.gateway.access")
"""One JSON object for each request, at level INFO."""

_LONGEST_NOTES = 4000  # characters of a header
_LONGEST_NAME, _MOST_NOTES = 100, 100  # in the log
_TOKEN = re.compile(r"[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*")


@attrs.define(kw_only=True, eq=False)
class Record:
    """One request, as far as it got."""

    request_id: str
    client: str
    method: str
    path: str
    provider: str | None = None
    operation: str | None = None
    key: str | None = None
    """The name of the caller's key, never the key."""
    status: int = 0
    error: str | None = None
    received: int = 0
    """Bytes of the body."""
    sent: int = 0
    """Likewise."""
    credits: float = 0.0
    attempts: int = 0
    possible_double_charge: bool = False
    notes: tuple[Note, ...] = ()
    stage: str | None = None
    """Of the rollout, where there is one."""
    answered_by: str | None = None
    """``legacy`` or ``pixian``, likewise."""
    because: str | None = None
    """Why that is not whom the rollout decided for."""
    legacy_credits: float | None = None
    """Charged by the provider itself."""
    kept: str | None = None
    """Where a result is kept that was paid for and could not be finished."""
    seconds: float = 0.0
    """Until the answer is known."""
    _started: float = attrs.field(factory=perf_counter, repr=False)

    def asked(self, call: Call) -> None:
        """Note what is wanted."""
        self.operation = call.operation

    def ended(self, ending: Cutout | Account | None) -> None:
        """Note what became of it."""
        if isinstance(ending, Cutout):
            self.credits, self.attempts = ending.credits_charged, ending.attempts
            self.possible_double_charge, self.notes = ending.possible_double_charge, ending.notes

    def failed(self, error: ShimError) -> None:
        """Note an error, and what it cost all the same."""
        self.error = type(error).__name__
        told = getattr(error, "result", None) or error
        self.attempts = getattr(told, "attempts", 0)
        self.possible_double_charge = getattr(told, "possible_double_charge", False)
        self.credits = getattr(told, "credits_charged", None) or _announced(error)

    def close(self, status: int, sent: int) -> None:
        """Stop the clock."""
        self.status, self.sent, self.seconds = status, sent, perf_counter() - self._started

    def log(self) -> None:
        """Write the line."""
        if access.isEnabledFor(logging.INFO):
            access.info(json.dumps({"time": round(time(), 3)} | self.as_json()))

    def as_json(self) -> dict[str, Any]:
        """Give everything that has a value."""
        shown = attrs.asdict(
            self, filter=lambda field, value: not field.name.startswith("_") and value not in (None, ())
        )
        shown["seconds"] = round(self.seconds, 4)
        if self.notes:
            given = [note for note in self.notes if note.given]
            shown["notes"] = {note.name[:_LONGEST_NAME]: str(note.verdict) for note in given[:_MOST_NOTES]}
        return shown


def notes_header(notes: Iterable[Note]) -> str:
    """Write what happened to each parameter given, as a list of structured fields (RFC 9651).

    ::

        size;verdict=converted, roi;verdict=emulated, "t%C3%BCpe";verdict=ignored

    Names that are no tokens are percent-encoded; what does not fit into 4,000 characters is left out and counted.
    """
    items = [f"{_name(note.name)};verdict={note.verdict}" for note in notes if note.given]
    text = ", ".join(items)
    while len(text) > _LONGEST_NOTES:
        items = items[: len(items) // 2]
        text = ", ".join([*items, "...;omitted"])
    return text


def _name(name: str) -> str:
    return name if _TOKEN.fullmatch(name) else f'"{quote(name, safe="[]() ,;=<>@", errors="replace")}"'


def _announced(error: ShimError) -> float:
    """Read what an answer that could not be used says that it cost."""
    try:
        charged = float(getattr(error, "headers", {}).get("x-credits-charged", ""))
    except ValueError:
        return 0.0
    return charged if isfinite(charged) and charged > 0 else 0.0
