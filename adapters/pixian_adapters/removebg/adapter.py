"""remove.bg, as the rest of the house sees it."""

from __future__ import annotations

from pixian_adapters.removebg.rules import RULES, plan
from pixian_adapters.removebg.wire import ERRORS, answer, read, refuse
from pixian_shim.translation import Adapter

ADAPTER = Adapter(
    name="removebg",
    title="remove.bg",
    hosts=frozenset({"api.remove.bg"}),
    rules=RULES,
    operation="removebg",
    errors=ERRORS,
    read=read,
    plan=plan,
    answer=answer,
    refuse=refuse,
)
