"""Where finished pictures are kept for their links: memory, a folder, or whatever fsspec reaches."""

from __future__ import annotations

import os
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol
from weakref import finalize

from pixian_shim.errors import ConfigurationError, MissingExtra
from pixian_shim.pixian._file import write

if TYPE_CHECKING:
    from collections.abc import Mapping


class Store(Protocol):
    """Content by name. Names are made by ``Links`` and hold no path; several processes may use one store."""

    def put(self, name: str, content: bytes, /) -> None:
        """Store whole or not at all."""
        ...

    def get(self, name: str, /) -> bytes | None:
        """Give the content; ``None`` if there is none."""
        ...

    def drop(self, name: str, /) -> None:
        """Forget it, if it is there."""
        ...

    def sizes(self) -> Mapping[str, int]:
        """Count the bytes of everything."""
        ...


class MemoryStore:
    """Keep in this process."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self._lock = Lock()

    def put(self, name: str, content: bytes, /) -> None:
        """Store it."""
        with self._lock:
            self._kept[name] = content

    def get(self, name: str, /) -> bytes | None:
        """Give the content; ``None`` if there is none."""
        return self._kept.get(name)

    def drop(self, name: str, /) -> None:
        """Forget it, if it is there."""
        with self._lock:
            self._kept.pop(name, None)

    def sizes(self) -> Mapping[str, int]:
        """Count the bytes of everything."""
        with self._lock:
            return {name: len(content) for name, content in self._kept.items()}


class FolderStore:
    """Keep in a folder, which is made if need be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"the folder for links cannot be used: {error}") from error

    def put(self, name: str, content: bytes, /) -> None:
        """Write beside, then rename."""
        write(str(self.folder / name), content)

    def get(self, name: str, /) -> bytes | None:
        """Give the content; ``None`` if there is none."""
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def drop(self, name: str, /) -> None:
        """Delete it, if it is there."""
        (self.folder / name).unlink(missing_ok=True)

    def sizes(self) -> Mapping[str, int]:
        """Count the bytes of every file; one that another process deletes meanwhile is left out."""
        found = {}
        for path in self.folder.iterdir():
            try:
                found[path.name] = path.stat().st_size
            except FileNotFoundError:
                continue
        return found


class TemporaryStore(FolderStore):
    """Keep in a folder that nobody else writes to, so that what is there is known without looking."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._sizes: dict[str, int] = {}

    def put(self, name: str, content: bytes, /) -> None:
        """Write beside, then rename; the folder is made again where somebody has tidied it away."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        super().put(name, content)
        self._sizes[name] = len(content)

    def drop(self, name: str, /) -> None:
        """Delete it, if it is there."""
        super().drop(name)
        self._sizes.pop(name, None)

    def sizes(self) -> Mapping[str, int]:
        """Count the bytes of everything that was put here."""
        return dict(self._sizes)


class RemoteStore:
    """Keep wherever fsspec reaches; such services write whole objects or none."""

    def __init__(self, files: Any, folder: str) -> None:
        self._files, self._folder = files, folder.rstrip("/")
        self._files.makedirs(self._folder, exist_ok=True)

    def put(self, name: str, content: bytes, /) -> None:
        """Write it."""
        self._files.pipe_file(self._path(name), content)

    def get(self, name: str, /) -> bytes | None:
        """Give the content; ``None`` if there is none."""
        try:
            return bytes(self._files.cat_file(self._path(name)))
        except FileNotFoundError:
            return None

    def drop(self, name: str, /) -> None:
        """Delete it, if it is there."""
        try:
            self._files.rm_file(self._path(name))
        except FileNotFoundError:
            return

    def sizes(self) -> Mapping[str, int]:
        """Count the bytes of everything, asked anew."""
        self._files.invalidate_cache()
        entries = self._files.ls(self._folder, detail=True)
        return {entry["name"].rpartition("/")[2]: int(entry["size"] or 0) for entry in entries}

    def _path(self, name: str) -> str:
        return f"{self._folder}/{name}"


def temporary_store() -> TemporaryStore:
    """Open a store that nobody but this process's user may read, and that goes when the process ends, or before.

    A process that is killed leaves it behind.

    Raises:
        OSError: there is no place for it.
    """
    store = TemporaryStore(Path(mkdtemp(prefix="pixian-shim-results-")))
    finalize(store, _remove, store.folder, os.getpid())
    return store


def _remove(folder: Path, maker: int) -> None:
    if os.getpid() == maker:  # a process that was forked off has not made it
        rmtree(folder, ignore_errors=True)


def open_store(where: str) -> Store:
    """Open a store: ``memory``, a folder, or any address that fsspec knows.

    Raises:
        ConfigurationError: it cannot be used.
        MissingExtra: fsspec is not installed.
    """
    if where == "memory":
        return MemoryStore()
    if "://" not in where:
        return FolderStore(Path(where).expanduser())
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise MissingExtra("links", "keeping results elsewhere than in memory or a folder") from error
    try:
        return RemoteStore(*url_to_fs(where))
    except Exception as error:  # a protocol that is unknown or lacks its library, a bucket that is not there
        raise ConfigurationError(f"the store for links cannot be used: {error}") from error
