"""Let unedited code reach Pixian: a provider's addresses are answered here, all other traffic passes."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from pixian_shim.doors import _claims
from pixian_shim.doors._claims import Interception
from pixian_shim.doors._uses import Uses
from pixian_shim.doors._when_imported import WhenImported
from pixian_shim.errors import ConfigurationError
from pixian_shim.shim import Shim, default_shim
from pixian_shim.translation import Adapter, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pixian_shim.doors._patched import Replacement
    from pixian_shim.pixian import Pixian
    from pixian_shim.shim import Links, Serves
    from pixian_shim.shim._observer import Observer
    from pixian_shim.translation import Policy

DOORS = {
    "requests": "_requests",
    "httpx": "_httpx",
    "httpx2": "_httpx",
    "aiohttp": "_aiohttp",
    "urllib3": "_urllib3",
    "urllib.request": "_urllib",
}
"""Libraries whose traffic can be intercepted, once a program imports them, and the module that does it."""

_BELOW = {"socket": "_lookups", "asyncio.base_events": "_lookups"}
"""Where names are looked up, for whatever has no door."""

_waiting: list[WhenImported] = []
_replaced: list[Replacement] = []


def install(
    *providers: str | Adapter,
    policy: Policy | str | None = None,
    client: Pixian | None = None,
    also: Iterable[str] = (),
    links: Links | None = None,
    on_call: Observer | None = None,
    shim: Serves | None = None,
) -> None:
    """Answer calls to these providers' hosts with Pixian, process-wide, until ``uninstall``.

    Covered are requests, httpx and httpx2 (sync and async), aiohttp, urllib3 and ``urllib.request``. Any other library
    that looks such a host up gets a ``NotIntercepted`` instead of an address. Calling it again for a provider replaces
    what was said before; calls under way end as they began.

    Args:
        providers: names such as ``"removebg"``, or adapters of your own.
        policy: what to do with translation notes; default is ``PIXIAN_SHIM_POLICY``, else ``warn``.
        client: the Pixian client to use; default is one with credentials from the environment. Asynchronous code uses
            it as well, from threads.
        also: further addresses of the provider, as ``host[:port][/path]``: a proxy of your own, or
            ``api.pixian.ai/v1.0/removebg``. With several providers, call ``install`` for each.
        links: where results are kept for providers that answer with addresses; memory, for an hour, by default.
        on_call: told of every call that could be parsed when it has ended: the call, its result or the exception, and
            seconds.
        shim: answers instead of one that is made here, such as a ``Rollout``; it stays yours to close, and says
            itself what policy, client, links and on_call would.

    Raises:
        ConfigurationError: no provider given, or one without an adapter, an unknown policy, an unusable address; or a
            shim and what it says itself.
    """
    _claims.claim(_interceptions(providers, policy, client, also, links, on_call, shim), replace=True)
    patch()


def uninstall() -> None:
    """Undo every ``install``: all traffic passes as before."""
    with _claims.lock:
        _claims.release()
        _unpatch()


@contextmanager
def intercept(
    *providers: str | Adapter,
    policy: Policy | str | None = None,
    client: Pixian | None = None,
    also: Iterable[str] = (),
    links: Links | None = None,
    on_call: Observer | None = None,
    shim: Serves | None = None,
) -> Iterator[None]:
    """Do as ``install``, until the block ends; blocks may be nested, the innermost wins.

    It is process-wide too: other threads and tasks are answered here as long as the block lasts.
    """
    added = _interceptions(providers, policy, client, also, links, on_call, shim)
    _claims.claim(added, replace=False)
    try:
        patch()
        yield
    finally:
        with _claims.lock:
            if not _claims.release(added):
                _unpatch()


def _interceptions(
    providers: tuple[str | Adapter, ...],
    policy: Policy | str | None,
    client: Pixian | None,
    also: Iterable[str],
    links: Links | None,
    on_call: Observer | None,
    shim: Serves | None,
) -> list[Interception]:
    also = [also] if isinstance(also, str) else list(also)
    if not providers:
        raise ConfigurationError("name at least one provider, such as 'removebg'")
    if also and len(providers) > 1:
        raise ConfigurationError("with further addresses give one provider; call it once for each")
    adapters = [provider if isinstance(provider, Adapter) else load(provider) for provider in providers]
    made_here = any(given is not None for given in (policy, client, links, on_call))
    if shim is not None:
        if made_here:
            raise ConfigurationError("policy, client, links and on_call are said to the shim, where one is given")
        return [Interception.of(adapter, shim, also) for adapter in adapters]
    if not made_here:
        default_shim()  # a policy in the environment that is none is told now, not at the first call
        return [Interception.of(adapter, None, also) for adapter in adapters]
    made = Shim(client, policy=policy, links=links, on_call=on_call)
    uses = Uses(made)
    return [Interception.of(adapter, made, also, uses) for adapter in adapters]


def patch() -> None:
    """Open the doors: of libraries that are imported already, and of others when they are."""
    with _claims.lock:
        for replacement in _replaced:
            replacement.renew()
        if _waiting:
            return
        doors = (DOORS | _BELOW).items()
        waiting = WhenImported({library: partial(_open, library, module) for library, module in doors})
        _waiting.append(waiting)
    waiting.start()


def _open(library: str, module: str) -> None:
    # Not under the lock: another thread may be importing the library, and come here for one that it imports itself.
    door = import_module(f"pixian_shim.doors.{module}")
    with _claims.lock:
        if _waiting:
            _replaced.extend(door.patch(library))


def _unpatch() -> None:
    while _waiting:
        _waiting.pop().stop()
    while _replaced:
        _replaced.pop().undo()
