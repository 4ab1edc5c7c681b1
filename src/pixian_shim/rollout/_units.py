"""What a call is told by, so that the same one is always answered by the same origin."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

import attrs

from pixian_shim.errors import ConfigurationError, ShimError
from pixian_shim.images import read_header
from pixian_shim.pixian import Base64Text, ImageUrl, Upload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pixian_shim.images import Header
    from pixian_shim.translation import Adapter, Call, HttpRequest, Plan

_unit: ContextVar[str | None] = ContextVar("unit", default=None)
_HEAD = 1 << 16


@contextmanager
def unit(name: str) -> Iterator[None]:
    """Say who the calls within the block are for: a customer, a tenant, an order. It goes before any other unit."""
    token = _unit.set(name)
    try:
        yield
    finally:
        _unit.reset(token)


@attrs.frozen
class Picture:
    """What was sent to be cut out, by its content."""

    sha256: str
    """Of the bytes; of the address's text where there is only that."""
    size: int | None = None
    """Bytes."""
    header: Header | None = None
    name: str = ""

    @classmethod
    def of(cls, source: Upload | Base64Text | ImageUrl) -> Picture:
        """Look at a picture's bytes; an address is not fetched."""
        if isinstance(source, ImageUrl):
            return cls(sha256(source.url.encode("utf-8", "surrogatepass")).hexdigest())
        upload = source.decode() if isinstance(source, Base64Text) else source
        content = upload.read()
        return cls(sha256(content).hexdigest(), len(content), _header(content), upload.name)


def _header(content: bytes) -> Header | None:
    try:
        return read_header(content[:_HEAD])
    except ShimError:
        return None


@attrs.define(slots=False)
class Asked:
    """One legacy request, and what can be read of it; nothing is read before it is needed."""

    adapter: Adapter
    request: HttpRequest
    timeout: float | None = None
    given: Call | None = None
    """The call, where a door has read it already."""
    pays: str | None = attrs.field(default=None, repr=False)
    """``id:secret`` of the Pixian account that pays, where it is not the configured one."""
    raw: Callable[[], bytes] | None = None
    """Reads the body as it came, where the request does not hold it."""

    @cached_property
    def call(self) -> Call | None:
        """The call; ``None`` where it cannot be read, or the provider would refuse it outright."""
        try:
            return self.given or self.adapter.read(self.request)
        except ShimError:
            return None

    @cached_property
    def plan(self) -> Plan | None:
        """What it becomes at Pixian; ``None`` where it cannot."""
        try:
            return None if self.call is None else self.adapter.plan(self.call)
        except ShimError:
            return None

    @property
    def cuts_out(self) -> bool:
        """Whether it is the operation that is paid for."""
        return self.call is not None and self.call.operation == self.adapter.operation

    @cached_property
    def picture(self) -> Picture | None:
        """The picture; ``None`` where there is none, or it cannot be read."""
        if self.call is None:
            return None
        uploads = (value for _, value in self.call.form if isinstance(value, Upload))
        source = next(uploads, None) or (self.plan.source if self.plan is not None else None)
        try:
            return None if source is None else Picture.of(source)
        except (ShimError, OSError):
            return None


def _of_image(asked: Asked) -> str | None:
    return asked.picture.sha256 if asked.picture else None


def _of_file_name(asked: Asked) -> str | None:
    return (asked.picture.name or None) if asked.picture else None


def _of_key(asked: Asked) -> str | None:
    key = asked.call.key if asked.call else None
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest() if key else None


def _of_header(name: str) -> Callable[[Asked], str | None]:
    return lambda asked: asked.request.headers.get(name.lower()) or None


def _of_parameter(name: str) -> Callable[[Asked], str | None]:
    def read(asked: Asked) -> str | None:
        value = asked.call.form.get(name) if asked.call else None
        return value if isinstance(value, str) else None

    return read


_PLAIN = {"image": _of_image, "filename": _of_file_name, "key": _of_key}
_NAMED = {"header": _of_header, "parameter": _of_parameter}


def reader(spec: str) -> Callable[[Asked], str | None]:
    """Give what finds a call's unit.

    Args:
        spec: ``image`` (the picture's bytes), ``filename``, ``key`` (who calls), ``header:NAME`` (such as a tenant's
            number) or ``parameter:NAME``. What ``with unit(...)`` says goes before it.

    Raises:
        ConfigurationError: it is none of these.
    """
    kind, _, name = spec.partition(":")
    find: Callable[[Asked], str | None]
    if spec in _PLAIN:
        find = _PLAIN[spec]
    elif kind in _NAMED and name:
        find = _NAMED[kind](name)
    else:
        known = ", ".join([*_PLAIN, *(f"{kind}:NAME" for kind in _NAMED)])
        raise ConfigurationError(f"unknown unit {spec!r}: one of {known} is expected")
    return lambda asked: _unit.get() or find(asked)
