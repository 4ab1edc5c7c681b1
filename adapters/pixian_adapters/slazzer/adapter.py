"""Slazzer, as the rest of the house sees it."""

from __future__ import annotations

from pixian_adapters.slazzer.incumbent import INCUMBENT
from pixian_adapters.slazzer.rules import OPERATION, RULES, plan
from pixian_adapters.slazzer.wire import ENDPOINTS, ERRORS, answer, read, refuse
from pixian_shim.translation import Adapter, Verdict

ADAPTER = Adapter(
    name="slazzer",
    title="Slazzer",
    hosts=frozenset({"api.slazzer.com", "slazzer.com"}),
    paths=("/v2.0", "/api/v1", "/grocery"),  # the rest of slazzer.com is its website
    endpoints=ENDPOINTS,
    rules=RULES,
    operation=OPERATION,
    also={"account": Verdict.CONVERTED},
    incumbent=INCUMBENT,
    errors=ERRORS,
    read=read,
    plan=plan,
    answer=answer,
    refuse=refuse,
)
