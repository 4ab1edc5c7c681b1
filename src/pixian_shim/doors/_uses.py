"""A shim that was made for a door is closed when the door is, and the last call through it has ended."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixian_shim.shim import Shim


class Uses:
    """Count the calls under way through a shim.

    Args:
        shim: that nobody else closes.
    """

    def __init__(self, shim: Shim) -> None:
        self._shim = shim
        self._lock = Lock()
        self._count = 0
        self._retired = False

    def __enter__(self) -> None:
        """Begin a call."""
        with self._lock:
            self._count += 1

    def __exit__(self, *_: object) -> None:
        """End it."""
        with self._lock:
            self._count -= 1
            last = self._retired and not self._count
        if last:
            self._shim.close()

    def retire(self) -> None:
        """Close the shim, now or after the last call."""
        with self._lock:
            self._retired = True
            unused = not self._count
        if unused:
            self._shim.close()
