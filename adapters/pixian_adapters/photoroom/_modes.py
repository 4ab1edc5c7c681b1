"""One function, two ways to call it: at once, or from asyncio in a thread."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from pixian_shim.translation import calling_frame, calling_from

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from pixian_adapters.photoroom.client import PhotoRoomClient

P = ParamSpec("P")
ResultT = TypeVar("ResultT")


def awaited(
    function: Callable[Concatenate[PhotoRoomClient, P], ResultT],
) -> Callable[Concatenate[PhotoRoomClient, P], Coroutine[Any, Any, ResultT]]:
    """Make the asynchronous method of a blocking function; name and signature stay."""

    @wraps(function)
    async def asked(self: PhotoRoomClient, *args: P.args, **kwargs: P.kwargs) -> ResultT:
        import asyncio

        self._check_mode()
        with calling_from(calling_frame()):
            return await asyncio.to_thread(function, self, *args, **kwargs)

    asked.__name__, asked.__qualname__ = f"a{function.__name__}", f"PhotoRoomClient.a{function.__name__}"
    return asked  # type: ignore[return-value]


def either(
    function: Callable[Concatenate[PhotoRoomClient, P], ResultT],
) -> Callable[Concatenate[PhotoRoomClient, P], ResultT]:
    """Make the method that blocks, or gives an awaitable where the client is asynchronous."""
    later = awaited(function)

    @wraps(function)
    def asked(self: PhotoRoomClient, *args: P.args, **kwargs: P.kwargs) -> ResultT:
        if self.async_mode:
            return later(self, *args, **kwargs)  # type: ignore[return-value]
        return function(self, *args, **kwargs)

    return asked  # type: ignore[return-value]
