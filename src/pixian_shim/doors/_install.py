"""Let unedited code reach Pixian: a provider's host is answered here, all other traffic passes."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from threading import RLock
from typing import TYPE_CHECKING

import attrs

from pixian_shim.errors import ConfigurationError, MissingExtra
from pixian_shim.shim import Shim, default_shim
from pixian_shim.translation import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pixian_shim.pixian import Pixian
    from pixian_shim.translation import Adapter, HttpRequest, HttpResponse, Policy

DOORS = {"requests": "pixian_shim.doors._requests"}
"""Libraries whose traffic can be intercepted, and the module that does it."""


@attrs.frozen(eq=False)
class Interception:
    """One provider whose host is answered here."""

    adapter: Adapter
    shim: Shim | None

    def serve(self, request: HttpRequest) -> HttpResponse:
        """Answer a legacy request.

        Raises:
            TransportError: Pixian gave no answer.
        """
        return (self.shim or default_shim()).serve(self.adapter, request)


_active: list[Interception] = []
_undo: list[Callable[[], None]] = []
_lock = RLock()


def install(*providers: str, policy: Policy | str | None = None, client: Pixian | None = None) -> None:
    """Answer calls to these providers' hosts with Pixian, process-wide, until ``uninstall``.

    Calling it again for a provider replaces what was said before.

    Args:
        providers: names such as ``"removebg"``.
        policy: what to do with translation notes; default is ``PIXIAN_SHIM_POLICY``, else ``warn``.
        client: the Pixian client to use; default is one with credentials from the environment.

    Raises:
        ConfigurationError: no provider given, or one without an adapter, or an unknown policy.
        MissingExtra: none of the libraries that could be intercepted is installed.
    """
    shim = _shim(client, policy)
    _activate([Interception(load(provider), shim) for provider in providers], replace=True)


def uninstall() -> None:
    """Undo every ``install``: all traffic passes as before."""
    with _lock:
        _active.clear()
        _unpatch()


@contextmanager
def intercept(*providers: str, policy: Policy | str | None = None, client: Pixian | None = None) -> Iterator[None]:
    """Do as ``install``, until the block ends; blocks may be nested, the innermost wins."""
    shim = _shim(client, policy)
    added = [Interception(load(provider), shim) for provider in providers]
    _activate(added, replace=False)
    try:
        yield
    finally:
        with _lock:
            for interception in added:
                if interception in _active:
                    _active.remove(interception)
            if not _active:
                _unpatch()


def _shim(client: Pixian | None, policy: Policy | str | None) -> Shim | None:
    """Make a shim where one was asked for; ``None`` leaves it to the process-wide one, whatever that then is."""
    if policy is None and client is None:
        default_shim()  # a policy in the environment that is none is told now, not at the first call
        return None
    return Shim(client, policy=policy)


def _activate(added: list[Interception], *, replace: bool) -> None:
    if not added:
        raise ConfigurationError("name at least one provider, such as 'removebg'")
    with _lock:
        if not _undo:
            _undo.extend(_patched())
        if replace:
            names = {interception.adapter.name for interception in added}
            _active[:] = [old for old in _active if old.adapter.name not in names]
        _active.extend(added)


def _patched() -> list[Callable[[], None]]:
    found = [module for library, module in DOORS.items() if find_spec(library)]
    if not found:
        raise MissingExtra("requests", f"intercepting {' or '.join(DOORS)}")
    return [import_module(module).patch(_find) for module in found]


def _unpatch() -> None:
    while _undo:
        _undo.pop()()


def _find(url: str) -> Interception | None:
    return next((interception for interception in reversed(tuple(_active)) if interception.adapter.serves(url)), None)
