"""A span for each call, if OpenTelemetry's API is installed; without an SDK behind it, it costs next to nothing."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

propagate: Any = None
trace: Any = None
with suppress(ImportError):
    propagate, trace = import_module("opentelemetry.propagate"), import_module("opentelemetry.trace")
tracer = trace and trace.get_tracer("pixian_shim.gateway")

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pixian_shim.gateway._record import Record


@contextmanager
def traced(record: Record, headers: Mapping[str, str]) -> Iterator[None]:
    """Put a span around the work on a request, below the caller's own trace.

    Args:
        record: what the span tells, once the block has ended.
        headers: of the request, which may name a trace.
    """
    if tracer is None:
        yield
        return
    with tracer.start_as_current_span(
        "pixian_shim.call", context=propagate.extract(headers), kind=trace.SpanKind.SERVER
    ) as span:
        try:
            yield
        finally:
            if span.is_recording():
                span.set_attributes(_attributes(record))
                if record.status >= 500:  # noqa: PLR2004
                    span.set_status(trace.StatusCode.ERROR, record.error)


def _attributes(record: Record) -> dict[str, Any]:
    told = {
        "http.request.method": record.method,
        "url.path": record.path,
        "http.response.status_code": record.status,
        "http.request.body.size": record.received,
        "http.response.body.size": record.sent,
        "error.type": record.error,
        "pixian_shim.provider": record.provider,
        "pixian_shim.operation": record.operation,
        "pixian_shim.key": record.key,
        "pixian_shim.credits": record.credits,
        "pixian_shim.attempts": record.attempts,
        "pixian_shim.possible_double_charge": record.possible_double_charge,
        "pixian_shim.notes": [f"{note.name}={note.verdict}" for note in record.notes if note.given],
    }
    return {name: value for name, value in told.items() if value is not None}
