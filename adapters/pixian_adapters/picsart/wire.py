"""Picsart's HTTP interface, in and out: pure functions over bytes.

Paths, statuses, keys and header names follow the official OpenAPI description and SDK. The texts, and the numeric
``code`` of other errors than 401 (here the status), are assumptions.
"""

from __future__ import annotations

from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import UUID

from pixian_shim.errors import ApiError, ConfigurationError, ShimError, TranslationError
from pixian_shim.pixian import Account
from pixian_shim.translation import (
    Call,
    Cutout,
    Endpoint,
    HttpRequest,
    HttpResponse,
    LegacyError,
    explained,
    json_answer,
    seconds_to_wait,
    unix_time,
    usual_errors,
    whole_credits,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = "/tools/1.0"
ENDPOINTS = (
    Endpoint("POST", f"{ROOT}/removebg", "removebg"),
    Endpoint("GET", f"{ROOT}/balance", "balance"),
)
"""Only the end of the path is looked at: proxies move the part before it (``/tools/1.0``)."""

_OPERATIONS = {(known.method, known.path.rpartition("/")[2]): known.operation for known in ENDPOINTS}

ERRORS = (
    LegacyError(
        400,
        "400",
        "no picture or several, several backgrounds, a value not listed above, a canvas of more than 25 megapixels, an "
        "address that cannot be fetched, a file that is no picture, a body that is not what its content type says; or "
        "the policy is strict",
    ),
    LegacyError(401, "401", "no key, or Pixian does not accept the API Id and Secret, or there are none"),
    LegacyError(404, "404", "another path"),
    LegacyError(413, "413", "a picture of more than 30 MiB or 50 megapixels"),
    *usual_errors(str),
)
"""What callers may see. 502 and 504 are not in Picsart's description."""

RATE_LIMIT = 100
"""Calls at once, beyond which Pixian wants to be told. It has no hard limit: the window is always fresh."""


def read(request: HttpRequest) -> Call:
    """Parse a request.

    Raises:
        TranslationError: an unknown path or method, or no key.
    """
    tail = request.path.rpartition("/")[2]
    operation = _OPERATIONS.get((request.method, tail))
    if operation is None:
        if any(known == tail for _, known in _OPERATIONS):
            raise TranslationError(f"{request.method} is not possible here", code="405")
        raise TranslationError("there is nothing at this address; here are removebg and balance only", code="404")
    key = request.headers.get("x-picsart-api-key")
    if not key and not request.headers.get("authorization"):
        raise TranslationError(
            "The header X-Picsart-API-Key is missing. Any text will do there once Pixian's credentials are configured.",
            code="401",
        )
    return Call("picsart", operation, request.form, key or None, request.headers.get("accept", "*/*"))


def answer(_call: Call, result: Cutout | Account | None) -> HttpResponse:
    """Write the answer to a call that went well."""
    if isinstance(result, Account):
        return json_answer(200, {"credits": int(result.credits)}, _available(result.credits))
    if result is None:
        raise ConfigurationError("Picsart knows cutouts and the balance only")
    known = _identifier(result.link or "")
    limits = _rate_limit(result.headers, available=RATE_LIMIT)
    headers = {"X-Picsart-Correlation-Id": known} | limits | _available(result.credits_left)
    return json_answer(200, {"status": "success", "data": {"id": known, "url": result.link}}, headers)


def refuse(_call: Call | None, error: ShimError) -> HttpResponse:
    """Write any error as Picsart would."""
    status, detail = explained(error)
    headers = {}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = seconds_to_wait(error)
        answered = error.headers if isinstance(error, ApiError) else {}
        headers = _rate_limit(answered, available=0, wait=int(wait)) | {"Retry-After": wait}
    if status == HTTPStatus.UNAUTHORIZED:
        return json_answer(status, {"code": status, "message": _phrase(status), "detail": detail}, headers)
    return json_answer(status, {"detail": detail, "message": _phrase(status), "code": status}, headers)


def _identifier(link: str) -> str:
    """Name a result without telling its address, which is all that protects it: names are written into logs."""
    return str(UUID(bytes=sha256(link.encode()).digest()[:16]))


def _available(credits_left: float | None) -> dict[str, str]:
    return {} if credits_left is None else {"X-Picsart-Credit-Available": whole_credits(credits_left)}


def _rate_limit(answered: Mapping[str, str], *, available: int, wait: int = 0) -> dict[str, str]:
    """Tell of the window; it begins anew at the time of Pixian's answer, or after the wait."""
    values = {"Available": available, "Limit": RATE_LIMIT}
    now = unix_time(answered.get("date", ""))
    values |= {"Reset-Time": now + wait} if now else {}
    return {f"X-Picsart-Ratelimit-{name}": str(value) for name, value in values.items()}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
