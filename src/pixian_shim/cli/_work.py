"""What is done here on pixels, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pixian_shim.geometry import Margin
from pixian_shim.pixian import MAX_PROCESSED_PIXELS
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
    Output,
    PlaceSubject,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixian_shim.translation import Plan


def work_of(plan: Plan) -> list[str]:
    """Tell what would be done here, in order; nothing where Pixian's own bytes are the result."""
    words = [_TRANSPARENT[plan.transparent_input]] if plan.transparent_input in _TRANSPARENT else []
    if not plan.local:
        return [*words, *plan.when_answered]
    if plan.region is not None:
        region = plan.region
        where = f"{region.left} {region.top} to {region.right} {region.bottom}"
        words.append(f"cut out {where} before the upload, put it back")
    if plan.max_pixels > MAX_PROCESSED_PIXELS:
        words.append("beyond 25 megapixels enlarge the matte and apply it to the original's own pixels")
    words += [_WORDS[type(step)](step) for step in plan.steps]
    return [*words, _encoding(plan.output or Output()), *plan.when_answered]


_TRANSPARENT = {
    "return": "give back an original that is not opaque, without asking Pixian",
    "matte": "use the transparency of an original that has some, without asking Pixian",
    "drop": "drop the original's transparency before the upload",
}


def _place(step: PlaceSubject) -> str:
    size = "keep the subject's size" if step.scale is None else f"scale the subject to {step.scale:.0%} of the canvas"
    if step.position is None:
        return f"{size}, where it is"
    return f"{size}, at {step.position[0]:.0%} {step.position[1]:.0%}"


def _arrange(step: Arrange) -> str:
    what = "the subject" if step.reference == "subject" else "the whole picture"
    done = {"fit": f"fit {what} into", "fill": f"let {what} fill", "keep": f"put {what}, at its own size, on"}
    words = [f"{done[step.scaling]} {_canvas(step)}", f"at {step.across:.0%} {step.down:.0%}"]
    words += [
        f"{name} {side}" for name, side in (("margin", step.margin), ("padding", step.padding)) if side != Margin()
    ]
    if any(step.snap):
        words.append("against the edges that it touches")
    return ", ".join(words)


def _canvas(step: Arrange) -> str:
    if step.canvas == "original":
        where = "a canvas of the original's size"
    elif step.canvas == "subject":
        where = "a canvas of the subject's size"
    else:
        width, height = (side or "as the aspect has it" for side in step.canvas)
        where = f"a canvas of {width} x {height}"
    limits = [f"{name} at most {most}" for name, most in zip(("width", "height"), step.at_most, strict=True) if most]
    return f"{where} ({', '.join(limits)})" if limits else where


def _cast(step: CastShadow) -> str:
    across, down = step.offset
    return f"cast a shadow of {step.opacity:.0%}, moved by {across} {down}, blurred by {step.blur}"


def _fill_image(step: FillImage) -> str:
    blurred = f", blurred by {step.blur}" if step.blur.value else ""
    return f"put {step.parameter} behind, scaled to {'cover' if step.scaling == 'fill' else 'fit'}{blurred}"


def _encoding(output: Output) -> str:
    matte = output.channels == "alpha"
    auto = "PNG" if matte else "PNG if anything is transparent, else JPEG"
    kind = auto if output.encoding == "auto" else output.encoding.upper()
    dpi = "" if output.dpi is None else f" with {output.dpi} dpi"
    return f"write {'the alpha channel as ' * matte}{kind}{dpi}"


_WORDS: dict[type, Callable[[Any], str]] = {
    Arrange: _arrange,
    BlurOriginal: lambda step: f"put the original behind, blurred by {step.radius} ({step.kind})",
    CastShadow: _cast,
    CropToForeground: lambda step: f"crop to the subject, margin {step.margin}",
    DropShadow: lambda step: f"draw a drop shadow of {step.opacity:.0%}",
    FillColour: lambda step: f"put rgba({step.red}, {step.green}, {step.blue}, {step.alpha}) behind",
    FillImage: _fill_image,
    HardenMatte: lambda _step: "make the matte smooth and hard",
    KeepColours: lambda _step: "give the subject the original's own colours",
    Outline: lambda step: f"draw a line of {step.width} around the subject",
    PlaceSubject: _place,
}
