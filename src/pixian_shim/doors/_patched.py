"""Put a function in another one's place, and take it out again without disturbing who came later."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Replacement:
    """A function in the place of one that it is made of.

    Where somebody else replaces it in the meantime, ours stays beneath theirs, and lets everything pass once undone.

    Args:
        owner: a class or a module.
        name: of its function.
        make: gets the original, and gives what takes its place.
    """

    def __init__(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        self._owner, self._name, self._make = owner, name, make
        self._home = _library(owner.__module__ if isinstance(owner, type) else owner.__name__)
        self._put()

    def _put(self) -> None:
        self._original = getattr(self._owner, self._name)
        self._ours = wraps(self._original)(self._make(self._original))
        setattr(self._owner, self._name, self._ours)

    def renew(self) -> None:
        """Put it there again if the library's own function is back, as after somebody undid a replacement of theirs."""
        current = getattr(self._owner, self._name)
        if current is not self._ours and _library(current.__module__) == self._home:
            self._put()

    def undo(self) -> None:
        """Put the original back."""
        if getattr(self._owner, self._name) is self._ours:
            setattr(self._owner, self._name, self._original)


def _library(module: str) -> str:
    return module.partition(".")[0].lstrip("_")
