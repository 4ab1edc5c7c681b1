"""Numbers for Prometheus."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pixian_shim.errors import MissingExtra

try:
    from prometheus_client import (
        CONTENT_TYPE_LATEST,
        CollectorRegistry,
        Counter,
        Gauge,
        Histogram,
        ProcessCollector,
        generate_latest,
    )
except ImportError as error:
    raise MissingExtra("gateway", "the gateway") from error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pixian_shim.gateway._record import Record
    from pixian_shim.rollout import Rollout
    from pixian_shim.translation import Adapter

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 180)


class Metrics:
    """Count requests, seconds, credits and notes.

    Args:
        adapters: that are served; their parameters are the only names that notes are counted under.
        active: tells how many requests are under way.
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, adapters: Sequence[Adapter], active: Callable[[], float]) -> None:
        self._registry = registry = CollectorRegistry()
        self._tables = {adapter.name: tuple(adapter.tables.values()) for adapter in adapters}
        labels = ("provider", "operation", "status")
        self._requests = Counter("pixian_shim_requests", "Requests answered", labels, registry=registry)
        self._seconds = Histogram(
            "pixian_shim_request_seconds",
            "From the first byte to the last",
            ("provider",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._credits = Counter("pixian_shim_credits", "Pixian credits charged", ("provider", "key"), registry=registry)
        self._doubtful = Counter(
            "pixian_shim_possible_double_charges",
            "Calls that may have been charged twice",
            ("provider",),
            registry=registry,
        )
        self._notes = Counter(
            "pixian_shim_notes",
            "Parameters by what became of them",
            ("provider", "parameter", "verdict"),
            registry=registry,
        )
        self._errors = Counter("pixian_shim_errors", "Errors by class", ("provider", "error"), registry=registry)
        gauge = Gauge("pixian_shim_active_requests", "Requests under way", registry=registry)
        gauge.set_function(active)
        ProcessCollector(registry=registry)

    def of_rollout(self, rollout: Rollout) -> None:
        """Count who answers, and what its shadow does."""
        self._rolled = Counter(
            "pixian_shim_rollout",
            "Calls by stage, and by who answered",
            ("stage", "answered_by"),
            registry=self._registry,
        )
        shadow = rollout.shadow
        if shadow is None:
            return
        dropped = Gauge("pixian_shim_shadow_dropped", "Shadow calls not made", registry=self._registry)
        dropped.set_function(shadow.dropped.total)
        spent = Gauge("pixian_shim_shadow_credits_today", "Spent by shadow calls", ("origin",), registry=self._registry)
        for origin, budget in shadow.budgets.items():
            spent.labels(origin.value).set_function(partial(getattr, budget, "spent"))

    def count(self, record: Record) -> None:
        """Enter one request."""
        provider = record.provider or ""
        self._requests.labels(provider, record.operation or "", str(record.status)).inc()
        self._seconds.labels(provider).observe(record.seconds)
        if record.credits:
            self._credits.labels(provider, record.key or "").inc(record.credits)
        if record.stage and record.answered_by:
            self._rolled.labels(record.stage, record.answered_by).inc()
        if record.possible_double_charge:
            self._doubtful.labels(provider).inc()
        if record.error:
            self._errors.labels(provider, record.error).inc()
        for note in record.notes:
            if note.given:
                self._notes.labels(provider, self._parameter(provider, note.name), note.verdict).inc()

    def _parameter(self, provider: str, name: str) -> str:
        """Give the name of the rule that a parameter comes under: callers must not make up labels."""
        rules = (table.find(name) for table in self._tables.get(provider, ()))
        return next((rule.name for rule in rules if rule is not None), "unknown")

    def text(self) -> bytes:
        """Write them as Prometheus reads them."""
        return generate_latest(self._registry)
