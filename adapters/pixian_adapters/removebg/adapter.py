"""remove.bg, as the rest of the house sees it."""

from __future__ import annotations

from pixian_adapters.removebg.errors import ERRORS
from pixian_adapters.removebg.incumbent import INCUMBENT, PICTURE
from pixian_adapters.removebg.rules import RULES, plan
from pixian_adapters.removebg.wire import ENDPOINTS, answer, read, refuse
from pixian_shim.translation import Adapter, Verdict

ADAPTER = Adapter(
    name="removebg",
    title="remove.bg",
    hosts=frozenset({"api.remove.bg"}),
    endpoints=ENDPOINTS,
    rules=RULES,
    operation="removebg",
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
