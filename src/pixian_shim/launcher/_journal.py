"""What a process tells of its calls, one line each, and how the launcher reads it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Self

import attrs

from pixian_shim.translation import safe, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pixian_shim.shim._observer import Ending
    from pixian_shim.translation import Call


@attrs.frozen
class Told:
    """What became of one parameter."""

    name: str
    value: str
    verdict: str
    given: bool = True
    """Whether the caller wrote it."""


@attrs.frozen(kw_only=True)
class Entry:
    """How one call ended; nothing in it is a secret or a picture."""

    provider: str
    operation: str
    seconds: float
    credits: float = 0.0
    credits_calculated: float | None = None
    """What a production call would have cost; with test mode only."""
    attempts: int = 1
    """How often Pixian was asked; 0 where the call was refused or answered here."""
    possible_double_charge: bool = False
    notes: tuple[Told, ...] = ()
    error: str | None = None
    """The error's class."""
    message: str = ""

    @classmethod
    def of(cls, call: Call, ending: Ending, seconds: float) -> Self:
        """Take what an observer is told: a result says what it cost, and so does an error after a paid call."""
        failed = isinstance(ending, Exception)
        paid = getattr(ending, "result", None) if failed else ending
        return cls(
            provider=call.provider,
            operation=call.operation,
            seconds=round(seconds, 4),
            credits=_first("credits_charged", paid, ending, default=0.0),
            credits_calculated=_first("credits_calculated", paid, ending, default=None),
            attempts=_first("attempts", ending, paid, default=0 if failed or ending is None else 1),
            possible_double_charge=_first("possible_double_charge", ending, paid, default=False),
            notes=tuple(
                Told(note.name, shown(note.name, note.value, call), str(note.verdict), note.given)
                for note in getattr(ending, "notes", ())
            ),
            error=type(ending).__name__ if failed else None,
            message=safe(str(ending), call) if failed else "",
        )

    @classmethod
    def read(cls, line: str) -> Self:
        """Read what ``line`` wrote.

        Raises:
            ValueError: it is something else, such as half a line.
        """
        try:
            fields: dict[str, Any] = json.loads(line)
            fields["notes"] = tuple(Told(**note) for note in fields["notes"])
            return cls(**fields)
        except (TypeError, KeyError) as error:
            raise ValueError(f"not an entry: {error}") from error

    def line(self) -> str:
        """Write it as one line of JSON."""
        return json.dumps(attrs.asdict(self)) + "\n"


def _first(name: str, *places: object, default: Any) -> Any:
    return next((getattr(place, name) for place in places if hasattr(place, name)), default)


class Journal:
    """Files in the launcher's folder, one for each process.

    A line is written whole and the file closed again, so nothing is lost when a process is killed, and nothing is
    written to a wrong place when it closes every file it has, as daemons do. A forked process gets a file of its own.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._process, self._path = 0, ""

    def begin(self) -> None:
        """Leave a sign that this process takes part."""
        self._append(b"")

    def record(self, call: Call, ending: Ending, seconds: float) -> None:
        """Write down how a call ended."""
        self._append(Entry.of(call, ending, seconds).line().encode("ascii"))

    def _append(self, line: bytes) -> None:
        process = os.getpid()
        if process != self._process:
            self._path = os.path.join(self._folder, f"{process}-{os.urandom(6).hex()}.jsonl")  # noqa: PTH118
            self._process = process
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        except FileNotFoundError:
            return  # the launcher has ended before a process that went into the background: nobody reads it
        try:
            os.write(file, line)
        finally:
            os.close(file)


def entries(path: Path) -> Iterator[Entry]:
    """Read one process's file; a line that a full disk cut off is left out."""
    with path.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            entry = _readable(line)
            if entry is not None:
                yield entry


def _readable(line: str) -> Entry | None:
    try:
        return Entry.read(line)
    except ValueError:
        return None
