"""The HTTP interface of ``rembg s``, in and out: pure functions over bytes.

It is made with FastAPI, and so are its errors: 422 with a list of what is wrong, ``{"detail": "..."}`` for what it
refuses itself, and plain text for whatever it stumbles over. It asks for no key; one may be sent all the same, for a
gateway that wants it. The function ``remove()`` comes in here as well, under an address that no network has.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pixian_adapters.rembg.plans import FUNCTION, GET, POST
from pixian_adapters.rembg.values import BAD_REQUEST, FAILED
from pixian_shim.errors import (
    ApiError,
    AuthenticationFailed,
    Busy,
    ConfigurationError,
    DeadlineExceeded,
    FetchError,
    ImageError,
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
    Endpoint,
    Form,
    HttpResponse,
    LegacyError,
    by_class,
    json_answer,
    seconds_to_wait,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixian_shim.translation import Cutout, HttpRequest

PATH = "/api/remove"
FUNCTION_URL = "rembg:/remove"
"""Where the drop-in's calls come in."""

ENDPOINTS = (Endpoint("GET", PATH, GET), Endpoint("POST", PATH, POST))

ERRORS = (
    LegacyError(400, "", "`url` is of another scheme, has no host or is not public; or it cannot be fetched"),
    LegacyError(400, "", "ours: a model that cannot be had, in words; the policy is strict; the body is malformed"),
    LegacyError(401, "", "ours: Pixian does not accept the API Id and Secret, or the gateway wants a key"),
    LegacyError(402, "", "ours: no credits left at Pixian, or a dormant pack"),
    LegacyError(404, "", "another path"),
    LegacyError(405, "", "another method"),
    LegacyError(413, "", "ours: more than 30 MiB or 100 megapixels"),
    LegacyError(422, "missing", "no `file`, or no `url`"),
    LegacyError(422, "bool_parsing", "a switch that is none"),
    LegacyError(422, "int_parsing", "a number that is none; likewise `greater_than_equal` and `less_than_equal`"),
    LegacyError(422, "string_pattern_mismatch", "a model without any known name in it"),
    LegacyError(429, "", "ours: Pixian still asks to slow down, or the gateway is full; with Retry-After"),
    LegacyError(500, "", "plain text: no picture or a broken one, `bgc` unreadable, `extras` that are options as well"),
    LegacyError(500, "", "ours, as JSON: no credentials, or a part of pixian-shim is not installed"),
    LegacyError(502, "", "ours: Pixian's answer cannot be read, or Pixian cannot be reached"),
    LegacyError(503, "", "ours: Pixian's own error, as any other status from 500 on"),
    LegacyError(504, "", "ours: Pixian did not answer in time"),
)
"""What callers may see; the code is the ``type`` in FastAPI's list."""

_ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}
_UNREADABLE = frozenset({1006, 1016})
_NOT_FETCHED = frozenset({1017, 1020, 1021, 1022, 1024})
"""Pixian's numbers for pictures and addresses; only 1006 is documented."""


def read(request: HttpRequest) -> Call:
    """Parse a request.

    Raises:
        TranslationError: an unknown path or method, or an unreadable body.
    """
    key = request.headers.get("x-api-key") or _bearer(request.headers.get("authorization", ""))
    if request.url == FUNCTION_URL:
        return Call("rembg", FUNCTION, request.form, key)
    if not request.path.endswith(PATH):
        raise TranslationError("Not Found", code="404")
    if request.method not in ("GET", "POST"):
        raise TranslationError("Method Not Allowed", code="405")
    operation = GET if request.method == "GET" else POST
    return Call("rembg", operation, request.form, key, query=Form.parse(request.url, "", b""))


def _bearer(authorization: str) -> str | None:
    scheme, _, token = authorization.partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def answer(_call: Call, result: Cutout | Account | None) -> HttpResponse:
    """Write the answer to a call that went well: always a PNG, with an alpha channel or grey."""
    if result is None or isinstance(result, Account):
        raise ConfigurationError("rembg knows cutouts only")
    charged = {"X-Credits-Charged": f"{result.credits_charged:.6f}"}
    return HttpResponse(200, {"Content-Type": "image/png"} | _ANY_ORIGIN | charged, _with_alpha(result.content))


_COLOUR_TYPE, _GREY, _RGBA = 25, 0, 6


def _with_alpha(content: bytes) -> bytes:
    """Let a picture that Pixian wrote without transparency have its alpha channel all the same."""
    if content[_COLOUR_TYPE : _COLOUR_TYPE + 1] in (bytes([_GREY]), bytes([_RGBA])):
        return content
    from pixian_shim.images import decode, encode_png

    return encode_png(decode(content).rgba)


def refuse(_call: Call | None, error: ShimError) -> HttpResponse:
    """Write any error as the server would, with the reason where it would give one."""
    status, detail = by_class(_SHAPES, error)(error)
    paid = getattr(error, "kept_at", None)
    if paid:
        status, detail = 500, f"{error}. Pixian's picture, which was paid for, is kept at {paid}"
    if detail is None:
        return HttpResponse(status, {"Content-Type": "text/plain; charset=utf-8"} | _ANY_ORIGIN, _FAILURE)
    wait = {"Retry-After": seconds_to_wait(error)} if status == 429 else {}  # noqa: PLR2004
    return json_answer(status, {"detail": detail}, _ANY_ORIGIN | wait)


_FAILURE = b"Internal Server Error"


Shape = tuple[int, Any]
"""Status and detail; without one the server says nothing but that it failed."""


def _of_translation(error: TranslationError) -> Shape:
    if error.code == FAILED:
        return 500, None
    status = int(error.code) if error.code.isdecimal() else int(BAD_REQUEST)
    return status, json.loads(error.detail) if error.code == "422" and error.detail else str(error)


def _of_api(error: ApiError) -> Shape:
    if error.code in _UNREADABLE:
        return 500, None
    if error.code in _NOT_FETCHED:
        return 400, error.message.strip()
    status = 503 if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR else error.status
    return status, error.message.strip() or "no message"


def _always(status: int) -> Callable[[ShimError], Shape]:
    return lambda error: (status, str(error))


_SHAPES: dict[type, Callable[[Any], Shape]] = {
    TranslationError: _of_translation,
    TooLarge: _always(413),
    ImageError: lambda _error: (500, None),
    FetchError: _always(400),
    InvalidParameter: _always(400),
    AuthenticationFailed: lambda error: (401, error.message.strip()),
    MissingExtra: _always(500),
    ConfigurationError: _always(500),
    Busy: _always(429),
    RateLimited: lambda error: (429, error.message.strip()),
    ApiError: _of_api,
    TimedOut: _always(504),
    DeadlineExceeded: _always(504),
    TransportError: _always(502),
    ResponseError: _always(502),
    ShimError: _always(500),
}
