"""Addresses for finished pictures, for providers that answer with a link instead of the picture.

A name tells until when it is good, so that several processes can share a store without sharing anything else, and holds
128 random bits, so that nobody guesses it.
"""

from __future__ import annotations

import logging
import re
import time
from secrets import token_hex
from typing import TYPE_CHECKING, Self

import attrs
from attrs import validators

from pixian_shim.errors import LinkFailed
from pixian_shim.pixian import ImageUrl, Upload
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
_NAME = re.compile(rf"([0-9a-f]{{8}})-[0-9a-f]{{32}}\.({'|'.join(_TYPES)}|bin)")
_SWEEP_SECONDS = 60.0


@attrs.define(eq=False)
class Links:
    """Keep finished pictures for a while, and give them out by their address.

    A picture that the store does not take is kept in memory: it has been paid for.

    Args:
        store: where; memory of this process by default.
        seconds: for which an address is good.
        max_bytes: kept in all; beyond that the oldest are dropped, the newest is always kept.
        clock: seconds since 1970, the same for all processes that share a store.
    """

    store: Store = attrs.field(factory=MemoryStore)
    seconds: float = attrs.field(default=3600.0, validator=validators.gt(0))
    max_bytes: int = attrs.field(default=1 << 28, validator=validators.gt(0))
    clock: Callable[[], float] = time.time
    _swept: float = attrs.field(default=0.0, init=False)
    _spare: MemoryStore = attrs.field(factory=MemoryStore, init=False)

    @classmethod
    def at(cls, where: str = "memory", **limits: float) -> Self:
        """Open a store: ``memory``, a folder, or any address that fsspec knows, such as ``s3://bucket/results``.

        Raises:
            ConfigurationError: it cannot be used.
            MissingExtra: fsspec is not installed.
        """
        return cls(open_store(where), **limits)  # type: ignore[arg-type]

    @property
    def blocks(self) -> bool:
        """Whether keeping and finding wait for a disk or a network."""
        return not isinstance(self.store, MemoryStore)

    def keep(self, origin: str, content: bytes, content_type: str) -> str:
        """Store a picture and give its address.

        Args:
            origin: scheme and host that the caller asked, or the public address of a gateway.
            content: the picture.
            content_type: its type.
        """
        now = self.clock()
        name = f"{int(now + self.seconds):08x}-{token_hex(16)}.{_KINDS.get(content_type, 'bin')}"
        try:
            if now - self._swept > _SWEEP_SECONDS or not self.blocks:
                self._swept = now
                self._sweep(self.store, now, len(content))
            self.store.put(name, content)
        except Exception as error:  # noqa: BLE001 (a store of fsspec raises what its service's library raises)
            _log.warning("the store of links failed (%s); a result is kept in memory instead", error)
            self._sweep(self._spare, now, len(content))
            self._spare.put(name, content)
        return f"{origin}{LINK_PATH}{name}"

    def find(self, url: str) -> Upload | None:
        """Give the picture behind an address; ``None`` if it is not ours, or not good any more.

        Raises:
            LinkFailed: the store cannot be read.
        """
        name = url.partition("?")[0].rpartition(LINK_PATH)[2]
        good = _NAME.fullmatch(name)
        if LINK_PATH not in url or good is None or int(good[1], 16) <= self.clock():
            return None
        try:
            content = self._spare.get(name) or self.store.get(name)
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
        return HttpResponse(200, headers, upload.read())

    def resolved(self, plan: Plan) -> Plan:
        """Take the picture itself where a plan's source is an address of ours, which nobody else could fetch."""
        if isinstance(plan.source, ImageUrl) and LINK_PATH in plan.source.url:
            found = self.find(plan.source.url)
            if found is not None:
                return attrs.evolve(plan, source=found)
        return plan

    def _sweep(self, store: Store, now: float, coming: int) -> None:
        """Drop what has expired, and the oldest if there is too much."""
        kept = sorted(entry for entry in store.sizes().items() if _NAME.fullmatch(entry[0]))
        room = self.max_bytes - coming - sum(size for _, size in kept)
        for name, size in kept:
            if int(name[:8], 16) > now and room >= 0:
                break
            store.drop(name)
            room += size


_ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}


def _told(status: int, text: str, **headers: str) -> HttpResponse:
    return HttpResponse(status, {"Content-Type": "text/plain; charset=utf-8"} | _ANY_ORIGIN | headers, text.encode())
