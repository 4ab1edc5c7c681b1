"""Clipdrop's HTTP interface, in and out: pure functions over bytes.

The header names, the statuses and the shape of errors are documented. Their wording is not, but for a missing key:
the other messages are ours.
"""

from __future__ import annotations

import json
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
from pixian_shim.pixian import Account
from pixian_shim.translation import (
    Call,
    Endpoint,
    HttpResponse,
    LegacyError,
    credits_text,
    explained,
    pixians_words,
    seconds_to_wait,
    whole_credits,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixian_shim.translation import Cutout, HttpRequest

OPERATION = "remove-background"
ENDPOINTS = (Endpoint("POST", "/remove-background/v1", OPERATION),)
"""Only the end of the path is looked at: proxies move what stands before it."""

ELSEWHERE = (
    "cleanup",
    "image-upscaling",
    "portrait-depth-estimation",
    "portrait-surface-normals",
    "reimagine",
    "remove-text",
    "replace-background",
    "sketch-to-image",
    "text-inpainting",
    "text-to-image",
    "uncrop",
)
"""What Clipdrop does besides, by the beginnings of its paths, which are inferred from the methods of ``pyclipdrop``:
nothing of it is Pixian's trade."""

ERRORS = (
    LegacyError(400, "", "image_file is missing, is text, or is no picture that can be read"),
    LegacyError(400, "", "more than 25 megapixels, or more than 30 MiB (Clipdrop: 30 MB)"),
    LegacyError(400, "", "ours: the body is not what its content type says; or the policy is strict"),
    LegacyError(401, "", "the header x-api-key is missing: `No api key provided`"),
    LegacyError(402, "", "no credits left at Pixian, or a dormant pack"),
    LegacyError(403, "", "Pixian does not accept the API Id and Secret, or there are none"),
    LegacyError(
        404, "", "ours: another path; for Clipdrop's other services the error says that Pixian has none of them"
    ),
    LegacyError(405, "", "ours: another method"),
    LegacyError(406, "", "Accept names no type that is offered"),
    LegacyError(
        429,
        "",
        "Pixian still asks to slow down after the waits, or the gateway works on as many calls as it may; with "
        "Retry-After (assumption: whether Clipdrop sends it is not known)",
    ),
    LegacyError(
        500,
        "",
        "Pixian's own error, or any other status from 500 on; a part of pixian-shim is not installed, the error says "
        "which command installs it; or a result that was paid for could not be finished here: the error says where "
        "Pixian's picture is kept",
    ),
    LegacyError(502, "", "Pixian's answer cannot be read; or Pixian cannot be reached (in Python an exception)"),
    LegacyError(504, "", "Pixian did not answer in time (in Python an exception)"),
)
"""What callers may see. Clipdrop has no codes beside the statuses, and neither 404, 405, 502 nor 504 in its list."""

_STATUSES = {"no_api_key": 401, "not_found": 404, "method_not_allowed": 405, "not_acceptable": 406}
"""Of the codes that a translation may be refused with; any other one is a 400."""


def read(request: HttpRequest) -> Call:
    """Parse a request.

    Raises:
        TranslationError: an unknown path or method, or no key.
    """
    if not request.path.endswith(ENDPOINTS[0].path):
        raise TranslationError(_no_such(request.path), code="not_found")
    if request.method != ENDPOINTS[0].method:
        raise TranslationError(f"{request.method} is not possible here", code="method_not_allowed")
    key = request.headers.get("x-api-key")
    if not key:
        raise TranslationError(
            "No api key provided",
            code="no_api_key",
            detail="The header x-api-key is missing. Any text will do there once Pixian's credentials are configured.",
        )
    return Call("clipdrop", OPERATION, request.form, key, request.headers.get("accept", "*/*"))


def _no_such(path: str) -> str:
    """Name what is wanted, where it is known, and what can be had."""
    wanted = next((name for name in ELSEWHERE if name in path.split("/")), None)
    if wanted is None:
        return f"Not found: there is {ENDPOINTS[0].path} alone"
    return (
        f"Pixian has no {wanted}, it removes backgrounds only: send these calls to Clipdrop itself as long as you need "
        "them, or take them out"
    )


def answer(_call: Call, result: Cutout | Account | None) -> HttpResponse:
    """Write the answer to a call that went well."""
    if result is None or isinstance(result, Account):
        raise ConfigurationError("Clipdrop knows cutouts only")
    counted = {"x-credits-consumed": credits_text(result.credits_charged)} | _remaining(result)
    return HttpResponse(200, {"Content-Type": result.content_type} | counted, result.content)


def _remaining(result: Cutout) -> dict[str, str]:
    """Tell what is left in whole credits, which is what programs read it as."""
    return {} if result.credits_left is None else {"x-remaining-credits": whole_credits(result.credits_left)}


def refuse(_call: Call | None, error: ShimError) -> HttpResponse:
    """Write any error as Clipdrop would."""
    status, message = explained(error, _SHAPES)
    headers = {"Content-Type": "application/json"}
    if status == 429:  # noqa: PLR2004
        headers["Retry-After"] = seconds_to_wait(error)
    return HttpResponse(status, headers, json.dumps({"error": message}).encode())


def _said(status: int, title: str) -> Callable[[Any], tuple[int, str]]:
    """Put the error's own words behind a title."""

    def shape(error: ShimError) -> tuple[int, str]:
        words = error.message.strip() if isinstance(error, ApiError) else str(error)
        return status, f"{title}: {words}" if words else title

    return shape


def _of_translation(error: TranslationError) -> tuple[int, str]:
    return _STATUSES.get(error.code, 400), str(error)


def _of_api(error: ApiError) -> tuple[int, str]:
    """Give one of the statuses that Clipdrop has."""
    return (500 if error.status >= 500 else 400), pixians_words(error)  # noqa: PLR2004


_SHAPES: dict[type, Callable[[Any], tuple[int, str]]] = {
    TranslationError: _of_translation,
    TooLarge: _said(400, "The picture is too large"),
    ImageError: _said(400, "The picture cannot be read"),
    FetchError: _said(400, "The picture cannot be fetched"),
    InvalidParameter: _said(400, "Invalid parameter"),
    AuthenticationFailed: _said(403, "The api key is not valid"),
    MissingExtra: _said(500, "A part of pixian-shim is not installed"),
    CannotWrite: _said(500, "A part of pixian-shim is not installed"),
    ConfigurationError: _said(403, "The api key is not valid"),
    InsufficientCredits: _said(402, "No credits left"),
    PayloadTooLarge: _said(400, "The picture is too large"),
    RateLimited: _said(429, "Too many requests"),
    Busy: _said(429, "Too many requests"),
    ApiError: _of_api,
    TimedOut: lambda error: (504, f"{error.asked} did not answer in time: {error}"),
    DeadlineExceeded: lambda error: (504, f"{error.asked} did not answer in time: {error}"),
    TransportError: lambda error: (502, f"{error.asked} could not be reached: {error}"),
    ResponseError: _said(502, "Pixian's answer could not be read"),
    ShimError: _said(500, "Internal error"),
}
