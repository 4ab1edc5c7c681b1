"""Remove backgrounds."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs

from pixian_adapters.picsart.adapter import ADAPTER
from pixian_adapters.picsart.picsart_sdk.api_responses import ApiResponse, ApiResponseData
from pixian_adapters.picsart.picsart_sdk.clients.requests_models import (
    PicsartImage,
    PicsartImageFormat,
    RemoveBackgroundOutputType,
    RemoveBackgroundScale,
    RemoveBackgroundShadow,
)
from pixian_shim.doors import fetchable
from pixian_shim.pixian import Upload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pixian_adapters.picsart.picsart_sdk.clients._exchange import Exchange


@attrs.frozen
class RemoveBackgroundClient:
    """Remove backgrounds."""

    _exchange: Exchange

    def remove_background(  # noqa: PLR0917 (the original has them in this order)
        self,
        image_url: str | None = None,
        image_path: str | None = None,
        output_type: RemoveBackgroundOutputType | None = RemoveBackgroundOutputType.CUTOUT,
        bg_image: PicsartImage | None = None,
        bg_color: str | None = None,
        bg_width: int | None = None,
        bg_height: int | None = None,
        scale: RemoveBackgroundScale | None = RemoveBackgroundScale.FIT,
        auto_center: bool | None = False,
        stroke_size: int | None = 0,
        stroke_color: str | None = "FFFFFF",
        stroke_opacity: int | None = 100,
        shadow: RemoveBackgroundShadow | None = RemoveBackgroundShadow.DISABLED,
        shadow_opacity: int | None = 20,
        shadow_blur: int | None = 50,
        shadow_offset_x: int | None = None,
        shadow_offset_y: int | None = None,
        output_format: PicsartImageFormat | None = PicsartImageFormat.PNG,
    ) -> ApiResponse:
        """Remove the background of one picture.

        Raises:
            ValueError: no picture or two, or a file that is not there.
            ApiError: the service said no.
            httpx.HTTPError: no answer came.
        """
        fields = _fields(locals())
        return _response(self._exchange.send("POST", "removebg", fields))


@attrs.frozen
class AsyncRemoveBackgroundClient:
    """Remove backgrounds, from asyncio."""

    _exchange: Exchange

    async def remove_background(  # noqa: PLR0917 (likewise)
        self,
        image_url: str | None = None,
        image_path: str | None = None,
        output_type: RemoveBackgroundOutputType | None = RemoveBackgroundOutputType.CUTOUT,
        bg_image: PicsartImage | None = None,
        bg_color: str | None = None,
        bg_width: int | None = None,
        bg_height: int | None = None,
        scale: RemoveBackgroundScale | None = RemoveBackgroundScale.FIT,
        auto_center: bool | None = False,
        stroke_size: int | None = 0,
        stroke_color: str | None = "FFFFFF",
        stroke_opacity: int | None = 100,
        shadow: RemoveBackgroundShadow | None = RemoveBackgroundShadow.DISABLED,
        shadow_opacity: int | None = 20,
        shadow_blur: int | None = 50,
        shadow_offset_x: int | None = None,
        shadow_offset_y: int | None = None,
        output_format: PicsartImageFormat | None = PicsartImageFormat.PNG,
    ) -> ApiResponse:
        """Remove the background of one picture, likewise."""
        fields = _fields(locals())
        return _response(await self._exchange.asend("POST", "removebg", fields))


def _fields(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Write a method's arguments as the service's form fields."""
    given = {name: value for name, value in arguments.items() if name != "self"}
    picture = PicsartImage(given.pop("image_url"), given.pop("image_path"))
    background = given.pop("bg_image")
    fields = _picture("image", picture) | ({} if background is None else _picture("bg_image", background))
    fields["format"] = given.pop("output_format")
    return fields | {name: _plain(value) for name, value in (given | fields).items()}


def _picture(name: str, picture: PicsartImage) -> dict[str, Any]:
    if picture.image_url:
        return {f"{name}_url": picture.image_url}
    return {name: Upload.of(str(picture.image_path))}


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return value.value if isinstance(value, Enum) else value


def _response(told: Mapping[str, Any]) -> ApiResponse:
    data = told["data"]
    here = ApiResponseData(data.get("id"), fetchable(ADAPTER, data["url"]))
    return ApiResponse(told["status"], here, told.get("inference_id"))
