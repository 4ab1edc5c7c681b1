"""Delta PNG: pixels that the caller has already are not sent. Format: the vendor's page "Delta PNG".

================================  ==========================================
Pixel of the cut-out              Pixel of the Delta PNG (red green blue alpha)
================================  ==========================================
opaque, the original's colour     ``FF FF FF 00``
transparent                       ``00 00 00 00``
anything else                     itself
================================  ==========================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pixian_shim.errors import ImageError
from pixian_shim.images._decode import decode
from pixian_shim.images._pixels import OPAQUE, RED_MASK, VISIBLE, as_pixels, as_words, size_of
from pixian_shim.images._png import encode_png

if TYPE_CHECKING:
    from pixian_shim.images._pixels import Pixels, Words

_FROM_ORIGINAL = np.uint32(0x00FFFFFF)
_KIND_MASK = np.uint32(OPAQUE | RED_MASK)
_STRIP_PIXELS = 1 << 16  # worked on at a time: stays in the processor's cache


def apply_delta(delta: Pixels, original: Pixels) -> Pixels:
    """Rebuild the cut-out.

    Args:
        delta: RGBA as decoded from a Delta PNG, colours under alpha 0 untouched.
        original: RGBA of the same size, EXIF orientation applied.

    Raises:
        ImageError: the sizes differ.
    """
    stored, source, rebuilt, step = _prepared(delta, original)
    for top in range(0, len(stored), step):
        rows = slice(top, top + step)
        words = stored[rows]
        target = rebuilt[rows]
        # The decoder's rule looks at red alone: 255 is the original, any other colour without alpha is nothing.
        np.multiply(words, words >= VISIBLE, out=target)
        np.copyto(target, source[rows], where=(words & _KIND_MASK) == RED_MASK)
    return as_pixels(rebuilt)


def make_delta(rgba: Pixels, original: Pixels) -> Pixels:
    """Replace what the original holds already; to be written with ``encode_png(..., clear_hidden=False)``.

    Args:
        rgba: the cut-out.
        original: RGBA of the same size, EXIF orientation applied.

    Raises:
        ImageError: the sizes differ.
    """
    cutout, source, delta, step = _prepared(rgba, original)
    for top in range(0, len(cutout), step):
        rows = slice(top, top + step)
        words = cutout[rows]
        target = delta[rows]
        np.multiply(words, words >= VISIBLE, out=target)
        np.copyto(target, _FROM_ORIGINAL, where=(words == source[rows]) & (words >= OPAQUE))
    return as_pixels(delta)


def rebuild_delta(delta_png: bytes, original: bytes) -> bytes:
    """Turn a Delta PNG and the picture it was made of into the PNG of the cut-out.

    Args:
        delta_png: as Pixian sent it.
        original: the very file that was uploaded; its EXIF orientation is applied as Pixian does.

    Raises:
        ImageError: one of them cannot be decoded, or the sizes differ.
    """
    return encode_png(apply_delta(decode(delta_png).rgba, decode(original).rgba))


def _prepared(pixels: Pixels, original: Pixels) -> tuple[Words, Words, Words, int]:
    """View both pictures as numbers, make room for the result, and count the rows of a strip."""
    if pixels.shape != original.shape:
        raise ImageError(
            f"the Delta PNG and its original differ in size ({size_of(pixels)} and {size_of(original)}): "
            "it must be the same picture, and max_pixels must not have caused a shrink"
        )
    words = as_words(pixels)
    return words, as_words(original), np.empty_like(words), max(1, _STRIP_PIXELS // max(1, words.shape[1]))
