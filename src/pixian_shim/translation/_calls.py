"""A legacy request, raw and parsed, and what goes back."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from pixian_shim.translation._forms import Form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pixian_shim.errors import ShimError
    from pixian_shim.geometry import Box, Size
    from pixian_shim.pixian import Account
    from pixian_shim.translation._notes import Note


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _upper(method: str) -> str:
    return method.upper()


_NOT_IN_HEADERS = dict.fromkeys({*range(32), 127} - {ord("\t")}, " ")


def _sendable(headers: Mapping[str, str]) -> dict[str, str]:
    """Replace what no header can hold: an answer that was paid for must not be lost over one."""
    return {name: _latin(value).translate(_NOT_IN_HEADERS).strip(" \t") for name, value in headers.items()}


def _latin(text: str) -> str:
    return text if text.isascii() else text.encode("latin-1", "replace").decode("latin-1")


@attrs.frozen
class HttpRequest:
    """A legacy HTTP request as a door saw it: either the raw body, or parameters that are parsed already."""

    method: str = attrs.field(converter=_upper)
    url: str
    headers: Mapping[str, str] = attrs.field(converter=_lower, repr=False)
    body: bytes = attrs.field(default=b"", repr=False)
    parsed: Form | None = attrs.field(default=None, repr=False, kw_only=True)

    @cached_property
    def form(self) -> Form:
        """The parameters.

        Raises:
            TranslationError: the body is not what its content type says (code ``malformed_body``).
        """
        if self.parsed is not None:
            return self.parsed
        return Form.parse(self.url, self.headers.get("content-type", ""), self.body)

    @property
    def origin(self) -> str:
        """Scheme and host of the URL, without a slash at the end; empty where it has none."""
        scheme, found, rest = self.url.partition("://")
        return f"{scheme}://{rest.partition('/')[0].partition('?')[0]}" if found else ""

    @property
    def path(self) -> str:
        """The URL's path, without a trailing slash; a fragment is never sent, and is no part of it."""
        rest = self.url.partition("://")[2] or self.url
        path = "/" + rest.partition("/")[2] if "://" in self.url else rest
        return path.partition("#")[0].partition("?")[0].rstrip("/") or "/"


@attrs.frozen
class Call:
    """One legacy request, parsed: provider, operation, and its parameters as the caller wrote them."""

    provider: str
    operation: str
    form: Form = attrs.field(factory=Form)
    key: str | None = attrs.field(default=None, repr=False)
    """The legacy key slot. Never sent on, unless it holds ``id:secret`` of Pixian."""
    accept: str = "*/*"
    trial: bool = False
    """Whether the key asks for a free result, at providers that have such keys; stays where the account's key, or the
    parameters, are put in place later."""
    query: Form = attrs.field(factory=Form, repr=False)
    """What of the form stood in the address, first and in this order, where a provider tells the two apart."""


@attrs.frozen
class HttpResponse:
    """What goes back to the legacy caller."""

    status: int
    headers: Mapping[str, str] = attrs.field(converter=_sendable)
    """What a header cannot hold (line ends, other controls, letters beyond Latin-1, blanks at either end) is replaced
    or left out."""
    body: bytes = attrs.field(repr=False)
    error: ShimError | None = attrs.field(default=None, repr=False, eq=False, kw_only=True)
    """Why the call was refused: the ``__cause__`` of whatever a drop-in raises for it."""
    ending: Cutout | Account | None = attrs.field(default=None, repr=False, eq=False, kw_only=True)
    """What it was written from, where Pixian was asked."""


@attrs.frozen(kw_only=True)
class Cutout:
    """The finished result of a call."""

    content: bytes = attrs.field(repr=False)
    content_type: str
    size: Size
    """Of the finished picture."""
    input_size: Size
    """Of the original, upright."""
    max_size: Size
    """The largest result that could be had of this original."""
    foreground: Box | None
    """Where the subject is, in the coordinates of the original; ``None`` if unknown."""
    credits_charged: float = 0.0
    credits_calculated: float | None = None
    """What a production call would have cost; with test mode only."""
    credits_left: float | None = None
    """Of the account, as far as is known; only where the plan tells the balance."""
    attempts: int = 1
    possible_double_charge: bool = False
    notes: tuple[Note, ...] = ()
    link: str | None = attrs.field(default=None, repr=False)
    """Where the content can be fetched, for providers that answer with addresses."""
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False, eq=False)
    """Of Pixian's own answer, lower-case names; what was done here afterwards does not show in them."""
