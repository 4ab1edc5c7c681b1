"""Write a whole file, or none."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path


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
