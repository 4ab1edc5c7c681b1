"""Write observations down, and read them again."""

from __future__ import annotations

import logging
import os
from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from uuid import uuid4

from pixian_shim.errors import ConfigurationError
from pixian_shim.pixian import _file
from pixian_shim.rollout._observations import Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixian_shim.rollout._replies import Reply

_log = logging.getLogger(__name__)

_SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "application/zip": ".zip",
}


class Recorder:
    """Write observations into a folder: files of JSON lines, one after the other, each process its own.

    What cannot be written is counted and logged, and does not affect the call.

    Args:
        folder: made if it is not there.
        pictures: also keep what came back, content-addressed in ``pictures/``; it is somebody's data, so it is off.
        max_bytes: of one file; then the next one begins.
        max_files: of this process; then its oldest is deleted. ``None`` keeps all of them.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        pictures: bool = False,
        max_bytes: int = 64 << 20,
        max_files: int | None = None,
    ) -> None:
        self.folder, self.pictures = Path(folder), pictures
        self._most, self._files_kept = max_bytes, max_files
        self._lock, self._process = Lock(), 0
        self._files: list[Path] = []
        self._written = 0
        self.lost: Counter[str] = Counter()
        """How many observations were not written, by reason."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"observations cannot be written to {self.folder}: {error.strerror}") from error

    def keep(self, reply: Reply) -> str | None:
        """Keep a reply's picture where that is wanted, and give its file's name below the folder."""
        answer = reply.answer
        if not self.pictures or answer is None or answer.status >= 300 or not answer.body:  # noqa: PLR2004
            return None
        kind = next((value for name, value in answer.headers.items() if name.lower() == "content-type"), "")
        name = f"pictures/{sha256(answer.body).hexdigest()}{_SUFFIXES.get(kind.partition(';')[0].strip(), '')}"
        path = self.folder / name
        try:
            if not path.exists():
                path.parent.mkdir(exist_ok=True)
                _file.write(path, answer.body)
        except OSError as error:
            self._failed("picture", error)
            return None
        return name

    def record(self, observation: Observation) -> None:
        """Write one; what contradicts itself is left out, for it would mislead whoever counts."""
        problems = observation.problems()
        if problems:
            self.lost["inconsistent"] += 1
            _log.error("an observation is left out: %s", "; ".join(problems))
            return
        line = observation.line().encode()
        with self._lock:
            try:
                self._append(line)
            except OSError as error:
                self._failed("disk", error)

    def _failed(self, reason: str, error: OSError) -> None:
        if not self.lost[reason]:
            _log.error("observations cannot be written to %s: %s", self.folder, error)
        self.lost[reason] += 1

    def _append(self, line: bytes) -> None:
        if self._process != os.getpid():
            self._process, self._files = os.getpid(), []
        if not self._files or self._written + len(line) > self._most:
            self._next_file()
        # Opened anew each time: nothing is lost with a killed process, and daemons may close what they find open.
        file = os.open(self._files[-1], os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            self._written += os.write(file, line)
        finally:
            os.close(file)

    def _next_file(self) -> None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        self._files.append(self.folder / f"{stamp}-{self._process}-{uuid4().hex[:6]}.jsonl")
        self._written = 0
        if self._files_kept is not None:
            while len(self._files) > self._files_kept:
                self._files.pop(0).unlink(missing_ok=True)


def observations(folder: str | os.PathLike[str]) -> Iterator[Observation]:
    """Read all observations of a folder, file by file; half a line, as a full disk leaves it, is passed over."""
    for path in sorted(Path(folder).glob("*.jsonl")):
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    yield Observation.read(line)
                except ValueError:
                    _log.warning("%s holds a line that is no observation", path)
