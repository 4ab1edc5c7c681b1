"""One HTTP exchange as the legacy packages made it: fields and files in, a response of requests out, and no HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pixian_adapters.removebg.adapter import ADAPTER
from pixian_shim.doors import no_answer, response_of
from pixian_shim.doors._responses import reason_of
from pixian_shim.errors import ShimError, TransportError
from pixian_shim.pixian import Upload
from pixian_shim.shim import default_shim
from pixian_shim.translation import Form, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ErrorT = TypeVar("ErrorT", bound=ShimError)


def exchange(
    method: str,
    url: str,
    *,
    key: str | bytes | None,
    fields: Mapping[str, Any] | None = None,
    files: Mapping[str, Any] | None = None,
) -> Any:
    """Answer a request in remove.bg's shape; nothing is sent to ``url``.

    Args:
        method: ``GET`` or ``POST``.
        url: whose last part tells the operation; the rest appears in the response only.
        key: what stands in the slot for remove.bg's key. Only ``id:secret`` of Pixian is used, all else stays here.
        fields: as requests takes ``data``: ``None`` is left out, a list becomes a repeated field.
        files: as requests takes ``files``: bytes, text, binary files, or tuples of name and content.

    Returns:
        A ``requests.Response``, or its look-alike where requests is not installed; also for errors with a status.

    Raises:
        requests.exceptions.ConnectionError: Pixian cannot be reached.
        requests.exceptions.ReadTimeout: Pixian did not answer in time.
    """
    headers = {} if key is None else {"X-Api-Key": key.decode("latin-1") if isinstance(key, bytes) else str(key)}
    form = Form.of([*_pairs(fields or {}), *_uploads(files or {})])
    try:
        answer = default_shim().serve(ADAPTER, HttpRequest(method, url, headers, parsed=form))
    except TransportError as error:
        raise no_answer(error, url, method=method) from error
    return response_of(answer, url, method=method)


def refusal(error: ErrorT, response: Any) -> ErrorT:
    """Let a package's own exception tell the service's reason: below its message in a traceback, and as its cause."""
    error.response = response  # type: ignore[attr-defined]
    cause = getattr(response, "shim_error", None)
    if cause is not None:
        error.add_note(reason_of(cause))
        error.__cause__ = cause
    return error


def _pairs(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        if isinstance(value, list | tuple | set):
            yield from ((name, item) for item in value)
        else:
            yield name, value


def _uploads(files: Mapping[str, Any]) -> Iterator[tuple[str, Upload]]:
    for field, value in files.items():
        name, content = value[:2] if isinstance(value, tuple) else (None, value)
        if content is None:
            continue
        # Text is content to requests, not a path.
        yield field, Upload.of(content.encode() if isinstance(content, str) else content, name)
