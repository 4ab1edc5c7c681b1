"""What a call can cost at most, before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixian_shim.pixian import estimated_credits

if TYPE_CHECKING:
    from pixian_shim.rollout._units import Asked


def legacy_price(asked: Asked) -> float:
    """Give the most credits of the provider's own that a call costs; 1 where nothing is known."""
    incumbent = asked.adapter.incumbent
    return 1.0 if incumbent is None or asked.call is None else incumbent.price(asked.call)


def pixian_price(asked: Asked) -> float:
    """Give the most credits that a call costs at Pixian, as far as its picture tells."""
    size = asked.picture.header.size if asked.picture is not None and asked.picture.header is not None else None
    return estimated_credits(None if size is None else size.pixels)
