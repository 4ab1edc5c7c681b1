"""What happened to each legacy parameter, and what to do about it."""

from __future__ import annotations

import sys
import warnings
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from threading import Lock
from typing import TYPE_CHECKING

import attrs

from pixian_shim.errors import ConfigurationError, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType


class Verdict(StrEnum):
    """How close a translation comes to what the legacy parameter meant."""

    EXACT = "exact"
    """Same meaning on Pixian."""
    CONVERTED = "converted"
    """Other name or unit, same result."""
    EMULATED = "emulated"
    """Done here on pixels, same result."""
    APPROXIMATED = "approximated"
    """Close; the difference is documented."""
    IGNORED = "ignored"
    """No effect on the picture."""
    REFUSED = "refused"
    """Cannot be done; an error."""


LOSSY = frozenset({Verdict.APPROXIMATED, Verdict.IGNORED})
"""The verdicts a user wants to hear about."""


@attrs.frozen
class Note:
    """What happened to one parameter in one call."""

    name: str
    value: str
    verdict: Verdict
    says: str
    given: bool = True
    """Whether the caller wrote it (otherwise it is a default that has an effect)."""
    hint: bool = False
    """Whether nobody misses it: it only says how hard to try, or writes the default out."""

    @property
    def noteworthy(self) -> bool:
        """Whether the caller asked for something and gets less or other than that."""
        return self.given and not self.hint and self.verdict in LOSSY

    def __str__(self) -> str:
        """Write one line."""
        return f"{self.name}={self.value}: {self.verdict}. {self.says}"


class Policy(StrEnum):
    """What to do with noteworthy notes."""

    STRICT = "strict"
    """Raise before anything is sent."""
    WARN = "warn"
    """Warn, once per provider and parameter."""
    SILENT = "silent"
    """Keep them on the result only."""

    @classmethod
    def parse(cls, value: str) -> Policy:
        """Read a policy's name.

        Raises:
            ConfigurationError: there is no such policy.
        """
        try:
            return cls(value.lower())
        except ValueError:
            raise ConfigurationError(f"unknown policy {value!r}: one of {', '.join(cls)} is expected") from None


class TranslationWarning(UserWarning):
    """A legacy parameter has another effect on Pixian, or none."""


_warned: set[tuple[str, str]] = set()
_lock = Lock()


_PASSED_THROUGH = frozenset(
    {"aiohttp", "anyio", "asyncio", "httpx", "httpx2", "requests", "urllib", "urllib3"}
    | {"contextlib", "http", "pixian_adapters", "pixian_shim", "socket"}
)
"""Packages between the legacy program and a warning; a warning that pointed into them would help nobody."""

_caller: ContextVar[FrameType | None] = ContextVar("caller", default=None)


unheard: ContextVar[bool] = ContextVar("unheard", default=False)
"""Whether nobody waits for a call: a warning would name a line that has nothing to do with it."""


def calling_frame() -> FrameType:
    """Find the innermost frame of the legacy program itself, whichever door its call came through."""
    frame = sys._getframe(1)  # noqa: SLF001 (what warnings itself uses)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in _PASSED_THROUGH:
        frame = frame.f_back
    return frame


@contextmanager
def calling_from(frame: FrameType) -> Iterator[None]:
    """Remember where a call came from while another thread or task works on it."""
    token = _caller.set(frame)
    try:
        yield
    finally:
        _caller.reset(token)


def warn(message: str) -> None:
    """Warn about the line of the legacy program that made the call."""
    frame = _caller.get() or calling_frame()
    warnings.warn_explicit(
        message,
        TranslationWarning,
        frame.f_code.co_filename,
        frame.f_lineno,
        frame.f_globals.get("__name__", "<unknown>"),
        frame.f_globals.setdefault("__warningregistry__", {}),
    )


def enforce(policy: Policy, provider: str, notes: Iterable[Note]) -> None:
    """Apply a policy to the notes of a call.

    Raises:
        Refused: the policy is strict and a note is noteworthy.
    """
    noteworthy = [note for note in notes if note.noteworthy]
    if policy is Policy.SILENT or not noteworthy:
        return
    if policy is Policy.STRICT:
        raise Refused(
            f"{provider}: " + "; ".join(map(str, noteworthy)),
            code="invalid_parameter",
            parameter=noteworthy[0].name,
            detail="the policy is strict; 'warn' lets such calls pass",
        )
    for note in noteworthy if not unheard.get() else ():
        with _lock:
            fresh = (provider, note.name) not in _warned
            _warned.add((provider, note.name))
        if fresh:
            warn(f"{provider}: {note}")


def forget_warnings() -> None:
    """Let every parameter warn again."""
    with _lock:
        _warned.clear()
