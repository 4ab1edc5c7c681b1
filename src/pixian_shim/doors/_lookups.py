"""The net below the doors: a provider's host that is looked up was asked through a library that no door covers.

A program that believes it has moved must not go on paying, or failing, at the old place without a word.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixian_shim.doors._claims import belongs_whole
from pixian_shim.doors._patched import Replacement
from pixian_shim.errors import NotIntercepted
from pixian_shim.translation import warn

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_told: set[tuple[str, str]] = set()


def patch(library: str) -> list[Replacement]:
    """Stop look-ups of hosts that are answered here.

    Args:
        library: ``socket``, or ``asyncio.base_events``, which looks up in a thread, where nobody can tell who asked.
    """
    if library == "socket":
        return [Replacement(socket, name, _make) for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex")]
    from asyncio.base_events import BaseEventLoop

    return [Replacement(BaseEventLoop, "getaddrinfo", _make_async)]


def _make(original: Callable[..., Any]) -> Callable[..., Any]:
    def look_up(host: Any, *args: Any, **options: Any) -> Any:
        if belongs_whole(host):
            _stop(host)
        return original(host, *args, **options)

    return look_up


def _make_async(original: Callable[..., Any]) -> Callable[..., Any]:
    async def getaddrinfo(self: Any, host: Any, *args: Any, **options: Any) -> Any:
        if belongs_whole(host):
            _stop(host)
        return await original(self, host, *args, **options)

    return getaddrinfo


def _stop(host: Any) -> None:
    from pixian_shim.doors._install import DOORS

    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    error = NotIntercepted(name, _library(), f"it does so with {', '.join(DOORS)}")
    if (name, error.library) not in _told:
        _told.add((name, error.library))
        warn(str(error.args[1]))
    raise error


def _library() -> str:
    """Name who asked: the innermost package that is installed, else the innermost module of the standard library."""
    frame: FrameType | None = sys._getframe(3)  # noqa: SLF001 (what warnings itself uses)
    innermost = ""
    while frame is not None:
        module: str = frame.f_globals.get("__name__", "")
        package = module.partition(".")[0]
        if {"site-packages", "dist-packages"} & set(Path(frame.f_code.co_filename).parts):
            return package
        if package in sys.stdlib_module_names:
            innermost = innermost or (module if package != "socket" else "")
        elif package != "pixian_shim":
            break  # the program itself
        frame = frame.f_back
    return innermost or "a socket"
