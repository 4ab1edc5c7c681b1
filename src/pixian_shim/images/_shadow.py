"""Draw a soft shadow behind the subject: an approximation of what other services draw for their product photos."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter

from pixian_shim.geometry import Box, Size
from pixian_shim.images._composite import over_tint
from pixian_shim.images._pixels import size_of
from pixian_shim.images._place import foreground_box, put_back, resize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pixian_shim.images._pixels import Pixels

_BLACK = (0, 0, 0)
_DRAWN_AT = 480  # the subject's longer side while the shadow is drawn: it is too soft for more to show

# Of the subject's longer side, except where it says otherwise.
_HALO_BLUR, _HALO_DROP, _HALO_DEPTH = 0.030, 0.022, 0.55
_FOOT_BLUR, _FOOT_DEPTH = 0.018, 1.0
_FOOT_PART = 0.10  # of the subject's height, from below: what touches the ground
_FOOT_HEIGHT = 0.16  # of the width of that part: how high the contact shadow lies
_FOOT_SUNK = 0.45  # of the contact shadow's height: how much of it is below the subject


def drop_shadow(rgba: Pixels, opacity: float) -> Pixels:
    """Put a soft black shadow behind the subject: darkest where it stands, fainter around it, a little lower.

    The canvas stays as it is: what would fall beside it is not drawn. Without a subject nothing changes. Colours under
    alpha 0 stay.

    Args:
        rgba: the cut-out, ``(height, width, 4)``; sizes are relative to its foreground box.
        opacity: of the darkest part, 0 to 1.
    """
    box = foreground_box(rgba[..., 3])
    if box is None or opacity <= 0:
        return rgba
    canvas = size_of(rgba)
    factor = min(1.0, _DRAWN_AT / max(box.width, box.height))
    drawn = Size(max(1, round(canvas.width * factor)), max(1, round(canvas.height * factor)))
    silhouette = resize(rgba[..., 3], drawn)
    small = foreground_box(silhouette)
    if small is None:
        return rgba
    halo, foot = _halo(silhouette, small), _foot(silhouette, small)
    light = (1 - _HALO_DEPTH * halo) * (1 - _FOOT_DEPTH * foot)
    shadow = resize(((1 - light) * min(1.0, opacity) * 255 + 0.5).astype(np.uint8), canvas)
    return over_tint(rgba, _BLACK, shadow)


def _halo(silhouette: Pixels, box: Box) -> NDArray[np.float32]:
    """Blur the whole silhouette, a little lower."""
    side = max(box.width, box.height)
    drop = min(round(side * _HALO_DROP), silhouette.shape[0] - 1)
    lower = np.zeros_like(silhouette)
    lower[drop:] = silhouette[: silhouette.shape[0] - drop]
    return _blurred(lower, side * _HALO_BLUR)


def _foot(silhouette: Pixels, box: Box) -> NDArray[np.float32]:
    """Lay the lowest part of the silhouette flat on the ground."""
    part = max(1, round(box.height * _FOOT_PART))
    bottom = box.top + box.height
    touching = silhouette[bottom - part : bottom, box.left : box.left + box.width]
    wide = foreground_box(touching)
    flat = max(1, round((wide.width if wide else 0) * _FOOT_HEIGHT))
    lying = resize(touching, Size(box.width, flat))
    top = bottom - round(flat * (1 - _FOOT_SUNK))
    ground = put_back(lying, size_of(silhouette), Box(top, box.left, box.width, flat))
    return _blurred(ground, max(box.width, box.height) * _FOOT_BLUR)


def _blurred(grey: Pixels, radius: float) -> NDArray[np.float32]:
    return np.asarray(Image.fromarray(grey).filter(ImageFilter.GaussianBlur(radius)), np.float32) / np.float32(255)
