"""One request, ready to be sent again and again: a picture and its parameters in, a body of known length out."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

import attrs

from pixian_shim.errors import ImageError
from pixian_shim.pixian._magic import content_type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pixian_shim.pixian._source import Readable, Upload

CHUNK = 1 << 20
"""Bytes read from a file at a time."""

_SMALL = 1 << 18
"""Bytes in memory up to which a body is put together; beyond it the copy costs more than two writes to the socket."""

_BASE64 = str.maketrans({"+": "%2B", "/": "%2F", "=": "%3D"})
"""All that needs escaping in base64; the general way takes a tenth of a second for a megabyte."""


@attrs.frozen
class Body:
    """What is sent: whole, or in pieces."""

    content_type: str
    length: int
    whole: bytes | None
    pieces: Iterable[bytes] = ()


@attrs.frozen
class Request:
    """Method, path, fields, and perhaps a file."""

    method: str
    path: str
    form: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    upload: Upload | None = None

    @property
    def title(self) -> str:
        """Method and path: all that errors tell of a request."""
        return f"{self.method} {self.path}"

    @contextmanager
    def body(self) -> Iterator[Body | None]:
        """Open the body: urlencoded for fields alone, multipart with a file, ``None`` without either.

        Raises:
            OSError: the file cannot be opened.
        """
        if self.upload is None:
            yield self._urlencoded() if self.form else None
            return
        boundary = os.urandom(16).hex()
        content_type = f"multipart/form-data; boundary={boundary}"
        (head, tail), length = self._around(self.upload, boundary), len(self.upload)
        if isinstance(self.upload.data, bytes) and length <= _SMALL:
            whole = b"".join((head, self.upload.data, tail))
            yield Body(content_type, len(whole), whole)
            return
        with self.upload.open() as file:
            yield Body(
                content_type, len(head) + length + len(tail), None, _pieces(head, self.upload, file, length, tail)
            )

    def _urlencoded(self) -> Body:
        fields = (
            f"{quote_plus(name)}={value.translate(_BASE64) if name == 'image.base64' else quote_plus(value)}"
            for name, value in self.form.items()
        )
        content = "&".join(fields).encode("ascii")
        return Body("application/x-www-form-urlencoded", len(content), content)

    def _around(self, upload: Upload, boundary: str) -> tuple[bytes, bytes]:
        """Write what stands before and after the file."""
        fields = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in self.form.items()
        )
        media_type = content_type_of(upload.head(32)) or "application/octet-stream"
        head = (
            f'{fields}--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="{upload.name}"\r\n'
            f"Content-Type: {media_type}\r\n\r\n"
        )
        return head.encode(errors="replace"), f"\r\n--{boundary}--\r\n".encode("ascii")


def _pieces(head: bytes, upload: Upload, file: Readable, length: int, tail: bytes) -> Iterator[bytes]:
    yield head
    if isinstance(upload.data, bytes) and length <= CHUNK:
        yield upload.data  # as it is: a copy of it would cost more than everything else here
    else:
        yield from _read(file, length)
    yield tail


def _read(file: Readable, left: int) -> Iterator[bytes]:
    while left:
        chunk = file.read(min(CHUNK, left))
        if not chunk:
            raise ImageError("the file became shorter while it was being sent")
        left -= len(chunk)
        yield chunk
