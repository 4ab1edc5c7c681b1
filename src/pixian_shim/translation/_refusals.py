"""What every provider's ``refuse`` has to find out about an error before it can put it into the provider's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from pixian_shim.errors import ApiError, Busy, NoForeground
from pixian_shim.translation._answers import credits_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pixian_shim.errors import ShimError

Told = TypeVar("Told")

_FIRST_WAIT = "5"
"""Seconds: the first step of Pixian's linear back-off."""


def by_class(table: Mapping[type, Told], error: ShimError) -> Told:
    """Look up what a table says of an error: by its class, else by the nearest of those that it inherits from.

    A table that has ``ShimError`` has something to say of every error.
    """
    return table[next(kind for kind in type(error).__mro__ if kind in table)]


def own_words(error: ShimError) -> str:
    """Give an error's own words; Pixian's without the status and the request, which are of no use to the caller."""
    return error.message if isinstance(error, ApiError) else str(error)


def pixians_words(error: ApiError) -> str:
    """Give what Pixian said, or that it said nothing."""
    return error.message.strip() or "Unknown error"


def seconds_to_wait(error: ShimError) -> str:
    """Give ``Retry-After`` for an error that is a 429: the server's own word where there is a usable one."""
    if isinstance(error, Busy):
        return str(error.seconds)
    announced = error.headers.get("retry-after", "") if isinstance(error, ApiError) else ""
    return announced if re.fullmatch(r"[0-9]{1,6}", announced) else _FIRST_WAIT


def kept(error: ShimError) -> str | None:
    """Say what was paid for and could not be finished here, what it cost and where it is kept; ``None`` if nothing was.

    It is no fault of the caller's, and so a 500 whatever the error is. That nothing was found in a picture is a
    finished answer, paid for or not.
    """
    paid = getattr(error, "result", None)
    if paid is None or isinstance(error, NoForeground):
        return None
    place = getattr(error, "kept_at", None) or "error.result, in Python only"
    return f"{error}. Pixian charged {credits_text(paid.credits_charged)} credits; its picture is kept at {place}"
