"""rembg, as the rest of the house sees it.

It has no host of its own: whoever runs its server names the address, as in ``install("rembg", also="cutouts:7000")``.
"""

from __future__ import annotations

from pixian_adapters.rembg.plans import FUNCTION, GET, POST, plan
from pixian_adapters.rembg.rules import RULES, SERVER
from pixian_adapters.rembg.wire import ENDPOINTS, ERRORS, answer, read, refuse
from pixian_shim.translation import Adapter

ADAPTER = Adapter(
    name="rembg",
    title="rembg",
    hosts=frozenset(),
    endpoints=ENDPOINTS,
    rules=RULES,
    operation=FUNCTION,
    further={POST: SERVER, GET: SERVER},
    costs_nothing=True,
    any_origin=True,
    errors=ERRORS,
    read=read,
    plan=plan,
    answer=answer,
    refuse=refuse,
)
