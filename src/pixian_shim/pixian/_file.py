"""Write a whole file, or none; and hold others off meanwhile."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def write(path: str | os.PathLike[str], content: bytes, *, overwrite: bool = True) -> Path:
    """Write beside the final place, then move there. Links are followed; a device or pipe is written to directly.

    Raises:
        FileNotFoundError: the directory does not exist.
        FileExistsError: there is such a file, and it may not be replaced.
        OSError: the disk is full or not writable; nothing is left behind.
    """
    path = Path(path)
    target = path.resolve()
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "the directory to save in does not exist", str(target.parent))
    if target.exists() and not target.is_file():
        target.write_bytes(content)
        return path
    if not overwrite and target.exists():
        raise FileExistsError(errno.EEXIST, "there is such a file already", str(target))
    # A short name of our own: the target's may already be as long as the file system allows.
    beside = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():  # somebody chose who may read it
            beside.chmod(stat.S_IMODE(target.stat().st_mode))
        _move(beside, target, overwrite=overwrite)
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()
    return path


def _move(beside: Path, target: Path, *, overwrite: bool) -> None:
    if overwrite:
        beside.replace(target)
    elif os.name == "nt":
        beside.rename(target)
    else:
        target.hardlink_to(beside)  # unlike a rename, fails if somebody was faster


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold a lock file; others wait."""
    with path.open("a+b") as file:
        if sys.platform == "win32":
            import msvcrt
            from time import sleep

            while True:
                try:
                    msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
                    break
                except OSError:
                    sleep(0.1)
        else:
            import fcntl

            with suppress(OSError):  # a file system that knows no locks is no reason to do nothing
                fcntl.flock(file, fcntl.LOCK_EX)
        yield  # closing the file gives the lock back
