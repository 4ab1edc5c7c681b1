"""What the SDK raises."""

from pixian_adapters.picsart.picsart_sdk.errors.api_error import ApiAuthenticationError, ApiError

__all__ = ["ApiAuthenticationError", "ApiError"]
