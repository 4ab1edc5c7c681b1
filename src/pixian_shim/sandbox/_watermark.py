"""Mark test results: a slanted text all over the subject.

The vendor's watermark is documented to exist; its look is not established, and this one says where it comes from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from pixian_shim.images._pixels import Pixels

TEXT = "SANDBOX TEST"

_SLANT = 30  # degrees
_STRENGTH = 0.6
_SHARE = 22  # of the longer side: the height of a letter
_LEAST = 8  # pixels


def watermark(rgba: Pixels) -> Pixels:
    """Write the text over everything that can be seen; alpha stays as it is.

    Args:
        rgba: ``(height, width, 4)``.
    """
    height, width = rgba.shape[:2]
    stamp = _stamp(max(_LEAST, max(height, width) // _SHARE))
    sheet = Image.new("LA", (width, height))
    across, down = round(stamp.width * 0.9), round(stamp.height * 0.75)
    for row, top in enumerate(range(-stamp.height // 2, height, down)):
        shift = (row % 2) * across // 2
        for left in range(-stamp.width // 2 - shift, width, across):
            sheet.alpha_composite(stamp, (max(0, left), max(0, top)), (max(0, -left), max(0, -top)))
    tone, strength = np.moveaxis(np.asarray(sheet), 2, 0)
    rows, columns = np.nonzero(strength & rgba[..., 3])
    share = strength[rows, columns, np.newaxis] * np.float32(_STRENGTH / 255)
    marked = rgba.copy()
    below = marked[rows, columns, :3]
    marked[rows, columns, :3] = below + share * (tone[rows, columns, np.newaxis].astype(np.float32) - below) + 0.5
    return marked


def _stamp(height: int) -> Image.Image:
    """Draw the text once, white with a dark outline, so that it shows on anything."""
    font = ImageFont.load_default(height)
    outline = max(1, height // 12)
    left, top, right, bottom = font.getbbox(TEXT, stroke_width=outline)
    stamp = Image.new("LA", (round(right - left) + height, round(bottom - top) + height // 2))
    place = (height / 2 - left, height / 4 - top)
    ImageDraw.Draw(stamp).text(place, TEXT, fill=(255, 255), font=font, stroke_width=outline, stroke_fill=(0, 255))
    return stamp.rotate(_SLANT, Image.Resampling.BICUBIC, expand=True)
