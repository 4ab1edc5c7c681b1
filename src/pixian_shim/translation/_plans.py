"""What a call becomes: what Pixian is asked, and what is done here on pixels. Pure data."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

import attrs

from pixian_shim.geometry import Length, Margin
from pixian_shim.pixian import MAX_PROCESSED_PIXELS, MAX_UPLOAD_PIXELS, Parameters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pixian_shim.geometry import Size
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


@attrs.frozen(kw_only=True)
class Arrange:
    """Lay the subject, or the whole picture, out on a canvas.

    From the canvas the margins are taken away, from what is left the padding; what remains is the target that is fitted
    or filled. A canvas of too many pixels, or whose margins leave nothing, is refused before the call. One around the
    subject, which nobody knows before, is scaled down as a whole, unless it is too large for any subject. Without a
    subject the canvas is empty.
    """

    canvas: Size | Literal["original", "subject"] = "original"
    """``subject``: the subject's own box, with margins and padding around it. A side of 0 follows the original's
    aspect."""
    at_most: tuple[int | None, int | None] = (None, None)
    """Width and height that the canvas is scaled down to, aspect kept; not for a canvas of a given size."""
    max_pixels: int | None = None
    """Of the canvas, width x height, where the provider allows fewer than the 89 megapixels that are possible here."""
    reference: Literal["subject", "original"] = "subject"
    """What is laid into the target."""
    scaling: Literal["fit", "fill", "keep"] = "fit"
    """``fit``: wholly inside; ``fill``: covering it, cut off beside it; ``keep``: at the size that it has in the
    original, perhaps reaching over the target."""
    margin: Margin = Margin()
    """Lengths from the canvas's edges; per cent are of the canvas, on the same axis."""
    padding: Margin = Margin()
    """Lengths inside the margins; per cent are of what the margins leave, on the same axis."""
    across: float = 0.5
    """Where it stands in the target, as a share of the spare width: 0 left, 1 right."""
    down: float = 0.5
    """Likewise: 0 top, 1 bottom."""
    snap: tuple[bool, bool] = (False, False)
    """Across and down: where the subject touches the photo's edge, the padding on that side is left out, and the
    subject stands against that side."""


@attrs.frozen
class DropShadow:
    """Put a soft shadow below the subject."""

    opacity: float = 0.5


@attrs.frozen(kw_only=True)
class CastShadow:
    """Put the subject's silhouette behind it, blurred and moved; what falls beside the canvas is cut off."""

    opacity: float
    """0 to 1."""
    blur: Length
    """Standard deviation of the blur; per cent are of the subject's longer side."""
    offset: tuple[int, int]
    """Pixels of the canvas that it is moved to the right and down; negative to the left and up."""
    colour: tuple[int, int, int] = (0, 0, 0)


@attrs.frozen(kw_only=True)
class Outline:
    """Draw a line around the subject, outside of it."""

    width: Length
    """Per cent are of the canvas's longer side."""
    colour: tuple[int, int, int, int]
    blur: Length = Length(0, "px")
    """Standard deviation of the line's blur; per cent are of the canvas's longer side."""


@attrs.frozen
class HardenMatte:
    """Open the matte with a disk of radius 1, blur it with sigma 2, and set it to 0 or 255 at 127.

    Where it grows, the original's colour shows.
    """


@attrs.frozen
class KeepColours:
    """Give every pixel the original's own colour again, wherever it has been moved: only the matte is used."""


@attrs.frozen
class BlurOriginal:
    """Put the original, blurred, behind the subject. The original follows what was moved before; beside it is nothing.

    After this step the whole picture is opaque: what looks for the subject, such as an outline, belongs before it.
    """

    radius: Length
    """The Gaussian's standard deviation, or the disk's radius; per cent are of the original's longer side."""
    kind: Literal["gaussian", "bokeh"] = "gaussian"
    """``bokeh`` averages over a disk."""


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
    scaling: Literal["fill", "fit"] = "fill"
    """``fit`` shows all of it, with nothing beside it."""
    blur: Length = Length(0, "px")
    """Of the background, its standard deviation; per cent are of the canvas's longer side."""


Step = (
    CropToForeground
    | PlaceSubject
    | Arrange
    | DropShadow
    | CastShadow
    | Outline
    | HardenMatte
    | KeepColours
    | BlurOriginal
    | FillColour
    | FillImage
)
"""In the order in which providers do them: a rule table lists its rules in that order."""

TransparentInput = Literal["merge", "return", "matte", "drop"]
Encoding = Literal["auto", "png", "jpg", "webp", "avif", "zip"]


@attrs.frozen
class Output:
    """How the finished picture is written."""

    encoding: Encoding = "auto"
    """``auto`` is PNG with transparency and JPEG without; ``zip`` holds the colours and the alpha apart."""
    channels: Literal["rgba", "alpha"] = "rgba"
    quality: int = 90
    """Of JPEG, WebP and AVIF, 1 to 100."""
    dpi: int | None = None
    """Written into the file, where its format can hold it."""


@attrs.frozen(kw_only=True)
class Plan:
    """What a call becomes."""

    task: Task = Task.CUTOUT
    source: Source | None = None
    source_parameter: str | None = None
    """Which of the provider's parameters the picture came by, for errors about it."""
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
    transparent_input: TransparentInput = "merge"
    """What becomes of an original with pixels that are not opaque: its alpha is multiplied with the matte; it is itself
    the result, without a call and without any step; its alpha is the matte, without a call; its alpha is dropped before
    the upload."""
    without_call: Plan | None = None
    """This plan with everything done here, for an original that needs no call, where Pixian does it all otherwise."""
    needs_foreground: bool = False
    """Whether a result without any foreground is an error."""
    tells_balance: bool = False
    """Whether the answer tells what is left of the account."""
    when_answered: tuple[str, ...] = ()
    """What the adapter itself does to the picture as it writes the answer, in words."""
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
            case CropToForeground(margin=margin) if margin == Margin() and "background_color" not in asked:
                asked["crop_to_foreground"] = True
            case Arrange() if "background_color" not in asked and (framed := _framed(step)) is not None:
                asked |= framed
            case FillColour(alpha=255):
                asked["background_color"] = f"#{step.red:02X}{step.green:02X}{step.blue:02X}"
            case _:
                return None
    if output.channels == "alpha" or output.encoding not in _PIXIAN_FORMATS or output.dpi is not None:
        return None
    asked["output_format"] = _PIXIAN_FORMATS[output.encoding]
    writes_jpeg = output.encoding == "jpg" or (output.encoding == "auto" and "background_color" in asked)
    return asked | ({"jpeg_quality": output.quality} if writes_jpeg else {})


_PIXIAN_FORMATS = {"auto": "auto", "png": "png", "jpg": "jpeg"}
_VERTICAL = {0.0: "top", 0.5: "middle", 1.0: "bottom"}


def _framed(step: Arrange) -> dict[str, Any] | None:
    """Express an arrangement as Pixian's target size: it fits, centres across, and insets its margin.

    What its per cent are of is not documented, so pixels are sent.
    """
    canvas = step.canvas
    asks_for_more = step.scaling != "fit" or any(step.snap) or step.across != 0.5 or step.down not in _VERTICAL  # noqa: PLR2004
    if isinstance(canvas, str) or asks_for_more or not 0 < canvas.pixels <= MAX_PROCESSED_PIXELS:
        return None
    margin, padding = step.margin, step.padding
    left, right = inset(canvas.width, (margin.left, margin.right), (padding.left, padding.right))
    top, bottom = inset(canvas.height, (margin.top, margin.bottom), (padding.top, padding.bottom))
    if left >= right or top >= bottom:
        return None
    sides = (top, canvas.width - right, canvas.height - bottom, left)
    asked = {"target_size": canvas, "margin": Margin(*(Length(side, "px") for side in sides))}
    crop = {"crop_to_foreground": True} if step.reference == "subject" else {}
    return asked | crop | {"vertical_alignment": _VERTICAL[step.down]}


def inset(whole: int, margins: tuple[Length, Length], padding: tuple[Length, Length]) -> tuple[int, int]:
    """Take margins away from a side of a canvas, and padding from what they leave; the latter's start comes first.

    Args:
        whole: the side, in pixels.
        margins: at its start and end; per cent are of the side.
        padding: likewise; per cent are of what the margins leave.

    Returns:
        Where the rest begins and ends, in pixels; not before its beginning, but perhaps nothing is left.
    """
    start, end = margins[0].pixels(whole), whole - margins[1].pixels(whole)
    room = max(0.0, end - start)
    first, last = round(start + padding[0].pixels(room)), round(end - padding[1].pixels(room))
    return first, max(first, last)
