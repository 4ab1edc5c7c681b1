"""Write observations down, and read them again."""

from __future__ import annotations

import logging
import os
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from uuid import uuid4

from pixian_shim.baseline._exchange import suffix_of
from pixian_shim.baseline._later import Later
from pixian_shim.baseline._pictures import fetched, found_in
from pixian_shim.baseline._store import picture_suffix
from pixian_shim.errors import ConfigurationError, FetchError
from pixian_shim.legacy import LegacyHost
from pixian_shim.pixian import _file
from pixian_shim.rollout._observations import Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixian_shim.rollout._replies import Reply
    from pixian_shim.shim import Fetcher
    from pixian_shim.translation import Adapter

_log = logging.getLogger(__name__)

LINKED = "-linked"
"""How the name of a picture ends that an answer links to, after the answer's SHA-256: the picture's is not known before
it has come. Where it cannot be had, a text of the same name says why."""


class Recorder:
    """Write observations into a folder: files of JSON lines, one after the other, each process its own.

    What cannot be written is counted and logged, and does not affect the call.

    Args:
        folder: made if it is not there.
        pictures: also keep what came back, content-addressed in ``pictures/``; it is somebody's data, so it is off.
            What an answer links to is fetched afterwards, in a thread of its own.
        max_bytes: of one file; then the next one begins.
        max_files: of this process; then its oldest is deleted. ``None`` keeps all of them.
        fetcher: fetches what answers link to; by default from public addresses only.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        pictures: bool = False,
        max_bytes: int = 64 << 20,
        max_files: int | None = None,
        fetcher: Fetcher | None = None,
    ) -> None:
        self.folder, self.pictures = Path(folder), pictures
        self._most, self._files_kept = max_bytes, max_files
        self._fetcher, self._later = fetcher or LegacyHost().fetcher, Later()
        self._lock, self._process = Lock(), 0
        self._files: list[Path] = []
        self._written = 0
        self.lost: Counter[str] = Counter()
        """How many observations were not written, by reason."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"observations cannot be written to {self.folder}: {error.strerror}") from error

    def keep(self, reply: Reply, adapter: Adapter) -> str | None:
        """Keep what a reply holds where that is wanted, and give its picture's name below the folder.

        A picture that the provider links to may come later, or never.
        """
        answer = reply.answer
        if not self.pictures or answer is None or answer.status >= 300 or not answer.body:  # noqa: PLR2004
            return None
        kind = next((value for name, value in answer.headers.items() if name.lower() == "content-type"), "")
        whole = self._kept(answer.body, suffix_of(kind))
        found = found_in(adapter, answer)
        if found is None or whole is None:
            return whole
        if isinstance(found, bytes):
            return self._kept(found, picture_suffix(found))
        linked = f"pictures/{sha256(answer.body).hexdigest()}{LINKED}"
        if not (self.folder / linked).exists() and not self._later.offer(partial(self._fetch, linked, found)):
            self._missing(linked, "too many pictures were waiting to be fetched")
        return linked

    def drain(self, timeout: float = 30.0) -> bool:
        """Wait for pictures that are being fetched; tells whether none is left."""
        return self._later.drain(timeout)

    def _kept(self, content: bytes, suffix: str) -> str | None:
        name = f"pictures/{sha256(content).hexdigest()}{suffix}"
        return name if self._put(name, content) else None

    def _put(self, name: str, content: bytes) -> bool:
        path = self.folder / name
        try:
            if not path.exists():
                path.parent.mkdir(exist_ok=True)
                _file.write(path, content)
        except OSError as error:
            self._failed("picture", error)
            return False
        return True

    def _fetch(self, linked: str, url: str) -> None:
        try:
            self._put(linked, fetched(self._fetcher, url))
        except FetchError as error:
            self._missing(linked, str(error))

    def _missing(self, linked: str, why: str) -> None:
        if not self.lost["link"]:
            _log.warning("a picture is missing in %s: %s", self.folder, why)
        self.lost["link"] += 1
        self._put(f"{linked}.txt", why.encode())

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
