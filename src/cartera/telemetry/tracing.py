"""Traces by OpenTelemetry. The only place that knows its library, imported only where traces are wanted.

A call's span goes on from the caller's `traceparent`. A batch has calls of many traces: its span belongs to the trace
of the first of them that is recorded, and links to all others, as theirs link to it. A commit's span is part of its
batch's. What nobody records costs next to nothing: no batch has a span that isn't part of a recorded call.

No span holds what people wrote, nor who they are: methods, tenants, codes and numbers.
"""

import time
from collections.abc import Mapping, Sequence
from threading import Thread

from grpc import StatusCode
from opentelemetry import propagate
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Link, Span, SpanKind, Tracer, format_trace_id, set_span_in_context
from opentelemetry.trace import StatusCode as SpanStatus

from cartera import __version__
from cartera.core.vocabulary import ErrorReason
from cartera.engine.observer import Observer
from cartera.engine.work import Work
from cartera.origin import TRACE_KEY, Origin
from cartera.rpc.interceptors import Exchange
from cartera.rpc.methods import Method
from cartera.rpc.observation import CallObserver, MethodObserver

FAULTS = frozenset(
    {
        StatusCode.UNKNOWN,
        StatusCode.DEADLINE_EXCEEDED,
        StatusCode.UNIMPLEMENTED,
        StatusCode.INTERNAL,
        StatusCode.UNAVAILABLE,
        StatusCode.DATA_LOSS,
    }
)
"""What is a failure of the service rather than its answer; OpenTelemetry has the spans of servers marked for these."""

NANOSECONDS = 1_000_000_000

LAST_SECONDS = 2.0
"""How long is waited at the end for spans to be received."""


class Tracing:
    """Makes spans, and sends them off; where to and how many, the variables OTEL_… say."""

    def __init__(self, exporter: SpanExporter | None = None) -> None:
        self._provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
        tracer = self._provider.get_tracer("cartera", __version__)
        self.calls = CallTraces(tracer)
        self.batches = BatchTraces(tracer)

    def close(self) -> None:
        """Send what is left, and end. Spans that nobody receives hold up the end of a service for a moment only."""
        closing = Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(LAST_SECONDS)


def _resource() -> Resource:
    """Who sends them: cartera, unless a variable gives it another name."""
    named = Resource.create({SERVICE_VERSION: __version__})
    is_named = not str(named.attributes[SERVICE_NAME]).startswith("unknown_service")
    return named if is_named else named.merge(Resource({SERVICE_NAME: "cartera"}))


class CallTraces(CallObserver):
    """A span for each call."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def of(self, method: Method) -> MethodObserver:
        return _MethodTraces(self._tracer, method)


class _MethodTraces(MethodObserver):
    def __init__(self, tracer: Tracer, method: Method) -> None:
        self._tracer = tracer
        self._name = method.path.removeprefix("/")
        self._attributes = {"rpc.system": "grpc", "rpc.service": method.service, "rpc.method": method.name}

    def began(self, origin: Origin, exchange: Exchange) -> None:
        carrier = {key: value for key, value in exchange.metadata if isinstance(value, str)}
        parent = propagate.extract(carrier) if TRACE_KEY in carrier else None
        span = self._tracer.start_span(self._name, parent, SpanKind.SERVER, self._attributes)
        if span.is_recording():
            origin.span = span
            origin.trace_id = format_trace_id(span.get_span_context().trace_id)

    def ended(
        self, origin: Origin, exchange: Exchange, code: StatusCode, reason: ErrorReason | None, _seconds: float
    ) -> None:
        span: Span | None = origin.span
        if span is None:
            return
        number: int = code.value[0]
        span.set_attribute("rpc.grpc.status_code", number)
        span.set_attribute("cartera.tenant_id", exchange.tenant_id())
        span.set_attribute("cartera.correlation_id", origin.correlation_id)
        if reason is not None:
            span.set_attribute("cartera.reason", reason.name)
        if code in FAULTS:
            span.set_status(SpanStatus.ERROR)
        span.end()


class BatchTraces(Observer):
    """A span for each batch in which a recorded call has a part, and for its commits."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._batch: Span | None = None

    def batch_begins(self, works: Mapping[str, Sequence[Work]]) -> None:
        calls = _recorded(works)
        if not calls:
            return
        first, *others = calls
        self._batch = self._tracer.start_span(
            "batch", set_span_in_context(first), links=[Link(each.get_span_context()) for each in others]
        )
        for each in others:
            each.add_link(self._batch.get_span_context())

    def batch_ended(self, works: Mapping[str, Sequence[Work]], _seconds: float, *, failed: bool) -> None:
        if self._batch is None:
            return
        self._batch.set_attributes({"cartera.tenants": len(works), "cartera.commands": sum(map(len, works.values()))})
        if failed:
            self._batch.set_status(SpanStatus.ERROR)
        self._batch.end()
        self._batch = None

    def committed(self, seconds: float, tenants: int, *, lost: int) -> None:
        if self._batch is None:
            return
        ended_at = time.time_ns()
        attributes = {"cartera.tenants": tenants, "cartera.races_lost": lost}
        began_at = ended_at - round(seconds * NANOSECONDS)
        parent = set_span_in_context(self._batch)
        span = self._tracer.start_span("commit", parent, SpanKind.CLIENT, attributes, start_time=began_at)
        span.end(ended_at)


def _recorded(works: Mapping[str, Sequence[Work]]) -> list[Span]:
    return [
        work.origin.span
        for of_tenant in works.values()
        for work in of_tenant
        if work.origin is not None and work.origin.span is not None
    ]
