"""What HTTP itself has for each error: for providers of which nothing else is known."""

from __future__ import annotations

from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pixian_shim.errors import (
    ApiError,
    AuthenticationFailed,
    Busy,
    CannotWrite,
    ConfigurationError,
    DeadlineExceeded,
    FetchError,
    ImageError,
    InsufficientCredits,
    InvalidParameter,
    MissingExtra,
    PayloadTooLarge,
    RateLimited,
    ResponseError,
    ShimError,
    TimedOut,
    TooLarge,
    TranslationError,
    TransportError,
)
from pixian_shim.translation._adapters import LegacyError
from pixian_shim.translation._refusals import by_class, kept, own_words, pixians_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


Told = tuple[int, str]
"""Status and words."""


def explained(error: ShimError, table: Mapping[type, Callable[[Any], Told]] | None = None) -> Told:
    """Give status and words of an error; what has been paid for and could not be finished is a 500, whatever it is.

    Args:
        error: any of this library's.
        table: status and words by class, which has ``ShimError``; default is ``STATUSES``.
    """
    paid = kept(error)
    if paid is not None:
        return 500, f"The result could not be finished: {paid}"
    return by_class(STATUSES if table is None else table, error)(error)


def said(status: int) -> Callable[[ShimError], Told]:
    """Let errors keep their own words."""
    return lambda error: (status, own_words(error).strip())


def _of_translation(error: TranslationError) -> Told:
    """Take a code that is a status for one."""
    status = int(error.code) if error.code.isdecimal() else 400
    return status, f"{str(error).rstrip('.')}. {error.detail}" if error.detail else str(error)


def _of_fetch(error: FetchError) -> Told:
    return 400, f"{error.parameter or 'the address'} cannot be fetched: {error}"


def _of_api(error: ApiError) -> Told:
    return 503 if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR else 400, pixians_words(error)


def _no_answer(status: int, what: str) -> Callable[[Any], Told]:
    return lambda error: (status, f"{error.asked} {what}: {error}")


STATUSES: Mapping[type, Callable[[Any], Told]] = {
    TranslationError: _of_translation,
    TooLarge: said(413),
    ImageError: said(400),
    FetchError: _of_fetch,
    InvalidParameter: said(400),
    AuthenticationFailed: said(401),
    Busy: said(429),
    CannotWrite: said(500),
    MissingExtra: said(500),
    ConfigurationError: said(401),
    InsufficientCredits: said(402),
    PayloadTooLarge: said(413),
    RateLimited: said(429),
    ApiError: _of_api,
    TimedOut: _no_answer(504, "did not answer in time"),
    DeadlineExceeded: _no_answer(504, "did not answer in time"),
    TransportError: _no_answer(502, "could not be reached"),
    ResponseError: said(502),
    ShimError: said(500),
}
"""Status and words by class. A provider that has other statuses for some puts its own over these, with ``|``."""


def usual_errors(
    code: Callable[[int], str], moved: Mapping[int, int] = MappingProxyType({})
) -> tuple[LegacyError, ...]:
    """Describe what of ``STATUSES`` has the same reason at every provider.

    Args:
        code: what this one writes for a status.
        moved: the statuses that it has instead of some, as in its own table: ``{402: 403}``.
    """
    statuses = {status: moved.get(status, status) for status in _REASONS}
    return tuple(LegacyError(statuses[usual], code(statuses[usual]), when) for usual, when in _REASONS.items())


_REASONS = {
    402: "no credits left at Pixian, or a dormant pack",
    405: "another method",
    429: "Pixian still asks to slow down after the waits, or the gateway works on as many calls as it may; with "
    "Retry-After (ours)",
    500: "a part of pixian-shim is not installed, and the error says which command installs it; or a result that was "
    "paid for could not be finished here, and it says where Pixian's picture is kept",
    502: "Pixian's answer cannot be read; or Pixian cannot be reached (in Python an exception)",
    503: "Pixian's own error, as any other status from 500 on",
    504: "Pixian did not answer in time (in Python an exception)",
}
