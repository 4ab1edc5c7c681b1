"""Put pictures over colours and pictures, and mattes onto pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from pixian_shim.errors import ImageError
from pixian_shim.images._pixels import size_of
from pixian_shim.images._place import cover, resize

if TYPE_CHECKING:
    from pixian_shim.images._pixels import Pixels

_OPAQUE = 255


def over_colour(rgba: Pixels, colour: tuple[int, int, int, int]) -> Pixels:
    """Put a colour behind a picture; a translucent one leaves the result translucent.

    Args:
        rgba: ``(height, width, 4)``, straight alpha.
        colour: red, green, blue, alpha, 0 to 255.
    """
    return _over(rgba, Image.new("RGBA", size_of(rgba), colour))


def over_image(rgba: Pixels, background: Pixels) -> Pixels:
    """Put a picture behind another one, centred and scaled to cover it, unless it has the very same size.

    Args:
        rgba: what is in front, ``(height, width, 4)``, straight alpha.
        background: likewise, any size.
    """
    return _over(rgba, Image.fromarray(np.ascontiguousarray(cover(background, size_of(rgba)))))


def _over(front: Pixels, back: Image.Image) -> Pixels:
    return np.array(Image.alpha_composite(back, Image.fromarray(np.ascontiguousarray(front))))


def apply_matte(rgba: Pixels, alpha: Pixels) -> Pixels:
    """Multiply a matte onto a picture; the colours stay what they are, also where nothing is left to see.

    Args:
        rgba: the original, ``(height, width, 4)``; its own alpha counts as well.
        alpha: the matte, ``(height, width)``; scaled to the original if it has another size.

    Raises:
        ImageError: the matte has colour channels.
    """
    if alpha.ndim != 2:  # noqa: PLR2004
        raise ImageError(f"a matte of one channel is expected, not one of shape {alpha.shape}")
    matte = resize(alpha, size_of(rgba))
    own = rgba[..., 3]
    if own.min(initial=_OPAQUE) < _OPAQUE:
        product = own.astype(np.uint16) * matte
        matte = ((product + 127) // _OPAQUE).astype(np.uint8)
    cut = rgba.copy()
    cut[..., 3] = matte
    return cut
