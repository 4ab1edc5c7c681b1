"""Read a request's parameters: files into spools that leave memory when they grow, everything within bounds."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from pixian_shim.errors import ShimError, TooLarge, TranslationError
from pixian_shim.gateway._rolled import Copy
from pixian_shim.pixian import Upload
from pixian_shim.serving.body import BoundedBody
from pixian_shim.translation import Form

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable

    from starlette.datastructures import FormData, UploadFile

    from pixian_shim.gateway._config import Config

ReadT = TypeVar("ReadT")

MULTIPART = b"multipart/form-data"
_IN_MEMORY = 1 << 20  # below it, Starlette's spool has not left memory either
_PARSED_IN_LOOP = 1 << 16


class Intake:
    """Read one request.

    Args:
        request: as it came; its body is read once.
        config: for the limits.
    """

    def __init__(self, request: Request, config: Config) -> None:
        self._config = config
        self.body = BoundedBody(
            request.receive, config.max_bytes, self._too_long, idle=config.idle_seconds, too_slow=_too_slow
        )
        self._request = Request(request.scope, self.body.receive)
        self._copy: Copy | None = None

    @property
    def has_body(self) -> bool:
        """Whether a body is announced."""
        headers = self._request.headers
        return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers

    def copied(self) -> Copy:
        """Keep the body as it comes in, for as long as the form is open."""
        self._copy = Copy()
        self._request = Request(self._request.scope, self._copy.of(self.body.receive))
        return self._copy

    def check_length(self) -> None:
        """Refuse a body that announces itself as too long.

        Raises:
            TooLarge: it does.
        """
        announced = self._request.headers.get("content-length", "0")
        if announced.isdigit() and int(announced) > self._config.max_bytes:
            raise TooLarge(int(announced), self._config.max_bytes, "bytes")

    @asynccontextmanager
    async def form(self) -> AsyncIterator[Form]:
        """Give query and body; files are there as long as the block lasts.

        Raises:
            TranslationError: the body is not what its content type says, or does not come (``malformed_body``).
            TooLarge: it is too long.
        """
        try:
            async with self._opened() as form:
                yield form
        finally:
            if self._copy is not None:
                self._copy.close()

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Form]:
        kind = self._request.headers.get("content-type", "")
        media, options = parse_options_header(kind)
        if media != MULTIPART:
            yield await self._in_time(self._text(kind))
            return
        sent = await self._in_time(self._sent(options.get(b"boundary")))
        try:
            yield await self._with_files(sent.multi_items())
        finally:
            await sent.close()

    async def _in_time(self, reading: Awaitable[ReadT]) -> ReadT:
        seconds = self._config.body_seconds
        try:
            async with asyncio.timeout(seconds):
                return await reading
        except TimeoutError:
            self.body.give_up()
            raise _too_slow(seconds) from None

    async def _sent(self, boundary: bytes | None) -> FormData:
        if not boundary:
            raise TranslationError("the multipart body has no boundary", code="malformed_body")
        try:
            return await _Parts(self._request, boundary, self._config).parse()
        except (FormParserError, MultiPartException) as error:
            raise TranslationError(f"the multipart body cannot be read: {error}", code="malformed_body") from None
        except OSError as error:
            raise ShimError(f"there is no room for an upload: {error.strerror}") from error

    async def _with_files(self, sent: list[tuple[str, UploadFile | str]]) -> Form:
        query = Form.parse(str(self._request.url), "", b"").items
        return Form.received([*query, *[(name, await _value(value)) for name, value in sent]])

    async def _text(self, kind: str) -> Form:
        """Read JSON, urlencoded or nothing: base64 can only be understood as a whole, so that this is in memory."""
        body = await self._request.body()
        arguments = str(self._request.url), kind, body
        return (
            Form.parse(*arguments) if len(body) < _PARSED_IN_LOOP else await asyncio.to_thread(Form.parse, *arguments)
        )

    def _too_long(self) -> TooLarge:
        return TooLarge(self.body.seen, self._config.max_bytes, "bytes")


class _Parts(MultiPartParser):
    """Starlette's parser, which also tells when the end is missing: a part that was not finished would vanish.

    Names are UTF-8, whatever a ``charset`` says.
    """

    def __init__(self, request: Request, boundary: bytes, config: Config) -> None:
        most, size = config.max_parts, config.max_bytes
        self._ended = False
        quoted = boundary.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        headers = Headers(raw=[(b"content-type", b'multipart/form-data; boundary="%s"' % quoted)])
        super().__init__(
            headers, self._to_the_end(request.stream()), max_files=most, max_fields=most, max_part_size=size
        )

    def on_end(self) -> None:
        self._ended = True

    async def _to_the_end(self, pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        async for piece in pieces:
            yield piece
        if not self._ended:
            raise MultiPartException("it ends too early")


async def _value(value: UploadFile | str) -> str | Upload:
    if isinstance(value, str):
        return value
    name = value.filename or "image"
    if (value.size or 0) < _IN_MEMORY:
        return Upload(await value.read(), name)
    return Upload.of(value.file, name)


def _too_slow(seconds: float) -> TranslationError:
    return TranslationError(f"the request's body did not arrive within {seconds:g} s", code="malformed_body")
