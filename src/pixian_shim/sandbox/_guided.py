"""Sharpen a coarse matte along the edges of its photo.

The guided filter (He, Sun, Tang 2010) explains the matte in every window as a linear function of the colours; it is
computed on a smaller copy of large photos and applied to all their pixels (the authors' "fast guided filter", 2015).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from pixian_shim.images._pixels import Pixels

Plane: TypeAlias = NDArray[np.float32]
"""``(height, width)``."""

_RADIUS = 0.01  # of the longer side
_EPSILON = 1e-4  # variance of colours (0 to 1) below which a window counts as plain
_LONGEST = 1280  # pixels a side that the filter is computed on
_STRIP_PIXELS = 1 << 20


def refine(rgb: Pixels, coarse: Plane, stretch: tuple[float, float]) -> Pixels:
    """Enlarge a matte to its photo, filter it and stretch its contrast.

    Args:
        rgb: the photo, ``(height, width, 3)``.
        coarse: any size, 0 to 1.
        stretch: the values that become 0 and 255.

    Returns:
        ``(height, width)``, ``uint8``.
    """
    height, width = rgb.shape[:2]
    factor = min(1.0, _LONGEST / max(height, width))
    small = max(1, round(width * factor)), max(1, round(height * factor))
    photo = Image.fromarray(rgb)
    guide = np.asarray(photo if factor == 1 else photo.resize(small, Image.Resampling.BOX), np.float32) * np.float32(
        1 / 255
    )
    target: Plane = np.clip(_resized(coarse, small, Image.Resampling.BICUBIC), 0, 1)
    planes = _coefficients(guide, target, max(1, round(_RADIUS * max(small))))
    alpha = np.empty((height, width), np.uint8)
    step = max(1, _STRIP_PIXELS // width)
    low, high = stretch
    for top in range(0, height, step):
        bottom = min(height, top + step)
        rows = 0, top * small[1] / height, small[0], bottom * small[1] / height
        red, green, blue, offset = (
            _resized(plane, (width, bottom - top), Image.Resampling.BILINEAR, rows) for plane in planes
        )
        part = rgb[top:bottom].astype(np.float32) / 255
        value = part[..., 0] * red + part[..., 1] * green + part[..., 2] * blue + offset
        alpha[top:bottom] = np.clip((value - low) * (255 / (high - low)) + 0.5, 0, 255)
    return alpha


def _coefficients(guide: NDArray[np.float32], target: Plane, radius: int) -> tuple[Plane, Plane, Plane, Plane]:
    """Fit ``target = red r + green g + blue b + offset`` in each window, averaged over the windows of each pixel."""
    colours = [np.ascontiguousarray(guide[..., channel]) for channel in range(3)]
    means = [_mean(colour, radius) for colour in colours]
    mean = _mean(target, radius)
    shared = [_mean(colour * target, radius) - average * mean for colour, average in zip(colours, means, strict=True)]

    def covariance(one: int, other: int) -> Plane:
        spread: Plane = np.subtract(
            _mean(colours[one] * colours[other], radius), means[one] * means[other], dtype=np.float32
        )
        if one == other:
            spread += np.float32(_EPSILON)
        return spread

    rr, rg, rb = covariance(0, 0), covariance(0, 1), covariance(0, 2)
    gg, gb, bb = covariance(1, 1), covariance(1, 2), covariance(2, 2)
    row = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb  # the inverse of a symmetric matrix, by cofactors
    middle = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    inverse = (row, (row[1], middle[0], middle[1]), (row[2], middle[1], middle[2]))
    determinant = rr * row[0] + rg * row[1] + rb * row[2]
    slopes = [(one * shared[0] + two * shared[1] + three * shared[2]) / determinant for one, two, three in inverse]
    offset = mean - sum(slope * average for slope, average in zip(slopes, means, strict=True))
    red, green, blue, constant = (_mean(plane.astype(np.float32), radius) for plane in (*slopes, offset))
    return red, green, blue, constant


def _mean(plane: Plane, radius: int) -> Plane:
    """Average over the square of a radius around each pixel, cut at the picture's edges."""
    return _mean_along(_mean_along(plane, radius, 0), radius, 1)


def _mean_along(plane: Plane, radius: int, axis: int) -> Plane:
    length = plane.shape[axis]
    shape = list(plane.shape)
    shape[axis] += 1
    sums = np.zeros(shape)
    np.cumsum(plane, axis=axis, dtype=np.float64, out=sums[1:] if axis == 0 else sums[:, 1:])
    places = np.arange(length)
    first, last = np.maximum(places - radius, 0), np.minimum(places + radius + 1, length)
    counts = (last - first).astype(np.float64)
    window = sums.take(last, axis=axis)
    window -= sums.take(first, axis=axis)
    window /= counts[:, np.newaxis] if axis == 0 else counts
    return window.astype(np.float32)


def _resized(
    plane: Plane,
    size: tuple[int, int],
    kernel: Image.Resampling,
    box: tuple[float, float, float, float] | None = None,
) -> Plane:
    return np.asarray(Image.fromarray(np.ascontiguousarray(plane, np.float32)).resize(size, kernel, box), np.float32)
