"""Requests out, answers in: one attempt, and how each of its failures is told.

An injected client may be any that has httpx's ``build_request`` and ``send``; its exceptions are recognised by the
names of their classes, so one from a successor of httpx is understood too. Redirects are never followed: neither
credentials nor pictures go to a host that was not chosen.
"""

from __future__ import annotations

import zlib
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

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
from pixian_shim.pixian._magic import content_type_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping

    from pixian_shim.pixian._request import Body, Request
    from pixian_shim.pixian._settings import Settings

CONNECT_TIMEOUT = 10.0
"""Seconds."""

_MULTIPLE_CHOICES, _BAD_REQUEST = 300, 400
_MOST_DECODED = 1 << 28  # bytes; the largest picture that Pixian can send has half of that
_LOOKED_AT, _LONGEST_SECRET = 1 << 16, 1 << 10

_NOT_OURS = ("cookie", "x-api-key")
"""Headers that an injected client may bring along, of another account or another provider."""

_FAILURES: dict[str, type[TransportError]] = {
    "ConnectError": ConnectFailed,
    "ConnectTimeout": ConnectFailed,
    "PoolTimeout": ConnectFailed,
    "ProxyError": ConnectFailed,
    "UnsupportedProtocol": ConnectFailed,
    "TimeoutException": TimedOut,
    "TimeoutError": TimedOut,
    "TransportError": ConnectionLost,
    "RequestError": ConnectionLost,
}
"""From the names of httpx's exceptions, most special first along the class's ancestry."""

_SAID = {
    ConnectFailed: "the connection could not be made",
    ConnectionLost: "the connection broke before the answer came; the request may have been carried out",
    TimedOut: "nothing arrived within the idle timeout; the request may have been carried out",
}
_TOO_LATE = "the deadline came before the answer; the request may have been carried out"


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
    text = hide(content[:_LOOKED_AT].decode("utf-8", "replace"))
    if len(content) > _LOOKED_AT:
        text = text[:-_LONGEST_SECRET]  # what stood at the cut: half a secret is one too
    line = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line[:200])


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
        self._check_start()
        with self.request.body() as body:
            message = self._message(client, body, body and (body.whole or self._until_deadline(body.pieces)))
            with self._sending():
                response = client.send(message, stream=True, auth=None, follow_redirects=False)
        chunks: list[bytes] = []
        try:
            with self._receiving(message, response, chunks):
                for chunk in _raw(response):
                    chunks.append(chunk)
                    self._check_reading(response)
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
        import asyncio

        self._check_start()
        upload = self.request.upload
        on_disk = upload is not None and not isinstance(upload.data, bytes)
        with ExitStack() as stack:
            opening = self.request.body()
            body: Body | None = (
                await in_thread(stack.enter_context, opening) if on_disk else stack.enter_context(opening)
            )
            content = body and (body.whole or (_in_thread(body.pieces) if on_disk else _in_turn(body.pieces)))
            message = self._message(client, body, content)
            with self._sending():
                async with asyncio.timeout(self._left()):
                    response = await client.send(message, stream=True, auth=None, follow_redirects=False)
        chunks: list[bytes] = []
        try:
            with self._receiving(message, response, chunks):
                async for chunk in _raw_async(response):
                    chunks.append(chunk)
                    self._check_reading(response)
        finally:
            await response.aclose()
        return self._answer(response, b"".join(chunks))

    @asynccontextmanager
    async def admitted(self, gate: asyncio.Semaphore) -> AsyncIterator[None]:
        """Wait for a place among the calls in flight, until the deadline.

        Raises:
            ConnectFailed: none came free.
        """
        import asyncio

        try:
            async with asyncio.timeout(self._left()):
                await gate.acquire()
        except TimeoutError:
            raise ConnectFailed(f"the deadline came before other calls had ended ({self.request.title})") from None
        try:
            yield
        finally:
            gate.release()

    def _message(self, client: Any, body: Body | None, content: object) -> Any:
        headers = {
            "Authorization": self.settings.credentials.authorization,
            "Accept-Encoding": "identity",  # pictures do not shrink
            "User-Agent": _user_agent(),
        }
        if body is not None:
            headers |= {"Content-Type": body.content_type, "Content-Length": str(body.length)}
        idle, connect, left = self.timeout, CONNECT_TIMEOUT, self._left()
        if left is not None:
            idle, connect = min(idle, left), min(connect, left)
        kind: Any = type(getattr(client, "base_url", ""))
        message = client.build_request(
            method=self.request.method,
            url=_address(kind, self.settings.base_url + self.request.path),
            headers=headers,
            content=content,
            timeout=(connect, idle, idle, left),
        )
        for name in _NOT_OURS:
            message.headers.pop(name, None)
        return message

    def _left(self) -> float | None:
        """Give the seconds until the deadline; ``None`` if there is none."""
        return None if self.end is None else max(self.end - self.clock(), 0.001)

    def _check_start(self) -> None:
        """Send nothing after the deadline: it would be paid for, and its picture dropped."""
        if self.end is not None and self.clock() >= self.end:
            raise ConnectFailed(f"the deadline came before the request was sent ({self.request.title})")

    def _until_deadline(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            yield piece
            if self.end is not None and self.clock() >= self.end:
                raise TimedOut(f"the deadline came during the upload ({self.request.title})")

    def _check_reading(self, response: Any) -> None:
        """Stop reading at the deadline; a picture, which is paid for, may take the idle timeout beyond it."""
        if self.end is None:
            return
        paid = response.status_code < _MULTIPLE_CHOICES
        if self.clock() > self.end + (self.timeout if paid else 0.0):
            raise TimedOut(f"the answer was still arriving when the deadline came ({self.request.title})")

    @contextmanager
    def _sending(self) -> Iterator[None]:
        """Tell failures before the answer's first line."""
        try:
            yield
        except ShimError:
            raise
        except Exception as error:
            kind = failure_of(error)
            if kind is None:
                raise
            late = kind is TimedOut and self.end is not None and self.clock() >= self.end
            why = excerpt(f"{type(error).__name__}: {error}".encode(), self.settings.credentials.hide)
            host = urlsplit(self.settings.base_url).netloc
            said = f"{_TOO_LATE if late else _SAID[kind]} ({self.request.title} at {host}; {why})"
            raise kind(said) from self._shown(error)

    @contextmanager
    def _receiving(self, message: Any, response: Any, chunks: list[bytes]) -> Iterator[None]:
        """Tell failures between the answer's first line and its end; an error's status counts even if its end lacks."""
        if response.status_code < _MULTIPLE_CHOICES:
            message.extensions.get("timeout", {})["read"] = self.timeout  # was cut to the deadline
        try:
            yield
        except Exception as error:
            if response.status_code >= _BAD_REQUEST and (isinstance(error, TimedOut) or failure_of(error) is not None):
                return
            if isinstance(error, ShimError) or (kind := failure_of(error)) is None:
                raise
            if kind is TimedOut:
                raise TimedOut(f"the answer stopped half-way ({self.request.title})") from self._shown(error)
            cut_off = self._error(IncompleteBody, "the answer was cut off before its end", response, b"".join(chunks))
            raise cut_off from self._shown(error)

    def _answer(self, response: Any, content: bytes) -> Answer:
        """Check that the answer is complete and comes from the host that was asked."""
        headers = self._headers(response)
        announced = headers.get("content-length", "")
        whole = "content-encoding" in headers or not announced.isdigit() or len(content) == int(announced)
        if not whole and response.status_code < _BAD_REQUEST:
            raise self._error(IncompleteBody, "the body's length is not the announced one", response, content)
        if _MULTIPLE_CHOICES <= response.status_code < _BAD_REQUEST:
            where = headers.get("location", "nowhere").partition("?")[0]
            said = f"redirected to {excerpt(where.encode())}, which is not followed; check base_url"
            raise self._error(ResponseError, said, response, content)
        encoding = headers.get("content-encoding", "")
        if encoding and content_type_of(content) is None:
            content = self._decoded(response, content, encoding)
        return Answer(self.request, response.status_code, headers, content, self.settings.credentials.hide)

    def _decoded(self, response: Any, content: bytes, encoding: str) -> bytes:
        """Unpack what was not asked to be packed, within bounds; an error's body is left as it is if that fails."""
        known = encoding.strip().lower() in ("gzip", "x-gzip", "deflate")
        unpacking = zlib.decompressobj(wbits=47)  # gzip or zlib, by the first bytes
        kind, said = ResponseError, "the body is not encoded the way its headers say"
        with suppress(zlib.error):
            plain = unpacking.decompress(content, _MOST_DECODED) if known else b""
            if unpacking.eof:
                return plain
            if known and not unpacking.unconsumed_tail:
                kind, said = IncompleteBody, "the answer was cut off before its end"
        if response.status_code >= _BAD_REQUEST:
            return content
        raise self._error(kind, said, response, content)

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


def failure_of(error: Exception) -> type[TransportError] | None:
    """Tell which failure an exception of an HTTP client is; ``None`` for anything else."""
    names = (ancestor.__name__ for ancestor in type(error).__mro__)
    return next((_FAILURES[name] for name in names if name in _FAILURES), None)


@lru_cache(maxsize=64)
def _address(kind: Any, url: str) -> Any:
    """Parse an address once, into the client's own type: that takes as long as translating a call."""
    return kind(url)


@cache
def _user_agent() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"pixian-shim/{version('pixian-shim')}"
    except PackageNotFoundError:
        return "pixian-shim"


def _raw(response: Any) -> Iterable[bytes]:
    """Give the body as it came; a transport without a wire may have read it already."""
    return (response.content,) if response.is_stream_consumed else response.iter_raw()


def _raw_async(response: Any) -> AsyncIterator[bytes]:
    return _in_turn((response.content,)) if response.is_stream_consumed else response.aiter_raw()


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
