"""What a call becomes: what Pixian is asked, and what is done here on pixels. Pure data."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

import attrs

from pixian_shim.geometry import Length, Margin
from pixian_shim.pixian import MAX_PROCESSED_PIXELS, MAX_UPLOAD_PIXELS, Parameters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pixian_shim.pixian import ImageUrl, Source, Upload
    from pixian_shim.translation._notes import Note


class Task(StrEnum):
    """What a legacy call is about."""

    CUTOUT = "cutout"
    """Remove the background of a picture."""
    ACCOUNT = "account"
    """Tell what credits are left."""
    NOTHING = "nothing"
    """Nothing that Pixian needs to hear of."""


@attrs.frozen
class Region:
    """A rectangle of the original: the only place where foreground may be. Edges from the top left corner."""

    left: Length
    top: Length
    right: Length
    bottom: Length


@attrs.frozen
class CropToForeground:
    """Cut off empty borders, leaving a margin.

    The margin's per cent are of the subject's size on the same axis.
    """

    margin: Margin = Margin()
    max_share: float = 1.0
    """Cap of each side's margin, as a share of the subject on that axis."""
    max_px: float = float("inf")
    """Cap of each side's margin, in pixels."""


@attrs.frozen
class PlaceSubject:
    """Scale the subject and put it somewhere on the unchanged canvas."""

    scale: float | None = None
    """The subject's larger share of the canvas, 0 to 1, upscaled if need be; ``None`` keeps its size."""
    position: tuple[float, float] | None = (0.5, 0.5)
    """Share of the spare space left of and above the subject, 0 to 1; ``None`` keeps its centre where it is."""


@attrs.frozen
class DropShadow:
    """Put a soft shadow below the subject."""

    opacity: float = 0.5


@attrs.frozen
class FillColour:
    """Put a colour, translucent or not, behind the subject."""

    red: int
    green: int
    blue: int
    alpha: int = 255


@attrs.frozen
class FillImage:
    """Put a picture behind the subject, centred and scaled to cover the canvas."""

    source: Upload | ImageUrl
    parameter: str
    """The legacy parameter it came in by, for errors."""


Step = CropToForeground | PlaceSubject | DropShadow | FillColour | FillImage

"""In the order in which providers do them: a rule table lists its rules in that order."""

Encoding = Literal["auto", "png", "jpg", "webp", "zip"]


@attrs.frozen
class Output:
    """How the finished picture is written."""

    encoding: Encoding = "auto"
    """``auto`` is PNG with transparency and JPEG without; ``zip`` holds the colours and the alpha apart."""
    channels: Literal["rgba", "alpha"] = "rgba"
    quality: int = 90
    """Of JPEG and WebP, 1 to 100."""


@attrs.frozen(kw_only=True)
class Plan:
    """What a call becomes."""

    task: Task = Task.CUTOUT
    source: Source | None = None
    parameters: Parameters = Parameters()
    """What Pixian is asked."""
    region: Region | None = None
    """Cut out before the upload, put back in place afterwards."""
    max_pixels: int = MAX_PROCESSED_PIXELS
    """Cap of the result, width x height. Beyond Pixian's 25 MP the matte is enlarged and applied to the original."""
    max_input_pixels: int = MAX_UPLOAD_PIXELS
    """Larger originals are refused; between Pixian's own limit and this one they are shrunk before the upload."""
    untouched: bool = False
    """Whether the original is sent as it came, whatever it is: for an adapter whose provider is Pixian itself."""
    steps: tuple[Step, ...] = ()
    """Done here, in this order, on Pixian's transparent result."""
    output: Output | None = None
    """How the result is encoded here; ``None`` where Pixian's own bytes are the result."""
    needs_foreground: bool = False
    """Whether a result without any foreground is an error."""
    notes: tuple[Note, ...] = ()

    @property
    def local(self) -> bool:
        """Whether pixels are touched here after Pixian's answer."""
        return self.output is not None


def handed_over(steps: Iterable[Step], output: Output) -> dict[str, Any] | None:
    """Express steps and output as Pixian parameters; ``None`` if Pixian cannot do all of it."""
    asked: dict[str, Any] = {}
    for step in steps:
        match step:
            case CropToForeground(margin=margin) if margin == Margin():
                asked["crop_to_foreground"] = True
            case FillColour(alpha=255):
                asked["background_color"] = f"#{step.red:02X}{step.green:02X}{step.blue:02X}"
            case _:
                return None
    if output.channels == "alpha" or output.encoding not in _PIXIAN_FORMATS:
        return None
    asked["output_format"] = _PIXIAN_FORMATS[output.encoding]
    writes_jpeg = output.encoding == "jpg" or (output.encoding == "auto" and "background_color" in asked)
    return asked | ({"jpeg_quality": output.quality} if writes_jpeg else {})


_PIXIAN_FORMATS = {"auto": "auto", "png": "png", "jpg": "jpeg"}
