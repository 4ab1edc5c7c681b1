"""Slazzer's own service: no end of it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixian_adapters.slazzer.rules import OPERATION, SOURCES
from pixian_shim.translation import Incumbent

if TYPE_CHECKING:
    from pixian_shim.translation import Call, HttpResponse

_ERROR, _SERVERS_ERROR = 400, 500


def price(call: Call) -> float:
    """Give what a call costs at most: a credit for a picture (assumption), which a preview may undercut."""
    return 1.0 if call.operation == OPERATION else 0.0


def charged(answer: HttpResponse) -> float | None:
    """Tell that refusals are free (assumption); answers do not say what they cost."""
    return 0.0 if _ERROR <= answer.status < _SERVERS_ERROR else None


INCUMBENT = Incumbent(
    home="https://api.slazzer.com",
    price=price,
    charged=charged,
    sources=SOURCES,
    key_header="API-KEY",
    key_variables=("SLAZZER_API_KEY",),  # assumption: no official name is known
)
