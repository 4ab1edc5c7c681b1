"""The three ways to hand over a picture: binary, base64 text, or an address that the service fetches."""

from __future__ import annotations

import base64
import os
import re
from contextlib import contextmanager
from functools import cached_property
from io import BytesIO, UnsupportedOperation
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Self, cast
from weakref import finalize

import attrs

from pixian_shim.errors import ImageError, InvalidParameter
from pixian_shim.images import read_header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixian_shim.images import Header

_IN_MEMORY = 1 << 20


def _plain_name(name: str) -> str:
    """Keep the last part of a path, without characters that would end a header."""
    return re.sub(r'[\r\n"]', "_", name.replace("\\", "/").rpartition("/")[2]) or "image"


@attrs.frozen(eq=False)
class Upload:
    """A picture sent as binary.

    Files are streamed and can be sent again: a path is opened anew each time, a seekable file object is put back to
    where it stood when the upload was made, anything else is spooled to a temporary file first.
    """

    data: bytes | Path | IO[bytes] = attrs.field(repr=False)
    name: str = attrs.field(default="image", converter=_plain_name)
    _start: int = attrs.field(default=0, repr=False)

    @classmethod
    def of(
        cls, data: bytes | bytearray | memoryview | str | os.PathLike[str] | IO[bytes], name: str | None = None
    ) -> Self:
        """Take bytes, a path or a binary file object.

        Raises:
            InvalidParameter: none of these, or a file object opened in text mode.
        """
        if isinstance(data, bytes | bytearray | memoryview):
            return cls(bytes(data), name or "image")
        if isinstance(data, str | os.PathLike):
            path = Path(data)
            return cls(path, name or path.name)
        if not hasattr(data, "read"):
            raise InvalidParameter("image", type(data).__name__, "bytes, a path or a binary file object is expected")
        own_name = getattr(data, "name", None)
        name = name or (own_name if isinstance(own_name, str) else "image")
        try:
            start = data.tell()
            data.seek(start)
        except (AttributeError, OSError, UnsupportedOperation):
            spool = _spooled(data)
            upload = cls(cast("IO[bytes]", spool), name)
            finalize(upload, spool.close)
            return upload
        if isinstance(data.read(0), str):
            raise InvalidParameter("image", name, "the file is open in text mode; open it with 'rb'")
        return cls(data, name, start)

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Give a binary file at the start of the picture.

        Raises:
            OSError: the path cannot be opened.
        """
        if isinstance(self.data, bytes):
            yield BytesIO(self.data)
        elif isinstance(self.data, Path):
            with self.data.open("rb") as file:
                yield file
        else:
            self.data.seek(self._start)
            yield self.data

    def head(self, length: int = 65536) -> bytes:
        """Give the first bytes, enough to recognise the format and the size."""
        if isinstance(self.data, bytes):
            return self.data[:length]
        with self.open() as file:
            return file.read(length)

    @cached_property
    def header(self) -> Header | None:
        """Format, size and orientation by the first bytes; ``None`` for a format that is not known here."""
        try:
            return read_header(self.head())
        except ImageError:
            return None

    def read(self) -> bytes:
        """Give the whole picture."""
        if isinstance(self.data, bytes):
            return self.data
        with self.open() as file:
            return file.read()

    def __len__(self) -> int:
        """Count the bytes."""
        if isinstance(self.data, bytes):
            return len(self.data)
        if isinstance(self.data, Path):
            return self.data.stat().st_size
        end = self.data.seek(0, os.SEEK_END)
        self.data.seek(self._start)
        return end - self._start


def _spooled(stream: IO[bytes]) -> SpooledTemporaryFile[bytes]:
    """Copy a stream that cannot be rewound."""
    spool: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (lives as long as the upload)
    while chunk := stream.read(_IN_MEMORY):
        if not isinstance(chunk, bytes):
            raise InvalidParameter("image", type(chunk).__name__, "the file gives text; open it with 'rb'")
        spool.write(chunk)
    spool.seek(0)
    return spool


def _without_prefix(text: str) -> str:
    return text.partition(",")[2] if text[:5].lower() == "data:" else text


@attrs.frozen
class Base64Text:
    """A picture as base64 text; a ``data:`` prefix is stripped."""

    text: str = attrs.field(repr=False, converter=_without_prefix)

    def decode(self, *, parameter: str = "image.base64") -> Upload:
        """Give the binary picture.

        Raises:
            InvalidParameter: the text is not base64.
        """
        compact = re.sub(r"\s+", "", self.text).translate(str.maketrans("-_", "+/"))
        try:
            return Upload(base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True))
        except ValueError:  # binascii.Error, or characters beyond ASCII
            raise InvalidParameter(parameter, f"{self.text[:20]}...", "base64 text is expected") from None


@attrs.frozen
class ImageUrl:
    """A picture by its address; who fetches it is decided where the call is carried out."""

    url: str


Source = Upload | Base64Text | ImageUrl
