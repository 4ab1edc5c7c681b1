"""Bring two cut-outs of one photo onto the same canvas, whatever crop, scale and margin each was given."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import attrs
import numpy as np
from PIL import Image

from pixian_shim.compare.measuring.histogram import EMPTY
from pixian_shim.geometry import Box, Size
from pixian_shim.images import extend, foreground_box, resize
from pixian_shim.images._pixels import alpha_of, is_opaque, size_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from pixian_shim.compare.measuring.regions import Mask
    from pixian_shim.images import Pixels

VISIBLE = 26
"""Alpha from which a pixel counts for the foreground box: a tenth; fainter traces would move the box."""

_OPAQUE = 250
_MARGIN = 0.1  # around the subject, as a share of its longer side
_HOPELESS = 3.0  # times the best difference: no few pixels make up for that
_MOVES, _FIRST = 10, 4  # steps at most, and the first one in pixels
_FITS = 0.5  # levels of luma that nobody needs to improve on, nor to take for a worse fit
_OUTLINE = 64.0  # levels of luma that a wholly different outline is worth
_SMALL = 192  # pixels on the longer side of the copies on which candidates are judged
_TINY = 96  # likewise of those on which most candidates are ruled out
_REDUCING_GAP = 2.0  # squares are averaged down to twice the size, then the filter is used
_KEPT = 4  # candidates that are judged on the larger copies
_NEAR = 0.004  # of the longer side: boxes this close are taken to be in place
_CLEARLY = 0.7  # another placing must leave at most this share of the difference that staying in place leaves
_CONFIRMED, _ALMOST = 0.8, 0.2  # inside, for a scale to be believed; of the whole difference, where that is not so
_MOST = 4  # times the larger picture: a union of canvases beyond it says that the placing is wrong


@attrs.frozen
class Placing:
    """How the right picture lies over the left one: right pixel times scale plus offset gives the left pixel.

    Attributes:
        across: scale of the x axis, left pixels for each right pixel.
        down: of the y axis.
        left: offset in left pixels.
        top: likewise.
        by: what it rests on: ``canvas`` or ``box``.
    """

    across: float
    down: float
    left: float
    top: float
    by: str

    def overlap(self, one: Size, other: Size) -> float:
        """Give intersection over union of the two canvases, 0 to 1."""
        right, bottom = self.left + other.width * self.across, self.top + other.height * self.down
        width = max(0.0, min(one.width, right) - max(0.0, self.left))
        height = max(0.0, min(one.height, bottom) - max(0.0, self.top))
        area = one.pixels + (right - self.left) * (bottom - self.top)
        return width * height / (area - width * height)


def placing(left: Pixels, right: Pixels) -> Placing:
    """Find how the right picture lies over the left one.

    As long as the canvases have one aspect and the foreground boxes are in place, nothing is moved. Else the boxes
    propose placings, and the pictures choose: a wider outline alone is not taken for a larger subject, because the
    colours inside then lie better where they are.

    Args:
        left: RGBA, ``(height, width, 4)``.
        right: of any size.
    """
    one, other = (Size(rgba.shape[1], rgba.shape[0]) for rgba in (left, right))
    subject, others = _subject(left), _subject(right)
    on_canvas = Placing(one.width / other.width, one.height / other.height, 0.0, 0.0, "canvas")
    if subject is None or others is None:
        return on_canvas
    stays = _same_aspect(one, other)
    if stays and _close(subject, others.scaled(other, one), one):
        return on_canvas
    small = _Small.of(left, subject), _Small.of(right, others)
    tried = [(_misfit(way, *small), way) for way in _likely(_by_box(subject, others), *small)]
    still = _misfit(on_canvas, *small) if stays else None
    if still is not None and still.total <= min(map(_total, tried)):
        return on_canvas
    best, unscaled = min(tried, key=_total), min((one for one in tried if one[1].across == 1.0), key=_total)
    starts = (best, unscaled) if _total(unscaled) <= _HOPELESS * _total(best) else (best,)
    tried += [_refined(start, *small) for start in dict.fromkeys(starts)]
    misfit, way = min(tried, key=_total)
    return way if still is None or _convinces(misfit, still, scaled=way.across != 1.0) else on_canvas


def _convinces(moved: _Misfit, still: _Misfit, *, scaled: bool) -> bool:
    """Tell whether a placing is so much better than staying on one's canvas that it is believed.

    A wider outline of a plain subject looks much like a larger subject. Unless the colours inside speak for the
    scale, the outline has to fit almost perfectly.
    """
    if moved.inside > still.inside + _FITS:
        return False
    told = not scaled or moved.inside < _CONFIRMED * still.inside
    return moved.total < (_CLEARLY if told else _ALMOST) * still.total


def _total(tried: tuple[_Misfit, Placing]) -> float:
    return tried[0].total


def _likely(ways: Iterable[Placing], *small: _Small) -> Iterable[Placing]:
    """Give the placings that fit best on tiny copies, an unscaled one among them."""
    tiny = [copy.reduced(_TINY) for copy in small]
    ranked = sorted(ways, key=lambda way: _misfit(way, *tiny).total)
    return dict.fromkeys((*ranked[:_KEPT], next(way for way in ranked if way.across == 1.0)))


def _refined(start: tuple[_Misfit, Placing], *small: _Small) -> tuple[_Misfit, Placing]:
    """Move as long as it gets better, by less and less; boxes are off by some where a canvas cuts the subject."""
    best, step = start, _FIRST
    for _ in range(_MOVES):
        if _total(best) <= _FITS:
            break
        way = best[1]
        around = [
            attrs.evolve(way, left=way.left + x, top=way.top + y)
            for x, y in ((step, 0), (-step, 0), (0, step), (0, -step))
        ]
        better = min(((_misfit(one, *small), one) for one in around), key=_total)
        if _total(better) < _total(best):
            best = better
        elif step == 1:
            break
        else:
            step //= 2
    return best


def _subject(rgba: Pixels) -> Box | None:
    """Give the box of what is seen; ``None`` where there is nothing but a speck, or no transparency."""
    if is_opaque(rgba):
        return None
    box = foreground_box(alpha_of(rgba), VISIBLE - 1)
    return None if box is None or box.size.pixels < EMPTY * size_of(rgba).pixels else box


def _same_aspect(one: Size, other: Size) -> bool:
    """Tell whether one canvas may be the other one scaled, its sides rounded."""
    exact = one.width * other.height / other.width
    return abs(exact - one.height) <= 1 + max(1.0, one.width / other.width)


def _close(one: Box, other: Box, canvas: Size) -> bool:
    """Tell whether two boxes are in place: a wider outline leaves their centres alone, a shift does not."""
    near = max(2.0, _NEAR * max(canvas))
    ends = [(box.top, box.left, box.top + box.height, box.left + box.width) for box in (one, other)]
    top, left, bottom, right = (here - there for here, there in zip(*ends, strict=True))
    centred = max(abs(top + bottom), abs(left + right)) <= near  # half the sum is what the centre is off
    return bool(centred and max(map(abs, (top, left, bottom, right))) <= near)


def _by_box(one: Box, other: Box) -> Iterator[Placing]:
    """Give what lays one box over the other: scaled alike on both axes, and unscaled from each corner."""
    across, down = one.width / other.width, one.height / other.height
    even = (across * down) ** 0.5
    if abs(even - 1) < _NEAR:
        even = 1.0
    for scale in dict.fromkeys((even, across, down, 1.0)):
        spare = one.width - other.width * scale, one.height - other.height * scale
        for share_x, share_y in ((0.5, 0.5), (0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.0)):
            left = one.left + spare[0] * share_x - other.left * scale
            top = one.top + spare[1] * share_y - other.top * scale
            if scale == 1.0:
                left, top = round(left), round(top)
            yield Placing(scale, scale, left, top, "box")


@attrs.frozen(eq=False)
class _Small:
    """A reduced copy of the subject's surroundings, on which placings are tried."""

    planes: NDArray[np.float32]
    """Alpha and luma, ``(2, height, width)``, 0 to 255."""
    box: Box
    """What it shows of the picture."""

    @classmethod
    def of(cls, rgba: Pixels, subject: Box) -> _Small:
        margin = round(_MARGIN * max(subject.width, subject.height)) + 2
        top, left = max(0, subject.top - margin), max(0, subject.left - margin)
        bottom = min(rgba.shape[0], subject.top + subject.height + margin)
        right = min(rgba.shape[1], subject.left + subject.width + margin)
        box = Box(top, left, right - left, bottom - top)
        factor = min(1.0, _SMALL / max(box.size))
        copy = _reduced(rgba, box, _times(box.size, factor, factor)).astype(np.float32)
        return cls(np.stack([copy[..., 3], copy[..., :3].mean(axis=2)]), box)

    def reduced(self, longer: int) -> _Small:
        """Make it smaller still, to so many pixels on the longer side."""
        factor = longer / max(self.size)
        if factor >= 1:
            return self
        size = _times(self.size, factor, factor)
        planes = [np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BOX)) for plane in self.planes]
        return _Small(np.stack(planes), self.box)

    @property
    def size(self) -> Size:
        """Of the copy."""
        return Size(self.planes.shape[2], self.planes.shape[1])

    @cached_property
    def mass(self) -> float:
        """The alphas' sum."""
        return _sum(self.planes[0])

    @cached_property
    def opaque(self) -> Mask:
        """Where nothing shines through."""
        opaque: Mask = self.planes[0] >= _OPAQUE
        return opaque

    @property
    def factors(self) -> tuple[float, float]:
        """How many of the picture's pixels go into one, across and down."""
        return self.box.width / self.size.width, self.box.height / self.size.height

    def drawn(self, size: Size, scale: tuple[float, float], corner: tuple[float, float]) -> NDArray[np.float32]:
        """Draw the planes on an empty canvas, by bilinear interpolation; Pillow's transform takes three times as long.

        Args:
            size: of the canvas.
            scale: pixels of the canvas for one of the copy, across and down.
            corner: where the copy's left and top lie.
        """
        across, down = ((np.arange(size[side]) + 0.5 - corner[side]) / scale[side] for side in (0, 1))
        return _interpolated(_interpolated(self.planes, down, 1), across, 2)


def _interpolated(planes: NDArray[np.float32], at: NDArray[np.floating], axis: int) -> NDArray[np.float32]:
    """Read lines between the planes' own; beside them there is nothing."""
    last = planes.shape[axis] - 1
    inside = (at >= 0) & (at <= last + 1)
    before = np.floor(at - 0.5)
    share = at - 0.5 - before
    along = (-1, 1) if axis == 1 else (1, -1)
    low, high = (np.clip(before + step, 0, last).astype(np.intp) for step in (0, 1))
    near, far = ((weight * inside).astype(np.float32).reshape(along) for weight in (1 - share, share))
    drawn: NDArray[np.float32] = np.take(planes, low, axis) * near
    drawn += np.take(planes, high, axis) * far
    return drawn


def _reduced(rgba: Pixels, box: Box, size: Size) -> Pixels:
    """Scale a part of a picture down, without regard to the alpha, in a fifth of the time.

    That is seen along the outline only, where colours are not compared.
    """
    picture = np.ascontiguousarray(rgba)
    four = Image.frombuffer("CMYK", size_of(rgba), picture, "raw", "CMYK", 0, 1)  # none of which is taken for an alpha
    part = (box.left, box.top, box.left + box.width, box.top + box.height)
    return np.asarray(four.resize(size, Image.Resampling.HAMMING, part, _REDUCING_GAP))


@attrs.frozen
class _Misfit:
    inside: float
    """Mean difference of luma where both are opaque, 0 to 255."""
    total: float


def _misfit(way: Placing, one: _Small, other: _Small) -> _Misfit:
    """Lay the copies over each other and tell how badly they fit; what falls beside the left copy counts."""
    here, there = one.factors, other.factors
    across, down = way.across * there[0] / here[0], way.down * there[1] / here[1]
    left = (way.left + other.box.left * way.across - one.box.left) / here[0]
    top = (way.top + other.box.top * way.down - one.box.top) / here[1]
    alpha, luma = other.drawn(one.size, (across, down), (left, top))
    beside = max(0.0, other.mass * across * down - _sum(alpha))
    both = (alpha >= _OPAQUE) & one.opaque
    count = int(np.count_nonzero(both))
    inside = _sum(np.abs(luma - one.planes[1]) * both) / count if count else 255.0
    outline = (_sum(np.abs(alpha - one.planes[0])) + beside) / max(1.0, one.mass)
    return _Misfit(inside, inside + _OUTLINE * outline)


def _sum(values: NDArray[np.float32]) -> float:
    return float(values.sum(dtype=np.float64))


@attrs.frozen(eq=False)
class Overlay:
    """Both pictures on one canvas that holds all of either, at the smaller one's scale.

    Attributes:
        left: RGBA.
        right: RGBA of the same size.
        way: how the right picture lay over the left one.
        top: of the canvas, in pixels of the left picture; 0 or less.
        start: its left edge, likewise.
        grow: pixels of the left picture for one of the canvas, 1 or more.
    """

    left: Pixels
    right: Pixels
    way: Placing
    top: float = 0.0
    start: float = 0.0
    grow: float = 1.0

    @classmethod
    def of(cls, left: Pixels, right: Pixels) -> Overlay:
        """Lay one RGBA picture over the other."""
        left, right = np.ascontiguousarray(left), np.ascontiguousarray(right)
        return cls._laid(left, right, placing(left, right))

    @classmethod
    def _laid(cls, left: Pixels, right: Pixels, way: Placing) -> Overlay:
        if left.shape == right.shape and (way.across, way.down, way.left, way.top) == (1.0, 1.0, 0.0, 0.0):
            return cls(left, right, way)
        one, other = Size(left.shape[1], left.shape[0]), Size(right.shape[1], right.shape[0])
        grow = max(1.0, (way.across * way.down) ** 0.5)
        first = resize(left, _times(one, 1 / grow, 1 / grow))
        second = resize(right, _times(other, way.across / grow, way.down / grow))
        top, start = round(way.top / grow), round(way.left / grow)
        above, before = max(0, -top), max(0, -start)
        height = max(first.shape[0] + above, second.shape[0] + above + top)
        width = max(first.shape[1] + before, second.shape[1] + before + start)
        if height * width > _MOST * max(one.pixels, other.pixels):
            return cls._laid(left, right, Placing(one.width / other.width, one.height / other.height, 0, 0, "canvas"))
        placed = [
            extend(picture, down, width - picture.shape[1] - across, height - picture.shape[0] - down, across)
            for picture, down, across in ((first, above, before), (second, above + top, before + start))
        ]
        return cls(placed[0], placed[1], way, -above * grow, -before * grow, grow)

    def on_left(self, box: Box) -> Box:
        """Tell a box on the canvas in pixels of the left picture."""
        top, left = box.top * self.grow + self.top, box.left * self.grow + self.start
        return Box(round(top), round(left), round(box.width * self.grow), round(box.height * self.grow))

    def from_left(self, box: Box) -> Box:
        """Tell a box of the left picture in pixels of the canvas."""
        top, left = (box.top - self.top) / self.grow, (box.left - self.start) / self.grow
        return Box(round(top), round(left), round(box.width / self.grow), round(box.height / self.grow))


def _times(size: Size, across: float, down: float) -> Size:
    return Size(max(1, round(size.width * across)), max(1, round(size.height * down)))
