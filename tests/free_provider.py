"""Providers for tests, installed as any distribution would install them: one that costs nothing and has two operations,
and one that answers with links.
"""

import json
from contextlib import contextmanager

import attrs

from pixian_shim.translation import (
    Adapter,
    Call,
    Endpoint,
    HttpResponse,
    Rule,
    RuleTable,
    Task,
    Verdict,
    _adapters,
    load,
)

WAYS = {"cut": ("format", Verdict.CONVERTED), "draw": ("line", Verdict.EMULATED)}
TABLES = {
    operation: RuleTable(
        "Free",
        (
            Rule(name=name, values="any", verdict=verdict, says=f"What {operation} does.", capability="outline"),
            Rule(name=f"{name}.*", values="any", verdict=Verdict.REFUSED, says="Not here.", capability="ai"),
        ),
    )
    for operation, (name, verdict) in WAYS.items()
}

ADAPTER = Adapter(
    name="free",
    title="Free",
    hosts=frozenset({"free.example"}),
    endpoints=(
        Endpoint("POST", "/free/cut", "cut"),
        Endpoint("POST", "/free/draw", "draw"),
        Endpoint("GET", "/free/draw", "draw"),
    ),
    rules=TABLES["cut"],
    operation="cut",
    further={"draw": TABLES["draw"]},
    costs_nothing=True,
    read=lambda request: Call("free", request.path.rpartition("/")[2], request.form),
    plan=lambda call: TABLES[call.operation].plan(call, task=Task.NOTHING),
    answer=lambda call, _ending: HttpResponse(200, {"content-type": "text/plain"}, call.operation.encode()),
    refuse=lambda _call, error: HttpResponse(400, {"content-type": "text/plain"}, str(error).encode()),
)


def _linked_answer(call, cutout):
    return HttpResponse(200, {"Content-Type": "application/json"}, json.dumps({"url": cutout.link}).encode())


def linked():
    """Make a provider that answers as remove.bg does, but with addresses."""
    return attrs.evolve(
        load("removebg"),
        name="linked",
        hosts=frozenset({"api.linked.example"}),
        endpoints=(),
        answer=_linked_answer,
        answers_with_links=True,
    )


def __getattr__(name):
    if name != "LINKED":
        raise AttributeError(name)
    return linked()


@contextmanager
def installed(folder, patch, name="free", attribute="ADAPTER"):
    """Let the entry points tell of one, by what a distribution leaves in a folder of Python's path."""
    there = folder / f"{name}-1.0.dist-info"
    there.mkdir()
    (there / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (there / "entry_points.txt").write_text(f"[pixian_shim.adapters]\n{name} = free_provider:{attribute}\n")
    patch.syspath_prepend(str(folder))
    caches = _adapters._entry_points, _adapters.load
    for cached in caches:
        cached.cache_clear()
    try:
        yield ADAPTER
    finally:
        patch.undo()
        for cached in caches:
            cached.cache_clear()
