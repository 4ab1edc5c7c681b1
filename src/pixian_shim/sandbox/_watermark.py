"""Mark test results: a slanted text all over the subject.

The vendor's watermark is documented to exist; its look is not established, and this one says where it comes from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pixian_shim.geometry import Size
from pixian_shim.images import crop, foreground_box

if TYPE_CHECKING:
    from pixian_shim.images._pixels import Pixels

TEXT = "SANDBOX TEST"

_SLANT = 30  # degrees
_STRENGTH = 0.6
_SHARE, _LINES = 22, 3  # of the subject's longer and shorter side: the height of a letter
_LEAST, _MOST = 8, 400  # pixels


def watermark(rgba: Pixels) -> Pixels:
    """Write the text over everything that can be seen; alpha stays as it is.

    Args:
        rgba: ``(height, width, 4)``.
    """
    box = foreground_box(rgba[..., 3])
    if box is None:
        return rgba
    marked = rgba.copy()
    seen = crop(marked, box)
    tone, strength = np.moveaxis(np.asarray(_sheet(box.size)), 2, 0)
    rows, columns = np.nonzero(strength & seen[..., 3])
    share = strength[rows, columns, np.newaxis] * np.float32(_STRENGTH / 255)
    below = seen[rows, columns, :3]
    seen[rows, columns, :3] = below + share * (tone[rows, columns, np.newaxis].astype(np.float32) - below) + 0.5
    return marked


def _sheet(size: Size) -> Image.Image:
    """Fill an area with the text, one of them in its middle: the smallest subject is marked too."""
    stamp = _stamp(max(_LEAST, min(max(size) // _SHARE, min(size) // _LINES, _MOST)))
    sheet = Image.new("LA", size)
    across, down = round(stamp.width * 0.9), round(stamp.height * 0.75)
    middle = Size((size.width - stamp.width) // 2, (size.height - stamp.height) // 2)
    above = -(-(middle.height + stamp.height) // down)
    for row in range(-above, size.height // down + 1):
        top, shift = middle.height + row * down, (row % 2) * across // 2
        for left in range((middle.width - shift) % across - stamp.width, size.width, across):
            if top < size.height and top + stamp.height > 0 and left + stamp.width > 0:
                sheet.alpha_composite(stamp, (max(0, left), max(0, top)), (max(0, -left), max(0, -top)))
    return sheet


def _stamp(height: int) -> Image.Image:
    """Draw the text once, white with a dark outline, so that it shows on anything."""
    font = ImageFont.load_default(height)
    outline = max(1, height // 12)
    left, top, right, bottom = font.getbbox(TEXT, stroke_width=outline)
    stamp = Image.new("LA", (round(right - left) + height, round(bottom - top) + height // 2))
    place = (height / 2 - left, height / 4 - top)
    ImageDraw.Draw(stamp).text(place, TEXT, fill=(255, 255), font=font, stroke_width=outline, stroke_fill=(0, 255))
    return stamp.rotate(_SLANT, Image.Resampling.BICUBIC, expand=True)
