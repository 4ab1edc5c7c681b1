"""What code written for requests gets back: its response and its exceptions.

With requests installed they are its own classes; without it, look-alikes with the attributes that scripts use. Either
way the exceptions are errors of this library as well, with the original as ``__cause__``.
"""

from __future__ import annotations

import json
from functools import cache
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeVar

from pixian_shim.doors._failures import failure, merged
from pixian_shim.errors import ShimError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pixian_shim.errors import TransportError
    from pixian_shim.translation import HttpResponse

ErrorT = TypeVar("ErrorT", bound=ShimError)


class PlainResponse:
    """A finished response, for where requests is not installed."""

    def __init__(self, status_code: int, headers: Mapping[str, str], content: bytes, url: str) -> None:
        self.status_code, self.headers, self.content, self.url = status_code, dict(headers), content, url
        self.reason, self.encoding, self.raw = phrase(status_code), "utf-8", BytesIO(content)
        self.shim_error: ShimError | None = None

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status_code < HTTPStatus.BAD_REQUEST

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """Parse the body."""
        return json.loads(self.content)

    def iter_content(self, chunk_size: int | None = 1) -> Iterator[bytes]:
        """Give the body in pieces."""
        step = chunk_size or max(1, len(self.content))
        return (self.content[at : at + step] for at in range(0, len(self.content), step))

    def raise_for_status(self) -> None:
        """Raise for statuses from 400 on.

        Raises:
            HTTPError: with this response as ``response``.
        """
        raise_for_status(self)


def phrase(status: int) -> str:
    """Give the reason phrase of a status, empty if it has none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def response_of(answer: HttpResponse, url: str, *, method: str = "POST", prepared: Any = None) -> Any:
    """Make a ``requests.Response`` (or its look-alike) of a legacy answer.

    Args:
        answer: what the adapter wrote; its ``error`` becomes the attribute ``shim_error``.
        url: what the caller asked.
        method: likewise.
        prepared: the caller's own prepared request, where there is one.
    """
    build = _builder()
    if build is None:
        response: Any = PlainResponse(answer.status, answer.headers, answer.body, url)
    else:
        response = build(answer, prepared if prepared is not None else _prepared(method, url))
    response.shim_error = answer.error
    return response


def _prepared(method: str, url: str) -> Any:
    """Make the ``requests.PreparedRequest`` that responses and exceptions carry; ``None`` without requests."""
    try:
        from requests.models import PreparedRequest
    except ImportError:
        return None
    prepared = PreparedRequest()
    prepared.prepare(method=method, url=url)
    return prepared


@cache
def _builder() -> Callable[[HttpResponse, Any], Any] | None:
    """Give requests' own way from a raw answer to a response; ``None`` without requests."""
    try:
        from requests.adapters import HTTPAdapter
        from urllib3 import HTTPResponse as RawResponse
    except ImportError:
        return None
    adapter = HTTPAdapter()

    def build(answer: HttpResponse, prepared: Any) -> Any:
        raw = RawResponse(
            body=BytesIO(answer.body),
            headers=dict(answer.headers) | {"Content-Length": str(len(answer.body))},
            status=answer.status,
            version=11,
            reason=phrase(answer.status),
            preload_content=False,
        )
        response = adapter.build_response(prepared, raw)
        # What reading it would come to; requests takes 10 kB at a time for that, which is milliseconds per megabyte.
        response._content, response._content_consumed = answer.body, True  # type: ignore[attr-defined]  # noqa: SLF001
        return response

    return build


def raise_for_status(response: Any) -> None:
    """Raise as ``requests.Response.raise_for_status`` does, with an exception that is ours as well.

    The message is requests' own, which hides the reason; the reason stands below it in the traceback, and as cause.

    Raises:
        HTTPError: the status is 400 or above.
    """
    status = response.status_code
    if status < HTTPStatus.BAD_REQUEST:
        return
    side = "Client" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "Server"
    message = f"{status} {side} Error: {response.reason} for url: {response.url}"
    kind: Any = merged("requests", "ShimError")
    raised = kind(message, response=response, request=getattr(response, "request", None))
    cause = getattr(response, "shim_error", None)
    if cause is not None:
        raised.add_note(reason_of(cause))
    raise raised from cause


def reason_of(error: ShimError) -> str:
    """Give an error's message, with the detail where it has one."""
    detail = getattr(error, "detail", None)
    return f"{error} ({detail})" if detail else str(error)


def refusal(error: ErrorT, response: Any) -> ErrorT:
    """Let a package's own exception tell the service's reason: below its message in a traceback, and as its cause.

    Args:
        error: to be raised.
        response: of ``response_of``; it becomes the exception's ``response``.
    """
    error.response = response  # type: ignore[attr-defined]
    cause = getattr(response, "shim_error", None)
    if cause is not None:
        error.add_note(reason_of(cause))
        error.__cause__ = cause
    return error


def no_answer(error: TransportError, url: str, *, method: str = "POST", prepared: Any = None) -> Exception:
    """Give the exception of requests for an error without an answer; arguments as for ``response_of``."""
    request = prepared if prepared is not None else _prepared(method, url)
    return failure("requests", error, request=request, response=None)
