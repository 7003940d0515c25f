"""Traces: from the gateway through a call and its batch to the commit."""

import asyncio

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as collector
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc
from opentelemetry.proto.trace.v1.trace_pb2 import Status
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from cartera.engine.work import Work
from cartera.origin import Origin
from cartera.store.store import Condition
from cartera.telemetry.tracing import Tracing
from tests.rpc.conftest import Caller
from tests.telemetry.conftest import observed

pytestmark = pytest.mark.req("G4")

GATEWAY = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
ROUTE = {"service": "RoutingService", "method": "RouteInteraction"}
SECRETS = ("Pepa Pérez", "+34600111222", "llame más tarde")


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """What OTLP is sent to."""

    def __init__(self):
        self.spans = []
        self.text = ""

    async def Export(self, request, context):
        self.text += str(request)
        self.spans += [
            span for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans
        ]
        return collector.ExportTraceServiceResponse()

    def named(self, name):
        return [span for span in self.spans if span.name.rpartition("/")[2] == name]

    def of_trace(self, trace_id):
        return {span.name.rpartition("/")[2]: span for span in self.spans if span.trace_id.hex() == trace_id}


@pytest.fixture
async def receiver(monkeypatch):
    """A real receiver, and the variables by which a service finds it."""
    server, spans = grpc.aio.server(), Collector()
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(spans, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
    yield spans
    await server.stop(0)


def traced(channel, trace_id, *, sampled=True):
    caller = Caller(channel)
    caller.metadata = (("traceparent", f"00-{trace_id}-{GATEWAY[1]}-0{int(sampled)}"),)
    return caller


def attributes(span):
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


def test_a_batch_is_linked_with_its_calls():
    """It is part of the trace of the first that is recorded; the others and it know each other."""
    spans = InMemorySpanExporter()
    tracing = Tracing(spans)
    calls = [tracing.batches._tracer.start_span(f"call-{number}") for number in range(3)]
    works = {"a": [Work("a", origin=origin(calls[0])), Work("a", origin=Origin())], "b": [Work("b")]}
    works["b"] += [Work("b", origin=origin(call)) for call in calls[1:]]
    tracing.batches.batch_begins(works)
    tracing.batches.committed(0.01, 2, lost=1)
    tracing.batches.batch_ended(works, 0.02, failed=True)
    for call in calls:
        call.end()
    tracing.close()
    named = {span.name: span for span in spans.get_finished_spans()}
    first, second, third, batch, commit = (named[each] for each in ("call-0", "call-1", "call-2", "batch", "commit"))
    assert (batch.parent, commit.parent) == (first.context, batch.context)
    assert [link.context for link in batch.links] == [second.context, third.context]
    assert [[link.context for link in call.links] for call in (first, second, third)] == [[], *[[batch.context]] * 2]
    assert (dict(batch.attributes), dict(commit.attributes)) == (
        {"cartera.tenants": 2, "cartera.commands": 5},
        {"cartera.tenants": 2, "cartera.races_lost": 1},
    )
    assert batch.status.status_code is StatusCode.ERROR


def origin(span):
    made = Origin()
    made.span = span
    return made


async def test_a_trace_goes_from_the_gateway_to_the_commit(settings, receiver, monkeypatch):
    """Each span is part of the one before it; calls of one batch are linked; what isn't sampled isn't sent; faults of
    the service are marked, its answers are not; nothing that people wrote is in it.
    """
    others = [f"{number:032x}" for number in range(1, 4)]
    async with observed(settings.model_copy(update={"traces": True})) as seen:
        route = {"campaign_id": "ventas", "channel": 2}
        routed = await traced(seen.channel, GATEWAY[0]).RouteInteraction(contact_id="c0", **route)
        await seen.acme.CreateContact(contact={"contact_id": "pepa", "name": SECRETS[0], "notes": SECRETS[1]})
        await seen.acme.WriteNote(interaction_id=routed.interaction.interaction_id, text=SECRETS[2])
        await asyncio.gather(
            *(traced(seen.channel, trace).RouteInteraction(contact_id="c1", **route) for trace in others)
        )
        unseen = traced(seen.channel, "f" * 32, sampled=False)
        await unseen.RouteInteraction(contact_id="c2", **route)
        with pytest.raises(grpc.aio.AioRpcError):
            await traced(seen.channel, "a" * 32).GetAgent(agent_id="nobody")
        counted = await seen.value("cartera_rpc_duration_seconds_count", **ROUTE)
        lookout = seen.service.engine.lookout
        monkeypatch.setattr(lookout, "_note", lambda _: None)  # its next look would see that the database is there
        lookout._condition = Condition.AWAY
        with pytest.raises(grpc.aio.AioRpcError):
            await traced(seen.channel, "b" * 32).RouteInteraction(contact_id="c3", **route)

    assert counted == len(others) + 2

    call, batch, commit = (receiver.of_trace(GATEWAY[0])[name] for name in ("RouteInteraction", "batch", "commit"))
    assert call.parent_span_id.hex() == GATEWAY[1]
    assert (batch.parent_span_id, commit.parent_span_id) == (call.span_id, batch.span_id)
    assert call.start_time_unix_nano <= batch.start_time_unix_nano <= commit.start_time_unix_nano
    assert commit.end_time_unix_nano <= min(batch.end_time_unix_nano, call.end_time_unix_nano)
    assert attributes(call)["cartera.tenant_id"] == "acme"
    assert attributes(call)["rpc.grpc.status_code"] == 0

    linked = [batch for batch in receiver.named("batch") if batch.links]
    for batch in linked:
        for link in batch.links:
            call = receiver.of_trace(link.trace_id.hex())["RouteInteraction"]
            assert (call.span_id, [each.span_id for each in call.links]) == (link.span_id, [batch.span_id])
    batches = [span for span in receiver.named("batch") if span.trace_id.hex() in others]
    assert len(batches) + sum(len(batch.links) for batch in batches) == len(others)

    answer = receiver.of_trace("a" * 32)["GetAgent"]
    assert (answer.status.code, attributes(answer)["cartera.reason"]) == (
        Status.STATUS_CODE_UNSET,
        "RESOURCE_NOT_FOUND",
    )
    failure = receiver.of_trace("b" * 32)["RouteInteraction"]
    assert (failure.status.code, attributes(failure)["cartera.reason"]) == (
        Status.STATUS_CODE_ERROR,
        "DATABASE_UNAVAILABLE",
    )
    assert receiver.of_trace("f" * 32) == {}
    assert "cartera" in receiver.text
    assert [secret for secret in SECRETS if secret in receiver.text] == []
