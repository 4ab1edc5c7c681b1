"""A folder of pictures after the other: what ``rembg p`` does."""

from __future__ import annotations

import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

import attrs

from pixian_adapters.rembg import bg
from pixian_adapters.rembg.failures import Rejected, unidentified
from pixian_shim.doors import check_destination
from pixian_shim.pixian import Upload, write_file

if TYPE_CHECKING:
    from pathlib import Path

    from pixian_adapters.rembg.sessions.base import BaseSession

STOP = "stop.txt"
_SECONDS = 1.0


class Kept(OSError):
    """What was paid for is somewhere else: the next one would end there, too."""


def saved(target: Path, content: bytes) -> None:
    """Write a result whole; what was paid for and cannot be written there is put elsewhere.

    Raises:
        OSError: it cannot be written; the message says where it is instead.
    """
    try:
        write_file(target, content)
    except OSError as error:
        raise kept(content, target, error) from error


def cut_out(content: bytes, target: Path, **arguments: Any) -> bytes:
    """Remove a background; what was paid for and cannot be finished is put beside.

    Raises:
        OSError: it cannot be finished; the message says where Pixian's own picture is.
        Exception: whatever else ``remove`` raises, where nothing was paid for.
    """
    try:
        return bg.remove(content, **arguments)
    except Exception as error:
        paid = getattr(getattr(error, "result", None), "content", None)
        if paid:
            raise kept(paid, target, error, "could not be finished") from error
        raise


def kept(content: bytes, target: Path, error: Exception, what: str = "cannot be written") -> OSError:
    """Put what was paid for into a file of its own, and give the error that says where it is."""
    with tempfile.NamedTemporaryFile(prefix=f"{target.stem[:40]}-", suffix=".png", delete=False) as file:
        file.write(content)
    return Kept(f"{target} {what} ({str(error) or type(error).__name__}); the result is in {file.name}")


@attrs.define
class Work:
    """The pictures below one folder, and where their results go: flat, as ``<name>.png``.

    Attributes:
        source: looked through with everything below it; watched without.
        target: made if need be.
        session: used for all of them.
        arguments: of ``remove``.
        delete: whether a picture is deleted once this run has made and written its result. What had a result before
            stays: nobody knows of which picture that is.
    """

    source: Path
    target: Path
    session: BaseSession
    arguments: dict[str, Any]
    delete: bool = attrs.field(default=False, kw_only=True)
    _made: dict[Path, Path] = attrs.field(factory=dict, init=False)
    """The results of this run, each with the picture that it is of."""

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
        """Work on every picture once; what cannot be done is told, and the next one comes.

        Raises:
            OSError: a result cannot be written; the pictures behind it have not been paid for.
        """
        for path in self._below():
            self._do(path)

    def watch(self) -> None:
        """Work on what comes into the folder, until a file ``stop.txt`` does, which is deleted.

        A file is looked at once it has stopped growing, as half a picture would be paid for as well.

        Raises:
            OSError: a result cannot be written.
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
        target = self.result_of(path)
        if not is_picture(path):
            return
        if target.exists():
            self._pass_over(path, target)
            return
        self._check(target)
        content = self._cut_out(path)
        if content is None:
            return
        saved(target, content)
        self._made[target] = path
        if told:
            _tell(f"processed: {path.absolute()} -> {target.absolute()}")
        if self.delete:
            _delete(path, target)

    def _pass_over(self, path: Path, target: Path) -> None:
        """Say why a picture has no result of its own, where that may be a surprise."""
        of = self._made.get(target)
        if _same(path, target):
            if of is None:  # else it is the result itself, which lies among the pictures
                _tell(f"{path}: left as it is, as its result would take its place")
        elif of not in (None, path):
            _tell(f"{path}: left out, as {target} is the result of {of}")
        elif self.delete:
            _tell(f"{path}: not deleted, as {target} was there already and may be of another picture")

    def _check(self, target: Path) -> None:
        """Raise what writing would raise, while the picture has not been paid for."""
        try:
            self.target.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OSError(f"the folder {self.target} cannot be made: {error.strerror}") from error
        try:
            check_destination(target)
        except OSError as error:
            raise OSError(f"{target} cannot be written: {error.strerror}") from error

    def _cut_out(self, path: Path) -> bytes | None:
        try:
            return cut_out(path.read_bytes(), self.result_of(path), session=self.session, **self.arguments)
        except Kept:
            raise
        except Exception as error:  # noqa: BLE001 (as rembg: one picture does not stop the others)
            _tell(f"{path.name}: {error}")
            return None


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _same(path: Path, target: Path) -> bool:
    try:
        return target.samefile(path)
    except FileNotFoundError:
        return False


def _delete(path: Path, target: Path) -> None:
    try:
        if not _same(path, target):
            path.unlink()
    except OSError as error:
        _tell(f"{path}: not deleted: {error.strerror}")


def _state(path: Path) -> tuple[int, float]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0.0
    return found.st_size, found.st_mtime


def is_picture(path: Path) -> bool:
    """Tell by its content; what cannot be looked at is taken for one, so that working on it says why."""
    try:
        if Upload.of(path).header is None:
            from pixian_adapters.rembg import pictures

            pictures.opened(path.read_bytes()).close()
    except unidentified():
        return False
    except (Rejected, OSError):
        return True
    return True
