"""Take the old background's colour out of a matte's edge.

The method is known as blur fusion (Forte, "Approximate fast foreground colour estimation", 2021): the colours of
foreground and background around an edge pixel are estimated as blurs weighted by the matte, then corrected so that
both together give the pixel that was seen. First from far around, then from near by.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from pixian_shim.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixian_shim.images._pixels import Pixels

Floats: TypeAlias = NDArray[np.float32]
Sums = TypeVar("Sums", NDArray[np.int64], NDArray[np.uint32])

_OPAQUE = 255
_FAR, _NEAR = 45, 6  # radii in pixels for a picture of one megapixel; measured on composites with known colours
_CELL = 4  # the far blur is so smooth that it may be taken from cells of a tenth of its radius
_STRIP_PIXELS = 1 << 18


def remove_fringe(rgb: Pixels, alpha: Pixels) -> Pixels:
    """Estimate the subject's own colour where the matte is neither 0 nor 255; other pixels stay as they are.

    Args:
        rgb: the photo, ``(height, width, 3)``; of RGBA the colours are taken.
        alpha: the matte, ``(height, width)``.

    Returns:
        ``(height, width, 3)``.

    Raises:
        ImageError: the sizes differ.
    """
    if rgb.shape[:2] != alpha.shape:
        raise ImageError(f"picture and matte differ in size: {rgb.shape[:2]} and {alpha.shape}")
    cleaned = rgb[..., :3].copy()
    if not _edge(alpha).any():
        return cleaned
    scale = math.sqrt(alpha.size / 1e6)
    cell, near = max(1, round(_CELL * scale)), max(1, round(_NEAR * scale))
    front, back = _far_colours(cleaned, alpha, cell, max(1, round(_FAR * scale / cell)))
    for strip, inner in _strips(alpha.shape[0], alpha.shape[1], near):
        if (edge := _edge(alpha[strip])).any():
            part = rgb[strip][..., :3].astype(np.float32)
            rows, columns = np.nonzero(edge)
            cells = (rows + strip.start) // cell, columns // cell
            estimate = _near_colours(part, alpha[strip], (rows, columns), (front[cells], back[cells]), near)
            kept = (rows >= inner.start) & (rows < inner.stop)
            cleaned[rows[kept] + strip.start, columns[kept]] = estimate[kept]
    return cleaned


def _edge(alpha: Pixels) -> NDArray[np.bool_]:
    edge: NDArray[np.bool_] = (alpha != 0) & (alpha != _OPAQUE)
    return edge


def _strips(height: int, width: int, border: int) -> Iterator[tuple[slice, slice]]:
    """Give bands of rows with a border above and below, and which rows of each are inside."""
    step = max(4 * border, _STRIP_PIXELS // width)
    for top in range(0, height, step):
        start, stop = max(0, top - border), min(height, top + step + border)
        yield slice(start, stop), slice(top - start, min(height, top + step) - start)


def _far_colours(rgb: Pixels, alpha: Pixels, cell: int, radius: int) -> tuple[Floats, Floats]:
    """Estimate the colours of foreground and background around each cell: ``(rows, columns, 3)``, 0 to 255."""
    matte = alpha[..., np.newaxis].astype(np.uint16)
    weight = _cells(matte, cell)
    weighted = _cells(rgb * matte, cell)  # at most 255 * 255: fits 16 bits
    everything, count = _cells(rgb, cell), _cells(np.full_like(matte, _OPAQUE), cell)
    front, back = weighted, _OPAQUE * everything - weighted
    here = everything * _OPAQUE / count
    return (
        _ratio(_windows(front, radius), _windows(weight, radius), here),
        _ratio(_windows(back, radius), _windows(count - weight, radius), here),
    )


def _cells(values: NDArray[np.uint8 | np.uint16], cell: int) -> NDArray[np.int64]:
    """Sum over squares of pixels; those at the right and at the bottom may be cut."""
    rows = values[::cell].astype(np.uint32)
    for offset in range(1, min(cell, values.shape[0])):  # whole rows at a time: many times faster than ``reduceat``
        part = values[offset::cell]
        rows[: len(part)] += part
    sums = rows[:, ::cell].astype(np.int64)
    for offset in range(1, min(cell, values.shape[1])):
        columns = rows[:, offset::cell]
        sums[:, : columns.shape[1]] += columns
    return sums


def _windows(values: NDArray[np.int64], radius: int) -> NDArray[np.int64]:
    """Sum over the square of a radius around each cell."""
    height, width = values.shape[:2]
    sums = _summed(values)
    top, bottom = _bounds(np.arange(height), radius, height)
    left, right = _bounds(np.arange(width), radius, width)
    return sums[bottom][:, right] - sums[top][:, right] - sums[bottom][:, left] + sums[top][:, left]


def _near_colours(
    part: Floats,
    alpha: Pixels,
    at: tuple[NDArray[np.intp], NDArray[np.intp]],
    far: tuple[Floats, Floats],
    radius: int,
) -> Pixels:
    """Estimate the foreground's colours at some pixels from those near by: ``(n, 3)``."""
    front, back = far
    share = (alpha[at].astype(np.float32) / np.float32(_OPAQUE))[:, np.newaxis]
    seen = part[at]
    first = _corrected(seen, front, back, share)
    weighted = np.empty((*alpha.shape, 4), np.uint32)
    weighted[..., 3] = alpha
    np.multiply(part, alpha[..., np.newaxis], out=weighted[..., :3], casting="unsafe")
    weighted[*at, :3] = first * alpha[at][:, np.newaxis] + 0.5
    sums = _summed(weighted)  # may wrap around: differences of a window's size do not
    height, width = alpha.shape
    top, bottom = _bounds(at[0], radius, height)
    left, right = _bounds(at[1], radius, width)
    window = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    near = _ratio(window[:, :3], window[:, 3:], first)
    return (_corrected(seen, near, back, share) + 0.5).astype(np.uint8)


def _corrected(seen: Floats, front: Floats, back: Floats, share: Floats) -> Floats:
    """Move the foreground's colour so that it explains what was seen in front of this background."""
    moved = np.asarray(front + share * (seen - share * front - (1 - share) * back), np.float32)
    return np.clip(moved, 0, _OPAQUE, out=moved)


def _summed(values: Sums) -> Sums:
    """Sum over everything above and to the left, with a first row and column of zeros."""
    sums = np.zeros_like(values, shape=(values.shape[0] + 1, values.shape[1] + 1, values.shape[2]))
    np.cumsum(values, axis=0, out=sums[1:, 1:])
    np.cumsum(sums[1:, 1:], axis=1, out=sums[1:, 1:])
    return sums  # pyright: ignore[reportReturnType] (numpy's stubs lose the type variable)


def _bounds(places: NDArray[np.intp], radius: int, end: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    return np.maximum(places - radius, 0), np.minimum(places + radius + 1, end)


def _ratio(above: NDArray[np.number], below: NDArray[np.number], otherwise: NDArray[np.floating]) -> Floats:
    """Divide; where there is nothing to divide by, take something else."""
    return np.where(below > 0, above / np.maximum(below, 1), otherwise).astype(np.float32)
