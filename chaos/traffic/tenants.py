"""The tenants of a run: small teams, little capacity, short times and many kinds of rules: all is contended."""

from datetime import timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration

from cartera.routing.v1.agent_pb2 import Agent
from cartera.routing.v1.campaign_pb2 import Campaign, CampaignAddress, Disposition
from cartera.routing.v1.channel_pb2 import (
    CHANNEL_CHAT,
    CHANNEL_MESSAGING,
    CHANNEL_VOICE,
    PRIORITY_URGENT,
    ChannelRule,
)
from cartera.routing.v1.configuration_service_pb2 import Configuration
from cartera.routing.v1.contact_pb2 import Contact
from cartera.routing.v1.organization_pb2 import Organization
from cartera.routing.v1.portfolio_pb2 import ExclusiveAgent, Portfolio, PortfolioContact
from cartera.routing.v1.script_pb2 import Script
from cartera.routing.v1.tenant_pb2 import Tenant
from cartera.routing.v1.trigger_pb2 import CampaignCondition, Condition, TagsCondition, Trigger, TriggerActions
from cartera.routing.v1.workgroup_pb2 import (
    ASSIGNMENT_METHOD_LAST_AGENT,
    ASSIGNMENT_METHOD_LEAST_LOAD,
    ASSIGNMENT_METHOD_MANUAL,
    ASSIGNMENT_METHOD_ROUND_ROBIN,
    LEAVING_POLICY_RETURN,
    LEAVING_POLICY_RETURN_AFTER_DEBOUNCE,
    PORTFOLIO_MODE_AUTOMATIC,
    OverflowStep,
    Workgroup,
)

AGENTS = ("ana", "bruno", "carla", "diego", "elena", "fabio", "gloria", "hugo")
KNOWN_CONTACTS = tuple(f"known-{number}" for number in range(24))
UNKNOWN_CONTACTS = tuple(f"unknown-{number}" for number in range(24))
PORTFOLIOS = ("of-ana", "of-bruno-and-carla", "of-soporte")
WORKGROUPS = ("ventas", "soporte", "mostrador", "vip")
CAMPAIGNS = ("llamadas", "charlas", "mostrador")
DISPOSITIONS = ("resuelto", "volver a llamar")

CHANNELS = {
    "llamadas": (CHANNEL_VOICE,),
    "charlas": (CHANNEL_CHAT, CHANNEL_MESSAGING),
    "mostrador": (CHANNEL_VOICE, CHANNEL_CHAT),
}
"""The channels of each campaign."""


def seconds(number: float) -> Duration:
    duration = Duration()
    duration.FromTimedelta(timedelta(seconds=number))
    return duration


def configuration(tenant_id: str) -> Configuration:
    """All of a tenant."""
    return Configuration(
        tenant=_tenant(tenant_id),
        agents=_agents(),
        workgroups=_workgroups(),
        organizations=[Organization(organization_id="acme", name="Acme", tags=["vip"])],
        scripts=[Script(script_id="saludo", name="Saludo", text="Buenos días.")],
        campaigns=_campaigns(),
        triggers=_triggers(),
        portfolios=_portfolios(),
        contacts=_contacts(),
        portfolio_contacts=_places(),
        exclusive_agents=[ExclusiveAgent(contact_id="known-9", campaign_id="llamadas", agent_id="elena")],
    )


def _tenant(tenant_id: str) -> Tenant:
    return Tenant(
        name=tenant_id,
        number="100",
        session_limit=seconds(9),
        session_alert=seconds(3),
        channel_rules=[ChannelRule(channel=CHANNEL_VOICE, cost=2, limit=1, exclusive=True)],
    )


def _agents() -> list[Agent]:
    agents = [
        Agent(agent_id=agent_id, name=agent_id.title(), capacity=2 + place % 3) for place, agent_id in enumerate(AGENTS)
    ]
    agents[3].channel_rules.add(channel=CHANNEL_VOICE, cost=1, limit=2)
    agents[5].channels.extend([CHANNEL_CHAT, CHANNEL_MESSAGING])
    return agents


def _workgroups() -> list[Workgroup]:
    common: dict[str, Any] = {"longest_wait": seconds(6), "unattended_after": seconds(1.5)}
    return [
        Workgroup(
            workgroup_id="ventas",
            member_ids=AGENTS[:5],
            method=ASSIGNMENT_METHOD_ROUND_ROBIN,
            portfolio_mode=PORTFOLIO_MODE_AUTOMATIC,
            owner_wait=seconds(1),
            queue_when_nobody_online=True,
            wrap_up=seconds(0.4),
            leaving_policy=LEAVING_POLICY_RETURN_AFTER_DEBOUNCE,
            leaving_debounce=seconds(0.8),
            **common,
        ),
        Workgroup(
            workgroup_id="soporte",
            member_ids=AGENTS[2:],
            method=ASSIGNMENT_METHOD_LEAST_LOAD,
            owner_wait=seconds(0.7),
            offer_timeout=seconds(0.5),
            offer_cool_down=seconds(0.4),
            offer_miss_limit=4,
            wrap_up=seconds(0.4),
            leaving_policy=LEAVING_POLICY_RETURN,
            overflow_steps=[OverflowStep(after=seconds(1), add_workgroup_id="ventas")],
            **common,
        ),
        Workgroup(workgroup_id="mostrador", member_ids=AGENTS, method=ASSIGNMENT_METHOD_MANUAL, **common),
        Workgroup(
            workgroup_id="vip",
            member_ids=AGENTS[:3],
            method=ASSIGNMENT_METHOD_LAST_AGENT,
            owner_wait=seconds(1),
            queue_limit=40,
            overflow_steps=[OverflowStep(after=seconds(2), priority=PRIORITY_URGENT)],
            **common,
        ),
    ]


def _campaigns() -> list[Campaign]:
    """Two of them have one address, so that transfers from one to the other are allowed."""
    workgroups = {"llamadas": ["ventas", "vip"], "charlas": ["soporte", "ventas"], "mostrador": ["mostrador", "vip"]}
    return [
        Campaign(
            campaign_id=campaign_id,
            name=campaign_id.title(),
            project="proyecto",
            client="cliente",
            addresses=[CampaignAddress(channel=each, address=f"address-{each}") for each in CHANNELS[campaign_id]],
            workgroup_ids=workgroups[campaign_id],
            dispositions=[Disposition(name=name) for name in (*DISPOSITIONS, "Transferencia")],
        )
        for campaign_id in CAMPAIGNS
    ]


def _triggers() -> list[Trigger]:
    return [
        Trigger(
            trigger_id="vip",
            active=True,
            position=1,
            all_of=[
                Condition(tags=TagsCondition(any_of=["vip"])),
                Condition(campaign=CampaignCondition(campaign_ids=["llamadas", "mostrador"])),
            ],
            actions=TriggerActions(workgroup_id="vip", priority=PRIORITY_URGENT, add_tags=["seen"]),
        )
    ]


def _portfolios() -> list[Portfolio]:
    return [
        Portfolio(portfolio_id="of-ana", owner_agent_ids=["ana"], backup_agent_ids=["diego"]),
        Portfolio(portfolio_id="of-bruno-and-carla", owner_agent_ids=["bruno", "carla"]),
        Portfolio(portfolio_id="of-soporte", owner_workgroup_ids=["soporte"]),
    ]


def _contacts() -> list[Contact]:
    return [
        Contact(contact_id=contact_id, organization_id="acme" if place % 6 == 0 else "", language="es")
        for place, contact_id in enumerate(KNOWN_CONTACTS)
    ]


def _places() -> list[PortfolioContact]:
    return [
        PortfolioContact(
            contact_id=contact_id, portfolio_id=PORTFOLIOS[place % 3], comment="amable", script_id="saludo"
        )
        for place, contact_id in enumerate(KNOWN_CONTACTS[:12])
    ]
