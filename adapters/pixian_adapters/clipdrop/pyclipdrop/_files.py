"""Input and output of the package: what is refused, in which order, and in which words."""

from __future__ import annotations

import errno
import os
from http.client import HTTPException, IncompleteRead
from pathlib import Path
from string import punctuation
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

from pixian_adapters.clipdrop.pyclipdrop import exceptions
from pixian_shim.doors import check_destination, paid_for
from pixian_shim.pixian import MAX_UPLOAD_BYTES, write_file

EXTENSIONS = ("png", "jpg", "jpeg", "webp")
"""Compared with regard to case, as in the original."""

_REFUSAL = "The input file should be one of the supported extensions: .png, .jpg, .webp"
"""The original's words, for the output too."""

_SECONDS = 60
"""Without a byte from an address; the original waits for ever."""


def extension_of(path: str | os.PathLike[str]) -> str:
    """Give what stands behind the last dot of a name.

    Raises:
        FileExtensionError: that is not supported.
    """
    extension = Path(path).suffix.removeprefix(".")
    if extension not in EXTENSIONS:
        raise exceptions.FileExtensionError(_REFUSAL)
    return extension


def read(given: str | os.PathLike[str]) -> tuple[bytes, str]:
    """Read the input, a file or an address.

    Returns:
        The picture, and the extension of its name.

    Raises:
        FileOrURLError: it is neither.
        FileExtensionError: its name ends otherwise.
        FileOpenError: the file cannot be read.
        URLReadError: the address does not deliver.
    """
    if os.path.exists(Path(given)):  # noqa: PTH110 (Path.exists() fails for the longest names)
        extension = extension_of(given)
        try:
            return Path(given).read_bytes(), extension
        except OSError as error:
            raise exceptions.FileOpenError(f"Error opening file: {error}") from error
    if not isinstance(given, str) or not _is_address(given):
        raise exceptions.FileOrURLError("Input file must be a valid file path or URL.")
    extension = extension_of(urlsplit(given).path)
    return _downloaded(given), extension


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme and parts.netloc)


def _downloaded(address: str) -> bytes:
    """Get a picture as the original does: by the program's own network, proxies and private hosts included."""
    try:
        with urlopen(quote(address, safe=punctuation), timeout=_SECONDS) as answer:  # noqa: S310 (a caller who may open files may open these)
            content: bytes = answer.read(MAX_UPLOAD_BYTES + 1)  # what is longer is refused later, for its size
            missing = getattr(answer, "length", None)
            if missing and len(content) <= MAX_UPLOAD_BYTES:
                raise IncompleteRead(content, missing)
    except (OSError, HTTPException, ValueError) as error:
        if isinstance(error, HTTPError):  # which is the answer as well
            error.close()
        raise exceptions.URLReadError(f"Error in API request: {error}") from error
    return content


def check(output: str | os.PathLike[str]) -> None:
    """Raise what writing there would raise, while nothing has been paid.

    Raises:
        FilePathError: the folder does not exist.
        FileExtensionError: the name ends otherwise.
        FileOpenError: there is a folder of that name, or the folder may not be written to.
    """
    target = Path(output)
    if not target.parent.exists():
        raise exceptions.FilePathError("The path to the output file does not exist.")
    extension_of(target)
    try:
        if not target.parent.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), os.fspath(output))
        check_destination(output)
    except OSError as error:
        raise exceptions.FileOpenError(f"Error opening file: {error}") from error


def save(content: bytes, output: str | os.PathLike[str]) -> None:
    """Write a finished picture; nobody ever sees half of it.

    Raises:
        FileWriteError: it cannot be written; its ``content`` is the picture.
    """
    try:
        write_file(os.fspath(output), content)
    except OSError as error:
        raise paid_for(exceptions.FileWriteError(f"Error writing file: {error}"), content) from error
