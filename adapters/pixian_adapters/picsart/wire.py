"""Picsart's HTTP interface, in and out: pure functions over bytes.

Paths, statuses, keys and header names follow the official OpenAPI description and SDK. The texts, and the numeric
``code`` of other errors than 401 (here the status), are assumptions.
"""

from __future__ import annotations

from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import UUID

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
    RateLimited,
    ResponseError,
    ShimError,
    TimedOut,
    TooLarge,
    TranslationError,
    TransportError,
)
from pixian_shim.pixian import Account
from pixian_shim.translation import (
    Call,
    Cutout,
    Endpoint,
    HttpRequest,
    HttpResponse,
    LegacyError,
    by_class,
    json_answer,
    kept,
    own_words,
    pixians_words,
    seconds_to_wait,
    unix_time,
    whole_credits,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
    LegacyError(402, "402", "no credits left at Pixian, or a dormant pack"),
    LegacyError(404, "404", "another path"),
    LegacyError(405, "405", "another method"),
    LegacyError(413, "413", "a picture of more than 30 MiB or 50 megapixels"),
    LegacyError(
        429,
        "429",
        "Pixian still asks to slow down after the waits, or the gateway works on as many calls as it may; with "
        "Retry-After (ours)",
    ),
    LegacyError(
        500,
        "500",
        "a part of pixian-shim is not installed, the detail says which command installs it; or a result that was paid "
        "for could not be finished here: the detail says where Pixian's picture is kept",
    ),
    LegacyError(502, "502", "Pixian's answer cannot be read; or Pixian cannot be reached (in Python an exception)"),
    LegacyError(503, "503", "Pixian's own error, as any other status from 500 on"),
    LegacyError(504, "504", "Pixian did not answer in time (in Python an exception)"),
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
    status, detail = _explained(error)
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


def _explained(error: ShimError) -> tuple[int, str]:
    """Give status and detail."""
    paid = kept(error, "{:g}".format)
    if paid is not None:
        return 500, f"The result could not be finished: {paid}"
    return by_class(_SHAPES, error)(error)


def _shape(status: int) -> Callable[[Any], tuple[int, str]]:
    """Keep the error's own words."""
    return lambda error: (status, own_words(error).strip())


def _of_translation(error: TranslationError) -> tuple[int, str]:
    status = int(error.code) if error.code.isdecimal() else 400
    return status, f"{error}. {error.detail}" if error.detail else str(error)


def _of_fetch(error: FetchError) -> tuple[int, str]:
    return 400, f"{error.parameter or 'image_url'} cannot be fetched: {error}"


def _of_api(error: ApiError) -> tuple[int, str]:
    return error.status, pixians_words(error)


def _no_answer(status: int, what: str) -> Callable[[Any], tuple[int, str]]:
    return lambda error: (status, f"{error.asked} {what}: {error}")


_SHAPES: dict[type, Callable[[Any], tuple[int, str]]] = {
    TranslationError: _of_translation,
    TooLarge: _shape(413),
    ImageError: _shape(400),
    FetchError: _of_fetch,
    InvalidParameter: _shape(400),
    AuthenticationFailed: _shape(401),
    Busy: _shape(429),
    CannotWrite: _shape(500),
    MissingExtra: _shape(500),
    ConfigurationError: _shape(401),
    InsufficientCredits: _shape(402),
    RateLimited: _shape(429),
    ApiError: _of_api,
    TimedOut: _no_answer(504, "did not answer in time"),
    DeadlineExceeded: _no_answer(504, "did not answer in time"),
    TransportError: _no_answer(502, "could not be reached"),
    ResponseError: _shape(502),
    ShimError: _shape(500),
}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
