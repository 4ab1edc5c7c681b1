"""remove.bg's own service while it is still there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pixian_shim.translation import Incumbent, within_json

if TYPE_CHECKING:
    from pixian_shim.translation import Call, HttpResponse

_PREVIEWS = frozenset({None, "preview", "small", "regular"})
_PREVIEW, _WHOLE = 0.25, 1.0


def price(call: Call) -> float:
    """Give what a call costs at most: a quarter for a preview, one credit for any other size, ``auto`` included."""
    if call.operation != "removebg":
        return 0.0
    return _PREVIEW if call.form.get("size") in _PREVIEWS else _WHOLE


def charged(answer: HttpResponse) -> float | None:
    """Read ``X-Credits-Charged``; errors of the documented kinds are free."""
    told = {name.lower(): value for name, value in answer.headers.items()}.get("x-credits-charged")
    if told is None:
        return 0.0 if answer.status in (400, 402, 403, 429) else None
    try:
        return float(told)
    except ValueError:
        return None


INCUMBENT = Incumbent(
    home="https://api.remove.bg",
    price=price,
    charged=charged,
    ends=datetime(2026, 12, 1, 8, 0, tzinfo=UTC),  # 09:00 CET, by several concurring secondary sources
    whole={"size": "auto"},
    sources=("image_file", "image_file_b64", "image_url"),
    key_header="X-Api-Key",
    key_variables=("REMOVE_BG_API_KEY", "REMOVEBG_API_KEY"),
)

PICTURE = within_json(base64=("data.result_b64",))
"""Where the result is that was asked for as JSON."""
