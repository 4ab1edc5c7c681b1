"""Clients by name."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from pixian_adapters.picsart.picsart_sdk.clients._exchange import Exchange
from pixian_adapters.picsart.picsart_sdk.clients.balance_client import AsyncBalanceClient, BalanceClient
from pixian_adapters.picsart.picsart_sdk.clients.remove_background_client import (
    AsyncRemoveBackgroundClient,
    RemoveBackgroundClient,
)
from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    Client = BalanceClient | RemoveBackgroundClient
    AsyncClient = AsyncBalanceClient | AsyncRemoveBackgroundClient


class PicsartAPI(str, Enum):  # noqa: UP042 (what it is written as in a text, programs may rely on)
    """The clients that stand here; the original has some more."""

    BALANCE = "balance"
    REMOVE_BACKGROUND = "remove_background"


class UnknownClient(ConfigurationError, ValueError):
    """There is no such client here."""


_CLIENTS: Mapping[str, tuple[type[Client], type[AsyncClient]]] = {
    PicsartAPI.BALANCE.value: (BalanceClient, AsyncBalanceClient),
    PicsartAPI.REMOVE_BACKGROUND.value: (RemoveBackgroundClient, AsyncRemoveBackgroundClient),
}


def client(client_name: str, is_async: bool = False, api_key: str | None = None, **kwargs: Any) -> Any:
    """Give a client.

    Args:
        client_name: a ``PicsartAPI``, or its value in any case.
        is_async: whether its methods are coroutines.
        api_key: any text, or ``id:secret`` of a Pixian account; without it, ``PICSART_API_KEY``.
        kwargs: ``timeout`` in seconds, and ``version``, which changes nothing.

    Raises:
        UnknownClient: there is none of that name here; a ``ValueError`` too.
    """
    name = getattr(client_name, "value", client_name).lower()
    if name not in _CLIENTS:
        raise UnknownClient(
            f"Unknown client name: {name}. Here are {', '.join(_CLIENTS)}; for others keep the original picsart_sdk, "
            'and call pixian_shim.install("picsart"), which leaves them alone'
        )
    return _CLIENTS[name][is_async](Exchange.of(api_key, **kwargs))


def async_client(client_name: str, api_key: str | None = None, **kwargs: Any) -> Any:
    """Give a client whose methods are coroutines; arguments as for ``client``."""
    return client(client_name, is_async=True, api_key=api_key, **kwargs)
