"""The SDK's clients."""

from pixian_adapters.picsart.picsart_sdk.clients.balance_client import AsyncBalanceClient, BalanceClient
from pixian_adapters.picsart.picsart_sdk.clients.client_factory import PicsartAPI
from pixian_adapters.picsart.picsart_sdk.clients.remove_background_client import (
    AsyncRemoveBackgroundClient,
    RemoveBackgroundClient,
)

__all__ = [
    "AsyncBalanceClient",
    "AsyncRemoveBackgroundClient",
    "BalanceClient",
    "PicsartAPI",
    "RemoveBackgroundClient",
]
