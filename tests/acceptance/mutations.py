"""A day in which every call that changes something is made once, in an order in which each of them does."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import grpc
from google.protobuf.message import Message

from cartera.routing.v1 import (
    agent_service_pb2,
    configuration_service_pb2,
    contact_service_pb2,
    portfolio_service_pb2,
    routing_service_pb2,
)
from cartera.routing.v1.agent_pb2 import AGENT_STATUS_ONLINE
from cartera.routing.v1.channel_pb2 import CHANNEL_CHAT, CHANNEL_VOICE
from cartera.routing.v1.interaction_pb2 import DELIVERY_STATE_DELIVERED
from cartera.routing.v1.organization_pb2 import Organization
from cartera.routing.v1.script_pb2 import Script
from cartera.routing.v1.trigger_pb2 import Trigger
from tests.acceptance.floor import Floor, agent, campaign, contact, portfolio, workgroup

FILES = (
    agent_service_pb2,
    configuration_service_pb2,
    contact_service_pb2,
    portfolio_service_pb2,
    routing_service_pb2,
)
METHODS = {
    method.name: method
    for file in FILES
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
    if "request_id" in method.input_type.fields_by_name
}
"""Every RPC that takes a request_id: those that change something."""


HOUR = timedelta(hours=1)


class Mutation(NamedTuple):
    """One call, and a field with another value, which makes it another request."""

    name: str
    fields: dict[str, Any]
    other: dict[str, Any]


def day(interaction_ids: dict[str, str]) -> Iterator[Mutation]:
    """The calls in their order. `interaction_ids` has those of the contacts whose chats wait when the day begins, two
    that are offered to dora, and one after which she wraps up.
    """
    tenant = {"name": "Clínica Luna", "number": "2"}
    yield Mutation("UpdateTenant", {"tenant": tenant}, {"tenant": {"name": "Otra"}})
    for kind, created, changed in (
        ("Agent", agent("eva"), agent("eva", 2)),
        ("Workgroup", workgroup("noche"), workgroup("noche", "ana")),
        ("Campaign", campaign("otra", "ventas"), campaign("otra", "ventas", project="Otoño")),
        ("Trigger", Trigger(trigger_id="t", actions={}), Trigger(trigger_id="t", actions={"add_tags": ["x"]})),
        ("Organization", Organization(organization_id="acme"), Organization(organization_id="acme", tags=["VIP"])),
        ("Script", Script(script_id="hola"), Script(script_id="hola", text="Hola")),
        ("Portfolio", portfolio("este"), portfolio("este", "ana")),
        ("Contact", contact("rosa"), contact("rosa", tags=["es"])),
    ):
        field = kind.lower()
        yield Mutation(f"Create{kind}", {field: created}, {field: changed})
        yield Mutation(f"Update{kind}", {field: changed}, {field: created})
        yield Mutation(f"Delete{kind}", {f"{field}_id": getattr(changed, f"{field}_id")}, {"etag": "1"})
    configuration = {"contacts": [{"contact_id": "sara"}]}
    yield Mutation("ApplyConfiguration", {"configuration": configuration}, {"configuration": {}})

    luis = {"portfolio_id": "norte", "contact_ids": ["luis"]}
    yield Mutation("AssignPortfolio", luis, {"contact_ids": ["nora"]})
    yield Mutation("RemoveFromPortfolio", luis, {"contact_ids": ["nora"]})
    yield Mutation("AddToOwnPortfolio", {"agent_id": "ana", "contact_id": "luis"}, {"comment": "otro"})
    handed_over = {"from_agent_id": "carlos", "to_agent_id": "ana", "why": "licencia"}
    yield Mutation("HandOverPortfolios", handed_over, {"why": "otra"})
    exclusive = {"contact_id": "nora", "campaign_id": "tienda"}
    yield Mutation("SetExclusiveAgent", {**exclusive, "agent_id": "ana"}, {"agent_id": "carlos"})
    yield Mutation("RemoveExclusiveAgent", exclusive, {"campaign_id": "ayuda"})

    yield Mutation("SetAgentStatus", {"agent_id": "ana", "status": AGENT_STATUS_ONLINE}, {"agent_id": "carlos"})
    yield Mutation("ExtendSession", {"agent_id": "carlos"}, {"agent_id": "ana"})
    arrival = {"campaign_id": "tienda", "contact_id": "tomas", "channel": CHANNEL_CHAT}
    yield Mutation("RouteInteraction", arrival, {"channel": CHANNEL_VOICE})
    yield Mutation("ClaimInteraction", {"agent_id": "ana"}, {"interaction_id": interaction_ids["pedro"]})
    given = {"interaction_id": interaction_ids["pedro"], "agent_id": "ana"}
    yield Mutation("AssignInteraction", given, {"allow_over_capacity": True})
    moved = {"interaction_id": interaction_ids["pedro"], "agent_id": "carlos", "note": "relevo"}
    yield Mutation("Transfer", moved, {"note": "otro"})
    note = {"interaction_id": interaction_ids["pedro"], "text": "llamar por la tarde"}
    yield Mutation("WriteNote", note, {"text": "otra"})
    delivered = {"message_id": "m1", "delivery_state": DELIVERY_STATE_DELIVERED}
    delivery = {"interaction_id": interaction_ids["pedro"], **delivered}
    yield Mutation("ReportDelivery", delivery, {"message_id": "m2"})
    yield Mutation("AcceptOffer", {"interaction_id": interaction_ids["rita"], "agent_id": "dora"}, {"agent_id": "ana"})
    yield Mutation("RejectOffer", {"interaction_id": interaction_ids["saul"], "agent_id": "dora"}, {"agent_id": "ana"})
    finished = {"interaction_id": interaction_ids["teo"]}
    yield Mutation("FinishWrapUp", finished, {"interaction_id": interaction_ids["rita"]})
    ended = {"interaction_id": interaction_ids["pedro"], "disposition": "Venta"}
    yield Mutation("CompleteInteraction", ended, {"note": "otro"})
    left = {"interaction_id": interaction_ids["quique"]}
    yield Mutation("CancelInteraction", left, {"interaction_id": interaction_ids["pedro"]})
    yield Mutation("CreateTenant", {"tenant_id": "luna", "tenant": tenant}, {"tenant": {"name": "Otra"}})


async def prepared(floor: Floor) -> list[Mutation]:
    """The floor as it is when the day begins."""
    await floor.ventas("ana", "carlos", capacity=20, contacts=["luis", "nora"])
    await floor.declare(
        agents=[agent("dora", 5)],
        workgroups=[workgroup("citas", "dora", offer_timeout=HOUR, wrap_up=HOUR)],
        campaigns=[campaign("ayuda", "ventas"), campaign("agenda", "citas")],
        portfolios=[portfolio("norte", "ana"), portfolio("sur", "carlos")],
    )
    waiting = {each: (await floor.chat(each)).interaction_id for each in ("olga", "pedro", "quique")}
    await floor.online("carlos", "dora")
    await floor.passes(hours=1)
    offered = {each: (await floor.chat(each, "agenda")).interaction_id for each in ("rita", "saul", "teo")}
    await floor.agent("dora").routing.AcceptOffer(interaction_id=offered["teo"], agent_id="dora")
    await floor.complete(offered["teo"])
    return list(day(waiting | offered))


def request_of(mutation: Mutation, request_id: str, *, other: bool = False) -> Message:
    """The request of a call; or another one, under the same request_id."""
    fields = {"tenant_id": "sol", **mutation.fields, **(mutation.other if other else {})}
    method = METHODS[mutation.name]
    return method.input_type._concrete_class(request_id=request_id, **fields)


async def raw_answer(floor: Floor, mutation: Mutation, request: Message) -> bytes:
    """The bytes that a call is answered with."""
    method = METHODS[mutation.name]
    call = floor.channel.unary_unary(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=type(request).SerializeToString,
    )
    try:
        answer: bytes = await call(request, wait_for_ready=True)
    except grpc.aio.AioRpcError as failure:
        failure.add_note(mutation.name)
        raise
    return answer
