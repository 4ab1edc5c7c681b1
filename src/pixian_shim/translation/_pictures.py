"""Where the picture is, if an answer is no picture itself: inside its JSON, or at an address that it gives."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixian_shim.translation._calls import HttpResponse

    Finder = Callable[[HttpResponse], bytes | str | None]


def itself(_answer: HttpResponse) -> None:
    """Find nothing: what answers so is the picture itself, or has none."""


def within_json(*, base64: tuple[str, ...] = (), links: tuple[str, ...] = ()) -> Finder:
    """Look into answers of type ``application/json``; anything else is the picture itself, or has none.

    Args:
        base64: where pictures are written as base64, as keys with dots between them: ``data.result_b64``.
        links: where addresses of pictures are, likewise.
    """

    def find(answer: HttpResponse) -> bytes | str | None:
        kind = next((value for name, value in answer.headers.items() if name.lower() == "content-type"), "")
        if kind.partition(";")[0].strip().lower() != "application/json":
            return None
        try:
            told = json.loads(answer.body)
        except (ValueError, RecursionError):
            return None
        pictures = filter(None, (_decoded(_at(told, path)) for path in base64))
        addresses = filter(_is_address, (_at(told, path) for path in links))
        return next(pictures, None) or next(addresses, None)

    return find


def _at(told: Any, path: str) -> str:
    for key in path.split("."):
        told = told.get(key) if isinstance(told, dict) else None
    return told if isinstance(told, str) else ""


def _decoded(text: str) -> bytes:
    """Undo base64, also where it is written as a ``data:`` address; what is none gives no bytes."""
    written = text.partition(",")[2] if text.startswith("data:") else text
    try:
        return b64decode("".join(written.split()), validate=True)
    except ValueError:
        return b""


def _is_address(text: str) -> bool:
    return text.startswith(("https://", "http://"))
