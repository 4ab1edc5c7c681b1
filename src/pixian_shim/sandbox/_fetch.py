"""Get the picture behind ``image.url``, as the service would: limited in bytes, time and redirects.

The sandbox is a tool for its own machine, so loopback and private addresses are fetched, too; nothing but a picture
ever comes back from it. Proxy settings of the environment are not used.
"""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from pixian_shim.sandbox._rejections import (
    NO_TIME,
    TOO_MANY_BYTES,
    URL_FAILED,
    URL_STATUS,
    URL_TYPE,
    URL_UNPARSABLE,
    Rejected,
)

SECONDS = 30.0
"""For one picture in all, redirects included."""

REDIRECTS = 3
_OK = 200


async def fetch(url: str, max_bytes: int, seconds: float = SECONDS) -> bytes:
    """Get a picture.

    Raises:
        Rejected: the address is unusable, or does not deliver a picture within the limits.
    """
    _check(url)
    try:
        async with asyncio.timeout(seconds):
            return await _body(url, max_bytes)
    except TimeoutError as error:
        raise Rejected(NO_TIME) from error


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not url.isprintable() or any(map(str.isspace, url)):
        raise Rejected(URL_UNPARSABLE)


async def _body(url: str, max_bytes: int) -> bytes:
    import httpx

    async with httpx.AsyncClient(
        trust_env=False, timeout=SECONDS, follow_redirects=True, max_redirects=REDIRECTS
    ) as client:
        try:
            async with client.stream("GET", url, headers={"Accept": "image/*"}) as response:
                _check_answer(response.status_code, response.headers.get("content-type", ""))
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > max_bytes:
                        raise Rejected(TOO_MANY_BYTES)
                return bytes(body)
        except httpx.InvalidURL as error:
            raise Rejected(URL_UNPARSABLE) from error
        except (httpx.HTTPError, httpx.StreamError, OSError, ValueError) as error:
            raise Rejected(URL_FAILED, f"({type(error).__name__})") from error


def _check_answer(status: int, content_type: str) -> None:
    if status != _OK:
        raise Rejected(URL_STATUS, f"(status {status})")
    if not content_type.strip().lower().startswith("image/"):
        raise Rejected(URL_TYPE)
