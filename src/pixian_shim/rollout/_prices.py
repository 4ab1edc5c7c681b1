"""What a call can cost at most, before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixian_shim.pixian import MAX_PROCESSED_PIXELS

if TYPE_CHECKING:
    from pixian_shim.rollout._units import Asked

_MEGAPIXEL = 1_000_000


def legacy_price(asked: Asked) -> float:
    """Give the most credits of the provider's own that a call costs; 1 where nothing is known."""
    incumbent = asked.adapter.incumbent
    return 1.0 if incumbent is None or asked.call is None else incumbent.price(asked.call)


def pixian_price(asked: Asked) -> float:
    """Give the most credits that a call costs at Pixian.

    Assumption: one credit for each megapixel that is processed, and no less than one. The vendor says that cost grows
    with megapixels, and publishes no formula; what was really charged replaces the estimate in any case.
    """
    size = asked.picture.header.size if asked.picture is not None and asked.picture.header is not None else None
    pixels = MAX_PROCESSED_PIXELS if size is None else min(size.pixels, MAX_PROCESSED_PIXELS)
    return max(1.0, pixels / _MEGAPIXEL)
