"""A baseline on a socket: what the provider answered, for programs in any language."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from pixian_shim.baseline._replay import Replay
from pixian_shim.errors import MissingExtra
from pixian_shim.translation import HttpRequest

if TYPE_CHECKING:
    import os

    from starlette.requests import Request
    from starlette.responses import Response

_METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS"]


class ReplayServer:
    """Serve a baseline on loopback, from a thread.

    Args:
        folder: of the baseline.
        port: 0 takes a free one.
        real_time: answer as slowly as the provider did.

    Raises:
        ConfigurationError: the folder is no baseline, or the port is taken.
        MissingExtra: the extra ``server`` is not installed.
    """

    def __init__(self, folder: str | os.PathLike[str], *, port: int = 0, real_time: bool = False) -> None:
        try:
            from starlette.applications import Starlette
            from starlette.routing import Route

            from pixian_shim.serving.server import HttpServer
        except ImportError as error:
            raise MissingExtra("server", "replaying a baseline on a socket") from error
        self._replay = Replay(folder, real_time=real_time)
        app = Starlette(routes=[Route("/{path:path}", self._answer, methods=_METHODS)])
        self._server = HttpServer(app, "127.0.0.1", port, name="replay")

    @property
    def url(self) -> str:
        """The address to put in place of the provider's."""
        return f"http://127.0.0.1:{self._server.port}"

    async def _answer(self, request: Request) -> Response:
        from starlette.responses import Response

        asked = HttpRequest(request.method, str(request.url), request.headers, await request.body())
        answer = await asyncio.to_thread(self._replay.serve, asked)
        return Response(answer.body, answer.status, dict(answer.headers))

    def __enter__(self) -> Self:
        """Begin to serve."""
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.close()
