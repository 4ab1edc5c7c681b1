"""What a parameter's value does to the plan, and what to say where that differs from the parameter's row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from pixian_adapters.photoroom.values import MAX_CANVAS_PIXELS
from pixian_shim.errors import Refused
from pixian_shim.geometry import ZERO, Length, Margin, Size
from pixian_shim.pixian import MAX_PROCESSED_PIXELS, Upload
from pixian_shim.translation import (
    Arrange,
    BlurOriginal,
    Colour,
    CropToForeground,
    Draft,
    FillColour,
    FillImage,
    Outcome,
    Outline,
    Verdict,
    put_colour_behind,
)

if TYPE_CHECKING:
    from typing import Literal

    from pixian_shim.pixian import ImageUrl
    from pixian_shim.translation import Encoding

SIZES = {"preview": 250_000, "medium": 1_500_000, "hd": 4_000_000, "full": 36_000_000}
"""Largest result of version 1, in pixels."""

QUALITY = {"jpg": 80, "webp": 90, "avif": 90}
"""Documented for version 2; version 1's is not known, and taken to be the same."""

ACROSS = {"left": 0.0, "center": 0.5, "right": 1.0}
DOWN = {"top": 0.0, "center": 0.5, "bottom": 1.0}
SIDES = ("Top", "Right", "Bottom", "Left")

_NOTHING = Outcome(Verdict.EXACT, "The default; it asks for nothing.")


def cap_pixels(size: str, draft: Draft) -> Outcome:
    """Cap the result. Only a picture that is larger than what Pixian makes is worth working on here."""
    cap, header = SIZES[size], draft.source.header if isinstance(draft.source, Upload) else None
    known = header.upright if header is not None else None
    if cap > MAX_PROCESSED_PIXELS and (known is None or known.pixels <= MAX_PROCESSED_PIXELS):
        draft.max_pixels = MAX_PROCESSED_PIXELS
        return Outcome(Verdict.CONVERTED, "The result is as large as the picture, and has at most 25 megapixels.")
    draft.max_pixels = cap
    if cap > MAX_PROCESSED_PIXELS:
        return Outcome(
            Verdict.EMULATED,
            f"At most {cap / 1e6:g} megapixels. Beyond Pixian's 25 the matte is enlarged and applied to the original's "
            "own pixels.",
        )
    return Outcome(Verdict.CONVERTED, f"The result has at most {cap / 1e6:g} megapixels.")


def crop(wanted: bool, draft: Draft) -> Outcome | None:
    """Crop to the subject."""
    if not wanted:
        return _NOTHING
    draft.add(CropToForeground())
    return None


def fill_segment(colour: Colour, draft: Draft) -> Outcome | None:
    """Put a colour behind the subject, unless only the matte is wanted."""
    if draft.settings["channels"] == "alpha":
        return Outcome(Verdict.IGNORED, "No effect on the matte alone (assumption: not documented).")
    return fill(colour, draft)


def fill(colour: Colour, draft: Draft) -> Outcome | None:
    """Put a colour behind the subject and what is behind that already."""
    if colour.alpha == 0:
        return Outcome(Verdict.EXACT, "The result is transparent.")
    return put_colour_behind(colour, draft)


def take_channels(channels: Literal["rgba", "alpha"], draft: Draft) -> None:
    """Choose between the finished picture and its matte."""
    draft.output = attrs.evolve(draft.output, channels=channels)


def encode(encoding: Encoding, draft: Draft) -> Outcome | None:
    """Choose the file format; JPEG needs something behind the subject."""
    matte = draft.output.channels == "alpha"
    if encoding == "jpg" and not matte and FillColour not in draft.steps:
        draft.add(FillColour(255, 255, 255))
    quality = QUALITY.get(encoding, draft.output.quality)
    draft.output = attrs.evolve(draft.output, encoding=encoding, quality=quality)
    if encoding in ("webp", "avif"):
        return Outcome(Verdict.EMULATED, f"Pixian writes no {encoding}; it is made here, with quality {quality}.")
    return None


def resolve(dpi: int, draft: Draft) -> None:
    """Write the pixel density into the file."""
    draft.output = attrs.evolve(draft.output, dpi=dpi)


def keep_background(removed: bool, draft: Draft) -> Outcome | None:
    """Go along with a background that stays only where it is blurred: the rest is no work for a remover.

    Raises:
        Refused: it is to stay as it is.
    """
    if removed:
        return None
    if draft.settings["background.blur.mode"] is None:
        raise Refused(
            "cannot be done on Pixian: it only removes backgrounds; false goes with background.blur.mode",
            code="unsupported",
            parameter="removeBackground",
        )
    return Outcome(Verdict.EMULATED, "The original stays behind the subject, blurred.")


def blur(kind: Literal["gaussian", "bokeh"], draft: Draft) -> None:
    """Put the original, blurred, behind the subject."""
    draft.add(BlurOriginal(draft.settings["background.blur.radius"], kind))


def needs(step: type, says: str, _value: Any, draft: Draft) -> Outcome | None:
    """Say that a value did nothing, for want of what it belongs to."""
    return None if step in draft.steps else Outcome(Verdict.EXACT, says)


def arrange(size: str | Size, draft: Draft) -> None:
    """Lay the picture out: everything about sizes and places is one step.

    Version 2 does so in any case: by its default, the subject is enlarged until it touches the canvas's edges.
    """
    settings, canvas = draft.settings, size if isinstance(size, Size) else _CANVASES[size]
    alone = settings["referenceBox"] == "subjectBox" and BlurOriginal not in draft.steps
    snaps = alone and settings["ignorePaddingAndSnapOnCroppedSides"]
    across, down = settings["horizontalAlignment"], settings["verticalAlignment"]
    limited = () if isinstance(size, Size) or size == "auto" else (settings["maxWidth"], settings["maxHeight"])
    draft.add(
        Arrange(
            canvas=canvas,
            at_most=limited or (None, None),
            max_pixels=MAX_CANVAS_PIXELS,
            reference="subject" if alone else "original",
            scaling=settings["scaling"],
            margin=_insets("margin", draft),
            padding=_insets("padding", draft),
            across=ACROSS[across or "center"],
            down=DOWN[down or "center"],
            snap=(snaps and across is None, snaps and down is None),
        )
    )


_CANVASES: dict[str, Literal["original", "subject"]] = {
    "auto": "original",
    "originalImage": "original",
    "croppedSubject": "subject",
}


def _insets(name: str, draft: Draft) -> Margin:
    """Give the four sides of ``margin`` or ``padding``: each by its own name, else by the general one."""
    general: Length = draft.settings[name] or ZERO
    sides = (draft.settings[f"{name}{side}"] for side in SIDES)
    return Margin(*(general if side is None else side for side in sides))


def limit(_pixels: int, draft: Draft) -> Outcome | None:
    """Say that a limit counts with two sizes only; laying out has taken it already."""
    if draft.settings["outputSize"] in ("originalImage", "croppedSubject"):
        return None
    return Outcome(Verdict.IGNORED, "Counts only with outputSize=originalImage or croppedSubject, as on PhotoRoom.")


def general_inset(_length: Length, draft: Draft) -> Outcome | None:
    """Say that a general padding or margin is replaced on all sides."""
    if all(draft.settings[f"{draft.parameter}{side}"] is not None for side in SIDES):
        return Outcome(Verdict.EXACT, "Each side has a value of its own, which counts instead.")
    return None


def choose_reference(box: str, draft: Draft) -> Outcome | None:
    """Say that a blurred original is laid out whole."""
    if BlurOriginal in draft.steps and box == "subjectBox":
        return Outcome(Verdict.APPROXIMATED, "With a blurred background the whole picture is laid out (assumption).")
    return None


def snap(wanted: bool, draft: Draft) -> Outcome | None:
    """Say where snapping is off in any case."""
    settings = draft.settings
    aligned = settings["horizontalAlignment"] is not None and settings["verticalAlignment"] is not None
    if wanted and aligned:
        return Outcome(Verdict.EXACT, "No effect: an alignment is given in both directions, as on PhotoRoom.")
    if settings["referenceBox"] == "originalImage" or BlurOriginal in draft.steps:
        return Outcome(Verdict.EXACT, "No effect where the whole picture is laid out (assumption).")
    return None


def outline(colour: Colour, draft: Draft) -> None:
    """Draw a line around the subject."""
    settings = draft.settings
    draft.add(Outline(width=settings["outline.width"], colour=colour, blur=settings["outline.blurRadius"]))


def put_behind(source: Upload | ImageUrl, draft: Draft) -> Outcome | None:
    """Put a picture behind the subject, unless there is one already."""
    if FillImage in draft.steps:
        return Outcome(Verdict.IGNORED, "Another background is given as well, and goes first (assumption).")
    draft.add(FillImage(source, draft.parameter, draft.settings["background.scaling"]))
    return None


def keep_alpha(mode: str, _draft: Draft) -> Outcome | None:
    """Say what becomes of transparency in the original."""
    if mode == "auto":
        return None
    return Outcome(Verdict.EXACT, "Pixian looks for the subject; what was transparent stays so (assumption).")


def keep_profile(space: str, _draft: Draft) -> Outcome | None:
    """Say that the result is sRGB."""
    return Outcome(Verdict.EXACT, "The result is sRGB.") if space == "sRGB" else None
