"""Compare one pair: what a worker process is told, and what it tells."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING

import attrs
import numpy as np

from pixian_shim.compare.measuring.align import Overlay
from pixian_shim.compare.measuring.measure import measure
from pixian_shim.compare.sides.pictures import digest, load, read
from pixian_shim.errors import ShimError
from pixian_shim.geometry import Box

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pixian_shim.compare.measuring.measure import Measures
    from pixian_shim.compare.measuring.views import Views
    from pixian_shim.compare.sides.pictures import Answer


_LARGEST = 31 << 20  # bytes of a block that glibc learns from: less than 32 MB


@attrs.frozen(kw_only=True)
class Task:
    """One pair of files; one alone is only read.

    Attributes:
        left: the file, ``None`` where there is none.
        right: likewise.
        stored: SHA-256 that the left and the right file were stored under; empty where nobody knows.
        original: the photo.
        views: where pictures for a report go.
        max_pixels: of one picture.
    """

    left: Path | None
    right: Path | None
    stored: tuple[str, str] = ("", "")
    original: Path | None = None
    views: Views | None = None
    max_pixels: int

    @property
    def name(self) -> str:
        """What the files of its pictures begin with: the same for the same pair."""
        return blake2b(f"{self.left}\0{self.right}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


@attrs.frozen(kw_only=True)
class Told:
    """What is known of one side's file."""

    format: str = ""
    size: int = 0
    digest: str = ""
    """Of the file's bytes, if they could be read."""
    width: int = 0
    height: int = 0
    metadata: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    error: str = ""
    """Why it cannot be compared."""


@attrs.frozen(kw_only=True)
class Done:
    """What came of a pair."""

    left: Told
    right: Told
    measures: Measures | None = None
    views: dict[str, str] = attrs.field(factory=dict)
    error: str = ""
    """Why two readable pictures could not be compared."""
    note: str = ""
    """What else there is to say of them, without fault of either side."""


def work(task: Task) -> Done:
    """Read, lay over each other, measure, draw; never raises, for one pair is not worth the others."""
    _keep_memory()
    left, told_left = _read(task.left, task.stored[0], task.max_pixels)
    right, told_right = _read(task.right, task.stored[1], task.max_pixels)
    if left is None or right is None:
        views, note = _drawn(lambda: _single(task, left, right))
        return Done(left=told_left, right=told_right, views=views, note=note)
    try:
        overlay = Overlay.of(left.rgba, right.rgba)
        measures = measure(left.rgba, right.rgba, overlay)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is told)
        return Done(left=told_left, right=told_right, error=f"they could not be measured: {_said(error)}")
    views, note = _drawn(lambda: _views(task, overlay, measures))
    return Done(left=told_left, right=told_right, measures=measures, views=views, note=note)


@cache
def _keep_memory() -> None:
    """Keep what one pair frees for the next one: asking the system for it again takes a sixth of the time.

    The C library of Linux gives back what exceeds twice the largest block that was freed so far; mallopt(3).
    """
    np.empty(_LARGEST, np.uint8)


def _drawn(draw: Callable[[], dict[str, str]]) -> tuple[dict[str, str], str]:
    """Give the pictures, or why there are none: what is known of a pair is worth having without."""
    try:
        return draw(), ""
    except Exception as error:  # noqa: BLE001 (whatever it is, it is told)
        return {}, f"pictures for the report could not be made: {_said(error)}"


def _said(error: Exception) -> str:
    return "there is not enough memory" if isinstance(error, MemoryError) else f"{type(error).__name__}: {error}"


def _read(path: Path | None, stored: str, max_pixels: int) -> tuple[Answer | None, Told]:
    if path is None:
        return None, Told()
    content = b""
    try:
        content = load(path)
        answer = read(content, max_pixels=max_pixels, suffix=path.suffix, expected=stored)
    except ShimError as error:
        return None, _told(content, error=str(error))
    except Exception as error:  # noqa: BLE001 (likewise)
        return None, _told(content, error=f"it cannot be decoded: {_said(error)}")
    height, width = answer.rgba.shape[:2]
    about = _told(content)
    return answer, attrs.evolve(
        about, format=answer.format, width=width, height=height, metadata=answer.metadata, notes=answer.notes
    )


def _told(content: bytes, error: str = "") -> Told:
    return Told(size=len(content), digest=digest(content) if content else "", error=error)


def _single(task: Task, left: Answer | None, right: Answer | None) -> dict[str, str]:
    """Draw the side that there is: a reviewer wants to see what the other one should have been."""
    if task.views is None:
        return {}
    if left is not None:
        return task.views.draw_one(task.name, "left", left.rgba, task.original)
    if right is not None:
        return task.views.draw_one(task.name, "right", right.rgba, task.original)
    return {}


def _views(task: Task, overlay: Overlay, measures: Measures) -> dict[str, str]:
    if task.views is None:
        return {}
    spot = None if measures.spot is None else overlay.from_left(Box(*measures.spot))
    return task.views.draw(task.name, overlay, spot, task.original)
