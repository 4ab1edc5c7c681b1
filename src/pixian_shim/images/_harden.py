"""Make a matte hard and smooth, as rembg's ``post_process_mask`` does, to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pixian_shim.images._pixels import Pixels

_SIGMA = 2.0
_RADIUS = 8  # pixels: where SciPy's kernel of that sigma ends
_THRESHOLD = 127
_TILE = 256  # pixels: most tiles of a matte are all 0 or all 255, and need no blur
_OPAQUE = 255


def harden(alpha: Pixels) -> Pixels:
    """Open a matte with a disk of radius 1, blur it with sigma 2, and set it to 0 below 127 and to 255 from there.

    It gives what scikit-image's ``opening``, and SciPy's ``gaussian_filter`` of 64-bit floats, give.

    Args:
        alpha: the matte, ``(height, width)``, 0 to 255.
    """
    opened = _extreme(_extreme(alpha, np.minimum), np.maximum)
    padded = np.pad(opened, _RADIUS, mode="symmetric")
    hard = np.empty_like(opened)
    height, width = opened.shape
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            target = hard[top : top + _TILE, left : left + _TILE]
            rows, columns = target.shape
            around = padded[top : top + rows + 2 * _RADIUS, left : left + columns + 2 * _RADIUS]
            low, high = int(around.min()), int(around.max())
            if low == high and low in (0, _OPAQUE):
                target[:] = low
            else:
                target[:] = np.where(_blurred(around) < _THRESHOLD, 0, _OPAQUE)
    return hard


def _extreme(alpha: Pixels, choose: np.ufunc) -> Pixels:
    """Take the smallest or largest of a pixel and its four neighbours; beyond the picture there is nothing."""
    found = alpha.copy()
    for axis in (0, 1):
        a, b = (slice(1, None), slice(None, -1)) if axis == 0 else (np.s_[:, 1:], np.s_[:, :-1])
        choose(found[a], alpha[b], out=found[a])
        choose(found[b], alpha[a], out=found[b])
    return found


def _blurred(around: Pixels) -> NDArray[np.float64]:
    """Blur a tile that has the kernel's radius around it; columns first, as SciPy does."""
    return _along(_along(around.astype(np.float64)).T).T


def _along(lines: NDArray[np.float64]) -> NDArray[np.float64]:
    """Blur along the first axis; the order of the additions is SciPy's, since rounding depends on it."""
    kept = lines.shape[0] - 2 * _RADIUS
    sums: NDArray[np.float64] = lines[_RADIUS : _RADIUS + kept] * _KERNEL[0]
    for away in range(_RADIUS, 0, -1):
        before, after = lines[_RADIUS - away :][:kept], lines[_RADIUS + away :][:kept]
        sums += (before + after) * _KERNEL[away]
    return sums


def _kernel() -> tuple[float, ...]:
    """Give the weights of a pixel itself and of those 1, 2, ... away, computed in SciPy's order too."""
    weights = np.exp(-0.5 / (_SIGMA * _SIGMA) * np.arange(-_RADIUS, _RADIUS + 1) ** 2)
    weights = weights / weights.sum()
    return tuple(float(weight) for weight in weights[_RADIUS:])


_KERNEL = _kernel()
