"""Slazzer's HTTP interface, in and out: pure functions over bytes.

Paths and the header of the key are the vendor's own. That errors are JSON is known from a plugin of the vendor's, their
two names from one program; the statuses, the numbers and the words are ours, for no list of Slazzer's is known.
"""

from __future__ import annotations

import json
from base64 import b64encode
from http import HTTPStatus
from typing import TYPE_CHECKING

from pixian_adapters.slazzer.rules import ACCOUNT, ANY_KEY, AS_TEXT, KEY_FIELD, OPERATION
from pixian_adapters.slazzer.values import encoded_as_text
from pixian_shim.errors import ConfigurationError, ShimError, TranslationError
from pixian_shim.pixian import Account
from pixian_shim.translation import (
    Call,
    Endpoint,
    HttpResponse,
    LegacyError,
    explained,
    seconds_to_wait,
    usual_errors,
)

if TYPE_CHECKING:
    from pixian_shim.translation import Cutout, HttpRequest

ENDPOINTS = (
    Endpoint("POST", "/v2.0/remove_image_background", OPERATION),
    Endpoint("POST", "/api/v1/remove_image_background", "remove-v1"),  # a name of its own for the gateway's page
    Endpoint("POST", "/v2.0/account_balance", ACCOUNT),
)
"""Only the end of the path is looked at: proxies move what stands before it."""

_OPERATIONS = {"remove_image_background": OPERATION, "account_balance": ACCOUNT}
_ELSEWHERE = ("grocery",)
"""What Slazzer does besides, as far as its paths are known."""

ERRORS = (
    LegacyError(
        400,
        "400",
        "no `source_image_*` or several, one that is no file, address or base64, an address that cannot be fetched, a "
        "file that is no picture, a body that is not what its content type says; or the policy is strict",
    ),
    LegacyError(401, "401", "no API-KEY, or Pixian does not accept the API Id and Secret, or there are none"),
    LegacyError(404, "404", "another path; for Slazzer's other services the error says that Pixian has none of them"),
    LegacyError(413, "413", "a picture of more than 30 MiB or 50 megapixels"),
    *usual_errors(str),
)
"""What callers may see; all of it assumptions, but that any status other than 200 is a failure."""


def read(request: HttpRequest) -> Call:
    """Parse a request.

    Raises:
        TranslationError: an unknown path or method, or no header with a key where it belongs there.
    """
    tail = request.path.rpartition("/")[2]
    operation = _OPERATIONS.get(tail)
    if operation is None:
        raise TranslationError(_no_such(tail), code="404")
    if request.method != "POST":
        raise TranslationError(f"{request.method} is not possible here", code="405")
    key = request.headers.get("api-key")
    if operation == ACCOUNT:  # a gateway reads the head before the body: whether there is a key at all is asked later
        field = request.form.get(KEY_FIELD)
        key = field if isinstance(field, str) else key
    elif not key:
        raise TranslationError(f"The header API-KEY is missing. {ANY_KEY}", code="401")
    return Call("slazzer", operation, request.form, key or None, request.headers.get("accept", "*/*"))


def _no_such(tail: str) -> str:
    if tail in _ELSEWHERE:
        return (
            f"Pixian has no {tail}, it removes backgrounds only: send these calls to Slazzer itself as long as you "
            "need them, or take them out"
        )
    return "There is nothing at this address; here are remove_image_background and account_balance only"


def answer(call: Call, result: Cutout | Account | None) -> HttpResponse:
    """Write the answer to a call that went well."""
    if isinstance(result, Account):
        left = result.credits
        return _json(200, {"total_credits": int(left) if left == int(left) else left})
    if result is None:
        raise ConfigurationError("Slazzer knows cutouts and the balance only")
    wanted = call.form.get(AS_TEXT)
    if isinstance(wanted, str) and encoded_as_text(wanted):
        return HttpResponse(200, {"Content-Type": "text/plain"}, b64encode(result.content))
    return HttpResponse(200, {"Content-Type": result.content_type}, result.content)


def refuse(call: Call | None, error: ShimError) -> HttpResponse:
    """Write any error as Slazzer would; that of the balance is told by a field of its own."""
    status, words = explained(error)
    body: dict[str, int | str] = {"error_code": status, "error": words}
    if call is not None and call.operation == ACCOUNT:
        body["status"] = status
    waits = {"Retry-After": seconds_to_wait(error)} if status == HTTPStatus.TOO_MANY_REQUESTS else {}
    return _json(status, body, waits)


def _json(status: int, value: object, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(status, {"Content-Type": "application/json"} | (headers or {}), json.dumps(value).encode())
