"""Acts about interactions: they arrive, are offered, claimed, attended, passed on and ended."""

from random import Random

from google.protobuf.message import Message

from cartera.routing.v1 import routing_service_pb2 as routing
from cartera.routing.v1.interaction_pb2 import DELIVERY_STATE_DELIVERED, DELIVERY_STATE_READ
from chaos.traffic import tenants
from chaos.traffic.floor import ANY, ASSIGNED, OFFERED, WAITING, WRAP_UP, Floor
from chaos.traffic.requests import about, filled


def route(floor: Floor, chance: Random) -> Message:
    """Interactions arrive; contacts come again, so that messages join."""
    campaign_id = chance.choice(tenants.CAMPAIGNS)
    contacts = tenants.KNOWN_CONTACTS if chance.random() < 0.6 else tenants.UNKNOWN_CONTACTS
    return routing.RouteInteractionRequest(
        tenant_id=floor.tenant_id,
        campaign_id=campaign_id,
        contact_id=chance.choice(contacts) if chance.random() < 0.8 else f"new-{chance.getrandbits(40):x}",
        channel=chance.choice(tenants.CHANNELS[campaign_id]),
        tags=["vip"] if chance.random() < 0.1 else [],
    )


def accept(floor: Floor, chance: Random) -> Message | None:
    return about(routing.AcceptOfferRequest, floor, OFFERED, chance, with_agent=True)


def reject(floor: Floor, chance: Random) -> Message | None:
    return about(routing.RejectOfferRequest, floor, OFFERED, chance, with_agent=True)


def complete(floor: Floor, chance: Random) -> Message | None:
    request = about(routing.CompleteInteractionRequest, floor, ASSIGNED, chance)
    return request and filled(request, disposition=chance.choice(tenants.DISPOSITIONS), note=_note(chance))


def finish_wrap_up(floor: Floor, chance: Random) -> Message | None:
    return about(routing.FinishWrapUpRequest, floor, WRAP_UP, chance)


def cancel(floor: Floor, chance: Random) -> Message | None:
    return about(routing.CancelInteractionRequest, floor, ANY, chance)


def transfer(floor: Floor, chance: Random) -> Message | None:
    """To an agent, a campaign or a workgroup."""
    request = about(routing.TransferRequest, floor, ASSIGNED, chance)
    targets = [
        {"agent_id": chance.choice(tenants.AGENTS)},
        {"campaign_id": chance.choice(tenants.CAMPAIGNS)},
        {"workgroup_id": chance.choice(tenants.WORKGROUPS)},
    ]
    target = chance.choices(targets, (4, 1, 1))[0]
    return request and filled(request, note="pasa", **target)


def claim(floor: Floor, chance: Random) -> Message | None:
    request = about(routing.ClaimInteractionRequest, floor, WAITING, chance)
    return request and filled(request, agent_id=chance.choice(tenants.AGENTS))


def claim_next(floor: Floor, chance: Random) -> Message:
    return routing.ClaimInteractionRequest(tenant_id=floor.tenant_id, agent_id=chance.choice(tenants.AGENTS))


def assign(floor: Floor, chance: Random) -> Message | None:
    request = about(routing.AssignInteractionRequest, floor, WAITING, chance)
    return request and filled(request, agent_id=chance.choice(tenants.AGENTS))


def write_note(floor: Floor, chance: Random) -> Message | None:
    request = about(routing.WriteNoteRequest, floor, ANY, chance)
    return request and filled(request, text="apuntado")


def report_delivery(floor: Floor, chance: Random) -> Message | None:
    request = about(routing.ReportDeliveryRequest, floor, ANY, chance)
    states = (DELIVERY_STATE_DELIVERED, DELIVERY_STATE_READ)
    return request and filled(
        request, message_id=f"message-{chance.getrandbits(16)}", delivery_state=chance.choice(states)
    )


def would_route(floor: Floor, chance: Random) -> Message:
    return filled(route(floor, chance), validate_only=True)


def would_transfer(floor: Floor, chance: Random) -> Message | None:
    request = transfer(floor, chance)
    return request and filled(request, validate_only=True)


def _note(chance: Random) -> str:
    return "gracias" if chance.random() < 0.3 else ""
