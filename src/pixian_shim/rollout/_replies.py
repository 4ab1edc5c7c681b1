"""What an origin gave, and whether that is a failure that another origin could mend."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from pixian_shim.errors import (
    AuthenticationFailed,
    Busy,
    ConfigurationError,
    ConnectFailed,
    DeadlineExceeded,
    InsufficientCredits,
    LegacyGone,
    RateLimited,
    Refused,
    ResponseError,
    ServerError,
    TimedOut,
    TransportError,
)

if TYPE_CHECKING:
    from pixian_shim.rollout._decision import Origin
    from pixian_shim.translation import HttpResponse


class Failure(StrEnum):
    """Why an origin did not do its work, where that is no fault of the call."""

    CONNECT = "connect"
    """It cannot be reached; nothing was charged."""
    GONE = "gone"
    """The old provider's service is there no more."""
    TIMEOUT = "timeout"
    """No answer in time; the call may have been charged."""
    LOST = "lost"
    """The connection broke; likewise."""
    SERVER_ERROR = "server_error"
    """Status 500 and above."""
    RATE_LIMITED = "rate_limited"
    NO_CREDITS = "no_credits"
    AUTH = "auth"
    """It does not know the key, or the set-up is wrong."""
    REFUSED = "refused"
    """Pixian cannot do what the call wants, or the policy forbids an approximation; nothing was charged."""
    UNREADABLE = "unreadable"
    """Its answer cannot be used; it may have been charged."""


_BY_ERROR: tuple[tuple[type[BaseException], Failure], ...] = (
    (LegacyGone, Failure.GONE),
    (ConnectFailed, Failure.CONNECT),
    (TimedOut, Failure.TIMEOUT),
    (DeadlineExceeded, Failure.TIMEOUT),
    (TransportError, Failure.LOST),
    (InsufficientCredits, Failure.NO_CREDITS),
    (AuthenticationFailed, Failure.AUTH),
    (ConfigurationError, Failure.AUTH),
    (RateLimited, Failure.RATE_LIMITED),
    (Busy, Failure.RATE_LIMITED),
    (ServerError, Failure.SERVER_ERROR),
    (Refused, Failure.REFUSED),
    (ResponseError, Failure.UNREADABLE),
)
"""The first class that an error is of counts."""

_BY_STATUS = {
    401: Failure.AUTH,
    402: Failure.NO_CREDITS,
    403: Failure.AUTH,
    429: Failure.RATE_LIMITED,
}
_SERVER_ERROR = 500


@attrs.frozen(kw_only=True)
class Reply:
    """What one origin gave for one call."""

    origin: Origin
    answer: HttpResponse | None = None
    error: Exception | None = None
    """Why there is no answer, or what it was refused for."""
    seconds: float
    credits: float | None = None
    """Charged; ``None`` where that is not known."""
    gone: str | None = None
    """That the service is there no more, in a sentence."""

    @property
    def failure(self) -> Failure | None:
        """What went wrong at the origin; ``None`` for a picture, and for what is the caller's own mistake."""
        if self.gone is not None:
            return Failure.GONE
        if self.error is not None:
            found = next((failure for kind, failure in _BY_ERROR if isinstance(self.error, kind)), None)
            if found is not None:
                return found
        if self.answer is None:
            return Failure.LOST
        return _BY_STATUS.get(self.answer.status) or (
            Failure.SERVER_ERROR if self.answer.status >= _SERVER_ERROR else None
        )
