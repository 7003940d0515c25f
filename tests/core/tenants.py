"""Builders for small tenants: records as they stand, and the commands that most stories begin with."""

from cartera.core.commands import RouteInteraction, SetAgentStatus
from cartera.core.records import (
    Agent,
    AgentPresence,
    Campaign,
    CampaignAddress,
    Contact,
    Disposition,
    Portfolio,
    PortfolioContact,
    Tenant,
    Workgroup,
)
from cartera.core.vocabulary import AgentStatus, Channel
from tests.core.specification import START

TENANT = Tenant("Clínica Sol", "1001")
CHAT_ADDRESS = CampaignAddress(Channel.CHAT, "web-chat")
VOICE_ADDRESS = CampaignAddress(Channel.VOICE, "+34900")
DISPOSITIONS = (Disposition("Venta"), Disposition("Queja", ("Demora", "Trato")))


def agents(**capacities):
    """Agents by id, with their capacities."""
    return [Agent(agent_id, agent_id.title(), capacity) for agent_id, capacity in capacities.items()]


def online(*agent_ids, **fields):
    """Presences of agents who are online, without a session that ends."""
    return [AgentPresence(each, AgentStatus.ONLINE, status_since=START, **fields) for each in agent_ids]


def workgroup(workgroup_id, *member_ids, **fields):
    return Workgroup(workgroup_id, workgroup_id.title(), member_ids, **fields)


def campaign(campaign_id, *workgroup_ids, addresses=(CHAT_ADDRESS, VOICE_ADDRESS), dispositions=DISPOSITIONS):
    return Campaign(campaign_id, campaign_id.title(), "P1", "ACME", addresses, workgroup_ids, dispositions)


def ventas(*member_ids, capacity=1, **fields):
    """A tenant with one workgroup, "ventas", of agents with a capacity, and one campaign, "tienda", that it serves."""
    return [
        TENANT,
        *agents(**dict.fromkeys(member_ids, capacity)),
        workgroup("ventas", *member_ids, **fields),
        campaign("tienda", "ventas"),
    ]


def contacts(*contact_ids, **fields):
    return [Contact(each, each.title(), **fields) for each in contact_ids]


def portfolio(portfolio_id, *owner_agent_ids, holds=(), **fields):
    """A portfolio with the contacts that it holds."""
    places = [PortfolioContact(each, portfolio_id, assigned_at=START) for each in holds]
    return [Portfolio(portfolio_id, portfolio_id.title(), owner_agent_ids=owner_agent_ids, **fields), *places]


def chat(contact_id, campaign_id="tienda", **fields):
    return RouteInteraction(campaign_id, contact_id, Channel.CHAT, **fields)


def call(contact_id, campaign_id="tienda", **fields):
    return RouteInteraction(campaign_id, contact_id, Channel.VOICE, **fields)


def goes_online(agent_id, *channels):
    return SetAgentStatus(agent_id, AgentStatus.ONLINE, channels=channels)


def goes_offline(agent_id):
    return SetAgentStatus(agent_id, AgentStatus.OFFLINE)


def pauses(agent_id, reason_code="almuerzo"):
    return SetAgentStatus(agent_id, AgentStatus.PAUSED, reason_code)
