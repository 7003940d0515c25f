"""A tenant for hostile calls: small, with something of every kind that they can name."""

from cartera.contract import decode
from cartera.core.commands import ApplyConfiguration, Configuration, RouteInteraction, SetAgentStatus
from cartera.core.records import Interaction
from cartera.core.vocabulary import AgentStatus, Channel
from cartera.routing.v1 import configuration_service_pb2 as pb
from tests.core.specification import Story

TENANT = "acme"

CONFIGURATION = pb.Configuration(
    tenant={"name": "Acme", "number": "77"},
    agents=[
        {"agent_id": "ana", "capacity": 2, "skills": [{"name": "english", "level": 5}]},
        {"agent_id": "bea", "capacity": 1, "channel_rules": [{"channel": 1, "cost": 2, "exclusive": True}]},
    ],
    workgroups=[
        {
            "workgroup_id": "sales",
            "member_ids": ["ana", "bea"],
            "supervisor_ids": ["sofia"],
            "method": 1,
            "offer_timeout": {"seconds": 30},
            "overflow_steps": [{"after": {"seconds": 60}, "add_workgroup_id": "support"}],
        },
        {"workgroup_id": "support", "member_ids": ["bea"], "method": 3, "private": True, "queue_limit": 2},
    ],
    scripts=[{"script_id": "hello", "text": "Buenos días"}],
    organizations=[{"organization_id": "bank", "tags": ["vip"]}],
    campaigns=[
        {
            "campaign_id": "ventas",
            "client": "Banco",
            "addresses": [{"channel": 2, "address": "web"}],
            "workgroup_ids": ["sales"],
            "dispositions": [{"name": "Venta", "sub_dispositions": ["Nueva"]}],
        },
        {
            "campaign_id": "ayuda",
            "addresses": [{"channel": 2, "address": "web"}, {"channel": 1, "address": "900", "priority_line": True}],
            "workgroup_ids": ["support", "sales"],
            "dispositions": [{"name": "Queja"}],
            "hours": {
                "time_zone": "America/Bogota",
                "opening_hours": [{"day": 1, "opens": "00:00", "closes": "24:00"}],
            },
        },
    ],
    triggers=[
        {
            "trigger_id": "vip",
            "active": True,
            "all_of": [{"tags": {"any_of": ["vip"]}}],
            "actions": {"priority": 4, "add_tags": ["seen"]},
        }
    ],
    portfolios=[{"portfolio_id": "gold", "owner_agent_ids": ["ana"]}],
    contacts=[{"contact_id": "c1", "organization_id": "bank"}, {"contact_id": "c2"}],
    portfolio_contacts=[{"contact_id": "c1", "portfolio_id": "gold", "comment": "calls on Mondays"}],
    exclusive_agents=[{"contact_id": "c2", "campaign_id": "ventas", "agent_id": "bea"}],
)

NEW = "nuevo"
IDENTIFIERS = {
    "agent": ("ana", "bea", NEW),
    "workgroup": ("sales", "support", NEW),
    "campaign": ("ventas", "ayuda", NEW),
    "contact": ("c1", "c2", NEW),
    "portfolio": ("gold", NEW),
    "organization": ("bank", NEW),
    "script": ("hello", NEW),
    "trigger": ("vip", NEW),
    "interaction": ("i2", "i3", "i4", "i5"),
}
"""What is there, by the kind that the name of a field says, and what isn't."""

ARRIVING = [("ventas", "c1"), ("ventas", "c2"), ("ayuda", "c1"), ("ventas", "c3")]
"""Campaigns and contacts of interactions: the revisions after the first name them."""


def story() -> Story:
    """The tenant in memory, at work: some interactions are offered or assigned to Ana, others wait."""
    told = Story().when(ApplyConfiguration(decode(CONFIGURATION, Configuration)))
    told.when(*(RouteInteraction(campaign, contact, Channel.CHAT) for campaign, contact in ARRIVING))
    told.when(SetAgentStatus("ana", AgentStatus.ONLINE))
    assert all(told.state.get(Interaction, interaction_id) for interaction_id in IDENTIFIERS["interaction"])
    return told
