"""Acts that read."""

from random import Random

from google.protobuf.message import Message

from cartera.routing.v1 import agent_service_pb2, configuration_service_pb2, contact_service_pb2
from cartera.routing.v1 import portfolio_service_pb2 as portfolios
from cartera.routing.v1 import routing_service_pb2 as routing
from chaos.traffic import tenants
from chaos.traffic.floor import ANY, ASSIGNED, OFFERED, WAITING, WRAP_UP, Floor
from chaos.traffic.requests import about, filled


def get_interaction(floor: Floor, chance: Random) -> Message | None:
    request = about(routing.GetInteractionRequest, floor, ANY, chance)
    return request and _read(request, floor, chance)


def list_interactions(floor: Floor, chance: Random) -> Message:
    states = chance.choice((OFFERED, ASSIGNED, WAITING, WRAP_UP))
    request = routing.ListInteractionsRequest(tenant_id=floor.tenant_id, states=states, page_size=20)
    if chance.random() < 0.3:
        request.agent_id = chance.choice(tenants.AGENTS)
    return _read(request, floor, chance)


def get_agent(floor: Floor, chance: Random) -> Message:
    agent_id = chance.choice(tenants.AGENTS)
    return _read(agent_service_pb2.GetAgentRequest(tenant_id=floor.tenant_id, agent_id=agent_id), floor, chance)


def list_agents(floor: Floor, chance: Random) -> Message:
    return _read(agent_service_pb2.ListAgentsRequest(tenant_id=floor.tenant_id), floor, chance)


def list_portfolio_contacts(floor: Floor, chance: Random) -> Message:
    portfolio_id = chance.choice(tenants.PORTFOLIOS)
    request = portfolios.ListPortfolioContactsRequest(tenant_id=floor.tenant_id, portfolio_id=portfolio_id)
    return _read(request, floor, chance)


def get_contact(floor: Floor, chance: Random) -> Message:
    contact_id = chance.choice(tenants.KNOWN_CONTACTS)
    return _read(contact_service_pb2.GetContactRequest(tenant_id=floor.tenant_id, contact_id=contact_id), floor, chance)


def get_workgroup(floor: Floor, chance: Random) -> Message:
    request = configuration_service_pb2.GetWorkgroupRequest(
        tenant_id=floor.tenant_id, workgroup_id=chance.choice(tenants.WORKGROUPS)
    )
    return _read(request, floor, chance)


def _read(request: Message, floor: Floor, chance: Random) -> Message:
    """Reads mostly ask for what any caller has been told of already."""
    return filled(request, min_revision=floor.revision) if chance.random() < 0.7 else request
