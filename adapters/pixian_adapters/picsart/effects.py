"""What a parameter's value does to the plan, and what to say where that differs from the parameter's row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Never

import attrs

from pixian_adapters.picsart.values import INVALID
from pixian_shim.errors import Refused
from pixian_shim.geometry import Length, Size
from pixian_shim.pixian import MAX_PROCESSED_PIXELS
from pixian_shim.translation import (
    Arrange,
    BlurOriginal,
    CastShadow,
    Colour,
    Draft,
    FillColour,
    FillImage,
    Outcome,
    Outline,
    PlaceSubject,
    Verdict,
    put_colour_behind,
)

if TYPE_CHECKING:
    from pixian_shim.pixian import ImageUrl, Upload

PICTURES = ("bg_image", "bg_image_url", "bg_image_id")
BACKGROUNDS = ("bg_color", *PICTURES)

PRESET = 10
"""Pixels that the named shadows are moved."""

SHADOWS = {
    "bottom-right": (PRESET, PRESET),
    "bottom": (0, PRESET),
    "bottom-left": (-PRESET, PRESET),
    "left": (-PRESET, 0),
    "right": (PRESET, 0),
    "top-left": (-PRESET, -PRESET),
    "top": (0, -PRESET),
    "top-right": (PRESET, -PRESET),
}
"""Where each named shadow falls: to the right, and down."""

BLUR_SHARE = 0.05
"""Per cent of the picture's longer side that a unit of ``bg_blur`` is taken for (assumption)."""

_NOTHING = Outcome(Verdict.EXACT, "It asks for nothing.")
_NOT_IN_MASK = Outcome(Verdict.IGNORED, "No effect on a mask (assumption: not documented).")


def _mask_only(draft: Draft) -> bool:
    """Tell whether the result is the mask; with a picture behind the subject the output type does not matter."""
    return bool(draft.settings["output_type"] == "mask" and not draft.given.intersection(PICTURES))


def _blurs_original(draft: Draft) -> bool:
    """Tell whether the photo's own background is kept, blurred: there is no other one to blur."""
    return bool(draft.settings["bg_blur"] and not draft.given.intersection(BACKGROUNDS) and not _mask_only(draft))


def refuse_stored(_identifier: str, draft: Draft) -> Never:
    """Refuse a picture that only Picsart has."""
    name = draft.parameter
    whole = name.removesuffix("_id")
    raise Refused(
        f"{name} names a picture in Picsart's own storage, which cannot be reached; send {whole} or {whole}_url",
        code="400",
        parameter=name,
    )


def centre(wanted: bool, draft: Draft) -> Outcome | None:
    """Move the subject to the centre."""
    if not wanted:
        return _NOTHING
    if _mask_only(draft):
        return Outcome(Verdict.EXACT, "It concerns cutouts only; on Picsart likewise.")
    if _blurs_original(draft):
        return Outcome(Verdict.IGNORED, "The subject stays where it is in its own blurred background (assumption).")
    draft.add(PlaceSubject(None, (0.5, 0.5)))
    return None


def lay_out(side: int, draft: Draft) -> Outcome | None:
    """Lay the photo out on a canvas of that width and height."""
    width, height = (draft.settings[given] or 0 for given in ("bg_width", "bg_height"))
    if width * height > MAX_PROCESSED_PIXELS:
        raise INVALID.of(draft.parameter, "a canvas of at most 25 megapixels")
    draft.add(
        Arrange(
            canvas=Size(width, height),
            max_pixels=MAX_PROCESSED_PIXELS,  # a side that follows the photo's aspect is known with the photo only
            reference="original",
            scaling=draft.settings["scale"],
        )
    )
    if width and height:
        return None
    extent, other = ("wide", "height") if draft.parameter == "bg_width" else ("high", "width")
    says = f"The canvas is {side} px {extent}; its {other} follows the photo's aspect (assumption)."
    return Outcome(Verdict.APPROXIMATED, says)


def check_scale(_scaling: str, draft: Draft) -> Outcome | None:
    """Say that a scaling without a canvas does nothing; the canvas has taken it already."""
    given = draft.settings["bg_width"], draft.settings["bg_height"]
    if not any(given):
        return Outcome(Verdict.EXACT, "Without bg_width and bg_height the photo has the canvas's size already.")
    if not all(given):
        return Outcome(Verdict.EXACT, "The canvas has the photo's aspect: both come to the same.")
    return None


def outline(size: int, draft: Draft) -> Outcome | None:
    """Draw a line around the subject."""
    if not size:
        return _NOTHING
    if _mask_only(draft):
        return _NOT_IN_MASK
    colour, opacity = draft.settings["stroke_color"], draft.settings["stroke_opacity"]
    painted = (colour.red, colour.green, colour.blue, round(colour.alpha * opacity / 100))
    draft.add(Outline(width=Length(size, "px"), colour=painted))
    return None


def check_outline(_value: object, draft: Draft) -> Outcome | None:
    """Say that a colour without a line does nothing; the line has taken it already."""
    return None if Outline in draft.steps else Outcome(Verdict.EXACT, "No effect without a stroke_size.")


def cast_shadow(kind: str, draft: Draft) -> Outcome | None:
    """Draw a shadow behind the subject."""
    if kind == "disabled":
        return _NOTHING
    offset = _own_offset(draft) if kind == "custom" else SHADOWS[kind]
    if _mask_only(draft):
        return _NOT_IN_MASK
    opacity, blur = draft.settings["shadow_opacity"] / 100, Length(draft.settings["shadow_blur"] / 2, "px")
    draft.add(CastShadow(opacity=opacity, blur=blur, offset=offset))
    return None


def _own_offset(draft: Draft) -> tuple[int, int]:
    across, down = draft.settings["shadow_offset_x"], draft.settings["shadow_offset_y"]
    for name, found in (("shadow_offset_x", across), ("shadow_offset_y", down)):
        if found is None:
            raise INVALID.of(name, "with shadow=custom a whole number from -100 to 100")
    return across, down


def check_shadow(_value: object, draft: Draft) -> Outcome | None:
    """Say that its properties without a shadow do nothing; the shadow has taken them already."""
    return None if CastShadow in draft.steps else Outcome(Verdict.EXACT, "No effect without a shadow.")


def check_offset(value: int, draft: Draft) -> Outcome | None:
    """Say that an offset belongs to a shadow of one's own."""
    if draft.settings["shadow"] != "custom":
        return Outcome(Verdict.EXACT, "No effect without shadow=custom (assumption).")
    return check_shadow(value, draft)


def blur(amount: int, draft: Draft) -> Outcome | None:
    """Blur the photo's own background, or leave the new one to whoever puts it there."""
    if not amount:
        return _NOTHING
    if "bg_color" in draft.given:
        return Outcome(Verdict.EXACT, "A plain colour looks the same.")
    if _mask_only(draft):
        return _NOT_IN_MASK
    if _blurs_original(draft):
        draft.add(BlurOriginal(_radius(amount)))
    return None


def _radius(amount: int) -> Length:
    return Length(amount * BLUR_SHARE, "%") if amount else Length(0, "px")


def fill(colour: Colour, draft: Draft) -> Outcome | None:
    """Put a colour behind the subject."""
    if _mask_only(draft):
        return _NOT_IN_MASK
    return put_colour_behind(colour, draft)


def put_behind(source: Upload | ImageUrl, draft: Draft) -> None:
    """Put a picture behind the subject, blurred if that is wanted."""
    draft.add(FillImage(source, draft.parameter, blur=_radius(draft.settings["bg_blur"])))


def choose_output(kind: str, draft: Draft) -> Outcome | None:
    """Choose between the cutout and its mask."""
    if kind == "cutout":
        return _NOTHING
    if not _mask_only(draft):
        return Outcome(Verdict.EXACT, "No effect with a background picture; on Picsart likewise.")
    draft.output = attrs.evolve(draft.output, channels="alpha")
    return None


def encode(encoding: Literal["png", "jpg", "webp"], draft: Draft) -> Outcome | None:
    """Choose the file format; JPEG needs something behind the subject."""
    if encoding == "jpg" and not _mask_only(draft) and not draft.given.intersection(BACKGROUNDS):
        draft.add(FillColour(255, 255, 255))
    draft.output = attrs.evolve(draft.output, encoding=encoding)
    if encoding == "webp":
        return Outcome(Verdict.EMULATED, "Pixian writes no WebP; it is made here from a PNG.")
    return None
