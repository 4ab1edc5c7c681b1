"""Where the content lies on the result's canvas: sizes and offsets alone, no pixels.

Documented: CSS order of margins; with a target size the margin is inset and the content scaled to fit; spare height
goes where ``result.vertical_alignment`` says, spare width is split evenly. What is an assumption says so.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs

from pixian_shim.errors import InvalidParameter
from pixian_shim.geometry import Box, Size
from pixian_shim.pixian import MAX_PROCESSED_PIXELS
from pixian_shim.sandbox._rejections import OVERSIZED, Rejected

if TYPE_CHECKING:
    from pixian_shim.geometry import Margin
    from pixian_shim.pixian import Parameters, VerticalAlignment

MAX_RESULT_PIXELS = 2 * MAX_PROCESSED_PIXELS
"""Assumption: margins may double the largest picture; the sister service has a code for more, the limit is unknown."""

_SHARE_ABOVE: dict[VerticalAlignment, float] = {"top": 0.0, "middle": 0.5, "bottom": 1.0}


@attrs.frozen
class Layout:
    """The result's canvas, and the box on it that the content is scaled to."""

    canvas: Size
    content: Box


@attrs.frozen
class Insets:
    """Margins in whole pixels."""

    top: int
    right: int
    bottom: int
    left: int

    @property
    def width(self) -> int:
        """Left and right together."""
        return self.left + self.right

    @property
    def height(self) -> int:
        """Top and bottom together."""
        return self.top + self.bottom


def lay_out(content: Size, parameters: Parameters) -> Layout:
    """Compute the canvas for a content of some size.

    Raises:
        InvalidParameter: the margin leaves nothing of the target size.
        Rejected: the result would have more than ``MAX_RESULT_PIXELS``.
    """
    if parameters.target_size is not None:
        return _inside(parameters.target_size, content, parameters)
    margin = insets(parameters.margin, content)
    canvas = Size(content.width + margin.width, content.height + margin.height)
    if canvas.pixels > MAX_RESULT_PIXELS:
        raise Rejected(OVERSIZED, f"({canvas.width} x {canvas.height} px)")
    return Layout(canvas, Box(margin.top, margin.left, *content))


def insets(margin: Margin, whole: Size) -> Insets:
    """Turn lengths into pixels, rounded to nearest.

    Assumption: per cent are taken per axis, of the height for top and bottom and of the width for right and left
    (strict CSS would use the width for all four); of the target size where there is one, else of the (cropped) content.
    """
    return Insets(
        _rounded(margin.top.pixels(whole.height)),
        _rounded(margin.right.pixels(whole.width)),
        _rounded(margin.bottom.pixels(whole.height)),
        _rounded(margin.left.pixels(whole.width)),
    )


def fit(content: Size, room: Size) -> Size:
    """Scale to fit, aspect kept, down or up (up is an assumption), never below 1 px a side."""
    factor = min(room.width / content.width, room.height / content.height)
    return Size(
        min(room.width, max(1, _rounded(content.width * factor))),
        min(room.height, max(1, _rounded(content.height * factor))),
    )


def scaled_up(box: Box, small: Size, large: Size) -> Box:
    """Carry a box from a shrunk picture to the original's coordinates, outwards to whole pixels."""
    across, down = large.width / small.width, large.height / small.height
    left, top = math.floor(box.left * across), math.floor(box.top * down)
    right = min(large.width, math.ceil((box.left + box.width) * across))
    bottom = min(large.height, math.ceil((box.top + box.height) * down))
    return Box(top, left, right - left, bottom - top)


def _inside(target: Size, content: Size, parameters: Parameters) -> Layout:
    margin = insets(parameters.margin, target)
    room = Size(target.width - margin.width, target.height - margin.height)
    if room.width < 1 or room.height < 1:
        raise InvalidParameter(
            "result.margin", str(parameters.margin), f"it leaves nothing of the target size {target}"
        )
    size = fit(content, room)
    above = int((room.height - size.height) * _SHARE_ABOVE[parameters.vertical_alignment])
    before = (room.width - size.width) // 2
    return Layout(target, Box(margin.top + above, margin.left + before, *size))


def _rounded(value: float) -> int:
    return min(math.floor(value + 0.5), MAX_RESULT_PIXELS + 1)  # a margin of any length stays a number to count with
