"""The three ways to hand over a picture: binary, base64 text, or an address that the service fetches."""

from __future__ import annotations

import base64
import os
import re
from contextlib import contextmanager
from functools import cached_property
from inspect import iscoroutinefunction
from io import BytesIO, UnsupportedOperation
from pathlib import Path
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import IO, TYPE_CHECKING, Protocol, Self, cast
from weakref import finalize

import attrs

from pixian_shim.errors import ImageError, InvalidParameter
from pixian_shim.images import read_header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixian_shim.images import Header

_IN_MEMORY, _HEAD, _WORTH_READING = 1 << 20, 1 << 16, 1 << 25

_reading = Lock()
"""Held while a file object is moved and read: several uploads, calls and threads may share one."""


class Readable(Protocol):
    """What can be read once, from its start."""

    def read(self, size: int = -1, /) -> bytes:
        """Give the next bytes, all of them if no number is given."""
        ...


@contextmanager
def _kept_in_place(file: IO[bytes]) -> Iterator[int]:
    """Keep others away from a file object, and put it back to where it stands, which is given."""
    with _reading:
        place = file.tell()
        try:
            yield place
        finally:
            file.seek(place)


class _View:
    """Somebody's file object, from a place on, with a position of our own."""

    def __init__(self, file: IO[bytes], start: int) -> None:
        self._file, self._at = file, start

    def read(self, size: int = -1, /) -> bytes:
        with _kept_in_place(self._file):
            self._file.seek(self._at)
            found = self._file.read(size)
        self._at += len(found)
        return found


def _plain_name(name: str) -> str:
    """Keep the last part of a path, without characters that would end a header."""
    return re.sub(r'[\r\n"]', "_", name.replace("\\", "/").rpartition("/")[2]) or "image"


@attrs.frozen(eq=False)
class Upload:
    """A picture sent as binary.

    Files are streamed and can be sent again, by several threads at once: a path is opened anew each time and must not
    change meanwhile, a seekable file object is read from where it stands and left there, anything else is spooled to a
    temporary file first.
    """

    data: bytes | Path | IO[bytes] = attrs.field(repr=False)
    name: str = attrs.field(default="image", converter=_plain_name)
    _start: int = attrs.field(default=0, repr=False)
    named: bool = attrs.field(default=True, kw_only=True)
    """Whether the name came with it; some services take a part without one for text."""

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
            return cls._of_path(Path(data), name)
        if not hasattr(data, "read"):
            raise InvalidParameter("image", type(data).__name__, "bytes, a path or a binary file object is expected")
        own_name = getattr(data, "name", None)
        name = name or (own_name if isinstance(own_name, str) else "image")
        if iscoroutinefunction(data.read):
            raise InvalidParameter("image", name, "its read() is a coroutine; give the file inside it, or its bytes")
        try:
            with _kept_in_place(data) as start:
                pass
        except (AttributeError, OSError, UnsupportedOperation):
            return cls._of_stream(data, name)
        if isinstance(data.read(0), str):
            raise InvalidParameter("image", name, "the file is open in text mode; open it with 'rb'")
        return cls(data, name, start)

    @classmethod
    def _of_path(cls, path: Path, name: str | None) -> Self:
        if path.is_fifo():  # as the shell's <(...) gives: it can be read once
            with path.open("rb") as file:
                return cls._of_stream(file, name or path.name)
        return cls(path, name or path.name)

    @classmethod
    def _of_stream(cls, stream: IO[bytes], name: str) -> Self:
        spool = _spooled(stream)
        upload = cls(cast("IO[bytes]", spool), name)
        finalize(upload, spool.close)
        return upload

    @contextmanager
    def open(self) -> Iterator[Readable]:
        """Give a binary file at the start of the picture.

        Raises:
            OSError: the path cannot be opened.
            ImageError: another file is there now than when it was first looked at.
        """
        if isinstance(self.data, bytes):
            yield BytesIO(self.data)
        elif isinstance(self.data, Path):
            with self.data.open("rb") as file:
                self._check_unchanged(os.fstat(file.fileno()))
                yield file
        else:
            yield _View(self.data, self._start)

    @cached_property
    def _seen(self) -> list[tuple[int, ...]]:
        return []

    def _check_unchanged(self, state: os.stat_result) -> None:
        """Hold every later look at a path against the first one: a retry must send the same picture."""
        found = (state.st_size, state.st_mtime_ns, state.st_ino)
        if not self._seen:
            self._seen.append(found)
        elif self._seen[0] != found:
            raise ImageError(f"the file {self.name!r} changed while it was in use")

    def head(self, length: int = _HEAD) -> bytes:
        """Give the first bytes, enough to recognise the format and the size."""
        if isinstance(self.data, bytes):
            return self.data[:length]
        with self.open() as file:
            return file.read(length)

    @cached_property
    def header(self) -> Header | None:
        """Format, size and orientation; ``None`` for a format that is not known here."""
        try:
            header = read_header(self.head())
            if header.size is None and _HEAD < len(self) <= _WORTH_READING:  # a TIFF's directory may stand at its end
                header = read_header(self.read())
        except ImageError:
            return None
        return header

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
        with _kept_in_place(self.data):
            return self.data.seek(0, os.SEEK_END) - self._start


def _spooled(stream: IO[bytes]) -> SpooledTemporaryFile[bytes]:
    """Copy a stream that cannot be rewound."""
    spool: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (lives as long as the upload)
    while chunk := stream.read(_IN_MEMORY):
        if not isinstance(chunk, bytes | bytearray | memoryview):
            spool.close()
            raise InvalidParameter("image", type(chunk).__name__, "the file gives no bytes; open it with 'rb'")
        spool.write(chunk)
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
