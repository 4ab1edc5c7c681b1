"""What the SDK's methods give."""

from pixian_adapters.picsart.picsart_sdk.api_responses.api_response import ApiResponse, ApiResponseData
from pixian_adapters.picsart.picsart_sdk.api_responses.balance_response import BalanceApiResponse

__all__ = ["ApiResponse", "ApiResponseData", "BalanceApiResponse"]
