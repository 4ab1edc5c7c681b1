"""One HTTP exchange as the SDK made it, and no HTTP: fields in, the answer's JSON out, or the SDK's error."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Self

import attrs

from pixian_adapters.picsart.adapter import ADAPTER
from pixian_adapters.picsart.picsart_sdk.errors import ApiAuthenticationError, ApiError
from pixian_adapters.picsart.wire import ROOT
from pixian_shim.doors import exchange, exchange_async

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pixian_shim.translation import HttpResponse

HOME = "https://api.picsart.io"
"""What exceptions of httpx name; nothing is sent there, unless a rollout asks Picsart itself."""

KEY_VARIABLE, TIMEOUT_VARIABLE = "PICSART_API_KEY", "PICSART_SDK_DEFAULT_HTTP_TIMEOUT_SECONDS"

_UNAUTHORIZED, _LOWEST_ERROR = 401, 400


@attrs.frozen
class Exchange:
    """Where a client's calls go: nowhere, but with its key and its patience."""

    key: str = attrs.field(repr=False)
    seconds: float | None
    """Without a byte from Pixian; ``None`` is what its client waits."""

    @classmethod
    def of(cls, api_key: str | None = None, *, timeout: float | None = None, version: str | None = None) -> Self:
        """Take what a client is made with, and the rest from the environment as it is now.

        Args:
            api_key: without it and in an empty environment it is the empty text, and no error yet.
            timeout: seconds.
            version: of Picsart's interface; without effect.
        """
        del version
        told = os.environ.get(TIMEOUT_VARIABLE)
        key = api_key or os.environ.get(KEY_VARIABLE, "")
        return cls(key, float(told) if timeout is None and told else timeout)

    def send(self, method: str, tail: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Send a request and give the answer.

        Raises:
            ApiError: the status is an error's.
            httpx.HTTPError: no answer came.
        """
        return _told(exchange(ADAPTER, method, f"{HOME}{ROOT}/{tail}", fields, **self._options()))

    async def asend(self, method: str, tail: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Send a request and give the answer, likewise, in a thread.

        Raises:
            ApiError: the status is an error's.
            httpx.HTTPError: no answer came.
        """
        return _told(await exchange_async(ADAPTER, method, f"{HOME}{ROOT}/{tail}", fields, **self._options()))

    def _options(self) -> dict[str, Any]:
        headers = {"X-Picsart-API-Key": self.key, "Accept": "application/json"}
        return {"headers": headers, "timeout": self.seconds, "spoke": "httpx"}


def _told(answer: HttpResponse) -> dict[str, Any]:
    if answer.status < _LOWEST_ERROR:
        found: dict[str, Any] = json.loads(answer.body)
        return found
    try:
        found = json.loads(answer.body)
    except ValueError:
        found = {}
    if not found:  # such as a proxy's page, in a rollout
        text = answer.body.decode("utf-8", "replace")
        found = {"detail": text, "message": f"HTTP {answer.status} error", "code": answer.status}
    kind = ApiAuthenticationError if answer.status == _UNAUTHORIZED else ApiError
    raise kind(response_data=found) from answer.error
