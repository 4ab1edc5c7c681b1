"""Clipdrop, as the rest of the house sees it."""

from __future__ import annotations

from pixian_adapters.clipdrop.incumbent import INCUMBENT
from pixian_adapters.clipdrop.rules import RULES, plan
from pixian_adapters.clipdrop.wire import ENDPOINTS, ERRORS, OPERATION, answer, read, refuse
from pixian_shim.translation import Adapter

ADAPTER = Adapter(
    name="clipdrop",
    title="Clipdrop",
    hosts=frozenset({"clipdrop-api.co", "apis.clipdrop.co"}),
    endpoints=ENDPOINTS,
    rules=RULES,
    operation=OPERATION,
    incumbent=INCUMBENT,
    errors=ERRORS,
    read=read,
    plan=plan,
    answer=answer,
    refuse=refuse,
)
