"""What is left on the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from pixian_adapters.picsart.picsart_sdk.api_responses import BalanceApiResponse

if TYPE_CHECKING:
    from pixian_adapters.picsart.picsart_sdk.clients._exchange import Exchange


@attrs.frozen
class BalanceClient:
    """Tell the balance."""

    _exchange: Exchange

    def get_balance(self) -> BalanceApiResponse:
        """Ask for it.

        Raises:
            ApiError: the service said no.
            httpx.HTTPError: no answer came.
        """
        return BalanceApiResponse(self._exchange.send("GET", "balance", {})["credits"])


@attrs.frozen
class AsyncBalanceClient:
    """Tell the balance, from asyncio."""

    _exchange: Exchange

    async def get_balance(self) -> BalanceApiResponse:
        """Ask for it, likewise."""
        return BalanceApiResponse((await self._exchange.asend("GET", "balance", {}))["credits"])
