"""What a parameter's value does to the plan, and what to say where that differs from the parameter's row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

from pixian_shim.geometry import Length, Margin
from pixian_shim.translation import (
    Colour,
    CropToForeground,
    Draft,
    DropShadow,
    FillColour,
    FillImage,
    Outcome,
    PlaceSubject,
    Region,
    Verdict,
)

if TYPE_CHECKING:
    from pixian_shim.pixian import ImageUrl, Upload
    from pixian_shim.translation import Encoding

SIZES = {
    "preview": 250_000,
    "small": 250_000,
    "regular": 250_000,
    "medium": 1_500_000,
    "hd": 4_000_000,
    "full": 25_000_000,
    "4k": 25_000_000,
    "auto": 25_000_000,
    "50MP": 50_000_000,
}
"""Largest result in pixels."""

MAX_PNG_PIXELS = 10_000_000
MAX_MARGIN_SHARE, MAX_MARGIN_PX = 0.5, 500
BACKGROUNDS = ("bg_color", "bg_image_url", "bg_image_file")
_WHOLE = Region(Length(0, "%"), Length(0, "%"), Length(100, "%"), Length(100, "%"))
_WHOLE_BARE = Region(Length(0, "px"), Length(0, "px"), Length(100, "%"), Length(100, "%"))


def take_source(source: Upload | ImageUrl, draft: Draft) -> None:
    """Make it the picture of the call."""
    draft.source = source


def keep_region(region: Region, draft: Draft) -> Outcome | None:
    """Let foreground be found only there, unless it is the whole picture."""
    if region in (_WHOLE, _WHOLE_BARE):
        return Outcome(Verdict.EXACT, "The whole picture.")
    draft.region = region
    return None


def cap_pixels(size: str, draft: Draft) -> Outcome:
    """Cap the result; a PNG ends at 10 megapixels on remove.bg whatever the size."""
    cap = SIZES[size]
    if draft.settings["format"] == "png" or (draft.settings["format"] == "auto" and not _opaque_background(draft)):
        cap = min(cap, MAX_PNG_PIXELS)
    draft.max_pixels = cap
    says = f"The result has at most {cap / 1e6:g} megapixels."
    if cap > SIZES["full"]:
        return Outcome(
            Verdict.EMULATED,
            f"{says} Beyond Pixian's 25 the matte is enlarged and applied to the original's own pixels.",
        )
    return Outcome(Verdict.CONVERTED, says)


def _opaque_background(draft: Draft) -> bool:
    colour = draft.settings["bg_color"]
    return bool(
        draft.settings["bg_image_url"] or draft.settings["bg_image_file"] or (colour is not None and colour.opaque)
    )


def crop(wanted: bool, draft: Draft) -> Outcome | None:
    """Crop to the subject, with the margin where there is one."""
    if not wanted:
        return Outcome(Verdict.EXACT, "The default; it asks for nothing.")
    margin = draft.settings["crop_margin"]
    draft.add(CropToForeground(margin, MAX_MARGIN_SHARE, MAX_MARGIN_PX))
    return None


def check_margin(_margin: Margin, draft: Draft) -> Outcome | None:
    """Say that a margin without a crop does nothing; the crop has taken it already."""
    return (
        None if draft.settings["crop"] else Outcome(Verdict.EXACT, "No effect without crop=true; on remove.bg neither.")
    )


def place(scale: float | None, draft: Draft) -> None:
    """Scale the subject, and put it where ``position`` says."""
    if scale is not None:
        position = draft.settings["position"] or (0.5, 0.5)
        draft.add(PlaceSubject(scale, None if position == "original" else position))


def move(position: tuple[float, float] | str, draft: Draft) -> Outcome | None:
    """Put the subject elsewhere, unless scaling has done it already."""
    if position == "original":
        return Outcome(Verdict.EXACT, "The subject stays where it is.")
    if draft.settings["scale"] is None:
        draft.add(PlaceSubject(None, position))  # type: ignore[arg-type]
    return None


def draw_shadow(kind: str, draft: Draft) -> Outcome | None:
    """Draw the only kind of shadow that can be drawn here."""
    if kind == "none":
        return Outcome(Verdict.EXACT, "No shadow.")
    if kind in ("car", "3D"):
        return Outcome(Verdict.IGNORED, f"Pixian draws no shadow, and a {kind} shadow cannot be drawn here.")
    draft.add(DropShadow(draft.settings["shadow_opacity"]))
    return None


def draw_shadow_of_class(subject: str, kind: str, draft: Draft) -> Outcome | None:
    """Draw it if the caller said that the subject is of that class, or means any other."""
    if subject not in (draft.settings["type"], "other"):
        return Outcome(
            Verdict.IGNORED, f"Pixian does not say whether the subject is a {subject}; type={subject} would."
        )
    return draw_shadow(kind, draft)


def check_opacity(_opacity: float, draft: Draft) -> Outcome | None:
    """Say that an opacity without a shadow does nothing; the shadow has taken it already."""
    if DropShadow in draft.steps:
        return None
    return Outcome(Verdict.EXACT, "No effect without a shadow.")


def set_opacity_of_class(subject: str, opacity: float, draft: Draft) -> Outcome | None:
    """Set the strength of a shadow that is drawn for that class."""
    if DropShadow in draft.steps and subject in (draft.settings["type"], "other"):
        draft.add(DropShadow(opacity))
        return None
    return Outcome(Verdict.EXACT, "No effect without a shadow of that class.")


def fill(colour: Colour, draft: Draft) -> Outcome | None:
    """Put a colour behind the subject."""
    draft.add(FillColour(*colour))
    if colour.opaque:
        return None
    return Outcome(Verdict.EMULATED, "Pixian's colours are opaque; this one is put behind the subject here.")


def put_behind(parameter: str, source: Upload | ImageUrl, draft: Draft) -> None:
    """Put a picture behind the subject."""
    draft.add(FillImage(source, parameter))


def encode(encoding: Encoding, draft: Draft) -> Outcome | None:
    """Choose the file format; JPEG needs something behind the subject."""
    if encoding == "jpg" and not draft.given.intersection(BACKGROUNDS):
        draft.add(FillColour(255, 255, 255))
    draft.output = attrs.evolve(draft.output, encoding=encoding)
    if encoding in ("webp", "zip"):
        return Outcome(Verdict.EMULATED, f"Pixian writes no {encoding}; it is made here from a PNG.")
    return None


def take_channels(channels: Literal["rgba", "alpha"], draft: Draft) -> None:
    """Choose between the finished picture and its alpha channel."""
    draft.output = attrs.evolve(draft.output, channels=channels)


def answer_type(level: str, _draft: Draft) -> Outcome | None:
    """Say what becomes of the header X-Type."""
    return Outcome(Verdict.EXACT, "X-Type is left out of the answer.") if level == "none" else None


def use_test_mode(wanted: bool, draft: Draft) -> None:
    """Use Pixian's test mode."""
    draft.parameters["test"] = wanted
