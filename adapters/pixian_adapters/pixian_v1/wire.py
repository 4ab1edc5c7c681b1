"""Version 1's HTTP interface, in and out: pure functions over bytes.

That v1 exists, takes the same Basic credentials and the same ``image`` is documented. Its headers and its error object
are documented for v2 only, and taken to be the same (assumption).
"""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

from pixian_shim.errors import ApiError, Busy, ConfigurationError, TranslationError
from pixian_shim.pixian import Account, Credentials
from pixian_shim.translation import Call, ErrorObject, HttpResponse

if TYPE_CHECKING:
    from pixian_shim.errors import ShimError
    from pixian_shim.translation import Cutout, HttpRequest

PATH = "/api/v1/remove-background"
PATHS = (PATH, "/api/v2/remove-background")
"""The ends of paths; what may stand before them is not looked at, since proxies move it. Version 2 is the service
itself: it comes in here only where somebody claims its address, so that a program reaches a sandbox unedited."""

HEADERS = (
    "X-Credits-Charged",
    "X-Credits-Calculated",
    "X-Input-Orientation",
    "X-Input-Size",
    "X-Result-Size",
    "X-Input-Foreground",
    "X-Result-Foreground",
)
"""Passed on as v2 sent them, those that it sent; they are all that is documented."""


def read(request: HttpRequest) -> Call:
    """Parse a request. Its credentials are Pixian's own, and the ones that are used.

    Raises:
        TranslationError: an unknown path or method, credentials that are missing or unusable, an unreadable body.
    """
    if not request.path.endswith(PATHS):
        raise TranslationError("Not found.", code="404")
    if request.method != "POST":
        raise TranslationError("Method not allowed.", code="405")
    return Call("pixian_v1", "remove-background", request.form, _key(request.headers.get("authorization", "")))


def answer(_call: Call, result: Cutout | Account | None) -> HttpResponse:
    """Pass on what v2 answered: its bytes, and its headers as they came."""
    if result is None or isinstance(result, Account):
        raise ConfigurationError("version 1 knows cutouts only")
    headers = {name: result.headers[name.lower()] for name in HEADERS if name.lower() in result.headers}
    return HttpResponse(200, {"Content-Type": result.content_type} | headers, result.content)


def refuse(_call: Call | None, error: ShimError) -> HttpResponse:
    """Pass on v2's error as it came; write any other error as Pixian would."""
    if isinstance(error, ApiError) and error.body:
        passed = {"Content-Type": "content-type", "Retry-After": "retry-after"}
        headers = {name: error.headers[key] for name, key in passed.items() if key in error.headers}
        return HttpResponse(error.status, headers, error.body.encode())
    told = ErrorObject.of(error)
    wait = {"Retry-After": str(error.seconds)} if isinstance(error, Busy) else {}
    return HttpResponse(told.status, {"Content-Type": "application/json"} | wait, told.body.encode())


def _key(authorization: str) -> str:
    """Read HTTP Basic credentials: ``id:secret``.

    Raises:
        TranslationError: none, or such as Pixian would not know. Those of the environment do not take their place, as
            another account would be charged then.
    """
    scheme, _, token = authorization.partition(" ")
    try:
        key = b64decode(token.strip(), validate=True).decode()
    except ValueError:
        key = ""
    if scheme.lower() != "basic" or Credentials.parse_key(key) is None:
        raise TranslationError("The API Id is missing or unknown.", code="1001")
    return key
