"""An engine without weights, for tests: the background is what looks like the picture's border."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixian_shim.geometry import Size
from pixian_shim.images import resize

if TYPE_CHECKING:
    from pixian_shim.images._pixels import Pixels

Doubles: TypeAlias = NDArray[np.float64]

_WORKED_ON = 1 << 20  # pixels; larger pictures are shrunk first
_SAMPLES = 1000  # pixels of the border that are looked at
_ROUNDS = 11
_LEAST = 16.0  # distance in RGB that a subject has at least: above the noise of a JPEG
_SPREADS = 3.0


class BorderContrast:
    """Compare every pixel with a plain or evenly graded background, fitted to the border.

    Milliseconds, and right for drawn test pictures; photos need a network.
    """

    def matte(self, rgb: Pixels) -> Pixels:
        """Give 0 near the background's colour, 255 far from it."""
        size = Size(rgb.shape[1], rgb.shape[0])
        small = resize(rgb, size.capped(_WORKED_ON)).astype(np.float32)
        backdrop, spread = _backdrop(small)
        away = np.sqrt(np.square(small - backdrop).sum(axis=2))
        low = max(_LEAST, _SPREADS * spread)
        share = np.clip((away - low) / low, 0.0, 1.0)
        return resize((share * 255 + 0.5).astype(np.uint8), size)


def _backdrop(rgb: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Fit each channel as a plane over the border; a subject that is cut by the border hardly counts.

    Returns:
        The backdrop, and by how much the border typically differs from it.
    """
    height, width = rgb.shape[:2]
    rows, columns = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij", sparse=True)
    edge = np.zeros((height, width), bool)
    edge[[0, -1]] = edge[:, [0, -1]] = True
    step = max(1, np.count_nonzero(edge) // _SAMPLES)
    colours = rgb[edge][::step]
    axes = [np.broadcast_to(axis, edge.shape)[edge][::step] for axis in (rows, columns)]
    places = np.stack([np.ones(len(colours)), *axes], axis=1)
    slopes, away = _fitted(places, colours, np.ones(len(colours)))
    for _ in range(_ROUNDS):  # with ever less weight for what does not fit: from least squares to least distances
        slopes, away = _fitted(places, colours, 1 / np.maximum(away, 1.0))
    plane = slopes[0] + rows[..., np.newaxis] * slopes[1] + columns[..., np.newaxis] * slopes[2]
    return plane.astype(np.float32), float(np.median(away))


def _fitted(places: Doubles, colours: NDArray[np.float32], weights: Doubles) -> tuple[Doubles, Doubles]:
    """Solve weighted least squares; give the coefficients, and the distance of each colour from the plane."""
    roots = np.sqrt(weights)[:, np.newaxis]
    slopes = np.asarray(np.linalg.lstsq(places * roots, colours * roots, rcond=None)[0], np.float64)
    return slopes, np.asarray(np.linalg.norm(places @ slopes - colours, axis=1), np.float64)
