"""Where a drop-in writes its result: found out before the paid call, and written whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, TypeVar

from pixian_shim.pixian import write_file

ErrorT = TypeVar("ErrorT", bound=Exception)
StrPath = str | bytes | os.PathLike[Any]
"""What ``open`` takes for a path."""


def check_destination(path: StrPath) -> None:
    """Raise what writing there would raise, while nothing has been paid.

    Raises:
        FileNotFoundError: the folder does not exist.
        IsADirectoryError: there is a folder of that name.
        PermissionError: the folder may not be written to.
    """
    target = Path(os.fsdecode(path))
    folder = target.resolve().parent
    if not folder.is_dir():
        number: int = errno.ENOENT
    elif target.is_dir():
        number = errno.EISDIR
    elif not os.access(target if target.exists() and not target.is_file() else folder, os.W_OK):
        number = errno.EACCES
    else:
        return
    raise OSError(number, os.strerror(number), os.fsdecode(path))


def save_result(content: bytes, path: StrPath) -> None:
    """Write a finished picture; nobody ever sees half of it.

    Raises:
        OSError: it cannot be written; the exception has the picture as its attribute ``content``.
    """
    try:
        write_file(os.fsdecode(path), content)
    except OSError as error:
        paid_for(error, content)
        raise


def paid_for(error: ErrorT, content: bytes) -> ErrorT:
    """Hang a picture that cannot be written on the exception for that, as its attribute ``content``."""
    error.content = content  # type: ignore[attr-defined]
    error.add_note("The picture has been paid for: it is this exception's attribute 'content'.")
    return error
