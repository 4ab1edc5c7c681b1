"""PhotoRoom's HTTP interfaces, in and out: pure functions over bytes.

Statuses and shapes follow the official OpenAPI description (June 2026). The bodies of 403 and 429 are not documented:
they have the shape of the other errors here.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pixian_adapters.photoroom.rules import EDIT
from pixian_shim.errors import (
    ApiError,
    AuthenticationFailed,
    Busy,
    CannotWrite,
    ConfigurationError,
    FetchError,
    ImageError,
    InsufficientCredits,
    InvalidParameter,
    MissingExtra,
    NoForeground,
    RateLimited,
    ServerError,
    ShimError,
    TooLarge,
    TranslationError,
)
from pixian_shim.pixian import Account, Credentials
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
    pixians_words,
    seconds_to_wait,
)

if TYPE_CHECKING:
    from collections.abc import Callable

RENDER = "/v1/render"
ENDPOINTS = (
    Endpoint("POST", "/v1/segment", "segment"),
    Endpoint("GET", "/v2/edit", "edit"),
    Endpoint("POST", "/v2/edit", "edit"),
    Endpoint("GET", "/v1/account", "account-v1"),
    Endpoint("GET", "/v2/account", "account-v2"),
    Endpoint("GET", RENDER, "edit"),
    Endpoint("POST", RENDER, "edit"),
)
"""Only the end of the path is looked at: proxies move what stands before it. ``/v1/render`` takes a template and a
picture, under the names that they have in version 2."""

_OPERATIONS = {(known.method, known.path): known.operation for known in ENDPOINTS}

SANDBOX = "sandbox_"
"""How keys begin that ask for a free, watermarked result."""

ERRORS = (
    LegacyError(400, "missing_image", "no picture given"),
    LegacyError(
        400,
        "unknown_error",
        "a value not listed above, a feature that is refused, or an unreadable body; no picture, or a broken one; an "
        "address that cannot be fetched; more than 30 MiB or 36 megapixels. The sentence names the parameter",
    ),
    LegacyError(402, "unknown_error", "no credits left at Pixian, or a dormant pack"),
    LegacyError(
        403,
        "unknown_error",
        "no key, or Pixian does not accept the API Id and Secret, or there are none; without a "
        "key, the account endpoints answer 400 with `apiKey: Required`",
    ),
    LegacyError(404, "unknown_error", "another path"),
    LegacyError(405, "unknown_error", "another method"),
    LegacyError(
        429,
        "unknown_error",
        "Pixian still asks to slow down after the waits, or the gateway works on as many calls as it may; with "
        "Retry-After",
    ),
    LegacyError(
        500,
        "unknown_error",
        "Pixian's own error; or its answer cannot be read, or it cannot be reached (in Python an exception); or a part "
        "of pixian-shim is not installed; or a result that was paid for could not be finished here",
    ),
)
"""What callers may see. The code is ``type``, in version 1 only: ``missing_image`` is documented, ``unknown_error`` has
been seen with 402 and stands for everything whose type is not known."""

_UNKNOWN = "unknown_error"
_STATUSES = {"missing_image": 400, "not_found": 404, "method_not_allowed": 405, "forbidden": 403}
_CREDITS = "API credits exhausted."

_JSON = "application/json"
_ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}
"""PhotoRoom's own web sample calls version 1 from a page."""

_MOST_LISTED = 1000  # characters of a header


class Unread(TranslationError):
    """A request that is refused before it is a call.

    Attributes:
        operation: which it was going to be, since that decides the shape of the answer.
    """

    def __init__(self, message: str, *, code: str, operation: str) -> None:
        self.operation = operation
        super().__init__(message, code=code)


def read(request: HttpRequest) -> Call:
    """Parse a request.

    Raises:
        Unread: an unknown path or method, no key, or a body that cannot be read.
    """
    path = "/" + "/".join(request.path.rsplit("/", 2)[1:])
    operation = _OPERATIONS.get((request.method, path))
    if operation is None:
        known = next((named for (_, end), named in _OPERATIONS.items() if end == path), None)
        if known is not None:
            raise Unread(f"{request.method} is not possible here", code="method_not_allowed", operation=known)
        raise Unread("Not found", code="not_found", operation="edit" if "/v2" in request.path else "segment")
    key = request.headers.get("x-api-key")
    if not key and not request.headers.get("authorization"):
        if operation.startswith("account"):
            raise Unread("apiKey: Required", code="missing_key", operation=operation)
        raise Unread("The header x-api-key is missing", code="forbidden", operation=operation)
    try:
        form = request.form
    except TranslationError as error:
        raise Unread(str(error), code=error.code, operation=operation) from error
    trial = (key or "").startswith(SANDBOX)
    operation = "render" if path == RENDER else operation
    return Call("photoroom", operation, form, _own(key) or None, request.headers.get("accept", "*/*"), trial)


def _own(key: str | None) -> str | None:
    """Give the key; Pixian's own ``id:secret`` without the prefix that asks for a free result."""
    rest = (key or "").removeprefix(SANDBOX)
    return rest if Credentials.parse_key(rest) else key


def answer(call: Call, result: Cutout | Account | None) -> HttpResponse:
    """Write the answer to a call that went well."""
    if isinstance(result, Account):
        return _json(200, _account(call.operation, result))
    if result is None:
        raise ConfigurationError("PhotoRoom knows no call without a result")
    if call.operation == "segment" and _wants_json(call.accept):
        text = b64encode(result.content).decode("ascii")
        return _json(200, {"base64img": text, "result_b64": text})
    headers = {"Content-Type": result.content_type} | _ANY_ORIGIN
    return HttpResponse(200, headers | _unsupported(call), result.content)


def _wants_json(accept: str) -> bool:
    """Tell whether JSON is named in ``Accept``, and nothing else is liked as well.

    Several programs send ``image/png, application/json`` and read bytes; axios sends ``application/json, */*`` unasked.
    """
    json_weight, others = 0.0, 0.0
    for accepted in accept.lower().split(","):
        media, *options = (word.strip() for word in accepted.split(";"))
        told = next((word[2:] for word in options if word.startswith("q=")), "1")
        weight = float(told) if re.fullmatch(r"[01](\.\d{0,3})?", told, re.ASCII) else 0.0
        if media == _JSON:
            json_weight = max(json_weight, weight)
        elif media == "*/*" or media.startswith("image/"):
            others = max(others, weight)
    return json_weight > others


def _unsupported(call: Call) -> dict[str, str]:
    """List parameters that version 2 does not know, in the form that its description shows."""
    if call.operation != "edit":
        return {}
    names = ", ".join(quote(name, safe=" -._~[]") for name in call.form.names if name and EDIT.find(name) is None)
    return {"pr-unsupported-attributes": f"Unsupported attributes: {names[:_MOST_LISTED]}"} if names else {}


def _account(operation: str, account: Account) -> dict[str, Any]:
    """Write Pixian's credits; there is no subscription, so that its size is what is left of it."""
    if operation == "account-v2":
        left = int(account.credits)
        return {"images": {"available": left, "subscription": left}, "plan": account.credit_pack}
    credits_left = int(account.credits) if account.credits == int(account.credits) else account.credits
    return {"credits": {"available": credits_left, "subscription": credits_left}}


def refuse(call: Call | None, error: ShimError) -> HttpResponse:
    """Write any error as PhotoRoom would: in the shape of the version that was asked, in both if that is not known."""
    operation = call.operation if call is not None else getattr(error, "operation", None)
    status, kind, message = _explained(error)
    body: dict[str, Any] = {}
    if operation in (None, "segment"):
        body |= {"detail": message, "status_code": status, "type": kind}
    if operation != "segment":
        body["error"] = {"detail" if status == 402 else "message": message}  # noqa: PLR2004
    return _json(status, body, {"Retry-After": seconds_to_wait(error)} if status == 429 else {})  # noqa: PLR2004


def _explained(error: ShimError) -> tuple[int, str, str]:
    """Give status, type and message."""
    paid = kept(error)
    if paid is not None:
        return 500, _UNKNOWN, f"The result could not be finished: {paid}"
    status, say = by_class(_SHAPES, error)
    if isinstance(error, TranslationError):
        known = "missing_image" if error.code == "missing_image" else _UNKNOWN
        return _STATUSES.get(error.code, status), known, say(error)
    missing = isinstance(error, ApiError) and error.code == _PIXIAN_HAS_NO_IMAGE
    return status, "missing_image" if missing else _UNKNOWN, say(error)


_PIXIAN_HAS_NO_IMAGE = 1005


def _of_translation(error: TranslationError) -> str:
    name, says = error.parameter, str(error)
    named = name is None or says.startswith(name) or f"{name}=" in says  # the latter where the policy is strict
    return says if named else f"{name}: {says}"


def _of_fetch(error: FetchError) -> str:
    return f"{error.parameter or 'imageUrl'}: {error}"


def _of_image(error: ImageError) -> str:
    return f"The image cannot be read: {error}" if error.parameter is None else str(error)


def _after(sentence: str) -> Callable[[Any], str]:
    return lambda error: f"{sentence} {pixians_words(error) if isinstance(error, ApiError) else error}"


_SHAPES: dict[type, tuple[int, Callable[[Any], str]]] = {
    TranslationError: (400, _of_translation),
    TooLarge: (400, str),
    NoForeground: (400, str),
    ImageError: (400, _of_image),
    FetchError: (400, _of_fetch),
    InvalidParameter: (400, str),
    AuthenticationFailed: (403, _after("Invalid API key:")),
    Busy: (429, str),
    MissingExtra: (500, str),
    CannotWrite: (500, str),
    ConfigurationError: (403, _after("Invalid API key:")),
    InsufficientCredits: (402, _after(_CREDITS)),
    RateLimited: (429, _after("Too many requests:")),
    ServerError: (500, pixians_words),
    ApiError: (400, pixians_words),
    ShimError: (500, str),
}


def _json(status: int, value: object, headers: dict[str, str] | None = None) -> HttpResponse:
    return json_answer(status, value, _ANY_ORIGIN | (headers or {}))
