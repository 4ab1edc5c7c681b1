"""An engine without weights, for tests: the background is what looks like the picture's border."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pixian_shim.geometry import Size
from pixian_shim.images import resize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pixian_shim.images._pixels import Pixels

_WORKED_ON = 1 << 20  # pixels; larger pictures are shrunk first
_ALIKE = 48.0  # distance in RGB within which border pixels count as background
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
    """Fit each channel as a plane over the border, leaving out what differs from its median: a subject that is cut."""
    height, width = rgb.shape[:2]
    rows, columns = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij", sparse=True)
    edge = np.zeros((height, width), bool)
    edge[[0, -1]] = edge[:, [0, -1]] = True
    colours = rgb[edge]
    places = np.stack(
        [np.ones(len(colours)), *(np.broadcast_to(axis, edge.shape)[edge] for axis in (rows, columns))], 1
    )
    alike = np.linalg.norm(colours - np.median(colours, axis=0), axis=1) <= _ALIKE
    slopes, *_ = np.linalg.lstsq(places[alike], colours[alike], rcond=None)
    spread = float(np.sqrt(np.square(places[alike] @ slopes - colours[alike]).sum(axis=1).mean()))
    plane = slopes[0] + rows[..., np.newaxis] * slopes[1] + columns[..., np.newaxis] * slopes[2]
    return plane.astype(np.float32), spread
