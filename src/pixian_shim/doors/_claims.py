"""Which addresses are answered here, and by what: asked at every request of every library, so it has to be quick."""

from __future__ import annotations

import os
from contextlib import nullcontext, suppress
from functools import cache
from threading import RLock
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import attrs

from pixian_shim.errors import ConfigurationError, ConnectFailed
from pixian_shim.pixian._connections import IN_FLIGHT
from pixian_shim.shim import LINK_PATH, default_shim
from pixian_shim.shim._shim import asking
from pixian_shim.translation import calling_frame, calling_from

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    from anyio import CapacityLimiter
    from anyio.lowlevel import RunVar

    from pixian_shim.doors._uses import Uses
    from pixian_shim.shim import Serves
    from pixian_shim.translation import Adapter, HttpRequest, HttpResponse


@attrs.frozen
class Place:
    """Addresses that belong to a provider: a host, perhaps a port, perhaps only below a path."""

    host: str
    port: int | None = None
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``host[:port][/path]``, with or without a scheme.

        Raises:
            ConfigurationError: it is none.
        """
        try:
            parts = urlsplit(text if "://" in text else f"//{text}")
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise ConfigurationError(f"{text!r} is no address: {error}") from error
        if host and not host.isascii():
            with suppress(UnicodeError):  # libraries send names in this form
                host = host.encode("idna").decode("ascii")
        if not host or parts.query or parts.fragment or any(map(str.isspace, text)):
            raise ConfigurationError(f"{text!r} is no address such as 'images.internal/removebg'")
        return cls(host.rstrip("."), port, parts.path.rstrip("/"))

    def holds(self, port: int | None, path: str) -> bool:
        """Tell whether a port and a path of this host belong here; paths count in whole segments."""
        return self.port in (None, port) and (not self.path or f"{path}/".startswith(f"{self.path}/"))


@attrs.frozen(eq=False)
class Interception:
    """One provider whose addresses are answered here."""

    adapter: Adapter
    shim: Serves | None
    """``None`` is the process-wide one, whichever that is at the time of a call."""
    places: tuple[Place, ...]
    uses: Uses | None = None
    """Of a shim that was made for this."""

    @classmethod
    def of(cls, adapter: Adapter, shim: Serves | None, also: Iterable[str] = (), uses: Uses | None = None) -> Self:
        """Claim a provider's own hosts, and others."""
        paths = adapter.paths and (*adapter.paths, *([LINK_PATH] * adapter.answers_with_links))
        own = (Place(host, None, path.rstrip("/")) for host in sorted(adapter.hosts) for path in paths or ("",))
        return cls(adapter, shim, (*own, *map(Place.parse, also)), uses)

    def serve(self, request: HttpRequest, *, timeout: float | None = None) -> HttpResponse:
        """Answer a legacy request; what it makes Pixian's client do passes all doors.

        Raises:
            TransportError: Pixian gave no answer.
        """
        with self.uses or nullcontext():
            return (self.shim or default_shim()).serve(self.adapter, request, timeout=timeout)

    async def serve_async(
        self, request: HttpRequest, *, timeout: float | None = None, caller: FrameType | None = None
    ) -> HttpResponse:
        """Do as ``serve``, in a thread: a loop that ends does not end the connections, and any loop will do.

        A task that is cancelled leaves its call running, since that has probably been paid for.

        Raises:
            TransportError: Pixian gave no answer.
        """
        from anyio import CapacityLimiter, to_thread

        def serve() -> HttpResponse:
            return self.serve(request, timeout=timeout)

        places = _places().get(None) or CapacityLimiter(IN_FLIGHT)
        _places().set(places)
        with calling_from(caller or calling_frame()):  # whose line a warning names
            try:
                return await to_thread.run_sync(serve, abandon_on_cancel=True, limiter=places)
            except RuntimeError as error:
                if "start new thread" not in str(error):
                    raise
                raise ConnectFailed("this process may have no further threads") from error


@cache
def _places() -> RunVar[CapacityLimiter]:
    """Give what holds the places of a loop: as many threads as Pixian is asked at once."""
    from anyio.lowlevel import RunVar

    return RunVar("pixian_shim.doors")


lock = RLock()
"""Held while claims and patches change."""


def _renew_lock() -> None:
    """Forget, in a forked process, that a thread of the former one held it."""
    global lock  # noqa: PLW0603 (read by name)
    lock = RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)

_active: list[Interception] = []
_by_host: dict[str, tuple[tuple[Place, Interception], ...]] = {}


def claim(added: list[Interception], *, replace: bool) -> None:
    """Answer more addresses; the latest claim of an address counts.

    Args:
        added: what is answered from now on.
        replace: forget former claims for the same providers.
    """
    with lock:
        names = {interception.adapter.name for interception in added} if replace else set()
        kept = [old for old in _active if old.adapter.name not in names]
        _retire([old for old in _active if old not in kept])
        _set(kept + added)


def release(ended: list[Interception] | None = None) -> bool:
    """Give up claims, all of them by default, and tell whether any is left."""
    with lock:
        gone = list(_active) if ended is None else ended
        _set([old for old in _active if old not in gone])
        _retire(gone)
        return bool(_active)


def _retire(gone: list[Interception]) -> None:
    for interception in gone:
        if interception.uses is not None:
            interception.uses.retire()


def _set(active: list[Interception]) -> None:
    global _by_host  # noqa: PLW0603 (replaced at once, so that readers need no lock)
    _active[:] = active
    found: dict[str, list[tuple[Place, Interception]]] = {}
    for interception in reversed(active):
        for place in interception.places:
            for host in {place.host, _spoken(place.host)}:
                found.setdefault(host, []).append((place, interception))
    _by_host = {host: tuple(claims) for host, claims in found.items()}


def concerns(host: str | None) -> bool:
    """Tell quickly whether any address of a host is answered here."""
    return (host in _by_host or (host or "").endswith(".")) and not asking.get()


def find(url: str) -> Interception | None:
    """Give what answers an address; ``None`` lets it pass."""
    host = url.partition("://")[2].partition("/")[0]
    if host not in _by_host:  # most traffic ends here
        host = _plain(host)
        if host not in _by_host:
            return None
    if asking.get():
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return None
    claims = _by_host.get((parts.hostname or "").rstrip("."), ())
    return next((interception for place, interception in claims if place.holds(port, parts.path)), None)


def _spoken(host: str) -> str:
    """Give a host's name as people write it, and httpx's addresses."""
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def _plain(host: str) -> str:
    """Strip what may stand around a host: user, port, query, capitals."""
    named = host.partition("?")[0].partition("#")[0].rpartition("@")[2].lower()
    return named[1:].partition("]")[0] if named.startswith("[") else named.partition(":")[0].rstrip(".")


def belongs_whole(host: object) -> bool:
    """Tell whether a call to a host should have been answered here, whatever the address."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    claims = _by_host.get(name.lower().rstrip("."), ()) if isinstance(name, str) else ()
    return any(place.path == "" and place.port is None for place, _ in claims) and not asking.get()
