"""Put pictures over colours and pictures, and mattes onto pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL import Image

from pixian_shim.errors import ImageError
from pixian_shim.images._blur import gaussian
from pixian_shim.images._pixels import size_of
from pixian_shim.images._place import cover, fitted, put_back, resize

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


def over_image(
    rgba: Pixels, background: Pixels, *, scaling: Literal["fill", "fit"] = "fill", sigma: float = 0.0
) -> Pixels:
    """Put a picture behind another one, centred.

    Args:
        rgba: what is in front, ``(height, width, 4)``, straight alpha.
        background: likewise, any size.
        scaling: ``fill`` covers what is in front, and what stands over is cut off; ``fit`` shows all of the
            background, with nothing beside it.
        sigma: standard deviation of a blur of the background, in pixels of the result.
    """
    size = size_of(rgba)
    if scaling == "fill":
        behind = gaussian(cover(background, size), sigma)
    else:
        behind, at = fitted(background, size)
        behind = put_back(gaussian(behind, sigma), size, at)
    return _over(rgba, Image.fromarray(np.ascontiguousarray(behind)))


def over_tint(rgba: Pixels, colour: tuple[int, int, int], coverage: Pixels) -> Pixels:
    """Put a layer of one colour and varying opacity behind a picture; colours under alpha 0 stay.

    Args:
        rgba: what is in front, ``(height, width, 4)``, straight alpha.
        colour: red, green, blue, 0 to 255.
        coverage: the layer's opacity, ``(height, width)``, 0 to 255.
    """
    layer = np.empty_like(rgba)
    layer[..., :3] = colour
    layer[..., 3] = coverage
    drawn = _over(rgba, Image.fromarray(layer))
    np.copyto(drawn[..., :3], rgba[..., :3], where=drawn[..., 3:] == 0)
    return drawn


def _over(front: Pixels, back: Image.Image) -> Pixels:
    return np.array(Image.alpha_composite(back, Image.fromarray(np.ascontiguousarray(front))))


def enlarge(cutout: Pixels, original: Pixels) -> Pixels:
    """Bring a cut-out that was made from a smaller copy to the original's size.

    Opaque pixels become the original's own. In the edge the cut-out's colours stay, enlarged: the old background has
    been taken out of them.

    Args:
        cutout: ``(height, width, 4)``, straight alpha.
        original: ``(height, width, 4)``, what was shrunk before; its own alpha counts as well.
    """
    full = resize(cutout, size_of(original))
    sharp = apply_matte(original, full[..., 3])
    edge = (full[..., 3] != 0) & (full[..., 3] != _OPAQUE)
    sharp[edge, :3] = full[edge, :3]
    return sharp


def keep_colours(cutout: Pixels, original: Pixels) -> Pixels:
    """Give every pixel the original's colour; the cut-out's alpha stays.

    Args:
        cutout: ``(height, width, 4)``, straight alpha.
        original: ``(height, width, 3 or 4)``; scaled to the cut-out if it has another size.
    """
    kept = cutout.copy()
    kept[..., :3] = resize(original[..., :3], size_of(cutout))
    return kept


def uncover(cutout: Pixels, original: Pixels) -> Pixels:
    """Put the original's colours back where a cut-out is wholly transparent; its alpha stays.

    Args:
        cutout: ``(height, width, 4)``, straight alpha; changed in place.
        original: ``(height, width, 4)``, scaled to the cut-out if it has another size.
    """
    colours = resize(original, size_of(cutout))[..., :3]
    np.copyto(cutout[..., :3], colours, where=cutout[..., 3:] == 0)
    return cutout


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
