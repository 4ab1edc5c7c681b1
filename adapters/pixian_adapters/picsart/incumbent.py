"""Picsart's own service, which stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixian_shim.translation import Incumbent, within_json

if TYPE_CHECKING:
    from pixian_shim.translation import Call, HttpResponse

_CREDITS = 8.0
"""For a picture, as one program's own notes say (confidence: low); the price is not in the description."""

_ERROR, _SERVERS_ERROR = 400, 500


def price(call: Call) -> float:
    """Give what a call costs at most."""
    return _CREDITS if call.operation == "removebg" else 0.0


def charged(answer: HttpResponse) -> float | None:
    """Tell that refusals are free (assumption); answers do not say what they cost."""
    return 0.0 if _ERROR <= answer.status < _SERVERS_ERROR else None


INCUMBENT = Incumbent(
    home="https://api.picsart.io",
    price=price,
    charged=charged,
    sources=("image", "image_url"),
    key_header="X-Picsart-API-Key",
    key_variables=("PICSART_API_KEY",),
)

PICTURE = within_json(links=("data.url",))
"""Where an answer tells the address of the result."""
