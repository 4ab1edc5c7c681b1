"""A result, by its address."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class ApiResponseData:
    """Where the finished picture is."""

    id: str | None
    url: str


@dataclass
class ApiResponse:
    """An answer of the service."""

    status: str
    data: ApiResponseData
    inference_id: str | None = None
