"""What the client asks for, as blocking functions; ``_modes`` makes methods of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixian_adapters.photoroom.types import AccountImages, AccountInfo, ImageResponse, PaddingMarginSpec
from pixian_shim.doors import check_destination

if TYPE_CHECKING:
    from pixian_adapters.photoroom.client import PhotoRoomClient
    from pixian_shim.translation import HttpResponse

Picture = str | Path | bytes

_GROUPS = (
    *("background_blur", "background_guidance", "background", "beautify", "expand", "export", "image_from_prompt"),
    *("lighting", "segmentation", "shadow", "text_removal", "uncrop", "upscale"),
)
"""Beginnings of names that end at a dot on the wire."""

_NOT_FIELDS = ("self", "image_file", "background_image_file", "background_guidance_image_file", "output_file")


def remove_background(  # noqa: D417, PLR0917 (the original's arguments; `self` is the client)
    self: PhotoRoomClient,
    image_file: Picture,
    format: str | None = "png",  # noqa: A002 (the original's name)
    channels: str | None = "rgba",
    bg_color: str | None = None,
    size: str | None = "full",
    crop: bool | None = False,
    despill: bool | None = False,
    output_file: str | Path | None = None,
) -> ImageResponse:
    """Remove the background of a picture: ``/v1/segment``.

    Args:
        image_file: a path, or the picture itself.
        format: ``png``, ``jpg`` or ``webp``.
        channels: ``rgba``, or ``alpha`` for the matte.
        bg_color: behind the subject.
        size: largest result: ``preview`` 0.25 megapixels, ``medium`` 1.5, ``hd`` 4, ``full`` 36.
        crop: cut off empty borders.
        despill: has no effect on Pixian.
        output_file: where the result is written as well.

    Raises:
        PhotoRoomError: by status.
        ImageValidationError: the picture is not accepted.
        OSError: the picture cannot be read, or the result not be written.
        httpx.TransportError: no answer.
    """
    fields = {
        "image_file": self._picture(image_file),
        "format": format,
        "channels": channels,
        "bg_color": bg_color,
        "size": size,
        "crop": crop,
        "despill": despill,
    }
    return _asked(self, "POST", f"{self.SDK_BASE_URL}/v1/segment", fields, output_file)


def edit_image(  # noqa: D417, PLR0917 (likewise; the guide's table has the rest)
    self: PhotoRoomClient,
    image_file: Picture | None = None,
    image_url: str | None = None,
    remove_background: bool | None = True,
    background_color: str | None = None,
    background_prompt: str | None = None,
    background_image_url: str | None = None,
    background_image_file: Picture | None = None,
    background_blur_mode: str | None = None,
    background_blur_radius: float | None = None,
    background_expand_prompt: str | None = None,
    background_guidance_image_url: str | None = None,
    background_guidance_image_file: Picture | None = None,
    background_guidance_scale: float | None = None,
    background_negative_prompt: str | None = None,
    background_scaling: str | None = None,
    background_seed: int | None = None,
    beautify_mode: str | None = None,
    beautify_seed: int | None = None,
    expand_mode: str | None = None,
    expand_seed: int | None = None,
    export_format: str | None = "png",
    export_dpi: int | None = None,
    horizontal_alignment: str | None = None,
    vertical_alignment: str | None = None,
    ignore_padding_and_snap_on_cropped_sides: bool | None = None,
    image_from_prompt_prompt: str | None = None,
    image_from_prompt_seed: int | None = None,
    image_from_prompt_size: str | None = None,
    keep_existing_alpha_channel: str | None = None,
    preserve_metadata: str | None = None,
    layers: dict[str, Any] | None = None,
    lighting_mode: str | None = None,
    margin: PaddingMarginSpec | None = None,
    margin_bottom: PaddingMarginSpec | None = None,
    margin_left: PaddingMarginSpec | None = None,
    margin_right: PaddingMarginSpec | None = None,
    margin_top: PaddingMarginSpec | None = None,
    max_height: int | None = None,
    max_width: int | None = None,
    output_size: str | None = None,
    padding: PaddingMarginSpec | None = None,
    padding_bottom: PaddingMarginSpec | None = None,
    padding_left: PaddingMarginSpec | None = None,
    padding_right: PaddingMarginSpec | None = None,
    padding_top: PaddingMarginSpec | None = None,
    reference_box: str | None = None,
    scaling: str | None = None,
    segmentation_mode: str | None = None,
    segmentation_negative_prompt: str | None = None,
    segmentation_prompt: str | None = None,
    shadow_mode: str | None = None,
    template_id: str | None = None,
    text_removal_mode: str | None = None,
    uncrop_mode: str | None = None,
    uncrop_seed: int | None = None,
    upscale_mode: str | None = None,
    output_file: str | Path | None = None,
) -> ImageResponse:
    """Edit a picture: ``/v2/edit``, whose parameters the arguments are, in snake case.

    What artificial intelligence would be needed for is refused by its name, as ``PhotoRoomBadRequest``.

    Args:
        image_file: a path, or the picture itself.
        image_url: its address instead.
        output_file: where the result is written as well.

    Raises:
        ValueError: no picture, or two.
        PhotoRoomError: by status.
        ImageValidationError: the picture is not accepted.
        OSError: the picture cannot be read, or the result not be written.
        httpx.TransportError: no answer.
    """
    given = {name: value for name, value in locals().items() if name not in _NOT_FIELDS}
    if image_file is None and image_url is None:
        raise ValueError("Either image_file or image_url must be provided")
    if image_file is not None and image_url is not None:
        raise ValueError("Cannot provide both image_file and image_url")
    fields = {wire_name(name): value for name, value in given.items()}
    files = {
        "imageFile": (image_file, "image.jpg"),
        "background.imageFile": (background_image_file, "background.jpg"),
        "background.guidance.imageFile": (background_guidance_image_file, "guidance.jpg"),
    }
    fields |= {field: self._picture(source, name) for field, (source, name) in files.items() if source is not None}
    method = "GET" if image_file is None else "POST"
    return _asked(self, method, f"{self.IMAGE_API_BASE_URL}/v2/edit", fields, output_file)


def get_account(self: PhotoRoomClient) -> AccountInfo:
    """Tell what credits are left: ``/v2/account``.

    Raises:
        PhotoRoomError: by status.
        httpx.TransportError: no answer.
    """
    told = json.loads(self._ask("GET", f"{self.IMAGE_API_BASE_URL}/v2/account", {}).body)
    return AccountInfo(plan=told["plan"], images=AccountImages(**told["images"]))


def wire_name(argument: str) -> str:
    """Give an argument's name on the wire: ``export_dpi`` is ``export.dpi``, ``max_width`` is ``maxWidth``."""
    group = next((group for group in _GROUPS if argument.startswith(f"{group}_")), "")
    rest = _camel(argument[len(group) + 1 :]) if group else _camel(argument)
    *outer, last = group.split("_") if group.startswith("background_") else ("", group)
    return ".".join(filter(None, [*outer, _camel(last), rest]))


def _camel(words: str) -> str:
    return re.sub(r"_(\w)", lambda found: found[1].upper(), words)


def _asked(
    self: PhotoRoomClient, method: str, url: str, fields: dict[str, Any], output_file: str | Path | None
) -> ImageResponse:
    if output_file is not None:
        check_destination(output_file)
    result = _image(self._ask(method, url, fields))
    if output_file is not None:
        result.save(output_file)
    return result


def _image(answer: HttpResponse) -> ImageResponse:
    told = {name.lower(): value for name, value in answer.headers.items()}
    kept = {name: value for name, value in told.items() if name.startswith("pr-") or name == "content-type"}
    return ImageResponse(answer.body, kept)
