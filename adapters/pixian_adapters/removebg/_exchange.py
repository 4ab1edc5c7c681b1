"""One HTTP exchange as the legacy packages made it: fields and files in, a response of requests out, and no HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pixian_adapters.removebg.adapter import ADAPTER
from pixian_shim import doors
from pixian_shim.pixian import Upload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


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
    given = [*_pairs(fields or {}), *_uploads(files or {})]
    answer = doors.exchange(ADAPTER, method, url, given, headers=headers, spoke="requests")
    return doors.response_of(answer, url, method=method)


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
