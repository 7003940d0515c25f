"""Acts about agents, contacts, and who belongs to whom."""

from random import Random

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from cartera.routing.v1 import agent_service_pb2, contact_service_pb2
from cartera.routing.v1 import portfolio_service_pb2 as portfolios
from cartera.routing.v1.agent_pb2 import AGENT_STATUS_OFFLINE, AGENT_STATUS_ONLINE, AGENT_STATUS_PAUSED, Agent
from cartera.routing.v1.contact_pb2 import Contact
from chaos.traffic import tenants
from chaos.traffic.floor import Floor
from chaos.traffic.requests import filled


def set_status(floor: Floor, chance: Random) -> Message:
    status = chance.choices((AGENT_STATUS_ONLINE, AGENT_STATUS_PAUSED, AGENT_STATUS_OFFLINE), (6, 1, 1))[0]
    return agent_service_pb2.SetAgentStatusRequest(
        tenant_id=floor.tenant_id,
        agent_id=chance.choice(tenants.AGENTS),
        status=status,
        reason_code="comida" if status == AGENT_STATUS_PAUSED else "",
    )


def extend_session(floor: Floor, chance: Random) -> Message:
    return agent_service_pb2.ExtendSessionRequest(tenant_id=floor.tenant_id, agent_id=chance.choice(tenants.AGENTS))


def update_agent(floor: Floor, chance: Random) -> Message:
    """Capacities change under load, down too."""
    agent = Agent(agent_id=chance.choice(tenants.AGENTS), capacity=chance.randint(2, 4))
    return agent_service_pb2.UpdateAgentRequest(
        tenant_id=floor.tenant_id, agent=agent, update_mask=FieldMask(paths=["capacity"])
    )


def assign_portfolio(floor: Floor, chance: Random) -> Message:
    return portfolios.AssignPortfolioRequest(
        tenant_id=floor.tenant_id,
        portfolio_id=chance.choice(tenants.PORTFOLIOS),
        contact_ids=chance.sample(tenants.KNOWN_CONTACTS, chance.randint(1, 3)),
        conflict_policy=chance.choice(portfolios.ConflictPolicy.values()),
        comment=chance.choice(("", "amable", "con prisa")),
    )


def would_assign_portfolio(floor: Floor, chance: Random) -> Message:
    return filled(assign_portfolio(floor, chance), validate_only=True)


def remove_from_portfolio(floor: Floor, chance: Random) -> Message:
    return portfolios.RemoveFromPortfolioRequest(
        tenant_id=floor.tenant_id,
        portfolio_id=chance.choice(tenants.PORTFOLIOS),
        contact_ids=chance.sample(tenants.KNOWN_CONTACTS, chance.randint(1, 3)),
    )


def add_to_own_portfolio(floor: Floor, chance: Random) -> Message:
    return portfolios.AddToOwnPortfolioRequest(
        tenant_id=floor.tenant_id,
        agent_id=chance.choice(tenants.AGENTS),
        contact_id=chance.choice(tenants.KNOWN_CONTACTS),
        comment=chance.choice(("mío", "ya llamó")),
        script_id=chance.choice(("", "saludo")),
    )


def create_contact(floor: Floor, chance: Random) -> Message:
    """Of several who create the same, one does."""
    contact = Contact(contact_id=chance.choice(tenants.UNKNOWN_CONTACTS), name=f"{chance.getrandbits(16)}")
    return contact_service_pb2.CreateContactRequest(tenant_id=floor.tenant_id, contact=contact)


def delete_contact(floor: Floor, chance: Random) -> Message:
    contact_id = chance.choice(tenants.UNKNOWN_CONTACTS)
    return contact_service_pb2.DeleteContactRequest(tenant_id=floor.tenant_id, contact_id=contact_id)


def set_exclusive_agent(floor: Floor, chance: Random) -> Message:
    return portfolios.SetExclusiveAgentRequest(
        tenant_id=floor.tenant_id,
        contact_id=chance.choice(tenants.KNOWN_CONTACTS[:12]),
        campaign_id=chance.choice(tenants.CAMPAIGNS),
        agent_id=chance.choice(tenants.AGENTS),
    )


def remove_exclusive_agent(floor: Floor, chance: Random) -> Message:
    return portfolios.RemoveExclusiveAgentRequest(
        tenant_id=floor.tenant_id,
        contact_id=chance.choice(tenants.KNOWN_CONTACTS[:12]),
        campaign_id=chance.choice(tenants.CAMPAIGNS),
    )
