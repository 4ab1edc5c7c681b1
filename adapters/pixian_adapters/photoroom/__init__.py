"""Code written for PhotoRoom, on Pixian: the rules, and a drop-in for the package ``photoroom``."""

from pixian_adapters.photoroom.batch import BatchResult
from pixian_adapters.photoroom.client import PhotoRoomClient
from pixian_adapters.photoroom.exceptions import (
    BatchError,
    BatchPartialFailureError,
    PhotoRoomAuthError,
    PhotoRoomBadRequest,
    PhotoRoomError,
    PhotoRoomPaymentError,
    PhotoRoomServerError,
)
from pixian_adapters.photoroom.types import AccountInfo, BatchItemResult, BatchProgress, ImageResponse

__version__ = "0.1.0"

__all__ = [
    "AccountInfo",
    "BatchError",
    "BatchItemResult",
    "BatchPartialFailureError",
    "BatchProgress",
    "BatchResult",
    "ImageResponse",
    "PhotoRoomAuthError",
    "PhotoRoomBadRequest",
    "PhotoRoomClient",
    "PhotoRoomError",
    "PhotoRoomPaymentError",
    "PhotoRoomServerError",
    "__version__",
]
