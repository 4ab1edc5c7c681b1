"""PhotoRoom's own service, while it is asked as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixian_shim.translation import Incumbent, within_json

if TYPE_CHECKING:
    from pixian_shim.translation import Call, HttpResponse

_PREVIEW, _WHOLE, _EDIT = 0.25, 1.0, 5.0
_FREE = (400, 402, 403, 404, 405, 429)


def price(call: Call) -> float:
    """Give what a call costs at most, in calls of version 1.

    An edit counts as five (a third party's summary of the prices), a preview as a quarter (older documentation); with a
    sandbox key it is free.
    """
    if call.operation not in ("segment", "edit") or call.trial:
        return 0.0
    if call.operation == "edit":
        return _EDIT
    return _PREVIEW if call.form.get("size") == "preview" else _WHOLE


def charged(answer: HttpResponse) -> float | None:
    """Tell that refusals are free; what an answer cost, PhotoRoom does not say."""
    return 0.0 if answer.status in _FREE else None


INCUMBENT = Incumbent(
    home="https://sdk.photoroom.com",
    price=price,
    charged=charged,
    whole={"size": "full"},
    sources=("image_file", "image_file_b64", "image_url", "imageFile", "imageUrl"),
    key_header="x-api-key",
    key_variables=("PHOTOROOM_API_KEY",),
    elsewhere=dict.fromkeys(("edit", "account-v1", "account-v2"), "https://image-api.photoroom.com"),
)

PICTURE = within_json(base64=("result_b64", "base64img"))
"""Where version 1 writes the result that was asked for as JSON; both hold the same."""
