"""Cast a shadow with numbers of its own: the subject's silhouette, blurred, coloured and moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pixian_shim.geometry import Box
from pixian_shim.images._blur import soft
from pixian_shim.images._composite import over_tint
from pixian_shim.images._pixels import size_of
from pixian_shim.images._place import put_back

if TYPE_CHECKING:
    from pixian_shim.images._pixels import Pixels


def cast_shadow(
    rgba: Pixels, *, opacity: float, sigma: float, offset: tuple[int, int], colour: tuple[int, int, int] = (0, 0, 0)
) -> Pixels:
    """Put the subject's silhouette behind it; what falls beside the canvas is cut off. Colours under alpha 0 stay.

    Args:
        rgba: the cut-out, ``(height, width, 4)``.
        opacity: 0 to 1.
        sigma: standard deviation of the blur, in pixels.
        offset: pixels to the right and down.
        colour: red, green, blue, 0 to 255.
    """
    across, down = offset
    canvas = size_of(rgba)
    if opacity <= 0 or abs(across) > 2 * canvas.width or abs(down) > 2 * canvas.height:
        return rgba
    silhouette, border = soft(rgba[..., 3], sigma)
    moved = put_back(silhouette, canvas, Box(down - border, across - border, *size_of(silhouette)))
    strength = np.round(np.arange(256) * min(1.0, opacity)).astype(np.uint8)
    return over_tint(rgba, colour, strength[moved])
