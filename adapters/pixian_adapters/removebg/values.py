"""From the text that a legacy caller wrote to typed values: remove.bg's syntax, and its codes for what breaks it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from pixian_shim.errors import InvalidParameter, TranslationError
from pixian_shim.geometry import Length, Margin
from pixian_shim.pixian import Upload
from pixian_shim.translation import (
    Refusal,
    Region,
    Unreadable,
    as_address,
    as_base64,
    as_colour,
    as_text,
    saying,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


INVALID = Refusal("Invalid {parameter} parameter given", "invalid_{parameter}")
_NO_SUCH_WORD = Refusal(
    "Invalid value for parameter '{parameter}'", "invalid_{parameter}", "one of {expected} is expected"
)
_NO_FILE = Refusal(
    "Invalid file type",
    "invalid_file_type",
    "{parameter} is text; send it as a file part, or use image_url or image_file_b64",
)
_NO_BASE64 = Refusal("There was an error reading the image.", "failed_to_read_image", "{parameter} is not base64")
_NO_ADDRESS = Refusal("Invalid {parameter}: {value}", "invalid_{parameter}")

base64_text = saying(as_base64, refusal=_NO_BASE64)
address = saying(as_address, refusal=_NO_ADDRESS)
colour = as_colour


def file_part(value: str | Upload) -> Upload:
    """Take an uploaded file; a part without a file name is text to remove.bg."""
    if isinstance(value, Upload) and value.named:
        return value
    raise Unreadable("a file", _NO_FILE)


def word(*documented: str) -> Callable[[str | Upload], str]:
    """Make a reader that takes one of the documented words as they are written."""

    def reader(value: str | Upload) -> str:
        text = as_text(value)
        if text not in documented:
            raise Unreadable(", ".join(documented), _NO_SUCH_WORD)
        return text

    return reader


def boolean(value: str | Upload) -> bool:
    """Read ``true``, ``false``, ``1`` or ``0``."""
    text = as_text(value).lower()
    if text not in ("true", "false", "1", "0"):
        raise Unreadable("true, false, 1 or 0")
    return text in ("true", "1")


def _lengths(value: str | Upload, counts: Collection[int]) -> list[Length]:
    words = as_text(value).split()
    if len(words) not in counts:
        raise Unreadable(f"{counts} lengths")
    try:
        return [Length.parse(word) for word in words]
    except InvalidParameter as error:
        raise Unreadable("lengths in px or per cent") from error


def region(value: str | Upload) -> Region:
    """Read the four edges of a region of interest; what needs the size of the picture is checked later."""
    region = Region(*_lengths(value, {4}))
    for low, high in ((region.left, region.right), (region.top, region.bottom)):
        if (low.unit == high.unit or low.value == 0) and low.value >= high.value:
            raise TranslationError("ROI region is empty", code="roi_region_empty", parameter="roi", detail=str(value))
        if any(edge.unit == "%" and edge.value > 100 for edge in (low, high)):  # noqa: PLR2004
            raise TranslationError(
                "ROI exceeds image bounds", code="roi_exceeds_bounds", parameter="roi", detail=str(value)
            )
    return region


def crop_margin(value: str | Upload) -> Margin:
    """Read one, two or four margins."""
    return Margin.parse([str(length) for length in _lengths(value, {1, 2, 4})])


def _percent(word: str, low: float) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)%", word)
    if match is None or not low <= float(match[1]) <= 100:  # noqa: PLR2004
        raise Unreadable(f"per cent from {low:g} to 100")
    return float(match[1]) / 100


def scale(value: str | Upload) -> float | None:
    """Read a share of the canvas; ``None`` keeps the size."""
    text = as_text(value)
    return None if text == "original" else _percent(text, 10)


def position(value: str | Upload) -> tuple[float, float] | str:
    """Read where the subject goes, as shares of the spare space, or ``original``."""
    text = as_text(value)
    if text == "original":
        return text
    if text == "center":
        return (0.5, 0.5)
    words = text.split()
    if len(words) not in (1, 2):
        raise Unreadable("one or two shares")
    shares = [_percent(word, 0) for word in words]
    return shares[0], shares[-1]


def opacity(value: str | Upload) -> float | Literal["auto"]:
    """Read a strength in per cent, as a share; what ``auto`` is depends on the subject."""
    text = as_text(value)
    if text == "auto":
        return "auto"
    if not re.fullmatch(r"\d{1,3}", text) or int(text) > 100:  # noqa: PLR2004
        raise Unreadable("a strength in per cent, or auto")
    return int(text) / 100


def file_format(value: str | Upload) -> str:
    """Take the name of a file format."""
    text = as_text(value)
    if text not in ("auto", "png", "jpg", "webp", "zip"):
        raise Unreadable("auto, png, jpg, webp or zip")
    return text
