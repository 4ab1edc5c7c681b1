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
    put_colour_behind,
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
SHADOWS = {
    "car": "car",
    "person": "3D",
    "product": "drop",
    "animal": "drop",
    "transportation": "3D",
    "graphic": "drop",
    "other": "drop",
}
"""The classes of subjects, and the shadow that ``auto`` stands for with each."""

CAR_OPACITY, OPACITY = 0.9, 0.5
"""What an opacity of ``auto`` stands for: with a car, and with anything else."""

_WHOLE = Region(Length(0, "%"), Length(0, "%"), Length(100, "%"), Length(100, "%"))
_WHOLE_BARE = Region(Length(0, "px"), Length(0, "px"), Length(100, "%"), Length(100, "%"))


def keep_region(region: Region, draft: Draft) -> Outcome | None:
    """Let foreground be found only there, unless it is the whole picture."""
    if region in (_WHOLE, _WHOLE_BARE):
        return Outcome(Verdict.EXACT, "The whole picture.")
    draft.region = region
    return None


def cap_pixels(size: str, draft: Draft) -> Outcome:
    """Cap the result; a PNG ends at 10 megapixels on remove.bg whatever the size."""
    cap, form = SIZES[size], draft.settings["format"]
    if form == "png" or (form == "auto" and (_mask_only(draft) or not _opaque_background(draft))):
        cap = min(cap, MAX_PNG_PIXELS)
    draft.max_pixels = cap
    says = f"The result has at most {cap / 1e6:g} megapixels."
    if cap > SIZES["full"]:
        return Outcome(
            Verdict.EMULATED,
            f"{says} Beyond Pixian's 25 the matte is enlarged and applied to the original's own pixels.",
        )
    return Outcome(Verdict.CONVERTED, says)


def _mask_only(draft: Draft) -> bool:
    """Tell whether the result is the matte alone; a zip holds it beside the colours in any case."""
    return bool(draft.settings["channels"] == "alpha" and draft.settings["format"] != "zip")


_NOT_IN_MASK = Outcome(Verdict.IGNORED, "No effect on the alpha channel alone (assumption: not documented).")


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
    """Draw a shadow whatever the subject, unless there is a word for its class."""
    special = f"shadow_type[{_subject(draft)}]"
    return _superseded(special) if special in draft.given else _cast(kind, draft)


def draw_shadow_of_class(subject: str, kind: str, draft: Draft) -> Outcome | None:
    """Draw a shadow if the subject is of that class."""
    return _cast(kind, draft) if subject == _subject(draft) else _another_class(subject, draft)


def check_opacity(_opacity: float | str, draft: Draft) -> Outcome | None:
    """Say that an opacity without a shadow does nothing; the shadow has taken it already."""
    special = f"shadow_opacity[{_subject(draft)}]"
    return _superseded(special) if special in draft.given else _needs_shadow(draft)


def check_opacity_of_class(subject: str, _opacity: float | str, draft: Draft) -> Outcome | None:
    """Say the same of an opacity that is meant for one class."""
    return _needs_shadow(draft) if subject == _subject(draft) else _another_class(subject, draft)


def _subject(draft: Draft) -> str:
    """Give the subject's class as the caller told it; Pixian names none, which is remove.bg's ``other``."""
    told = draft.settings["type"]
    return told if told in SHADOWS else "other"


def _cast(kind: str, draft: Draft) -> Outcome | None:
    """Draw the only kind of shadow that can be drawn here."""
    subject = _subject(draft)
    if kind == "auto":
        kind = SHADOWS[subject]
    if kind == "none":
        return Outcome(Verdict.EXACT, "No shadow.")
    if kind in ("car", "3D"):
        return Outcome(Verdict.IGNORED, f"Pixian draws no shadow, and a {kind} shadow cannot be drawn here.")
    if _mask_only(draft):
        return _NOT_IN_MASK
    opacity = draft.settings.get(f"shadow_opacity[{subject}]", draft.settings["shadow_opacity"])
    if opacity in ("auto", None):
        opacity = CAR_OPACITY if subject == "car" else OPACITY
    if PlaceSubject in draft.steps:
        draft.add(DropShadow(opacity))
    else:  # before a crop: that cuts off empty borders, and a shadow is not empty
        draft.steps = {DropShadow: DropShadow(opacity), **draft.steps}
    return None


def _superseded(special: str) -> Outcome:
    return Outcome(Verdict.EXACT, f"{special} counts instead.")


def _needs_shadow(draft: Draft) -> Outcome | None:
    return None if DropShadow in draft.steps else Outcome(Verdict.EXACT, "No effect without a shadow.")


def _another_class(subject: str, draft: Draft) -> Outcome:
    if subject not in SHADOWS:
        return Outcome(Verdict.IGNORED, f"remove.bg has no class {subject}; there are {', '.join(SHADOWS)}.")
    if draft.settings["type"] in SHADOWS:
        return Outcome(Verdict.EXACT, f"No effect with type={draft.settings['type']}.")
    return Outcome(Verdict.IGNORED, f"Pixian does not say whether the subject is a {subject}; type={subject} would.")


def fill(colour: Colour, draft: Draft) -> Outcome | None:
    """Put a colour behind the subject."""
    if _mask_only(draft):
        return _NOT_IN_MASK
    return put_colour_behind(colour, draft)


def put_behind(source: Upload | ImageUrl, draft: Draft) -> Outcome | None:
    """Put a picture behind the subject."""
    if _mask_only(draft):
        return _NOT_IN_MASK
    draft.add(FillImage(source, draft.parameter))
    return None


def encode(encoding: Encoding, draft: Draft) -> Outcome | None:
    """Choose the file format; JPEG needs something behind the subject."""
    if encoding == "jpg" and not _mask_only(draft) and not draft.given.intersection(BACKGROUNDS):
        draft.add(FillColour(255, 255, 255))
    draft.output = attrs.evolve(draft.output, encoding=encoding)
    if encoding in ("webp", "zip"):
        return Outcome(Verdict.EMULATED, f"Pixian writes no {encoding}; it is made here from a PNG.")
    return None


def take_channels(channels: Literal["rgba", "alpha"], draft: Draft) -> Outcome | None:
    """Choose between the finished picture and its alpha channel."""
    if channels == "alpha" and not _mask_only(draft):
        return Outcome(
            Verdict.IGNORED, "A ZIP holds the alpha channel as alpha.png (that this is all is an assumption)."
        )
    draft.output = attrs.evolve(draft.output, channels=channels)
    return None


def answer_type(level: str, _draft: Draft) -> Outcome | None:
    """Say what becomes of the header X-Type."""
    return Outcome(Verdict.EXACT, "X-Type is left out of the answer.") if level == "none" else None
