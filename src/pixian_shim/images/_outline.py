"""Draw a line around the subject.

Every pixel's distance to the subject is computed in two passes, first along columns, then along rows, up to the line's
width (the separable transform of Saito and Toriwaki). A wide line is computed on a smaller copy: the further away from
the subject, the smoother its distances are, and the line's outer edge is drawn at full size again.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixian_shim.geometry import Box, Size
from pixian_shim.images._blur import soft
from pixian_shim.images._composite import over_tint
from pixian_shim.images._pixels import size_of
from pixian_shim.images._place import foreground_box, put_back, resize

if TYPE_CHECKING:
    from pixian_shim.images._pixels import Pixels

Distances: TypeAlias = NDArray[np.float32]

_SOLID = 128  # of the alpha: from here on a pixel belongs to the subject
_WIDE, _WIDEST = (
    24,
    150,
)  # pixels: from where on a smaller copy takes no longer, and for how many it is computed at most
_STRIP_ROWS = 64
_MIDDLE, _MIDDLE_OF_ANY = 0.5, 0.3  # pixels from a solid one's middle to its edge: of an upright edge, of any edge
_INSIDE = 2  # pixels: so far below the subject's edge the line reaches, for what is translucent there


def outline(rgba: Pixels, *, width: float, colour: tuple[int, int, int, int], sigma: float = 0.0) -> Pixels:
    """Put a line behind the subject that stands out around it; its outer corners are round, and smooth.

    The canvas stays as it is: what would fall beside it is not drawn. Colours under alpha 0 stay.

    Args:
        rgba: the cut-out, ``(height, width, 4)``; unchanged if nothing of it is at least half opaque.
        width: of the line, in pixels.
        colour: red, green, blue, alpha, 0 to 255.
        sigma: standard deviation of a blur of the line, in pixels.
    """
    box = foreground_box(rgba[..., 3], _SOLID - 1)
    if box is None or width <= 0 or not colour[3]:
        return rgba
    canvas = size_of(rgba)
    around = _grown(box, math.ceil(width + 3 * sigma) + 2, canvas)
    part = np.ascontiguousarray(
        rgba[around.top : around.top + around.height, around.left : around.left + around.width, 3]
    )
    line = _line(part, width)
    if sigma > 0:
        blurred, border = soft(line, sigma)
        line = np.ascontiguousarray(blurred[border:-border, border:-border])
    line[_deep_inside(part >= _SOLID)] = 0
    strength = np.round(np.arange(256) * (colour[3] / 255)).astype(np.uint8)
    return over_tint(rgba, colour[:3], put_back(strength[line], canvas, around))


def _grown(box: Box, by: int, canvas: Size) -> Box:
    top, left = max(0, box.top - by), max(0, box.left - by)
    bottom, right = min(canvas.height, box.top + box.height + by), min(canvas.width, box.left + box.width + by)
    return Box(top, left, right - left, bottom - top)


def _line(alpha: Pixels, width: float) -> Pixels:
    """Give how much of each pixel the subject together with its line covers, 0 to 255."""
    size = size_of(alpha)
    factor = max(1.0, (width / _WIDE) ** (1 / 3), width / _WIDEST)
    small = Size(max(1, round(size.width / factor)), max(1, round(size.height / factor)))
    shrunk = resize(alpha, small)
    solid = shrunk >= _SOLID
    if not solid.any():  # a subject finer than a pixel of the smaller copy
        solid = shrunk == shrunk.max()
    distances = _distances(solid, math.ceil(width / factor) + 2)
    if factor == 1:
        distances, middle = _smoothed(distances), _MIDDLE
    else:
        distances = np.asarray(Image.fromarray(distances).resize(size, Image.Resampling.BILINEAR))
        middle = _MIDDLE_OF_ANY
    # Half of a pixel is covered where the line ends in its middle.
    covered = np.clip(width + 0.5 - (distances - middle) * factor, 0, 1)
    return np.asarray(covered * 255 + 0.5).astype(np.uint8)


def _distances(solid: NDArray[np.bool_], reach: int) -> Distances:
    """Give each pixel's distance from the nearest solid one, in pixels; from ``reach`` on it is at least that."""
    down = _along_columns(solid, reach)
    squared = down * down
    height, width = solid.shape
    roots = np.sqrt(np.arange(2 * (reach + 1) ** 2 + 1, dtype=np.float32))
    distances = np.empty(solid.shape, np.float32)
    moved = np.empty((_STRIP_ROWS, width), np.uint16)
    for top in range(0, height, _STRIP_ROWS):
        strip = squared[top : top + _STRIP_ROWS]
        best, room = strip.copy(), moved[: strip.shape[0]]
        for away in range(1, min(reach, width - 1) + 1):
            np.add(strip, away * away, out=room, casting="unsafe")
            np.minimum(best[:, away:], room[:, :-away], out=best[:, away:])
            np.minimum(best[:, :-away], room[:, away:], out=best[:, :-away])
        distances[top : top + _STRIP_ROWS] = roots[best]
    return distances


def _along_columns(solid: NDArray[np.bool_], reach: int) -> NDArray[np.uint16]:
    """Give the distance from the nearest solid pixel of the same column, at most ``reach + 1``."""
    far = reach + 1
    found = np.where(solid, 0, far).astype(np.uint16)
    for row in range(1, solid.shape[0]):
        np.minimum(found[row], found[row - 1] + 1, out=found[row])
    for row in range(solid.shape[0] - 2, -1, -1):
        np.minimum(found[row], found[row + 1] + 1, out=found[row])
    return found


def _smoothed(values: Distances) -> Distances:
    """Average over three by three pixels, so that the steps of a slanting edge do not show."""
    padded = np.pad(values, 1, mode="edge")
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    return np.asarray((rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 9, np.float32)


def _deep_inside(solid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which solid pixels have solid ones only around them: there the line must not shine through."""
    inner = np.pad(solid, _INSIDE, constant_values=False)
    for axis in (0, 1):
        inner = np.logical_and.reduce([np.roll(inner, step, axis) for step in range(-_INSIDE, _INSIDE + 1)])
    return np.ascontiguousarray(inner[_INSIDE:-_INSIDE, _INSIDE:-_INSIDE])
