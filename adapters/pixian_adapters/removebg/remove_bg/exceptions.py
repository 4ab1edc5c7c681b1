"""The exceptions of ``removebg.exceptions``; scripts compare the texts, so they are the original's.

::

    RemoveBgException (also ShimError)
    ├── TokenRequired
    ├── AccountCreationFailed
    ├── LoginFailed
    ├── SessionExpired
    ├── NotOffered              ours: there is no website behind this package any more
    │   ├── AccountCreationRefused   (also AccountCreationFailed)
    │   └── LoginRefused             (also LoginFailed)
    └── APIException
        ├── InvalidParameters   400
        ├── InsufficientCredits 402
        ├── AuthenticationFailed 403
        └── RateLimitExceeded   429
"""

from __future__ import annotations

from abc import ABC
from typing import Any

from pixian_shim.errors import ShimError

_INSTEAD = (
    "logging in to a website, making accounts and solving captchas is not done here. Give Pixian's API Id and Secret "
    "as api_token='id:secret', or as PIXIAN_API_ID and PIXIAN_API_SECRET"
)


class RemoveBgException(ShimError):
    """Root of the package's exceptions."""


class TokenRequired(RemoveBgException):
    """A method was called whose token was not given to the constructor."""

    def __init__(self, token_name: str) -> None:
        super().__init__(f"This method requires {token_name} token.")


class AccountCreationFailed(RemoveBgException):
    """No account was made."""

    def __init__(self, email: str) -> None:
        super().__init__(f"Unable to create account for unknown reason. Account email: {email}.")


class LoginFailed(RemoveBgException):
    """The log-in did not succeed."""

    def __init__(self, email: str) -> None:
        super().__init__(f"Unable to login into account for unknown reason. Account email: {email}.")


class SessionExpired(RemoveBgException):
    """The session token is not accepted any more."""

    def __init__(self) -> None:
        super().__init__("Session token expired.")


class NotOffered(RemoveBgException):
    """The original drove remove.bg's website for this; the message says what to do instead."""

    def __init__(self, method: str) -> None:
        Exception.__init__(self, f"{method}() is not offered: {_INSTEAD}.")


class AccountCreationRefused(NotOffered, AccountCreationFailed):
    """Accounts are made on Pixian's website, by people."""


class LoginRefused(NotOffered, LoginFailed):
    """There is nothing to log in to."""


class APIException(RemoveBgException, ABC):
    """The service refused; the message is the title of its first error.

    Attributes:
        status_code: of the answer.
        response: the answer, a ``requests.Response``.
    """

    status_code: int
    response: Any = None


class InvalidParameters(APIException):
    """The picture or a parameter is not accepted."""

    status_code = 400


class InsufficientCredits(APIException):
    """No credits are left."""

    status_code = 402


class AuthenticationFailed(APIException):
    """The credentials are wrong or missing."""

    status_code = 403


class RateLimitExceeded(APIException):
    """Too many requests, also after waiting."""

    status_code = 429
