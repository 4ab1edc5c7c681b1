"""What several providers write into their answers alike."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from pixian_shim.translation._calls import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Mapping


def json_answer(status: int, value: object, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Answer in compact JSON; a content type among the headers takes the place of the usual one."""
    body = json.dumps(value, separators=(",", ":")).encode()
    return HttpResponse(status, {"Content-Type": "application/json"} | dict(headers or {}), body)


def credits_text(amount: float) -> str:
    """Write credits: ``0.25``, and ``1`` rather than ``1.0``."""
    return f"{amount:.6f}".rstrip("0").rstrip(".")


def whole_credits(amount: float) -> str:
    """Write what is left of an account, rounded down and never below nothing."""
    return str(max(0, int(amount)))


@lru_cache(maxsize=8)
def unix_time(date: str) -> int:
    """Read a ``Date`` header; 0 without one."""
    from email.utils import parsedate_to_datetime

    try:
        return int(parsedate_to_datetime(date).timestamp())
    except (ValueError, OverflowError):
        return 0
