"""The canvas of an arrangement: how large it is, what of it the subject gets. Numbers only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pixian_shim import images
from pixian_shim.errors import Refused
from pixian_shim.geometry import Box, Size
from pixian_shim.pixian import MAX_PROCESSED_PIXELS
from pixian_shim.translation import Arrange, CropToForeground, inset

if TYPE_CHECKING:
    from pixian_shim.geometry import Length
    from pixian_shim.translation import Plan

MAX_CANVAS_PIXELS = 89_000_000
"""Pillow, which most callers open results with, warns of more; here it takes 356 MB, and as much for every copy."""

_EVERYTHING = 100


class Sides(NamedTuple):
    """Something about each side of a picture: where the subject touches its edge."""

    left: bool = False
    top: bool = False
    right: bool = False
    bottom: bool = False

    def of(self, step: Arrange) -> Sides:
        """Keep those that an arrangement snaps to."""
        across, down = step.snap
        return Sides(self.left and across, self.top and down, self.right and across, self.bottom and down)


def own_size(plan: Plan, original: Size) -> Size:
    """Give the original's size as a canvas may have it: a cap of the plan's own counts, Pixian's does not."""
    return original if plan.max_pixels >= MAX_PROCESSED_PIXELS else original.capped(plan.max_pixels)


def canvas_of(step: Arrange, original: Size, subject: Size, snapped: Sides, longest: int | None = None) -> Size:
    """Compute how large a canvas is.

    Args:
        step: the arrangement.
        original: the original's own size.
        subject: the size of what is laid out, in the original's pixels.
        snapped: the sides without padding.
        longest: pixels that the file format can have on a side; like the cap of the canvas's pixels, it counts for one
            around the subject, which nobody knows before the call. Any other one is refused before.

    Raises:
        Refused: no canvas is large enough for such margins.
    """
    if isinstance(step.canvas, Size):
        return _completed(step.canvas, original)
    if step.canvas == "original":
        return _within(original, *step.at_most)
    return _within(_within(around(step, subject, snapped), *step.at_most).capped(_most(step)), longest, longest)


def around(step: Arrange, subject: Size, snapped: Sides) -> Size:
    """Compute how large a canvas around the subject is before it is scaled down to any limit.

    Raises:
        Refused: no canvas is large enough for such margins.
    """
    margin, padding = step.margin, step.padding
    across = _padding((padding.left, padding.right), (snapped.left, snapped.right))
    down = _padding((padding.top, padding.bottom), (snapped.top, snapped.bottom))
    width = _outer(_outer(subject.width, across), (margin.left, margin.right))
    height = _outer(_outer(subject.height, down), (margin.top, margin.bottom))
    return Size(max(1, round(width)), max(1, round(height)))


def target_of(step: Arrange, canvas: Size, snapped: Sides) -> Box:
    """Give what margins and padding leave of a canvas, one pixel at least."""
    margin, padding = step.margin, step.padding
    left, right = inset(
        canvas.width,
        (margin.left, margin.right),
        _padding((padding.left, padding.right), (snapped.left, snapped.right)),
    )
    top, bottom = inset(
        canvas.height,
        (margin.top, margin.bottom),
        _padding((padding.top, padding.bottom), (snapped.top, snapped.bottom)),
    )
    left, top = min(left, canvas.width - 1), min(top, canvas.height - 1)
    return Box(top, left, max(1, min(right, canvas.width) - left), max(1, min(bottom, canvas.height) - top))


def check_canvases(plan: Plan, original: Size) -> None:
    """Find out before paying what cannot be drawn or written.

    What depends on the subject is not known yet; such a canvas is scaled down where it must, and refused only where it
    would be too large around a single pixel.

    Raises:
        Refused: a canvas that is too large, or whose margins leave nothing; a side that the file cannot hold.
        CannotWrite: a format that is not part of the Pillow that is installed.
    """
    output = plan.output
    encoding = output.encoding if output is not None else "auto"
    images.check_writable(encoding)
    canvas: Size | None = original.capped(plan.max_pixels)
    for step in plan.steps:
        if isinstance(step, CropToForeground):
            canvas = None
        elif isinstance(step, Arrange):
            canvas = _known(step, own_size(plan, original))
    longest = images.longest_side(encoding)
    if longest is not None and canvas is not None and max(canvas) > longest:
        found = f"the result would have {canvas.width} x {canvas.height}"
        raise Refused(f"{encoding} has at most {longest:,} pixels on a side; {found}", parameter="format")


def _known(step: Arrange, original: Size) -> Size | None:
    """Give a canvas that does not depend on the subject.

    Raises:
        Refused: it cannot be.
    """
    canvas = canvas_of(step, original, original, Sides())
    best = Sides(True, True, True, True).of(step)  # paddings that may be left out leave room enough
    if step.canvas == "subject":
        least = _within(around(step, Size(1, 1), best), *step.at_most)
        _check_pixels(step, least, " or more")
        return None
    _check_pixels(step, canvas)
    margin, padding = step.margin, step.padding
    sides = (
        (canvas.width, (margin.left, margin.right), _padding((padding.left, padding.right), (best.left, best.right))),
        (canvas.height, (margin.top, margin.bottom), _padding((padding.top, padding.bottom), (best.top, best.bottom))),
    )
    for whole, margins, paddings in sides:
        start, end = inset(whole, margins, paddings)
        if end <= start:
            _refuse_room(f"of {whole} pixels")
    return canvas


def _most(step: Arrange) -> int:
    return MAX_CANVAS_PIXELS if step.max_pixels is None else min(step.max_pixels, MAX_CANVAS_PIXELS)


def _check_pixels(step: Arrange, canvas: Size, more: str = "") -> None:
    if canvas.pixels > _most(step):
        found = f"{canvas.width} x {canvas.height}{more}"
        raise Refused(f"a canvas has at most {_most(step) / 1e6:g} megapixels, not {found}", code="canvas")


def _padding(lengths: tuple[Length, Length], left_out: tuple[bool, bool]) -> tuple[Length, Length]:
    first, last = (length._replace(value=0.0) if out else length for length, out in zip(lengths, left_out, strict=True))
    return first, last


def _outer(inner: float, lengths: tuple[Length, Length]) -> float:
    """Give the whole that leaves ``inner`` between two lengths, whose per cent are of the whole."""
    shares = sum(length.value for length in lengths if length.unit == "%")
    if shares >= _EVERYTHING:
        _refuse_room("of any canvas")
    pixels = sum(length.value for length in lengths if length.unit == "px")
    return (inner + pixels) / (1 - shares / _EVERYTHING)


def _refuse_room(where: str) -> None:
    raise Refused(f"margins and padding leave nothing {where}", code="canvas")


def _completed(size: Size, original: Size) -> Size:
    """Give a side that is 0 what the original's aspect makes of the other one."""
    width = size.width or round(size.height * original.width / original.height)
    height = size.height or round(size.width * original.height / original.width)
    return Size(max(1, width), max(1, height))


def _within(size: Size, width: int | None, height: int | None) -> Size:
    """Scale down, aspect kept, never below 1 px a side."""
    limits = (width, size.width), (height, size.height)
    share = min((most / side for most, side in limits if most is not None), default=1.0)
    return size if share >= 1 else Size(max(1, round(size.width * share)), max(1, round(size.height * share)))
