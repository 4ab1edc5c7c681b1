"""remove.bg's HTTP interface, in and out: pure functions over bytes.

Header names and the order of keys follow the official OpenAPI description and recordings.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha1
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pixian_adapters.removebg.errors import explained
from pixian_shim.errors import ApiError, TranslationError
from pixian_shim.pixian import Account, Upload
from pixian_shim.translation import (
    Call,
    Cutout,
    Endpoint,
    HttpRequest,
    HttpResponse,
    credits_text,
    json_answer,
    seconds_to_wait,
    unix_time,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pixian_shim.errors import ShimError
    from pixian_shim.geometry import Size

ENDPOINTS = (
    Endpoint("POST", "/v1.0/removebg", "removebg"),
    Endpoint("GET", "/v1.0/account", "account"),
    Endpoint("POST", "/v1.0/improve", "improve"),
)
"""Only the end of the path is looked at: proxies move the part before it (``/v1.0``)."""

_OPERATIONS = {(known.method, known.path.rpartition("/")[2]): known.operation for known in ENDPOINTS}

RATE_LIMIT = 500
"""remove.bg's, in megapixels a minute. Pixian has no hard limit: the window is always fresh."""

_ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}
"""On every answer, errors too: pages in a browser may read it (recorded in 2020)."""

_JSON = "application/json; charset=utf-8"


def read(request: HttpRequest) -> Call:
    """Parse a request.

    Raises:
        TranslationError: an unknown path or method, or no key.
    """
    tail = request.path.rpartition("/")[2]
    operation = _OPERATIONS.get((request.method, tail))
    if operation is None:
        if any(known == tail for _, known in _OPERATIONS):
            raise TranslationError(f"{request.method} is not possible here", code="method_not_allowed")
        raise TranslationError("Not found", code="not_found")
    key = request.headers.get("x-api-key")
    if not key and not request.headers.get("authorization"):
        raise TranslationError(
            "Missing API Key",
            code="auth_failed",
            detail="The header X-Api-Key is missing. Any text will do there once Pixian's credentials are configured.",
        )
    return Call("removebg", operation, request.form, key or None, request.headers.get("accept", "*/*"))


def answer(call: Call, result: Cutout | Account | None) -> HttpResponse:
    """Write the answer to a call that went well."""
    if isinstance(result, Account):
        return _json(200, _account(result))
    if result is None:
        return _json(200, {"id": _improvement_id(call)})
    headers = _headers(call, result)
    if not _wants_json(call.accept):
        return HttpResponse(200, {"Content-Type": result.content_type} | _ANY_ORIGIN | headers, result.content)
    box = result.foreground
    data: dict[str, str | int] = {"result_b64": b64encode(result.content).decode("ascii")}
    if box is not None:
        data |= {
            "foreground_top": box.top,
            "foreground_left": box.left,
            "foreground_width": box.width,
            "foreground_height": box.height,
        }
    return _json(200, {"data": data}, headers)


def _wants_json(accept: str) -> bool:
    """Tell whether JSON is named in ``Accept``, and no picture is liked better."""
    shares = {"image": 0.0, "application/json": 0.0}
    for accepted in accept.lower().split(","):
        media, *options = (word.strip() for word in accepted.split(";"))
        weight = next((word[2:] for word in options if word.startswith("q=")), "1")
        kind = "image" if media.startswith("image/") else media
        if kind in shares and re.fullmatch(r"[01](\.\d{0,3})?", weight):
            shares[kind] = max(shares[kind], float(weight))
    return shares["application/json"] > 0 and shares["application/json"] >= shares["image"]


def refuse(_call: Call | None, error: ShimError) -> HttpResponse:
    """Write any error as remove.bg would."""
    status, code, title, detail = explained(error)
    item = {"title": title} | ({"code": code} if code else {}) | ({"detail": detail} if detail else {})
    headers = {}
    if status == 429:  # noqa: PLR2004
        wait = seconds_to_wait(error)
        answered = error.headers if isinstance(error, ApiError) else {}
        headers = _rate_limit(answered, remaining=0, wait=int(wait)) | {"Retry-After": wait}
    return _json(status, {"errors": [item]}, headers)


def _headers(call: Call, result: Cutout) -> dict[str, str]:
    headers = {} if call.form.get("type_level") == "none" else {"X-Type": "other"}
    headers |= _sizes("X", result.size) | _sizes("X-Max", result.max_size)
    headers["X-Credits-Charged"] = credits_text(result.credits_charged)
    if result.credits_calculated is not None:
        headers["X-Credits-Calculated"] = credits_text(result.credits_calculated)
    if result.foreground is not None:
        edges = zip(("Top", "Left", "Width", "Height"), result.foreground, strict=True)
        headers |= {f"X-Foreground-{edge}": str(value) for edge, value in edges}
    return headers | _rate_limit(result.headers, remaining=RATE_LIMIT)


def _rate_limit(answered: Mapping[str, str], *, remaining: int, wait: int = 0) -> dict[str, str]:
    """Tell of the window; it begins anew at the time of Pixian's answer, or after the wait."""
    reset = unix_time(answered.get("date", "")) + wait
    values = {"Limit": RATE_LIMIT, "Remaining": remaining, "Reset": reset}
    return {f"X-RateLimit-{name}": str(value) for name, value in values.items()}


def _sizes(prefix: str, size: Size) -> dict[str, str]:
    return {f"{prefix}-Width": str(size.width), f"{prefix}-Height": str(size.height)}


def _account(account: Account) -> dict[str, Any]:
    """Write Pixian's credits as pay-as-you-go ones, which they are; there are no free calls."""
    left = int(account.credits) if account.credits == int(account.credits) else account.credits
    shares = {"subscription": 0, "payg": left, "enterprise": 0, "total": left}
    return {"data": {"attributes": {"credits": shares, "api": {"free_calls": 0, "sizes": "all"}}}}


def _improvement_id(call: Call) -> str:
    """Give the same id for the same request, without clock or chance."""
    digest = sha1(usedforsecurity=False)
    for name, value in call.form:
        digest.update(f"{name}=".encode("utf-8", "replace"))
        digest.update(value.read() if isinstance(value, Upload) else value.encode("utf-8", "replace"))
        digest.update(b"&")
    return str(UUID(bytes=digest.digest()[:16], version=5))


def _json(status: int, value: object, headers: dict[str, str] | None = None) -> HttpResponse:
    return json_answer(status, value, {"Content-Type": _JSON} | _ANY_ORIGIN | (headers or {}))
