"""What is wrong along the outline: gradient error, boundary F, thin parts."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pixian_shim.compare.measuring.regions import Mask
    from pixian_shim.images import Pixels

SIGMA = 1.4
"""Of the Gaussian derivative (Rhemann and others, 2009)."""

_REACH = 4  # pixels on each side, where that Gaussian falls below a hundredth: ceil(1.4 * 2.59)
_TILE, _CELL = 32, 4  # the cell is what the halo is counted in
_FEW = 128  # of all pixels: with more than one in so many, whole masks are shifted instead
_SOON = (
    24  # steps of the square, after which points along an outline are done with; what is left is looked at as a whole
)
_BATCH = 32  # tiles at once: the floats in between stay in the processor's cache


def _kernels() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give smoothing and derivative as band matrices: a tile's rows times one of them are its rows filtered."""
    at = np.arange(-_REACH, _REACH + 1)
    smooth = np.exp(-(at**2) / (2 * SIGMA**2))
    matrices = []
    for kernel in (smooth, -at * smooth):
        matrix = np.zeros((_TILE + 2 * _REACH, _TILE), np.float32)
        for column in range(_TILE):
            matrix[column : column + len(at), column] = kernel / np.sqrt((kernel**2).sum())
        matrices.append(matrix)
    return matrices[0], matrices[1]


_SMOOTH, _DERIVE = _kernels()
_SMOOTH_DOWN, _DERIVE_DOWN = _SMOOTH.T / 255, _DERIVE.T / 255


def gradient_error(left: Pixels, right: Pixels) -> float:
    """Sum the squared differences of the gradients' magnitudes.

    Rhemann, Rother, Wang, Gelautz, Kohli, Rott: A Perceptually Motivated Online Benchmark for Image Matting, CVPR 2009,
    gradient with q = 2: derivatives of a Gaussian with sigma 1.4 on 9 x 9 pixels, normalised to a sum of squares of 1,
    as in the evaluation code in use; the border is repeated. Alphas are not stretched to 0 to 1 beforehand, as some
    versions do. Only tiles in which the alphas differ are worked on: elsewhere the error is zero, so the sum is that
    of the whole picture.

    Args:
        left: alpha, ``(height, width)``, 0 to 255.
        right: of the same size.
    """
    tiles = differing_tiles(left, right)
    if not len(tiles):
        return 0.0
    padded = [_padded(alpha) for alpha in (left, right)]
    total = 0.0
    for start in range(0, len(tiles), _BATCH):
        down, across = tiles[start : start + _BATCH].T
        one, other = (_magnitude(windows[down, across]) for windows in padded)
        error = (one - other) ** 2
        error *= _within(down, left.shape[0])[:, :, np.newaxis]
        error *= _within(across, left.shape[1])[:, np.newaxis, :]
        total += float(error.sum(dtype=np.float64))
    return total


def differing_tiles(left: Pixels, right: Pixels) -> NDArray[np.int64]:
    """Give row and column of each tile in or around which the alphas differ."""
    height, width = left.shape
    rows, columns = -(-height // _TILE), -(-width // _TILE)
    differ = np.zeros((rows * _TILE, columns * _TILE), np.bool_)
    np.not_equal(left, right, out=differ[:height, :width])
    cells = (differ.view(np.uint32) != 0).reshape(rows * _TILE // _CELL, _CELL, -1).any(axis=1)
    side = _TILE // _CELL
    windows = sliding_window_view(np.pad(cells, 1), (side + 2, side + 2))[::side, ::side]
    return np.argwhere(windows.any(axis=(2, 3)))


def _padded(alpha: Pixels) -> NDArray[np.uint8]:
    """View an alpha as tiles with their surroundings, ``(rows, columns, 40, 40)``."""
    height, width = alpha.shape
    beyond = [(_REACH, _REACH + -side % _TILE) for side in (height, width)]
    side = _TILE + 2 * _REACH
    return sliding_window_view(np.pad(alpha, beyond, mode="edge"), (side, side))[::_TILE, ::_TILE]


def _magnitude(tiles: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Give the length of the gradient, alphas from 0 to 1, ``(tiles, 32, 32)``."""
    rows = tiles.astype(np.float32)
    across = _SMOOTH_DOWN @ (rows @ _DERIVE)
    down = _DERIVE_DOWN @ (rows @ _SMOOTH)
    across *= across
    down *= down
    across += down
    return np.sqrt(across, out=across)


def _within(tiles: NDArray[np.int64], length: int) -> NDArray[np.bool_]:
    """Tell which of the tiles' pixels lie within the picture, ``(tiles, 32)``."""
    return tiles[:, np.newaxis] * _TILE + np.arange(_TILE) < length


def boundary(mask: Mask) -> Mask:
    """Give a mask's pixels with a neighbour outside of it; the picture's edge is no boundary."""
    inner = mask.copy()
    inner[1:] &= mask[:-1]
    inner[:-1] &= mask[1:]
    inner[:, 1:] &= mask[:, :-1]
    inner[:, :-1] &= mask[:, 1:]
    return mask & ~inner


def widened(mask: Mask, by: int) -> Mask:
    """Add everything within a square of ``by`` pixels to each side."""
    grown, side = np.pad(mask, by), 2 * by + 1
    for axis in (0, 1):
        reached = 1
        while reached < side:
            step = min(reached, side - reached)
            lines = np.moveaxis(grown, axis, 0)
            grown = np.moveaxis(lines[:-step] | lines[step:], 0, axis)
            reached += step
    return grown


def narrowed(mask: Mask, by: int) -> Mask:
    """Take away everything within a square of ``by`` pixels of the outside; the picture's edge is not outside."""
    return ~widened(~mask, by)


def close_to(points: Mask, mask: Mask, by: int) -> Mask:
    """Tell which of a mask's pixels lie within a square of ``by`` pixels of another mask: of few points, quickly.

    Args:
        points: ``(height, width)``.
        mask: of the same size.
        by: pixels to each side.
    """
    width = points.shape[1]
    open_points = points & ~mask
    if int(np.count_nonzero(open_points)) > points.size // _FEW:
        return points & widened(mask, by)
    found = points.copy()
    places = np.flatnonzero(open_points)
    padded = np.pad(mask, by).ravel()
    wide = width + 2 * by
    places = places + by * wide + by + places // width * 2 * by
    steps = _square(by)
    for down, across in steps[:_SOON]:
        places = places[~padded[places + (down * wide + across)]]
    rows, columns = places // wide - by, places % wide - by
    if len(steps) > _SOON and len(places):
        top, left = max(0, int(rows.min()) - by), max(0, int(columns.min()) - by)
        around = slice(top, int(rows.max()) + by + 1), slice(left, int(columns.max()) + by + 1)
        far = ~widened(mask[around], by)[rows - top, columns - left]
        rows, columns = rows[far], columns[far]
    found[rows, columns] = False
    return found


@cache
def _square(by: int) -> tuple[tuple[int, int], ...]:
    """Give the steps to a square's other pixels, the nearest first: most points are done with after a few."""
    side = range(-by, by + 1)
    steps = ((down, across) for down in side for across in side if down or across)
    return tuple(sorted(steps, key=lambda step: abs(step[0]) + abs(step[1])))


def boundary_f(left: Mask, right: Mask, tolerance: int) -> float:
    """Give the F measure of two outlines, 0 to 1: how much of either lies near the other.

    The harmonic mean of precision and recall of boundary pixels, as in DAVIS (Perazzi and others, CVPR 2016); near is
    a square of ``tolerance`` pixels to each side. 1 where neither has an outline, 0 where one has none.
    """
    one, other = boundary(left), boundary(right)
    ones, others = int(np.count_nonzero(one)), int(np.count_nonzero(other))
    if not ones or not others:
        return float(ones == others)
    recall = int(np.count_nonzero(close_to(one, other, tolerance))) / ones
    precision = int(np.count_nonzero(close_to(other, one, tolerance))) / others
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def thin_parts(mask: Mask, width: int) -> Mask:
    """Give what an opening with a square of ``width`` pixels takes away: hair, straps, cords, spokes."""
    half = max(1, width // 2)
    return mask & ~widened(narrowed(mask, half), half)
