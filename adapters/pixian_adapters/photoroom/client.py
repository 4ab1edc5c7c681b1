"""The module ``photoroom.client`` of the package ``photoroom`` 0.1.0, on Pixian.

::

    from pixian_adapters.photoroom import PhotoRoomClient  # was: from photoroom import PhotoRoomClient

Same class, order of arguments, results and exceptions. What is different, on purpose:

- A call that may have been charged is repeated only for statuses that ``retry_on_status`` names; broken connections
  are not. The default time limit of 120 s is nobody's decision, so that the client's own counts: 180 s without a byte.
- With ``async_mode=True`` the plain names (``await client.remove_background(...)``) work as the package's README has
  it; its published code fails there. So do the names that begin with ``a``, in both modes.
- ``output_file``: its folder is looked for before the paid call, and it is written whole or not at all.
- ``background_image_file`` also counts together with ``image_url``; ``background_image_url`` also with a file.
- ``auto_convert`` sends the picture as it is: WebP and AVIF, which Pixian does not read, are rewritten without loss.
  HEIC and ICO are a ``PhotoRoomBadRequest``, before anything is paid.
- A batch with ``on_error="fail_fast"`` asks for no further picture after a failure.
- The exceptions have their reason as ``__cause__``.
"""

from __future__ import annotations

import json
import os
import time
import warnings
from typing import TYPE_CHECKING, Any, Self

from pixian_adapters.photoroom import _batches, _methods
from pixian_adapters.photoroom._modes import awaited, either
from pixian_adapters.photoroom.adapter import ADAPTER
from pixian_adapters.photoroom.exceptions import parse_error_response
from pixian_adapters.photoroom.rate_limiter import RateLimiter
from pixian_adapters.photoroom.retry import RetryConfig
from pixian_adapters.photoroom.validation import prepared
from pixian_adapters.photoroom.wire import SANDBOX
from pixian_shim.doors import exchange, reason_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pixian_shim.pixian import Upload
    from pixian_shim.translation import HttpResponse

_DEFAULT_TIMEOUT = 120.0


class PhotoRoomClient:
    """Remove backgrounds and edit pictures.

    Args:
        api_key: PhotoRoom's key, which is left unused, or ``id:secret`` of Pixian; by default ``PHOTOROOM_API_KEY``.
            One that begins with ``sandbox_`` asks for Pixian's free test mode.
        async_mode: the methods give awaitables, and the client is to be used by ``async with``.
        timeout: seconds without a byte from Pixian.
        max_retries: of the statuses in ``retry_on_status``.
        retry_backoff: as ``RetryConfig`` has it.
        retry_on_status: statuses that are asked for again although the call may have been charged; none by default.
        rate_limit: calls a second.
        rate_limit_strategy: ``wait``, or ``error`` for a ``RateLimitError``.
        validate_images: check format and size before anything is sent.
        auto_resize: make pictures smaller that are beyond what is accepted.
        auto_convert: send formats, too, that PhotoRoom does not take.

    Raises:
        ValueError: there is no key.
    """

    SDK_BASE_URL = "https://sdk.photoroom.com"
    IMAGE_API_BASE_URL = "https://image-api.photoroom.com"

    def __init__(  # noqa: PLR0917 (the original's arguments)
        self,
        api_key: str | None = None,
        async_mode: bool = False,
        timeout: float = _DEFAULT_TIMEOUT,
        max_retries: int = 3,
        retry_backoff: float = 2.0,
        retry_on_status: list[int] | None = None,
        rate_limit: float | None = None,
        rate_limit_strategy: str = "wait",
        validate_images: bool = True,
        auto_resize: bool = False,
        auto_convert: bool = False,
    ) -> None:
        found = api_key or os.environ.get("PHOTOROOM_API_KEY")
        if not found:
            raise ValueError(
                "No API key provided. Please provide api_key parameter or set PHOTOROOM_API_KEY environment variable."
            )
        self.api_key, self.async_mode, self.timeout = found, async_mode, timeout
        self.validate_images, self.auto_resize, self.auto_convert = validate_images, auto_resize, auto_convert
        self.retry_config = RetryConfig(max_retries, retry_backoff, retry_on_status)
        self.rate_limiter = RateLimiter(rate_limit, strategy=rate_limit_strategy) if rate_limit else None
        self._entered = False
        if self.is_sandbox:
            warnings.warn(
                "Sandbox API key detected: results come from Pixian's test mode, free and with a watermark.",
                UserWarning,
                stacklevel=2,
            )

    @property
    def is_sandbox(self) -> bool:
        """Whether the key asks for test mode."""
        return self.api_key.startswith(SANDBOX)

    remove_background = either(_methods.remove_background)
    aremove_background = awaited(_methods.remove_background)
    edit_image = either(_methods.edit_image)
    aedit_image = awaited(_methods.edit_image)
    get_account = either(_methods.get_account)
    aget_account = awaited(_methods.get_account)
    batch_remove_background = _batches.batch_remove_background
    abatch_remove_background = _batches.abatch_remove_background
    batch_edit_image = _batches.batch_edit_image
    abatch_edit_image = _batches.abatch_edit_image

    def _picture(self, source: str | Path | bytes, name: str = "image.jpg") -> Upload:
        return prepared(source, name, validate=self.validate_images, resize=self.auto_resize, convert=self.auto_convert)

    def _ask(self, method: str, url: str, fields: Mapping[str, Any]) -> HttpResponse:
        """Have a request answered.

        Args:
            method: ``GET`` or ``POST``.
            url: whose path tells the operation; nothing is sent there.
            fields: parameters and uploads; ``None`` is left out.

        Raises:
            PhotoRoomError: an answer of 400 or above.
            httpx.TransportError: no answer, as httpx would raise it.
        """
        given = {name: _text(value) for name, value in fields.items()}
        headers = {"X-Api-Key": self.api_key}
        timeout = None if self.timeout == _DEFAULT_TIMEOUT else self.timeout
        if self.rate_limiter is not None:
            self.rate_limiter.acquire()
        attempt = 0
        while True:
            answer = exchange(ADAPTER, method, url, given, headers=headers, timeout=timeout, spoke="httpx")
            if not self.retry_config.should_retry(answer.status, attempt):
                return _good(answer)
            time.sleep(self.retry_config.calculate_backoff(attempt))
            attempt += 1

    def _check_mode(self) -> None:
        """Hold an asynchronous client to ``async with``.

        Raises:
            RuntimeError: it is used without.
        """
        if self.async_mode and not self._entered:
            raise RuntimeError(
                "Async client must be used as context manager: async with PhotoRoomClient(async_mode=True) as client"
            )

    def close(self) -> None:
        """Do nothing: connections belong to the process, and are kept for the next client."""

    async def aclose(self) -> None:
        """End an asynchronous client."""
        self._entered = False

    def __enter__(self) -> Self:
        """Give the client itself.

        Raises:
            ValueError: it is an asynchronous one.
        """
        if self.async_mode:
            raise ValueError("Cannot use sync context manager with async_mode=True. Use 'async with' instead.")
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    async def __aenter__(self) -> Self:
        """Give the client itself.

        Raises:
            ValueError: it is no asynchronous one.
        """
        if not self.async_mode:
            raise ValueError(
                "Cannot use async context manager with async_mode=False. Use 'with' instead or set async_mode=True."
            )
        self._entered = True
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self.aclose()


def _text(value: Any) -> Any:
    """Write a value as httpx writes a form's field."""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, dict | list) else value


def _good(answer: HttpResponse) -> HttpResponse:
    """Let an answer pass, unless it is an error.

    Raises:
        PhotoRoomError: it is.
    """
    if answer.status < 400:  # noqa: PLR2004
        return answer
    text = answer.body.decode("utf-8", "replace")
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    error = parse_error_response(answer.status, told if isinstance(told, dict) else {"detail": text})
    if answer.error is not None:
        error.add_note(reason_of(answer.error))
    raise error from answer.error
