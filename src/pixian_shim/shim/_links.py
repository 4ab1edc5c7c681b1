"""Addresses for finished pictures, for providers that answer with a link instead of the picture.

A name tells until when it is good, so that several processes can share a store without sharing anything else, and holds
128 random bits, so that nobody guesses it.
"""

from __future__ import annotations

import logging
import time
from secrets import token_hex
from typing import TYPE_CHECKING, Self

import attrs
from attrs import validators

from pixian_shim.errors import LinkFailed
from pixian_shim.pixian import ImageUrl, Upload
from pixian_shim.shim._shelf import NAME, Shelf, expired
from pixian_shim.shim._stores import MemoryStore, Store, open_store
from pixian_shim.translation import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixian_shim.translation import Plan

_log = logging.getLogger(__name__)

LINK_PATH = "/pixian-shim/results/"
"""Where the links of any provider live, below the address that was asked."""

_KINDS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/avif": "avif",
    "application/zip": "zip",
}
_TYPES = {extension: kind for kind, extension in _KINDS.items()}
_SECONDS, _SWEEP_SECONDS = 3600.0, 60.0
_MAX_BYTES, _MAX_DISK_BYTES = 1 << 28, 1 << 32


def _slashless(origin: str) -> str:
    return origin.rstrip("/")


@attrs.define(eq=False)
class Links:
    """Keep finished pictures for a while, and give them out by their address.

    A picture that the store does not take is kept in memory: it has been paid for. What memory has no room for, and
    nobody has fetched yet, goes to a private folder for temporary files, which is removed when the
    process ends, unless it is killed.

    Args:
        store: where; memory of this process by default.
        seconds: for which an address is good.
        max_bytes: kept in all; beyond that those that were fetched go first, then the oldest. The newest is always
            kept.
        max_disk_bytes: of the temporary folder, where results are kept in memory; at most half of what is free there. 0
            for none. Whatever has to go before it was fetched is told of by a warning in the log.
        origin: scheme and host of the addresses, such as a gateway's that shares the store; by default those that the
            caller asked.
        clock: seconds since 1970, the same for all processes that share a store.
    """

    store: Store = attrs.field(factory=MemoryStore)
    seconds: float = attrs.field(default=_SECONDS, validator=validators.gt(0))
    max_bytes: int = attrs.field(default=_MAX_BYTES, validator=validators.gt(0))
    origin: str | None = attrs.field(default=None, converter=attrs.converters.optional(_slashless), kw_only=True)
    clock: Callable[[], float] = time.time
    max_disk_bytes: int = attrs.field(default=_MAX_DISK_BYTES, validator=validators.ge(0), kw_only=True)
    _shelf: Shelf = attrs.field(init=False)
    _spare: Shelf = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._spare = Shelf(MemoryStore(), self.max_bytes, max_disk_bytes=self.max_disk_bytes)
        if isinstance(self.store, MemoryStore):
            self._shelf = attrs.evolve(self._spare, store=self.store)
        else:
            self._shelf = Shelf(self.store, self.max_bytes, sweep_seconds=_SWEEP_SECONDS)

    @classmethod
    def at(
        cls,
        where: str = "memory",
        *,
        seconds: float = _SECONDS,
        max_bytes: int = _MAX_BYTES,
        max_disk_bytes: int = _MAX_DISK_BYTES,
        origin: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> Self:
        """Open a store: ``memory``, a folder, or any address that fsspec knows, such as ``s3://bucket/results``.

        Raises:
            ConfigurationError: it cannot be used.
            MissingExtra: fsspec is not installed.
        """
        return cls(open_store(where), seconds, max_bytes, origin=origin, clock=clock, max_disk_bytes=max_disk_bytes)

    @property
    def blocks(self) -> bool:
        """Whether keeping and finding may wait for a disk or a network."""
        return self._shelf.blocks

    def keep(self, origin: str, content: bytes, content_type: str) -> str:
        """Store a picture and give its address.

        Args:
            origin: scheme and host that the caller asked, or a gateway's public address, unless the links have one.
            content: the picture.
            content_type: its type.
        """
        now = self.clock()
        name = f"{int(now + self.seconds):08x}-{token_hex(16)}.{_KINDS.get(content_type, 'bin')}"
        try:
            self._shelf.put(name, content, now)
        except Exception as error:  # noqa: BLE001 (a store of fsspec raises what its service's library raises)
            _log.warning("the store of links failed (%s); a result is kept in memory instead", error)
            self._spare.put(name, content, now)
        return f"{origin if self.origin is None else self.origin}{LINK_PATH}{name}"

    def find(self, url: str) -> Upload | None:
        """Give the picture behind an address; ``None`` if it is not ours, or not good any more.

        Raises:
            LinkFailed: the store cannot be read.
        """
        name = url.partition("?")[0].rpartition(LINK_PATH)[2]
        if LINK_PATH not in url or NAME.fullmatch(name) is None or expired(name, self.clock()):
            return None
        try:
            content = self._spare.find(name) or self._shelf.find(name)
        except Exception as error:
            raise LinkFailed(f"the result behind a link cannot be read: {error}") from error
        return None if content is None else Upload(content, name)

    def answer(self, method: str, url: str) -> HttpResponse:
        """Answer a request for an address of ours."""
        if method not in ("GET", "HEAD"):
            return _told(405, "Only GET and HEAD are possible here.", Allow="GET, HEAD")
        upload = self.find(url)
        if upload is None:
            return _told(404, "There is no such result, or its link has expired.")
        content_type = _TYPES.get(upload.name.rpartition(".")[2], "application/octet-stream")
        left = int(upload.name[:8], 16) - int(self.clock())
        headers = {"Content-Type": content_type, "Cache-Control": f"private, max-age={left}"} | _ANY_ORIGIN
        if method == "GET":
            for shelf in (self._shelf, self._spare):
                shelf.mark_fetched(upload.name)
        return HttpResponse(200, headers, upload.read())

    def resolved(self, plan: Plan) -> Plan:
        """Take the picture itself where a plan's source is an address of ours, which nobody else could fetch."""
        if isinstance(plan.source, ImageUrl) and LINK_PATH in plan.source.url:
            found = self.find(plan.source.url)
            if found is not None:
                return attrs.evolve(plan, source=found)
        return plan


_ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}


def _told(status: int, text: str, **headers: str) -> HttpResponse:
    return HttpResponse(status, {"Content-Type": "text/plain; charset=utf-8"} | _ANY_ORIGIN | headers, text.encode())
