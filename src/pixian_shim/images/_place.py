"""Find the subject, cut it out, scale it, move it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from pixian_shim.errors import ImageError
from pixian_shim.geometry import Box, Length, Size
from pixian_shim.images._pixels import size_of

if TYPE_CHECKING:
    from pixian_shim.geometry import Margin
    from pixian_shim.images._pixels import Pixels

_REDUCING_GAP = 2.0  # boxes down to twice the size, then the filter: Pillow calls the result close to the filter's own


def foreground_box(alpha: Pixels, threshold: int = 0) -> Box | None:
    """Find the smallest box around everything that is more opaque than a threshold.

    Args:
        alpha: ``(height, width)``, 0 to 255.
        threshold: 0 counts the faintest trace (Pixian's own threshold is not documented; 0 is the assumption).

    Returns:
        The box, ``None`` where nothing is.
    """
    alpha = np.ascontiguousarray(alpha)  # one channel of RGBA is searched twice as fast after copying it
    rows = np.flatnonzero(alpha.max(axis=1, initial=0) > threshold)
    if not rows.size:
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(alpha[top:bottom].max(axis=0) > threshold)
    left, right = int(columns[0]), int(columns[-1]) + 1
    return Box(top, left, right - left, bottom - top)


def resize(pixels: Pixels, size: Size) -> Pixels:
    """Scale to exactly a size, whatever the aspect; colours weighted by their alpha, so that no fringe appears.

    Smaller by area averaging (Hamming window, no ringing), larger by bicubic interpolation: a sharper filter would
    leave ghosts of the edge in an alpha channel. The colour under alpha 0 is lost.

    Args:
        pixels: RGBA, RGB or grey.
        size: at least 1 x 1.
    """
    if size == size_of(pixels):
        return pixels
    return scaled(pixels, size, (0.0, 0.0, float(pixels.shape[1]), float(pixels.shape[0])))


def cover(pixels: Pixels, size: Size) -> Pixels:
    """Scale to fill a size, aspect kept; what stands over is cut off evenly on both sides."""
    have = size_of(pixels)
    if have == size:
        return pixels
    factor = max(size.width / have.width, size.height / have.height)
    width, height = size.width / factor, size.height / factor
    left, top = (have.width - width) / 2, (have.height - height) / 2
    box = (max(0.0, left), max(0.0, top), min(have.width, left + width), min(have.height, top + height))
    return scaled(pixels, size, box)


def fitted(pixels: Pixels, size: Size) -> tuple[Pixels, Box]:
    """Scale to fit into a size, aspect kept; the box says where it then lies, centred."""
    have = size_of(pixels)
    factor = min(size.width / have.width, size.height / have.height)
    width = min(size.width, max(1, round(have.width * factor)))
    height = min(size.height, max(1, round(have.height * factor)))
    at = Box((size.height - height) // 2, (size.width - width) // 2, width, height)
    return resize(pixels, at.size), at


def scaled(pixels: Pixels, size: Size, box: tuple[float, float, float, float]) -> Pixels:
    """Scale a part of a picture to exactly a size; at its own size it is only cut out.

    Args:
        pixels: RGBA, RGB or grey.
        size: at least 1 x 1.
        box: left, top, right and bottom of the part, within the picture; may lie between pixels.
    """
    left, top, right, bottom = map(int, box)
    if box == (left, top, right, bottom) and size == (right - left, bottom - top):
        return pixels[top:bottom, left:right]
    shrinks = size.width <= box[2] - box[0] and size.height <= box[3] - box[1]
    kernel = Image.Resampling.HAMMING if shrinks else Image.Resampling.BICUBIC
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.array(image.resize(size, kernel, box, _REDUCING_GAP if shrinks else None))


def crop(pixels: Pixels, box: Box) -> Pixels:
    """Cut out a rectangle; a view, not a copy.

    Raises:
        ImageError: the box is empty, or reaches over the picture's edge.
    """
    size = size_of(pixels)
    right, bottom = box.left + box.width, box.top + box.height
    if box.empty or box.top < 0 or box.left < 0 or right > size.width or bottom > size.height:
        raise ImageError(f"the box (top left width height) {box} does not lie within the picture of {size}")
    return pixels[box.top : bottom, box.left : right]


def extend(pixels: Pixels, top: int = 0, right: int = 0, bottom: int = 0, left: int = 0) -> Pixels:
    """Add a border: transparent black to RGBA, black to RGB and grey."""
    if not (top or right or bottom or left):
        return pixels
    height, width = pixels.shape[:2]
    wider = np.zeros((height + top + bottom, width + left + right, *pixels.shape[2:]), np.uint8)
    wider[top : top + height, left : left + width] = pixels
    return wider


def place_subject(rgba: Pixels, *, scale: float | None, position: tuple[float, float] | None) -> Pixels:
    """Scale the subject and put it somewhere on the unchanged canvas; without a subject nothing changes.

    Args:
        rgba: the subject is its foreground box.
        scale: the subject's larger share of the canvas, above 0 to 1, enlarged if need be; ``None`` keeps its size.
        position: share of the spare space left of and above the subject, 0 to 1; ``None`` keeps its centre where it
            is, as far as the subject then stays on the canvas.
    """
    canvas, box = size_of(rgba), foreground_box(rgba[..., 3])
    if box is None or (scale is None and position is None):
        return rgba
    return put_back(crop(rgba, box), canvas, placed(box, canvas, scale=scale, position=position))


def placed(box: Box, canvas: Size, *, scale: float | None, position: tuple[float, float] | None) -> Box:
    """Compute where ``place_subject`` puts a subject."""
    size = box.size
    if scale is not None:
        factor = scale / max(box.width / canvas.width, box.height / canvas.height)
        width = min(canvas.width, max(1, round(box.width * factor)))
        size = Size(width, min(canvas.height, max(1, round(box.height * factor))))
    spare = Size(canvas.width - size.width, canvas.height - size.height)
    if position is None:
        left = box.left + (box.width - size.width) / 2
        top = box.top + (box.height - size.height) / 2
    else:
        left, top = spare.width * position[0], spare.height * position[1]
    return Box(min(spare.height, max(0, round(top))), min(spare.width, max(0, round(left))), *size)


def crop_to_foreground(rgba: Pixels, margin: Margin, *, max_share: float, max_px: float) -> tuple[Pixels, Box]:
    """Cut off empty borders, leaving a margin; one wider than the border adds transparent space.

    Args:
        rgba: unchanged if it has no subject.
        margin: per cent are of the subject: its height for top and bottom, its width for right and left.
        max_share: cap of each side's margin as a share of the subject on that axis.
        max_px: cap of each side's margin in pixels.

    Returns:
        The cropped picture, and where it lies in the coordinates of ``rgba``: top and left may be negative.
    """
    canvas, box = size_of(rgba), foreground_box(rgba[..., 3])
    if box is None:
        return rgba, Box(0, 0, *canvas)

    def wide(length: Length, subject: int) -> int:
        return round(min(length.pixels(subject), max_share * subject, max_px))

    top, bottom = box.top - wide(margin.top, box.height), box.top + box.height + wide(margin.bottom, box.height)
    left, right = box.left - wide(margin.left, box.width), box.left + box.width + wide(margin.right, box.width)
    kept = rgba[max(0, top) : bottom, max(0, left) : right]
    bordered = extend(kept, max(0, -top), max(0, right - canvas.width), max(0, bottom - canvas.height), max(0, -left))
    return bordered, Box(top, left, right - left, bottom - top)


def put_back(rgba: Pixels, canvas: Size, at: Box) -> Pixels:
    """Put a picture onto an empty transparent canvas, scaled to the box if it has another size.

    Args:
        rgba: RGBA, or RGB or grey on black.
        canvas: the size of the result.
        at: where on the canvas; what reaches over its edge is cut off.
    """
    placed = resize(rgba, at.size)
    whole = np.zeros((canvas.height, canvas.width, *rgba.shape[2:]), np.uint8)
    top, left = max(0, at.top), max(0, at.left)
    bottom, right = max(top, min(canvas.height, at.top + at.height)), max(left, min(canvas.width, at.left + at.width))
    visible = placed[top - at.top : bottom - at.top, left - at.left : right - at.left]
    whole[top : top + visible.shape[0], left : left + visible.shape[1]] = visible
    return whole
