"""Compare one pair: what a worker process is told, and what it tells."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import attrs

from pixian_shim.compare._align import Overlay
from pixian_shim.compare._measure import measure
from pixian_shim.compare._pictures import read
from pixian_shim.errors import ShimError
from pixian_shim.geometry import Box

if TYPE_CHECKING:
    from pathlib import Path

    from pixian_shim.compare._measure import Measures
    from pixian_shim.compare._pictures import Answer
    from pixian_shim.compare._views import Views


@attrs.frozen(kw_only=True)
class Task:
    """One pair of files."""

    left: Path
    right: Path
    original: Path | None
    views: Views | None
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
    """Of the file's bytes, if it could be read."""
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


def work(task: Task) -> Done:
    """Read, lay over each other, measure, draw; never raises."""
    answers: list[Answer | None] = []
    told = []
    for path in (task.left, task.right):
        try:
            answer = read(path, max_pixels=task.max_pixels)
        except ShimError as error:
            answers.append(None)
            told.append(Told(error=str(error)))
            continue
        answers.append(answer)
        told.append(_told(answer))
    left, right = answers
    if left is None or right is None:
        return Done(left=told[0], right=told[1])
    try:
        overlay = Overlay.of(left.rgba, right.rgba)
        measures = measure(left.rgba, right.rgba, overlay)
        views = _views(task, overlay, measures)
    except (ShimError, OSError, MemoryError) as error:
        return Done(left=told[0], right=told[1], error=f"{type(error).__name__}: {error}")
    return Done(left=told[0], right=told[1], measures=measures, views=views)


def _told(answer: Answer) -> Told:
    about: dict[str, Any] = {"format": answer.format, "size": answer.size, "digest": answer.digest}
    height, width = answer.rgba.shape[:2]
    return Told(width=width, height=height, metadata=answer.metadata, notes=answer.notes, **about)


def _views(task: Task, overlay: Overlay, measures: Measures) -> dict[str, str]:
    if task.views is None:
        return {}
    spot = None if measures.spot is None else overlay.from_left(Box(*measures.spot))
    return task.views.draw(task.name, overlay, spot, task.original)
