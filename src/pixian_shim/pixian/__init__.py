"""A client for the Pixian.AI v2 API, complete on its own; it never heard of a legacy provider."""

from pixian_shim.geometry import Box, Length, Margin, Size
from pixian_shim.pixian._async_client import AsyncPixian
from pixian_shim.pixian._client import Pixian
from pixian_shim.pixian._credentials import Credentials
from pixian_shim.pixian._file import write as write_file
from pixian_shim.pixian._job import ImageLike
from pixian_shim.pixian._magic import content_type_of
from pixian_shim.pixian._parameters import (
    MAX_BASE64_CHARACTERS,
    MAX_PROCESSED_PIXELS,
    MAX_UPLOAD_BYTES,
    MAX_UPLOAD_PIXELS,
    V1_NAMES,
    WIRE_NAMES,
    OutputFormat,
    Parameters,
    VerticalAlignment,
    estimated_credits,
)
from pixian_shim.pixian._result import Account, Result
from pixian_shim.pixian._retry import Retry
from pixian_shim.pixian._session import Deadline
from pixian_shim.pixian._settings import Settings, on_loopback
from pixian_shim.pixian._source import Base64Text, ImageUrl, Source, Upload

__all__ = [
    "MAX_BASE64_CHARACTERS",
    "MAX_PROCESSED_PIXELS",
    "MAX_UPLOAD_BYTES",
    "MAX_UPLOAD_PIXELS",
    "V1_NAMES",
    "WIRE_NAMES",
    "Account",
    "AsyncPixian",
    "Base64Text",
    "Box",
    "Credentials",
    "Deadline",
    "ImageLike",
    "ImageUrl",
    "Length",
    "Margin",
    "OutputFormat",
    "Parameters",
    "Pixian",
    "Result",
    "Retry",
    "Settings",
    "Size",
    "Source",
    "Upload",
    "VerticalAlignment",
    "content_type_of",
    "estimated_credits",
    "on_loopback",
    "write_file",
]
