"""An event for each call, if OpenTelemetry's API is installed; without an SDK behind it, it costs next to nothing."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pixian_shim.rollout._decision import Decision, Origin
    from pixian_shim.rollout._replies import Reply

EVENT = "pixian_shim.rollout"


@cache
def _api() -> Any:
    """Give OpenTelemetry's API; ``None`` without it."""
    try:
        return import_module("opentelemetry.trace")
    except ImportError:
        return None


def tell(decision: Decision, answered_by: Origin, because: str, replies: dict[Origin, Reply]) -> None:
    """Put an event onto the caller's span; a shadow call, which nobody waits for, gets a span of its own."""
    trace = _api()
    if trace is None:
        return
    attributes: dict[str, Any] = {
        "feature_flag.result.variant": decision.origin.value,
        "feature_flag.result.reason": decision.reason.value,
        "feature_flag.version": decision.flag_version,
        "pixian_shim.stage": decision.stage.value,
        "pixian_shim.answered_by": answered_by.value,
        "pixian_shim.because": because,
    }
    for origin, reply in replies.items():
        attributes[f"pixian_shim.{origin}.seconds"] = reply.seconds
        attributes[f"pixian_shim.{origin}.failure"] = str(reply.failure or "")
        if reply.credits is not None:
            attributes[f"pixian_shim.{origin}.credits"] = reply.credits
    span = trace.get_current_span()
    if span.is_recording():
        span.add_event(EVENT, attributes)
        return
    with trace.get_tracer(EVENT).start_as_current_span(EVENT, attributes=attributes):
        pass
