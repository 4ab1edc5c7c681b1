"""The module ``photoroom.exceptions``: the same names, attributes and texts; each is an error of ours as well."""

from __future__ import annotations

from typing import Any

from pixian_shim.errors import ShimError


class PhotoRoomError(ShimError):
    """Root of what the client raises for an answer.

    Attributes:
        message: what the service says.
        status_code: of the answer, where there is one.
        response_data: its JSON.
    """

    def __init__(
        self, message: str, status_code: int | None = None, response_data: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message, self.status_code, self.response_data = message, status_code, response_data or {}

    def __str__(self) -> str:
        """Write the status in front."""
        return f"[{self.status_code}] {self.message}" if self.status_code else self.message


class PhotoRoomBadRequest(PhotoRoomError):
    """400: a parameter or the picture is not accepted."""


class PhotoRoomPaymentError(PhotoRoomError):
    """402: no credits are left."""


class PhotoRoomAuthError(PhotoRoomError):
    """403: the credentials are wrong or missing."""


class PhotoRoomServerError(PhotoRoomError):
    """500: something went wrong at Pixian, or here."""


class BatchError(PhotoRoomError):
    """A batch ended early."""


class BatchPartialFailureError(BatchError):
    """Some pictures of a batch failed.

    Attributes:
        successful_count: pictures that did not.
        failed_count: pictures that did.
        failures: index and exception of each of them.
    """

    def __init__(
        self,
        message: str,
        successful_count: int,
        failed_count: int,
        failures: list[tuple[int, Exception | None]] | None = None,
    ) -> None:
        super().__init__(message)
        self.successful_count, self.failed_count, self.failures = successful_count, failed_count, failures or []

    def __str__(self) -> str:
        """Write both counts behind."""
        return f"{self.message} ({self.successful_count} succeeded, {self.failed_count} failed)"


_BY_STATUS: dict[int, type[PhotoRoomError]] = {
    400: PhotoRoomBadRequest,
    402: PhotoRoomPaymentError,
    403: PhotoRoomAuthError,
    500: PhotoRoomServerError,
}


def parse_error_response(status_code: int, response_data: dict[str, Any]) -> PhotoRoomError:
    """Make the exception for an answer, whichever version's shape it has."""
    told = response_data.get("error")
    if isinstance(told, dict):
        message = told.get("message") or told.get("detail")
    else:
        message = told or response_data.get("detail")
    kind = _BY_STATUS.get(status_code, PhotoRoomError)
    return kind(str(message or "Unknown error"), status_code, response_data)
