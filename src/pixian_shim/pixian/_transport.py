"""Requests out, answers in: the only module that names httpx, and it is imported when the first client is made.

An injected client may be any that has httpx's ``build_request`` and ``send``; its exceptions are recognised by the
names of their classes, so one from a successor of httpx is understood too. Redirects are never followed: neither
credentials nor pictures go to a host that was not chosen.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs

from pixian_shim.errors import (
    ConnectFailed,
    ConnectionLost,
    IncompleteBody,
    ResponseError,
    ShimError,
    TimedOut,
    TransportError,
)
from pixian_shim.pixian._settings import on_loopback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping

    import httpx

    from pixian_shim.pixian._request import Body, Request
    from pixian_shim.pixian._settings import Settings

CONNECT_TIMEOUT = 10.0
"""Seconds."""

IN_FLIGHT_SYNC, IN_FLIGHT_ASYNC = 100, 20
"""Connections of one client. The vendor asks to be told before 100 are exceeded; httpx's async pool slows beyond 20."""

_KEEP_ALIVE = 30.0
_MULTIPLE_CHOICES, _BAD_REQUEST = 300, 400

_FAILURES: dict[str, type[TransportError]] = {
    "ConnectError": ConnectFailed,
    "ConnectTimeout": ConnectFailed,
    "PoolTimeout": ConnectFailed,
    "ProxyError": ConnectFailed,
    "UnsupportedProtocol": ConnectFailed,
    "TimeoutException": TimedOut,
    "TransportError": ConnectionLost,
    "RequestError": ConnectionLost,
}
"""From the names of httpx's exceptions, most special first along the class's ancestry."""

_SAID = {
    ConnectFailed: "the connection could not be made",
    ConnectionLost: "the connection broke before the answer came; the request may have been carried out",
    TimedOut: "nothing arrived within the idle timeout; the request may have been carried out",
}


@attrs.frozen
class Answer:
    """A complete HTTP answer."""

    request: Request
    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    content: bytes = attrs.field(repr=False)
    hide: Callable[[str], str] = attrs.field(default=str, repr=False)
    """Takes secrets out of a text, should the server have echoed them."""

    @property
    def content_type(self) -> str:
        """As announced, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def excerpt(self) -> str:
        """The beginning of the body as one line of text, at most 200 characters."""
        return excerpt(self.content, self.hide)


def excerpt(content: bytes, hide: Callable[[str], str] = str) -> str:
    """Give the beginning of a body as one line of printable text, at most 200 characters."""
    line = hide(" ".join(content[:8000].decode("utf-8", "replace").split()))  # before the cut: half a secret is one too
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line[:200])


def sync_client(settings: Settings) -> httpx.Client:
    """Make a client with many connections, kept alive."""
    import httpx

    return httpx.Client(**_options(settings, IN_FLIGHT_SYNC))


def async_client(settings: Settings) -> httpx.AsyncClient:
    """Make a client with as many connections as httpx's async pool bears."""
    import httpx

    return httpx.AsyncClient(**_options(settings, IN_FLIGHT_ASYNC))


def _options(settings: Settings, in_flight: int) -> dict[str, Any]:
    import httpx

    limits = httpx.Limits(max_connections=in_flight, max_keepalive_connections=None, keepalive_expiry=_KEEP_ALIVE)
    options = {"limits": limits, "trust_env": not on_loopback(settings.base_url)}
    if settings.base_url.startswith("http:"):
        import ssl

        options["verify"] = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody, and saves reading who is trusted
    return options


@attrs.frozen
class Exchange:
    """One attempt: what goes out, until when, and how its failures are told."""

    settings: Settings
    request: Request
    timeout: float
    clock: Callable[[], float]
    end: float | None

    def run(self, client: Any) -> Answer:
        """Send and read, blocking.

        Raises:
            TransportError: no answer.
            ResponseError: an answer that cannot be read to its end, or a redirect.
            OSError: the file to send cannot be opened.
        """
        with self.request.body() as body:
            message = client.build_request(**self._message(body, body and (body.whole or body.pieces)))
            with self._sending():
                response = client.send(message, stream=True, auth=None, follow_redirects=False)
        chunks: list[bytes] = []
        try:
            with self._receiving(response, chunks):
                for chunk in response.iter_bytes():
                    chunks.append(chunk)
                    self._in_time()
        finally:
            response.close()
        return self._answer(response, b"".join(chunks))

    async def run_async(self, client: Any) -> Answer:
        """Send and read; files are read in a thread.

        Raises:
            TransportError: no answer.
            ResponseError: an answer that cannot be read to its end, or a redirect.
            OSError: the file to send cannot be opened.
        """
        upload = self.request.upload
        on_disk = upload is not None and not isinstance(upload.data, bytes)
        with ExitStack() as stack:
            opening = self.request.body()
            body: Body | None = (
                await in_thread(stack.enter_context, opening) if on_disk else stack.enter_context(opening)
            )
            content = body and (body.whole or (_in_thread(body.pieces) if on_disk else _in_turn(body.pieces)))
            message = client.build_request(**self._message(body, content))
            with self._sending():
                response = await client.send(message, stream=True, auth=None, follow_redirects=False)
        chunks: list[bytes] = []
        try:
            with self._receiving(response, chunks):
                async for chunk in response.aiter_bytes():
                    chunks.append(chunk)
                    self._in_time()
        finally:
            await response.aclose()
        return self._answer(response, b"".join(chunks))

    def _message(self, body: Body | None, content: object) -> dict[str, Any]:
        headers = {
            "Authorization": self.settings.credentials.authorization,
            "Accept-Encoding": "identity",  # pictures do not shrink, and no answer can be a decompression bomb
            "User-Agent": _user_agent(),
        }
        if body is not None:
            headers |= {"Content-Type": body.content_type, "Content-Length": str(body.length)}
        idle, connect = self.timeout, CONNECT_TIMEOUT
        if self.end is not None:
            left = max(self.end - self.clock(), 0.001)
            idle, connect = min(idle, left), min(connect, left)
        return {
            "method": self.request.method,
            "url": self.settings.base_url + self.request.path,
            "headers": headers,
            "content": content,
            "timeout": (connect, idle, idle, None),
        }

    def _in_time(self) -> None:
        if self.end is not None and self.clock() > self.end:
            raise TimedOut(f"the answer was still arriving when the deadline came ({self.request.title})")

    @contextmanager
    def _sending(self) -> Iterator[None]:
        """Tell failures before the answer's first line."""
        try:
            yield
        except ShimError:
            raise
        except Exception as error:
            kind = _kind(error)
            if kind is None:
                raise
            raise kind(f"{_SAID[kind]} ({self.request.title}; {type(error).__name__})") from self._shown(error)

    @contextmanager
    def _receiving(self, response: Any, chunks: list[bytes]) -> Iterator[None]:
        """Tell failures between the answer's first line and its end."""
        try:
            yield
        except ShimError:
            raise
        except Exception as error:
            kind = _kind(error)
            if kind is None:
                raise
            if kind is TimedOut:
                raise TimedOut(f"the answer stopped half-way ({self.request.title})") from self._shown(error)
            if any(ancestor.__name__ == "DecodingError" for ancestor in type(error).__mro__):
                said: tuple[type[ResponseError], str] = ResponseError, "the body is not encoded the way its headers say"
            else:
                said = IncompleteBody, "the answer was cut off before its end"
            raise self._error(*said, response, b"".join(chunks)) from self._shown(error)

    def _answer(self, response: Any, content: bytes) -> Answer:
        """Check that the answer is complete and comes from the host that was asked."""
        headers = self._headers(response)
        announced = headers.get("content-length", "")
        whole = "content-encoding" in headers or not announced.isdigit() or len(content) == int(announced)
        if not whole:
            raise self._error(IncompleteBody, "the body's length is not the announced one", response, content)
        if _MULTIPLE_CHOICES <= response.status_code < _BAD_REQUEST:
            where = headers.get("location", "nowhere").partition("?")[0]
            said = f"redirected to {excerpt(where.encode())}, which is not followed; check base_url"
            raise self._error(ResponseError, said, response, content)
        return Answer(self.request, response.status_code, headers, content, self.settings.credentials.hide)

    def _headers(self, response: Any) -> dict[str, str]:
        hide = self.settings.credentials.hide
        return {name: hide(value) for name, value in response.headers.items()}

    def _error(self, kind: type[ResponseError], said: str, response: Any, content: bytes) -> ResponseError:
        headers = self._headers(response)
        return kind(
            said,
            status=response.status_code,
            content_type=excerpt(headers.get("content-type", "").encode()),
            excerpt=excerpt(content, self.settings.credentials.hide),
            request=self.request.title,
            content=content,
            headers=headers,
        )

    def _shown(self, error: Exception) -> Exception | None:
        """Give the cause, unless it quotes a server that echoed the secret."""
        text = f"{error!s}{error!r}"
        return error if self.settings.credentials.hide(text) == text else None


def _kind(error: Exception) -> type[TransportError] | None:
    names = (ancestor.__name__ for ancestor in type(error).__mro__)
    return next((_FAILURES[name] for name in names if name in _FAILURES), None)


@cache
def _user_agent() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"pixian-shim/{version('pixian-shim')}"
    except PackageNotFoundError:
        return "pixian-shim"


async def in_thread(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Run a blocking function in a thread."""
    import asyncio  # takes a tenth of this package's import time, and threads do without it

    return await asyncio.to_thread(function, *args, **options)


async def _in_thread(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    iterator = iter(pieces)
    while (piece := await in_thread(next, iterator, None)) is not None:
        yield piece


async def _in_turn(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
