"""Pixian's version 1, as the rest of the house sees it."""

from __future__ import annotations

from pixian_adapters.pixian_v1.rules import RULES, plan
from pixian_adapters.pixian_v1.wire import PATH, answer, read, refuse
from pixian_shim.translation import Adapter, Endpoint

ADAPTER = Adapter(
    name="pixian_v1",
    title="Pixian.AI v1",
    hosts=frozenset({"api.pixian.ai", "pixian.ai"}),
    paths=("/api/v1",),  # version 2 lives on the same host, and passes untouched
    endpoints=(Endpoint("POST", PATH, "remove-background"),),
    rules=RULES,
    operation="remove-background",
    read=read,
    plan=plan,
    answer=answer,
    refuse=refuse,
)
