"""The pictures that a report shows of a pair: both sides on one canvas, where they differ, and the worst spot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import attrs
import numpy as np

from pixian_shim.errors import ShimError
from pixian_shim.geometry import Box, Size
from pixian_shim.images import decode, encode_jpeg, encode_webp, resize
from pixian_shim.pixian import _file

if TYPE_CHECKING:
    from pathlib import Path

    from pixian_shim.compare.measuring.align import Overlay
    from pixian_shim.images import Pixels

_THUMB, _SPOT = 112, 320  # pixels: longer side of a thumbnail, side of the worst spot at full size
_QUALITY, _THUMB_QUALITY = 82, 70
_LOST, _GAINED, _COLOUR = (214, 40, 57), (0, 109, 204), (240, 160, 0)
_LEAST = 640  # pixels of a photo's side that are enough for looking at it
_SEEN = 12  # levels: smaller differences of a colour are not drawn

OWN = re.compile(r"[0-9a-f]{16}-(?:(?:left|right|heat)(?:-thumb|-spot)?|original)\.(?:webp|jpg)")
"""Names of the files that are written here, and of no others."""


@attrs.frozen
class Views:
    """Where pictures go, and how large they are.

    Attributes:
        folder: that they are written into.
        side: pixels of the longer side.
    """

    folder: Path
    side: int = 1000

    def draw(self, name: str, overlay: Overlay, spot: Box | None, original: Path | None) -> dict[str, str]:
        """Write the pictures of a pair.

        Args:
            name: that their files begin with.
            overlay: of the two sides.
            spot: where they differ most, in pixels of the overlay's canvas.
            original: the photo.

        Returns:
            File names by view: ``left``, ``right``, ``heat``, ``left_thumb``, ``right_thumb``, and where there is one
            ``left_spot``, ``right_spot``, ``heat_spot`` and ``original``.

        Raises:
            OSError: they cannot be written.
        """
        one, other = (_fitted(rgba, self.side) for rgba in (overlay.left, overlay.right))
        made = {
            "left": encode_webp(one, _QUALITY),
            "right": encode_webp(other, _QUALITY),
            "heat": encode_webp(heat(one, other), lossless=True),
            "left_thumb": encode_webp(_fitted(one, _THUMB), _THUMB_QUALITY),
            "right_thumb": encode_webp(_fitted(other, _THUMB), _THUMB_QUALITY),
        }
        if spot is not None:
            window = _window(spot, Size(overlay.left.shape[1], overlay.left.shape[0]))
            parts = [_part(rgba, window) for rgba in (overlay.left, overlay.right)]
            made |= {f"{side}_spot": encode_webp(part, 92) for side, part in zip(("left", "right"), parts, strict=True)}
            made["heat_spot"] = encode_webp(heat(*parts), lossless=True)
        return self._written(name, made, original)

    def draw_one(
        self, name: str, side: Literal["left", "right"], rgba: Pixels, original: Path | None
    ) -> dict[str, str]:
        """Write the pictures of a pair of which only one side can be shown; see ``draw``."""
        made = {
            side: encode_webp(_fitted(rgba, self.side), _QUALITY),
            f"{side}_thumb": encode_webp(_fitted(rgba, _THUMB), _THUMB_QUALITY),
        }
        return self._written(name, made, original)

    def _written(self, name: str, made: dict[str, bytes], original: Path | None) -> dict[str, str]:
        if original is not None and (photo := _photo(original, self.side)) is not None:
            made["original"] = photo
        self.folder.mkdir(parents=True, exist_ok=True)
        files = {}
        for view, content in made.items():
            files[view] = f"{name}-{view.replace('_', '-')}.{'jpg' if view == 'original' else 'webp'}"
            _file.write(self.folder / files[view], content)
        return files


def heat(left: Pixels, right: Pixels) -> Pixels:
    """Draw where two pictures differ: red what only the left has, blue what only the right has, amber other colours.

    Args:
        left: RGBA.
        right: RGBA of the same size.

    Returns:
        RGBA; the stronger the difference, the more opaque.
    """
    alphas = left[..., 3].astype(np.int16), right[..., 3].astype(np.int16)
    change = alphas[1] - alphas[0]
    colours = (np.maximum(left, right) - np.minimum(left, right))[..., :3].max(axis=2)
    colours = (colours.astype(np.float32) * np.minimum(*alphas) / 255).astype(np.int16)
    drawn = np.zeros(left.shape, np.uint8)
    by_colour = (colours >= _SEEN) & (np.abs(change) < _SEEN)
    for where, rgb in ((change < 0, _LOST), (change > 0, _GAINED), (by_colour, _COLOUR)):
        drawn[where, :3] = rgb
    strength = np.where(by_colour, np.minimum(255, 2 * colours), np.abs(change))
    drawn[..., 3] = np.where(strength > 2, np.minimum(255, 60 + strength), 0)  # noqa: PLR2004
    return drawn


def _fitted(rgba: Pixels, side: int) -> Pixels:
    factor = side / max(rgba.shape[:2])
    if factor >= 1:
        return rgba
    return resize(rgba, Size(*(max(1, round(length * factor)) for length in (rgba.shape[1], rgba.shape[0]))))


def _part(rgba: Pixels, window: Box) -> Pixels:
    part = rgba[window.top : window.top + window.height, window.left : window.left + window.width]
    return np.ascontiguousarray(part)


def _window(spot: Box, canvas: Size) -> Box:
    """Give a square of the usual size around the spot, within the canvas."""
    width, height = min(_SPOT, canvas.width), min(_SPOT, canvas.height)
    left = min(max(0, spot.left + spot.width // 2 - width // 2), canvas.width - width)
    top = min(max(0, spot.top + spot.height // 2 - height // 2), canvas.height - height)
    return Box(top, left, width, height)


def _photo(path: Path, side: int) -> bytes | None:
    """Make the original small; a photo that cannot be read is not worth losing the pair for."""
    try:
        picture = decode(path.read_bytes(), at_least=Size(min(side, _LEAST), min(side, _LEAST)))
        return encode_jpeg(_fitted(picture.rgba, side), _QUALITY)
    except (OSError, ShimError):
        return None
