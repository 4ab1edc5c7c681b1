"""The shim that doors use when they are given none: one for the process, with its connections kept alive."""

from __future__ import annotations

import atexit
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from pixian_shim.shim._shim import Shim

if TYPE_CHECKING:
    from collections.abc import Iterator

_lock = Lock()
_configured: list[Shim] = []
_own: list[Shim] = []


def default_shim() -> Shim:
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
def using(shim: Shim) -> Iterator[Shim]:
    """Let every door of this process use a certain shim, until the block ends."""
    _configured.append(shim)
    try:
        yield shim
    finally:
        _configured.remove(shim)
