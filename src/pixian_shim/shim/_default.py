"""The shim that doors use when they are given none: one for the process, with its connections kept alive."""

from __future__ import annotations

import atexit
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Protocol, TypeVar

from pixian_shim.shim._shim import Shim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixian_shim.translation import Adapter, HttpRequest, HttpResponse


class Serves(Protocol):
    """What a door asks: a ``Shim``, or whatever stands before one, such as a rollout."""

    def serve(self, adapter: Adapter, request: HttpRequest, *, timeout: float | None = None) -> HttpResponse:
        """Answer a legacy HTTP request in the provider's own shape, errors included.

        Raises:
            TransportError: no answer came.
        """
        ...

    def close(self) -> None:
        """Close what was made for it."""


ServesT = TypeVar("ServesT", bound=Serves)

_lock = Lock()
_configured: list[Serves] = []
_own: list[Shim] = []


def default_shim() -> Serves:
    """Give the process-wide shim: the one configured last, else one with settings from the environment.

    Raises:
        ConfigurationError: ``PIXIAN_SHIM_POLICY`` is no policy. Credentials are looked for at the first call.
    """
    if _configured:
        return _configured[-1]
    with _lock:
        if not _own:
            _own.append(Shim())
            atexit.register(_own[0].close)
        return _own[0]


@contextmanager
def using(shim: ServesT) -> Iterator[ServesT]:
    """Let every door of this process use a certain shim, or rollout, until the block ends."""
    _configured.append(shim)
    try:
        yield shim
    finally:
        _configured.remove(shim)
