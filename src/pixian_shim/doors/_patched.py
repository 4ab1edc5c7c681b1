"""Put a function in another one's place, and take it out again without disturbing who came later."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def replace(owner: Any, name: str, make: Callable[[Any], Any]) -> Callable[[], None]:
    """Replace a function by one that is made of it; gives the function that undoes it.

    Where somebody else has replaced it in the meantime, ours stays beneath theirs, and lets everything pass.

    Args:
        owner: a class or a module.
        name: of its function.
        make: gets the original, and gives what takes its place.
    """
    original = getattr(owner, name)
    ours = wraps(original)(make(original))
    setattr(owner, name, ours)

    def undo() -> None:
        if getattr(owner, name) is ours:
            setattr(owner, name, original)

    return undo


def together(*steps: Callable[[], None]) -> Callable[[], None]:
    """Make one function of several."""

    def all_steps() -> None:
        for step in steps:
            step()

    return all_steps
