"""What a library would have sent as a body."""

from __future__ import annotations

from typing import Any


def read_all(body: Any) -> bytes:
    """Read nothing, text, bytes, a file or an iterable of pieces, as HTTP libraries take them for a body."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes):
        return body
    if hasattr(body, "read"):
        return read_all(body.read())
    try:
        return bytes(memoryview(body))
    except TypeError:
        pass
    return b"".join(map(read_all, body))
