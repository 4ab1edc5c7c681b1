"""Room for finished pictures: what goes first where there is too much of them, and where to."""

from __future__ import annotations

import logging
import re
from shutil import disk_usage
from threading import Lock

import attrs

from pixian_shim.shim._stores import MemoryStore, Store, temporary_store

_log = logging.getLogger(__name__)

NAME = re.compile(r"([0-9a-f]{8})-[0-9a-f]{32}\.([a-z]{3,4})")
"""Of a picture: until when it is good, in seconds since 1970; bits that nobody guesses; its type."""

_MOST_REMEMBERED = 100_000
"""Names of pictures that were fetched; beyond it, as in a process that only reads, they go no earlier than others."""

_SWEEP_SECONDS = 60.0

_EXPIRED, _FETCHED, _WANTED = range(3)
"""What becomes of a picture where there is too much, in the order in which they go."""


def expired(name: str, now: float) -> bool:
    """Tell by its name whether a picture is not good any more."""
    return int(name[:8], 16) <= now


@attrs.define(eq=False)
class Shelf:
    """A store with room for so much; what is put there is kept in any case, however large.

    Where there is too much, what was fetched goes before its time, then the oldest. What nobody has fetched goes on to
    a private folder, if there may be one, and is lost only where that has no room either.
    """

    store: Store
    max_bytes: int
    max_disk_bytes: int = 0
    """Of the private folder, which takes no more than half of the disk's free space; 0 for none."""
    sweep_seconds: float = 0.0
    """Between two looks at what there is, which cost time where the store is far away."""
    _fetched: set[str] = attrs.field(factory=set, init=False)
    _beyond: Shelf | None = attrs.field(default=None, init=False)
    _swept: float = attrs.field(default=0.0, init=False)
    _held: int = attrs.field(default=0, init=False)
    """Bytes, as far as is known without looking."""
    _lock: Lock = attrs.field(factory=Lock, init=False)

    @property
    def blocks(self) -> bool:
        """Whether putting and finding may wait for a disk or a network."""
        return self.max_disk_bytes > 0 or not isinstance(self.store, MemoryStore)

    def put(self, name: str, content: bytes, now: float) -> None:
        """Store a picture, after room was made for it."""
        self.tidy(now, len(content))
        self.store.put(name, content)
        self._held += len(content)

    def find(self, name: str) -> bytes | None:
        """Give a picture; ``None`` if there is none."""
        content = self.store.get(name)  # first, for what is carried over is stored there before it goes here
        return content if content is not None or self._beyond is None else self._beyond.find(name)

    def mark_fetched(self, name: str) -> None:
        """Remember that whoever wanted a picture has it."""
        if len(self._fetched) >= _MOST_REMEMBERED:
            self._fetched.clear()
        self._fetched.add(name)
        if self._beyond is not None:
            self._beyond.mark_fetched(name)

    def tidy(self, now: float, coming: int = 0) -> None:
        """Sweep where it is time to, or where what is coming has no room."""
        if now - self._swept >= self.sweep_seconds or self._held + coming > self.max_bytes:
            self._swept = now
            self.sweep(now, coming)

    def sweep(self, now: float, coming: int = 0) -> None:
        """Drop what has expired, and as much else as is too much with what is coming."""
        kept = {name: size for name, size in self.store.sizes().items() if NAME.fullmatch(name)}
        self._fetched.intersection_update(kept)
        room = self.max_bytes - coming - sum(kept.values())
        for rank, name in sorted((self._rank(name, now), name) for name in kept):
            if rank != _EXPIRED and room >= 0:
                break
            if rank == _WANTED:
                self._carry_over(name, now)
            self.store.drop(name)
            room += kept[name]
        self._held = self.max_bytes - coming - room
        if self._beyond is not None:
            self._beyond.tidy(now)

    def _rank(self, name: str, now: float) -> int:
        if expired(name, now):
            return _EXPIRED
        return _FETCHED if name in self._fetched else _WANTED

    def _carry_over(self, name: str, now: float) -> None:
        reason = f"more than {self.max_bytes:,} bytes"
        if self.max_disk_bytes:
            try:
                content = self.store.get(name)
                if content is not None:
                    self._opened().put(name, content, now)
            except OSError as error:  # a disk that is full, or may not be written to
                reason = f"{reason}, and {error}"
            else:
                return
        _log.warning("a result whose link nobody followed here was dropped before its time: %s", reason)

    def _opened(self) -> Shelf:
        with self._lock:
            if self._beyond is None:
                store = temporary_store()
                half = disk_usage(store.folder).free // 2  # the rest is for whatever else needs one, such as uploads
                self._beyond = Shelf(store, min(self.max_disk_bytes, half), sweep_seconds=_SWEEP_SECONDS)
            return self._beyond
