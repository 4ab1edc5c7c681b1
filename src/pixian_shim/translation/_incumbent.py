"""A provider's own service, as far as it matters while it is still asked: where it is, what it costs, when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from pixian_shim.translation._calls import Call, HttpResponse


@attrs.frozen(kw_only=True)
class Incumbent:
    """What an adapter knows of the service that it imitates."""

    home: str
    """Scheme and host of its interface, for calls that came in under another address."""
    price: Callable[[Call], float]
    """The most credits that a call can cost there."""
    charged: Callable[[HttpResponse], float | None]
    """What an answer says that it cost; ``None`` where it does not say."""
    ends: datetime | None = None
    """When it is announced to stop; ``None`` where nothing is known of that."""
    whole: Mapping[str, str] = attrs.field(factory=dict)
    """Parameters that ask for a result as large as the picture, for whoever compares results."""
    sources: tuple[str, ...] = ()
    """Parameters that hold the picture, the one for a file first."""
    key_header: str = ""
    """Where its key goes, for whoever calls it without a program of their own."""
    key_variables: tuple[str, ...] = ()
    """Environment variables that its users keep the key in, the official one first."""
    elsewhere: Mapping[str, str] = attrs.field(factory=dict)
    """Scheme and host of operations that have another home."""

    def home_of(self, operation: str) -> str:
        """Give scheme and host of an operation."""
        return self.elsewhere.get(operation, self.home)
