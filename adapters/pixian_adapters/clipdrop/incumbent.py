"""Clipdrop's own service, which is still there: no end of it is announced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixian_shim.translation import Incumbent

if TYPE_CHECKING:
    from pixian_shim.translation import Call, HttpResponse


def price(_call: Call) -> float:
    """Give what a call costs: one credit for every success."""
    return 1.0


def charged(answer: HttpResponse) -> float | None:
    """Read ``x-credits-consumed``; failed calls are free."""
    if answer.status >= 400:  # noqa: PLR2004
        return 0.0
    told = {name.lower(): value for name, value in answer.headers.items()}.get("x-credits-consumed", "")
    try:
        return float(told)
    except ValueError:
        return None


INCUMBENT = Incumbent(
    home="https://clipdrop-api.co",
    price=price,
    charged=charged,
    sources=("image_file",),
    key_header="x-api-key",
    key_variables=("CLIPDROP_API_KEY", "CLIPDROP_KEY"),
)
