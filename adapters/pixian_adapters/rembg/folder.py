"""A folder of pictures after the other: what ``rembg p`` does."""

from __future__ import annotations

import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

import attrs

from pixian_adapters.rembg import bg
from pixian_shim.pixian import Upload, write_file

if TYPE_CHECKING:
    from pathlib import Path

    from pixian_adapters.rembg.sessions.base import BaseSession

STOP = "stop.txt"
_SECONDS = 1.0


def saved(target: Path, content: bytes) -> None:
    """Write a result whole; what was paid for and cannot be written there is put elsewhere.

    Raises:
        OSError: it cannot be written; the message says where it is instead.
    """
    try:
        write_file(target, content)
    except OSError as error:
        with tempfile.NamedTemporaryFile(prefix=f"{target.stem[:40]}-", suffix=".png", delete=False) as kept:
            kept.write(content)
        raise OSError(f"{target} cannot be written ({error}); the result is in {kept.name}") from error


@attrs.define
class Work:
    """The pictures below one folder, and where their results go: flat, as ``<name>.png``.

    Attributes:
        source: looked through with everything below it; watched without.
        target: made if need be.
        session: used for all of them.
        arguments: of ``remove``.
        delete: whether a picture is deleted once its result is there.
    """

    source: Path
    target: Path
    session: BaseSession
    arguments: dict[str, Any]
    delete: bool = attrs.field(default=False, kw_only=True)

    def due(self) -> list[Path]:
        """Give the pictures that have no result yet."""
        found: dict[Path, Path] = {}
        for path in self._below():
            if not self.result_of(path).exists() and is_picture(path):
                found.setdefault(self.result_of(path), path)
        return list(found.values())

    def result_of(self, path: Path) -> Path:
        """Name a picture's result."""
        return (self.target / path.name).with_suffix(".png")

    def through(self) -> None:
        """Work on every picture once; what cannot be done is told, and the next one comes."""
        for path in self._below():
            self._do(path)

    def watch(self) -> None:
        """Work on what comes into the folder, until a file ``stop.txt`` does, which is deleted.

        A file is looked at once it has stopped growing, as half a picture would be paid for as well.
        """
        seen: dict[Path, tuple[int, float]] = {path: _state(path) for path in self._inside()}
        waiting: dict[Path, tuple[int, float]] = {}
        while True:
            time.sleep(_SECONDS)
            stop = self.source / STOP
            if stop.exists():
                stop.unlink()
                return
            for path in self._inside():
                state = _state(path)
                if seen.get(path) == state:
                    continue
                if waiting.get(path) == state:
                    seen[path] = waiting.pop(path)
                    self._do(path, told=True)
                else:
                    waiting[path] = state

    def _below(self) -> list[Path]:
        return [path for path in sorted(self.source.glob("**/*")) if path.is_file()]

    def _inside(self) -> list[Path]:
        return [path for path in sorted(self.source.iterdir()) if path.is_file()]

    def _do(self, path: Path, *, told: bool = False) -> None:
        try:
            if not is_picture(path):
                return
            target = self.result_of(path)
            self.target.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                saved(target, bg.remove(path.read_bytes(), session=self.session, **self.arguments))
                if told:
                    sys.stdout.write(f"processed: {path.absolute()} -> {target.absolute()}\n")
                    sys.stdout.flush()
            if self.delete:
                path.unlink()
        except Exception as error:  # noqa: BLE001 (as rembg: one picture does not stop the others)
            sys.stdout.write(f"{path.name}: {error}\n")
            sys.stdout.flush()


def _state(path: Path) -> tuple[int, float]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0.0
    return found.st_size, found.st_mtime


def is_picture(path: Path) -> bool:
    """Tell by its content."""
    if Upload.of(path).header is not None:
        return True
    from pixian_adapters.rembg import pictures

    try:
        pictures.opened(path.read_bytes()).close()
    except OSError:
        return False
    return True
