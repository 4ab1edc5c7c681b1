"""Lay a picture, or the subject in it, out on a canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs
import numpy as np

from pixian_shim.geometry import Box, Frame, Size
from pixian_shim.images._place import crop, scaled

if TYPE_CHECKING:
    from pixian_shim.images._pixels import Pixels

Scaling = Literal["fit", "fill", "keep"]


@attrs.frozen
class Layout:
    """Where a rectangle of a picture comes to lie on a canvas.

    Attributes:
        canvas: size of the result.
        box: what is taken from the picture.
        at: where the whole box lies on the canvas; it may reach beyond.
        window: what of the canvas may show it.
    """

    canvas: Size
    box: Box
    at: Box
    window: Box

    def carried(self, frame: Frame) -> Frame:
        """Carry a rectangle over from the picture to the canvas."""
        return frame.moved(self.box, self.at)


def lay_out(
    canvas: Size,
    box: Box,
    target: Box,
    *,
    scaling: Scaling = "fit",
    own: float = 1.0,
    across: float = 0.5,
    down: float = 0.5,
) -> Layout:
    """Compute where a box lies in a target.

    Args:
        canvas: size of the result.
        box: the subject's, in the picture; at least 1 x 1.
        target: on the canvas; at least 1 x 1.
        scaling: ``fit``: wholly inside, larger or smaller; ``fill``: covering the target, cut off beside it; ``keep``:
            at its own size, which may reach beyond the target.
        own: pixels of the canvas for one of the picture, where it keeps its size.
        across: share of the spare width that is left of it, 0 to 1; of what stands over, where it is wider.
        down: share of the spare height above it, likewise.
    """
    shares = target.width / box.width, target.height / box.height
    factor = {"fit": min(shares), "fill": max(shares), "keep": own}[scaling]
    width, height = max(1, round(box.width * factor)), max(1, round(box.height * factor))
    top = target.top + round((target.height - height) * down)
    left = target.left + round((target.width - width) * across)
    window = target if scaling == "fill" else Box(0, 0, *canvas)
    return Layout(canvas, box, Box(top, left, width, height), window)


def arrange(pixels: Pixels, layout: Layout) -> Pixels:
    """Draw a picture on an empty transparent canvas.

    Only what shows is scaled, however far the rest of it would reach. At its own size its pixels stay exactly what
    they are.

    Args:
        pixels: RGBA, or RGB or grey on black.
        layout: where on the canvas.
    """
    canvas, box, at, window = layout.canvas, layout.box, layout.at, layout.window
    drawn = np.zeros((canvas.height, canvas.width, *pixels.shape[2:]), np.uint8)
    top, left = max(at.top, window.top, 0), max(at.left, window.left, 0)
    bottom = min(at.top + at.height, window.top + window.height, canvas.height)
    right = min(at.left + at.width, window.left + window.width, canvas.width)
    if bottom > top and right > left:
        subject = crop(pixels, box)  # so that nothing beside it gets into its edges
        across, down = box.width / at.width, box.height / at.height
        taken = (
            (left - at.left) * across,
            (top - at.top) * down,
            min(float(box.width), (right - at.left) * across),
            min(float(box.height), (bottom - at.top) * down),
        )
        drawn[top:bottom, left:right] = scaled(subject, Size(right - left, bottom - top), taken)
    return drawn


def show_through(pixels: Pixels, canvas: Size, frame: Frame) -> Pixels:
    """Draw a whole picture where a frame lies on a canvas, transparent (or black) beside it.

    Args:
        pixels: RGBA, RGB or grey.
        canvas: size of the result.
        frame: where the picture's edges lie on the canvas, to fractions of a pixel; they may lie beyond it.
    """
    edges = frame.rounded()
    whole = Box(0, 0, pixels.shape[1], pixels.shape[0])
    return arrange(pixels, Layout(canvas, whole, edges, Box(0, 0, *canvas)))
