"""What the clients' methods take."""

from pixian_adapters.picsart.picsart_sdk.clients.requests_models.picsart_image import PicsartImage, PicsartImageFormat
from pixian_adapters.picsart.picsart_sdk.clients.requests_models.remove_background_request import (
    RemoveBackgroundOutputType,
    RemoveBackgroundScale,
    RemoveBackgroundShadow,
)

__all__ = [
    "PicsartImage",
    "PicsartImageFormat",
    "RemoveBackgroundOutputType",
    "RemoveBackgroundScale",
    "RemoveBackgroundShadow",
]
