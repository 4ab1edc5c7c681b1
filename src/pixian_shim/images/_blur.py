"""Blur pictures, in a time that does not grow with the blur: a wide one is done on a smaller copy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter

from pixian_shim.geometry import Size
from pixian_shim.images._pixels import size_of
from pixian_shim.images._place import resize

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixian_shim.images._pixels import Pixels

_WIDEST_SIGMA = 6.0  # pixels; a wider blur is done at half of that
_WIDEST_DISK = 7.0  # pixels of the radius
_STRIP_ROWS = 64
_OPAQUE = 255
_RGBA = 4
_LEAST = 0.1  # pixels; less cannot be seen


def gaussian(pixels: Pixels, sigma: float) -> Pixels:
    """Blur with a Gaussian, colours weighted by their alpha; beyond the edge the outermost pixels go on.

    Args:
        pixels: RGBA, RGB or grey.
        sigma: standard deviation in pixels; 0 changes nothing.
    """

    def blurred(part: Pixels, factor: float) -> Pixels:
        return np.asarray(Image.fromarray(part).filter(ImageFilter.GaussianBlur(sigma / factor)))

    if sigma < _LEAST:
        return pixels
    return _on_smaller(pixels, 2 * sigma / _WIDEST_SIGMA if sigma > _WIDEST_SIGMA else 1.0, blurred)


def bokeh(pixels: Pixels, radius: float) -> Pixels:
    """Blur by averaging over a disk, as a lens does; colours weighted by their alpha.

    Args:
        pixels: RGBA, RGB or grey.
        radius: of the disk, in pixels; below 1 nothing changes.
    """

    def blurred(part: Pixels, factor: float) -> Pixels:
        return _disk_average(part, radius / factor)

    if radius < 1:
        return pixels
    return _on_smaller(pixels, max(1.0, radius / _WIDEST_DISK), blurred)


def soft(grey: Pixels, sigma: float) -> tuple[Pixels, int]:
    """Blur a silhouette, with nothing beyond the edge.

    Args:
        grey: ``(height, width)``.
        sigma: standard deviation in pixels.

    Returns:
        The silhouette with a border all around, and how many pixels wide that is.
    """
    border = math.ceil(3 * sigma) + 1
    return gaussian(np.pad(grey, border), sigma), border


def _on_smaller(pixels: Pixels, factor: float, blur: Callable[[Pixels, float], Pixels]) -> Pixels:
    """Shrink by a factor, blur, enlarge again; meanwhile translucent colours are multiplied by their alpha."""
    size = size_of(pixels)
    small = Size(max(1, round(size.width / factor)), max(1, round(size.height / factor)))
    reduced = resize(pixels, small)
    if pixels.ndim != 3 or pixels.shape[2] != _RGBA:  # noqa: PLR2004
        return resize(blur(np.ascontiguousarray(reduced), factor), size)
    if reduced[..., 3].min() == _OPAQUE:
        colours = resize(blur(np.ascontiguousarray(reduced[..., :3]), factor), size)
        return np.dstack((colours, np.full(colours.shape[:2], _OPAQUE, np.uint8)))
    weighted = np.asarray(Image.fromarray(np.ascontiguousarray(reduced)).convert("RGBa"))
    smooth = blur(weighted, factor)
    straight = np.array(Image.frombytes("RGBa", small, smooth.tobytes()).convert("RGBA"))
    return resize(straight, size)


def _disk_average(pixels: Pixels, radius: float) -> Pixels:
    """Average over a disk, row by row of it, with running sums."""
    reach = int(radius)
    halves = [int(math.sqrt(radius * radius - row * row)) for row in range(-reach, reach + 1)]
    count = sum(2 * half + 1 for half in halves)
    edges = ((reach, reach), (reach + 1, reach), *((0, 0),) * (pixels.ndim - 2))
    averaged = np.empty_like(pixels)
    height, width = pixels.shape[:2]
    padded = np.pad(pixels, edges, mode="edge")
    for top in range(0, height, _STRIP_ROWS):
        rows = min(_STRIP_ROWS, height - top)
        sums = np.cumsum(padded[top : top + rows + 2 * reach], axis=1, dtype=np.uint32)
        total = np.zeros((rows, *pixels.shape[1:]), np.uint32)
        for offset, half in enumerate(halves):
            line = sums[offset : offset + rows]
            total += line[:, reach + 1 + half :][:, :width]
            total -= line[:, reach - half :][:, :width]
        averaged[top : top + rows] = (total + count // 2) // count
    return averaged
