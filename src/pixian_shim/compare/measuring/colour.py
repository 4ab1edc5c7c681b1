"""Compare colours as they are seen: CIEDE2000 along the edge and inside, structural similarity of composites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pixian_shim.images import Pixels

Floats = NDArray[np.float64]

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])  # D65, 2 degrees
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)

WINDOW = 9
"""Side of the similarity's windows, in pixels; one at every third."""
_STEP = 3
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def _linear() -> Floats:
    share = np.arange(256) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004


_LINEAR = _linear()


def lab(rgb: Pixels) -> Floats:
    """Convert sRGB of 8 bits, ``(n, 3)``, to CIE L*a*b* under D65."""
    share = _LINEAR[rgb] @ _TO_XYZ.T / _WHITE
    root = np.where(share > 216 / 24389, np.cbrt(share), (24389 / 27 * share + 16) / 116)
    x, y, z = root.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def ciede2000(left: Floats, right: Floats) -> Floats:
    """Give the colour differences of two rows of L*a*b*, ``(n, 3)`` each; about 2 are noticed side by side.

    Sharma, Wu, Dalal: The CIEDE2000 Color-Difference Formula, 2005; all weights 1.
    """
    (l1, a1, b1), (l2, a2, b2) = left.T, right.T
    mean7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * np.sqrt(mean7 / (mean7 + 25.0**7))
    c1, c2 = np.hypot(stretch * a1, b1), np.hypot(stretch * a2, b2)
    h1, h2 = np.arctan2(b1, stretch * a1) % (2 * np.pi), np.arctan2(b2, stretch * a2) % (2 * np.pi)
    grey = c1 * c2 == 0
    turn = h2 - h1
    turn = np.where(
        grey, 0.0, np.where(turn > np.pi, turn - 2 * np.pi, np.where(turn < -np.pi, turn + 2 * np.pi, turn))
    )
    chroma, light = (c1 + c2) / 2, (l1 + l2) / 2
    middle = (h1 + h2) / 2
    middle = np.where(np.abs(h1 - h2) > np.pi, np.where(h1 + h2 < 2 * np.pi, middle + np.pi, middle - np.pi), middle)
    hue = np.where(grey, h1 + h2, middle)
    t = (
        1
        - 0.17 * np.cos(hue - np.pi / 6)
        + 0.24 * np.cos(2 * hue)
        + 0.32 * np.cos(3 * hue + np.pi / 30)
        - 0.20 * np.cos(4 * hue - 63 * np.pi / 180)
    )
    chroma7 = chroma**7
    spin = np.exp(-(((np.degrees(hue) - 275) / 25) ** 2))
    twist = -2 * np.sqrt(chroma7 / (chroma7 + 25.0**7)) * np.sin(np.pi / 3 * spin)
    lightness = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    chromas = (c2 - c1) / (1 + 0.045 * chroma)
    hues = 2 * np.sqrt(c1 * c2) * np.sin(turn / 2) / (1 + 0.015 * chroma * t)
    squared: Floats = lightness**2 + chromas**2 + hues**2 + twist * chromas * hues
    return np.sqrt(np.maximum(squared, 0.0))


def sampled_difference(left: Pixels, right: Pixels, where: NDArray[np.bool_], most: int) -> Floats:
    """Give CIEDE2000 of straight colours at evenly spaced pixels.

    Args:
        left: RGBA.
        right: RGBA of the same size.
        where: ``(height, width)``, the pixels that may be taken.
        most: how many are taken at most.
    """
    found = np.flatnonzero(where)
    if len(found) > most:
        found = found[np.linspace(0, len(found) - 1, most).astype(np.int64)]
    rows, columns = np.divmod(found, where.shape[1])
    one, other = (rgba[rows, columns, :3] for rgba in (left, right))
    return ciede2000(lab(one), lab(other))


def premultiplied_error(left: Pixels, right: Pixels) -> float:
    """Sum the absolute differences of the premultiplied colours, in pixels: 1 is a white pixel against none.

    Args:
        left: RGBA, straight alpha.
        right: RGBA of the same size.
    """
    alphas = [rgba[..., 3].astype(np.uint16) for rgba in (left, right)]
    total = 0
    for channel in range(3):
        one, other = (rgba[..., channel] * alpha for rgba, alpha in zip((left, right), alphas, strict=True))
        total += int((np.maximum(one, other) - np.minimum(one, other)).sum(dtype=np.uint64))
    return total / (3 * 255**2)


def ssim_on_white_and_black(left: Pixels, right: Pixels) -> tuple[float, float]:
    """Give the structural similarity of the composites on white and on black, -1 to 1.

    Wang, Bovik, Sheikh, Simoncelli: Image Quality Assessment, 2004, on luma (BT.601), with even windows of 9 x 9 pixels
    at every third pixel. Pictures below 9 pixels a side are repeated at their edges.

    Args:
        left: RGBA.
        right: RGBA of the same size.
    """
    sides = [_composites(rgba) for rgba in (left, right)]
    white, black = ((sides[0][number], sides[1][number]) for number in (0, 1))
    return _ssim(*white), _ssim(*black)


def _composites(rgba: Pixels) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give luma on white and on black, 0 to 255."""
    red, green, blue, alpha = (rgba[..., channel].astype(np.float32) for channel in range(4))
    black = (_LUMA[0] * red + _LUMA[1] * green + _LUMA[2] * blue) * (alpha / 255)
    return black + (255 - alpha), black


def _ssim(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    x, y = _means(one), _means(other)
    xx, yy, xy = _means(one * one) - x * x, _means(other * other) - y * y, _means(one * other) - x * y
    similar = (2 * x * y + _C1) * (2 * xy + _C2) / ((x * x + y * y + _C1) * (xx + yy + _C2))
    return min(1.0, float(similar.mean(dtype=np.float64)))  # 32 bits may round a flat picture to a little more


def _means(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Average over windows of 9 x 9 at every third pixel, by blocks of 3 x 3."""
    short = [(0, max(0, WINDOW - side)) for side in values.shape]
    if any(after for _, after in short):
        values = np.pad(values, short, mode="edge")
    height, width = (side // _STEP for side in values.shape)
    blocks: NDArray[np.float32] = values[: height * _STEP, : width * _STEP]
    blocks = np.add(np.add(blocks[0::_STEP], blocks[1::_STEP]), blocks[2::_STEP])
    blocks = np.add(np.add(blocks[:, 0::_STEP], blocks[:, 1::_STEP]), blocks[:, 2::_STEP])
    blocks = np.add(np.add(blocks[:-2], blocks[1:-1]), blocks[2:])
    blocks = np.add(np.add(blocks[:, :-2], blocks[:, 1:-1]), blocks[:, 2:])
    blocks /= WINDOW * WINDOW
    return blocks
