"""The parameters of ``POST /api/v2/remove-background``: one table of names, types, ranges and defaults.

The client writes requests from it, the sandbox reads them with it. Source: the vendor's API page, v2 edition. The v1
names are inferred by undoing the renaming that the changelog describes (13 Jun 2023); of v1 only its existence is
documented.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Self

import attrs

from pixian_shim.errors import InvalidParameter
from pixian_shim.geometry import Length, Margin, Size

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_PROCESSED_PIXELS = 25_000_000
"""Pixian shrinks anything larger to this before processing (documented)."""


def estimated_credits(pixels: int | None = None) -> float:
    """Give the most credits that a picture can cost.

    Assumption: one credit for each megapixel that is processed, and no less than one. The vendor says that cost grows
    with megapixels, and publishes no formula; what was really charged stands in the answer.

    Args:
        pixels: of the picture; unknown, it is taken to be as large as Pixian processes.
    """
    return max(1.0, min(pixels or MAX_PROCESSED_PIXELS, MAX_PROCESSED_PIXELS) / 1_000_000)


MAX_UPLOAD_PIXELS = 32_000_000
"""Pixian refuses more (documented)."""

MAX_UPLOAD_BYTES = 30 * 1024 * 1024
"""Inferred: a client's comment says 30 MB; the sister service documents exactly this number."""

MAX_BASE64_CHARACTERS = 1_048_576
"""The documented "1 megabyte" of ``image.base64``, read as 2**20 characters (assumption)."""

VerticalAlignment = Literal["top", "middle", "bottom"]
OutputFormat = Literal["auto", "png", "jpeg", "delta_png"]


def _boolean(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text not in ("true", "false"):
        raise InvalidParameter(name, value, "true or false is expected")
    return text == "true"


def _whole(low: int, high: int) -> Callable[[str, object], int]:
    def convert(name: str, value: object) -> int:
        text = str(value)
        if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,18}", text) or not low <= int(text) <= high:
            raise InvalidParameter(name, value, f"a whole number from {low} to {high} is expected")
        return int(text)

    return convert


def _colour(name: str, value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise InvalidParameter(name, value, "'#RRGGBB' is expected, the '#' is mandatory")
    return value


def _one_of(*allowed: str) -> Callable[[str, object], str]:
    def convert(name: str, value: object) -> str:
        if value not in allowed:
            raise InvalidParameter(name, value, f"one of {', '.join(allowed)} is expected")
        return str(value)

    return convert


def _margin(name: str, value: object) -> Margin:
    if not isinstance(value, str | Margin | Iterable):
        raise InvalidParameter(name, value, "one to four lengths are expected, such as '10px 20%'")
    return Margin.parse(value, parameter=name)


def _target_size(name: str, value: object) -> Size:
    if isinstance(value, tuple | list):
        value = " ".join(map(str, value))
    if not isinstance(value, str):
        raise InvalidParameter(name, value, "'width height' in pixels is expected, such as '1920 1080'")
    size = Size.parse(value, parameter=name)
    if size.pixels > MAX_PROCESSED_PIXELS:  # bounds are not documented; the assumption keeps the result processable
        raise InvalidParameter(name, value, f"at most {MAX_PROCESSED_PIXELS:,} pixels in all are possible")
    return size


def _parameter(
    wire: str,
    convert: Callable[[str, Any], Any],
    default: object,
    *,
    v1: str | None = None,
) -> Any:
    """Declare one field: its name on the wire, its conversion, and its name in v1."""

    def check(value: object) -> object:
        return value if value is None and default is None else convert(wire, value)

    return attrs.field(default=default, converter=check, metadata={"wire": wire, "v1": v1 or wire})


@attrs.frozen(kw_only=True)
class Parameters:
    """Everything ``remove-background`` can be told about one picture; checked when made.

    Raises:
        InvalidParameter: a value out of its range; the message names the parameter as Pixian writes it.
    """

    test: bool = _parameter("test", _boolean, default=False)
    """Process for free, with a watermark on the result."""

    max_pixels: int = _parameter("max_pixels", _whole(100, MAX_PROCESSED_PIXELS), MAX_PROCESSED_PIXELS, v1="maxPixels")
    """Cap on the input's width x height, 100 to 25,000,000; larger input is shrunk to it before processing."""

    background_color: str | None = _parameter("background.color", _colour, None)
    """``#RRGGBB``; ``None`` leaves the result transparent."""

    crop_to_foreground: bool = _parameter(
        "result.crop_to_foreground", _boolean, default=False, v1="result.cropToForeground"
    )
    """Crop the result to the foreground box."""

    margin: Margin = _parameter("result.margin", _margin, Margin())
    """Enlarges the canvas, or with a target size insets the content."""

    target_size: Size | None = _parameter("result.target_size", _target_size, None, v1="result.targetSize")
    """Exact size of the result; the content is scaled to fit inside."""

    vertical_alignment: VerticalAlignment = _parameter(
        "result.vertical_alignment", _one_of("top", "middle", "bottom"), "middle", v1="result.verticalAlignment"
    )
    """Where spare vertical space goes when a target size is used."""

    output_format: OutputFormat = _parameter("output.format", _one_of("auto", "png", "jpeg", "delta_png"), "auto")
    """``auto`` is PNG while transparent, JPEG with a background colour."""

    jpeg_quality: int = _parameter("output.jpeg_quality", _whole(1, 100), 75, v1="output.jpegQuality")
    """1 to 100."""

    if TYPE_CHECKING:  # what may be given, before it is converted

        def __init__(
            self,
            *,
            test: bool = ...,
            max_pixels: int = ...,
            background_color: str | None = ...,
            crop_to_foreground: bool = ...,
            margin: Margin | Length | str | Iterable[str | Length] = ...,
            target_size: Size | tuple[int, int] | str | None = ...,
            vertical_alignment: VerticalAlignment = ...,
            output_format: OutputFormat = ...,
            jpeg_quality: int = ...,
        ) -> None: ...

    def to_form(self) -> dict[str, str]:
        """Write the parameters that differ from their defaults as form fields."""
        return dict(self._form)

    @cached_property
    def _form(self) -> dict[str, str]:
        form = {}
        for field in attrs.fields(Parameters):
            value = getattr(self, field.name)
            if value != field.default:
                form[field.metadata["wire"]] = str(value).lower() if isinstance(value, bool) else str(value)
        return form

    @classmethod
    def from_form(cls, form: Mapping[str, str], *, version: Literal["v1", "v2"] = "v2") -> Self:
        """Read form fields; unknown names are ignored, as Pixian appears to do (inferred from public clients).

        Args:
            form: names and values as sent.
            version: ``v1`` accepts the camelCase names, and beside them the v2 ones (the split is not documented).

        Raises:
            InvalidParameter: a value that is not accepted.
        """
        given: dict[str, Any] = {}
        for field in attrs.fields(cls):
            wire, v1 = field.metadata["wire"], field.metadata["v1"]
            value = form.get(wire, form.get(v1) if version == "v1" else None)
            if value is not None:
                given[field.name] = "delta_png" if version == "v1" and value == "deltaPng" else value
        return cls(**given)


WIRE_NAMES: dict[str, str] = {field.name: field.metadata["wire"] for field in attrs.fields(Parameters)}
"""Name in Python to name on the wire (v2)."""

V1_NAMES: dict[str, str] = {field.metadata["v1"]: field.metadata["wire"] for field in attrs.fields(Parameters)}
"""Name in v1 to name in v2; inferred."""
