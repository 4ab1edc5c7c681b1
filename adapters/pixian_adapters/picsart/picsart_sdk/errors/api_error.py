"""The service said no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pixian_shim.errors import ShimError

if TYPE_CHECKING:
    from collections.abc import Mapping


class ApiError(ShimError):
    """An answer with an error's status.

    Attributes:
        detail: what is wrong.
        message: its kind.
        code: a number; here the status.
    """

    def __init__(
        self,
        detail: str | None = None,
        message: str | None = None,
        code: int | None = None,
        response_data: Mapping[str, Any] | None = None,
    ) -> None:
        told = {"detail": detail, "message": message, "code": code} | dict(response_data or {})
        self.detail, self.message, self.code = told["detail"], told["message"], told["code"]
        super().__init__(f"{type(self).__name__}(detail={self.detail}, message={self.message}, code={self.code})")


class ApiAuthenticationError(ApiError):
    """The key is not accepted: status 401."""
