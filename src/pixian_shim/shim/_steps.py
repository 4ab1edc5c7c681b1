"""A plan's steps, one by one, on the pixels of Pixian's transparent result."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from pixian_shim import images
from pixian_shim.geometry import Box, Frame, Size
from pixian_shim.shim._canvas import Sides, around, canvas_of, target_of
from pixian_shim.translation import (
    Arrange,
    BlurOriginal,
    CastShadow,
    CropToForeground,
    DropShadow,
    FillColour,
    FillImage,
    HardenMatte,
    KeepColours,
    Outline,
    PlaceSubject,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pixian_shim.images import Pixels

_SOLID = 128  # of the alpha: a fainter trace at the photo's edge is no subject that is cut off there


@attrs.define(eq=False, slots=False)
class Scene:
    """The picture as far as it is done."""

    pixels: Pixels
    own: Size
    """The original's size, as far as the result may have it."""
    touched: Sides
    """Where the subject reaches the photo's edge."""
    load: Callable[[], Pixels]
    """Decodes the original."""
    backdrops: Mapping[FillImage, Pixels]
    longest: int | None = None
    """Pixels that the file can have on a side."""
    lies: Frame = attrs.field(init=False)
    """Where the whole original lies, in coordinates of the picture."""

    def __attrs_post_init__(self) -> None:
        self.lies = Frame(0, 0, *self.size)

    @property
    def size(self) -> Size:
        """Width and height."""
        return Size(self.pixels.shape[1], self.pixels.shape[0])

    @property
    def alpha(self) -> Pixels:
        """A view."""
        return self.pixels[..., 3]

    @cached_property
    def _original(self) -> Pixels:
        return self.load()

    def original(self) -> Pixels:
        """Give the original as it lies in the picture, which may have been moved."""
        return images.show_through(self._original, self.size, self.lies)

    def subject(self) -> Box | None:
        """Find what is not wholly transparent."""
        return images.foreground_box(self.alpha)


def edges_touched(alpha: Pixels) -> Sides:
    """Tell at which edges of a photo its subject is cut off."""

    def solid(line: Pixels) -> bool:
        return bool(line.max(initial=0) >= _SOLID)

    return Sides(solid(alpha[:, 0]), solid(alpha[0]), solid(alpha[:, -1]), solid(alpha[-1]))


def carry_out(step: object, scene: Scene) -> None:
    """Do one step."""
    _STEPS[type(step)](step, scene)


def _crop(step: CropToForeground, scene: Scene) -> None:
    cropped = images.crop_to_foreground(scene.pixels, step.margin, max_share=step.max_share, max_px=step.max_px)
    scene.pixels, box = cropped
    scene.lies = scene.lies._replace(left=scene.lies.left - box.left, top=scene.lies.top - box.top)


def _place(step: PlaceSubject, scene: Scene) -> None:
    box = scene.subject()
    if box is not None:
        at = images.placed(box, scene.size, scale=step.scale, position=step.position)
        scene.lies = scene.lies.moved(box, at)
        scene.pixels = images.place_subject(scene.pixels, scale=step.scale, position=step.position)


def _arrange(step: Arrange, scene: Scene) -> None:
    whole = Box(0, 0, *scene.size)
    box = (scene.subject() or whole) if step.reference == "subject" else whole
    own = scene.own.width / scene.lies.width, scene.own.height / scene.lies.height
    snapped = scene.touched.of(step)
    subject = Size(max(1, round(box.width * own[0])), max(1, round(box.height * own[1])))
    canvas = canvas_of(step, scene.own, subject, snapped, scene.longest)
    full = around(step, subject, snapped) if step.canvas == "subject" else canvas
    scaling, factor = step.scaling, max(own)
    if step.canvas == "subject" and step.reference == "subject":  # made to measure: nothing is left to be scaled
        scaling, factor = "keep", factor * max(canvas) / max(full)
    layout = images.lay_out(
        canvas,
        box,
        target_of(step, full, snapped).scaled(full, canvas),
        scaling=scaling,
        own=factor,
        across=_against(step.across, snapped.left, snapped.right),
        down=_against(step.down, snapped.top, snapped.bottom),
    )
    scene.pixels, scene.lies = images.arrange(scene.pixels, layout), layout.carried(scene.lies)


def _against(share: float, first: bool, last: bool) -> float:
    """Stand against the side that is touched; between two of them as one stands otherwise."""
    return share if first == last else float(last)


def _drop_shadow(step: DropShadow, scene: Scene) -> None:
    scene.pixels = images.drop_shadow(scene.pixels, step.opacity)


def _cast_shadow(step: CastShadow, scene: Scene) -> None:
    box = scene.subject()
    if box is not None:
        sigma = step.blur.pixels(max(box.width, box.height))
        scene.pixels = images.cast_shadow(
            scene.pixels, opacity=step.opacity, sigma=sigma, offset=step.offset, colour=step.colour
        )


def _outline(step: Outline, scene: Scene) -> None:
    longer = max(scene.size)
    width, sigma = step.width.pixels(longer), step.blur.pixels(longer)
    scene.pixels = images.outline(scene.pixels, width=width, colour=step.colour, sigma=sigma)


def _harden(_step: HardenMatte, scene: Scene) -> None:
    hard = images.harden(np.ascontiguousarray(scene.alpha))
    fresh = (scene.alpha == 0) & (hard != 0)
    scene.pixels = scene.pixels.copy()
    if fresh.any():  # the cut-out knows no colour there
        np.copyto(scene.pixels[..., :3], scene.original()[..., :3], where=fresh[..., np.newaxis])
    scene.pixels[..., 3] = hard


def _keep_colours(_step: KeepColours, scene: Scene) -> None:
    scene.pixels = images.keep_colours(scene.pixels, scene.original())


def _blur_original(step: BlurOriginal, scene: Scene) -> None:
    blur = {"gaussian": images.gaussian, "bokeh": images.bokeh}[step.kind]
    blurred = blur(scene.original(), step.radius.pixels(max(scene.lies.width, scene.lies.height)))
    scene.pixels = images.over_image(scene.pixels, blurred)


def _fill_colour(step: FillColour, scene: Scene) -> None:
    scene.pixels = images.over_colour(scene.pixels, (step.red, step.green, step.blue, step.alpha))


def _fill_image(step: FillImage, scene: Scene) -> None:
    sigma = step.blur.pixels(max(scene.size))
    scene.pixels = images.over_image(scene.pixels, scene.backdrops[step], scaling=step.scaling, sigma=sigma)


_STEPS: dict[type, Callable[[Any, Scene], None]] = {
    Arrange: _arrange,
    BlurOriginal: _blur_original,
    CastShadow: _cast_shadow,
    CropToForeground: _crop,
    DropShadow: _drop_shadow,
    FillColour: _fill_colour,
    FillImage: _fill_image,
    HardenMatte: _harden,
    KeepColours: _keep_colours,
    Outline: _outline,
    PlaceSubject: _place,
}
