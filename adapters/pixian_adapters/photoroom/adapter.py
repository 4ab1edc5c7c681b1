"""PhotoRoom, as the rest of the house sees it."""

from __future__ import annotations

from pixian_adapters.photoroom.incumbent import INCUMBENT, PICTURE
from pixian_adapters.photoroom.rules import EDIT, SEGMENT, plan
from pixian_adapters.photoroom.wire import ENDPOINTS, ERRORS, answer, read, refuse
from pixian_shim.translation import Adapter, Verdict

ADAPTER = Adapter(
    name="photoroom",
    title="PhotoRoom",
    hosts=frozenset({"sdk.photoroom.com", "image-api.photoroom.com", "beta-sdk.photoroom.com"}),
    endpoints=ENDPOINTS,
    rules=SEGMENT,
    operation="segment",
    further={"edit": EDIT},
    also={"account": Verdict.CONVERTED},
    any_origin=True,
    incumbent=INCUMBENT,
    errors=ERRORS,
    read=read,
    plan=plan,
    answer=answer,
    refuse=refuse,
    picture=PICTURE,
)
