"""What a parameter's value does to the plan, and what to say where that differs from the parameter's row."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pixian_shim.translation import (
    Colour,
    CropToForeground,
    Draft,
    FillColour,
    FillImage,
    Outcome,
    Output,
    PlaceSubject,
    Verdict,
    put_colour_behind,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixian_shim.pixian import ImageUrl, Upload

T = TypeVar("T")

PREVIEW_PIXELS = 250_000
"""Of a preview (assumption: Slazzer's size is not known)."""

_NOTHING = Outcome(Verdict.EXACT, "It asks for nothing.")
_NO_ROOM = Outcome(
    Verdict.IGNORED, "The picture is cut to the subject: there is no canvas left to place it on (assumption)."
)
_ANOTHER_PICTURE = Outcome(
    Verdict.IGNORED, "Another background picture is given: a file counts before an address, base64 last (assumption)."
)


def known(
    read: Callable[[str], T | None],
    apply: Callable[[T, Draft], Outcome | None],
    seen: str,
    default: T | None = None,
) -> Callable[[str, Draft], Outcome | None]:
    """Apply what can be read; anything else counts as not given, for nobody knows what Slazzer makes of it.

    Args:
        read: gives ``None`` for what it does not know.
        apply: the effect of a value that is known.
        seen: the values that are, in words.
        default: applied instead, where not giving it has an effect.
    """

    def applied(text: str, draft: Draft) -> Outcome | None:
        value = read(text)
        if value is not None:
            return apply(value, draft)
        if default is not None:
            apply(default, draft)
        return Outcome(
            Verdict.IGNORED,
            f"Known is {seen}; what Slazzer makes of another value is not, here it counts as not given (assumption).",
        )

    return applied


def preview(wanted: bool, draft: Draft) -> Outcome | None:
    """Make the result small."""
    if not wanted:
        return _NOTHING
    draft.max_pixels = PREVIEW_PIXELS
    return None


def crop(wanted: bool, draft: Draft) -> Outcome | None:
    """Crop to the subject."""
    if not wanted:
        return _NOTHING
    draft.add(CropToForeground())
    return None


def scale(share: float, draft: Draft) -> Outcome | None:
    """Scale the subject, in the middle of the canvas."""
    if CropToForeground in draft.steps:
        return _NO_ROOM
    draft.add(PlaceSubject(share))
    return None


def centre(position: tuple[float, float], draft: Draft) -> Outcome | None:
    """Move the subject, unless scaling has done it already."""
    if CropToForeground in draft.steps:
        return _NO_ROOM
    if PlaceSubject not in draft.steps:
        draft.add(PlaceSubject(None, position))
    return None


def put_behind(source: Upload | ImageUrl, draft: Draft) -> Outcome | None:
    """Put a picture behind the subject: the first one."""
    if FillImage in draft.steps:
        return _ANOTHER_PICTURE
    draft.add(FillImage(source, draft.parameter))
    return None


def fill(colour: Colour, draft: Draft) -> Outcome | None:
    """Put a colour behind all else."""
    outcome = put_colour_behind(colour, draft)
    if FillImage in draft.steps:
        return Outcome(Verdict.EMULATED, "It shows where the background picture is transparent (assumption).")
    return outcome


def encode(output: Output, draft: Draft) -> None:
    """Choose the file format; JPEG needs something behind the subject."""
    if output.encoding == "jpg" and FillColour not in draft.steps:
        draft.add(FillColour(255, 255, 255))
    draft.output = output


def answer_as_text(_wanted: bool, _draft: Draft) -> None:
    """Leave the picture as it is: the answer is written elsewhere."""
