"""Picsart, as the rest of the house sees it."""

from __future__ import annotations

from pixian_adapters.picsart.incumbent import INCUMBENT, PICTURE
from pixian_adapters.picsart.rules import RULES, plan
from pixian_adapters.picsart.wire import ENDPOINTS, ERRORS, answer, read, refuse
from pixian_shim.translation import Adapter, Verdict

ADAPTER = Adapter(
    name="picsart",
    title="Picsart",
    hosts=frozenset({"api.picsart.io"}),
    paths=tuple(known.path for known in ENDPOINTS),  # Picsart does much else at this host, which passes untouched
    endpoints=ENDPOINTS,
    rules=RULES,
    operation="removebg",
    also={"account": Verdict.CONVERTED},
    incumbent=INCUMBENT,
    answers_with_links=True,
    errors=ERRORS,
    read=read,
    plan=plan,
    answer=answer,
    refuse=refuse,
    picture=PICTURE,
)
