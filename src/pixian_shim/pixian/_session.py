"""What a client keeps for all its calls, shared by both clients: no socket and no sleep in here."""

from __future__ import annotations

from types import EllipsisType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs
from attrs import validators

from pixian_shim.errors import ApiError, InvalidParameter, ResponseError, TransportError
from pixian_shim.pixian._result import api_error, picture_type
from pixian_shim.pixian._retry import Retry, attempts
from pixian_shim.pixian._transport import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from pixian_shim.pixian._job import Job
    from pixian_shim.pixian._retry import Failure, Outcome, Send, Sleep, Streak
    from pixian_shim.pixian._settings import Settings
    from pixian_shim.pixian._transport import Answer

Deadline = float | EllipsisType | None
"""Seconds, ``None`` for no limit, ``...`` for what the client's ``Retry`` says."""

UNANSWERED = (TransportError, ResponseError)
"""What an exchange raises that a call may survive."""


@attrs.frozen
class Session:
    """Settings, patience and clock."""

    settings: Settings
    retry: Retry
    timeout: float = attrs.field(validator=validators.gt(0))
    clock: Callable[[], float]
    streak: Streak

    def attempts(self, job: Job, deadline: Deadline) -> Generator[Send | Sleep, Answer | Failure | None, Outcome]:
        """Start the state machine of one call."""
        retry = self.retry
        if not isinstance(deadline, EllipsisType):
            retry = attrs.evolve(retry, deadline=deadline)
        if job.request.method == "GET":
            retry = retry.harmless
        return attempts(retry, self.streak, self.clock, paid=job.paid)

    def exchange(self, job: Job, send: Send, timeout: float | None = None) -> Exchange:
        """Set up one attempt.

        Raises:
            InvalidParameter: a timeout that is no positive number.
        """
        if timeout is not None and not timeout > 0:
            raise InvalidParameter("timeout", timeout, "a positive number of seconds is expected")
        return Exchange(self.settings, job.request, timeout or self.timeout, self.clock, send.end)

    def shown(self, name: str) -> str:
        """Write the client's ``repr``: id and host, nothing secret."""
        host = urlsplit(self.settings.base_url).netloc
        return f"{name}(api_id={self.settings.credentials.api_id!r}, host={host!r}, test={self.settings.test})"


def judged(answer: Answer) -> Answer | ApiError:
    """Give an answer of success as it is, any other as its error.

    Raises:
        ResponseError: a picture was asked for, and this is none or not a whole one.
    """
    error = api_error(answer)
    if error is None and answer.request.method == "POST":
        picture_type(answer)
    return error or answer
