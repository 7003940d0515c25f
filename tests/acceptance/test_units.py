"""Capacity in units, as agents and administrators see it (C1, C2)."""

import asyncio

import pytest

from cartera.routing.v1.campaign_pb2 import CampaignAddress
from cartera.routing.v1.channel_pb2 import CHANNEL_CHAT, CHANNEL_EMAIL, CHANNEL_VOICE, ChannelRule
from cartera.routing.v1.tenant_pb2 import Tenant
from tests.acceptance.floor import QUEUED, agent, campaign, held, placed, refused

CALLS = ChannelRule(channel=CHANNEL_VOICE, cost=2, exclusive=True)
EMAILS = ChannelRule(channel=CHANNEL_EMAIL, cost=1, limit=1)
ADDRESSES = [
    CampaignAddress(channel=CHANNEL_CHAT, address="web-chat"),
    CampaignAddress(channel=CHANNEL_VOICE, address="+34900"),
    CampaignAddress(channel=CHANNEL_EMAIL, address="hola@example.com"),
]


async def ruled(floor, *agent_ids, capacity=3, **policy):
    """The tenant's calls cost two units and shut out all else; of e-mails an agent has one at a time."""
    await floor.ventas(*agent_ids, capacity=capacity, contacts=["luis", "nora"], **policy)
    await floor.declare(
        tenant=Tenant(name="Clínica Sol", number="1001", channel_rules=[CALLS, EMAILS]),
        campaigns=[campaign("tienda", "ventas", addresses=ADDRESSES)],
    )
    await floor.online(*agent_ids)


async def email(floor, contact_id):
    return await floor.chat(contact_id, channel=CHANNEL_EMAIL)


async def units(floor, agent_id="ana"):
    return (await floor.administrator.agents.GetAgent(agent_id=agent_id)).units_in_use


@pytest.mark.req("C1", "C2", "G6")
async def test_the_example_of_units(floor):
    """docs/routing.md, "Capacity": a call costs 2 and is exclusive, one e-mail at a time, and Ana has 3 units."""
    await ruled(floor, "ana")
    luis, marta = await floor.chat("luis"), await floor.call("marta")
    assert (placed(luis), placed(marta)) == (held("ana", "ROUND_ROBIN"), held("ana", "ROUND_ROBIN"))
    assert await units(floor) == 3
    await floor.complete(luis.interaction_id)
    nora = await floor.chat("nora")
    assert (await units(floor), placed(nora)) == (2, QUEUED), "the call shuts out all else"
    await floor.service.restart()
    await floor.complete(marta.interaction_id)
    assert await floor.where(nora) == held("ana", "ROUND_ROBIN")
    olga, pedro = await email(floor, "olga"), await email(floor, "pedro")
    assert (placed(olga), placed(pedro)) == (held("ana", "ROUND_ROBIN"), QUEUED)
    assert await units(floor) == 2
    await floor.complete(olga.interaction_id)
    assert await floor.where(pedro) == held("ana", "ROUND_ROBIN")


@pytest.mark.req("C1", "C2", "M9", "M10", "T1", "E1")
async def test_no_path_takes_what_there_is_no_room_for(floor):
    """While Ana is on a call she claims nothing, is transferred and assigned nothing, and not even her exclusive
    contact is given to her; only an administrator who says so goes past it.
    """
    await ruled(floor, "ana", "bruno")
    await floor.administrator.portfolios.SetExclusiveAgent(contact_id="nora", campaign_id="tienda", agent_id="ana")
    call = await floor.call("marta")
    assert placed(call) == held("ana", "ROUND_ROBIN")
    luis = await floor.chat("luis")
    assert placed(luis) == held("bruno", "ROUND_ROBIN")
    with refused("AGENT_AT_CAPACITY"):
        await floor.transfer(luis.interaction_id, agent_id="ana")
    assert await floor.where(luis) == held("bruno", "ROUND_ROBIN")
    nora = await floor.chat("nora")
    assert placed(nora) == ("QUEUED", "EXCLUSIVE_AGENT_FULL", "")
    await floor.pause("bruno")
    pedro = await floor.chat("pedro")
    with refused("AGENT_AT_CAPACITY"):
        await floor.claim("ana", pedro.interaction_id)
    with refused("AGENT_AT_CAPACITY"):
        await floor.assign(pedro.interaction_id, "ana")
    await floor.assign(pedro.interaction_id, "ana", allow_over_capacity=True)
    assert await units(floor) == 3
    await floor.complete(call.interaction_id)
    assert await floor.where(nora) == held("ana", "EXCLUSIVE_AGENT")


@pytest.mark.req("C2")
async def test_rules_change_while_interactions_are_held(floor):
    """Tighter rules take nothing away, looser ones give what waits at once; an agent's own stand before all."""
    await ruled(floor, "ana")
    first, second = await email(floor, "luis"), await email(floor, "nora")
    assert placed(second) == QUEUED
    await floor.declare(agents=[agent("ana", 3, channel_rules=[ChannelRule(channel=CHANNEL_EMAIL, cost=1)])])
    assert await floor.where(second) == held("ana", "ROUND_ROBIN")
    own = [ChannelRule(channel=CHANNEL_EMAIL, cost=3, exclusive=True)]
    await floor.declare(agents=[agent("ana", 3, channel_rules=own)])
    assert (await units(floor), await floor.held_by("ana")) == (6, ["nora", "luis"])
    third = await floor.chat("olga")
    await floor.complete(first.interaction_id)
    assert await floor.where(third) == QUEUED
    await floor.complete(second.interaction_id)
    assert await floor.where(third) == held("ana", "ROUND_ROBIN")


@pytest.mark.req("C1", "C2")
async def test_units_are_never_exceeded_by_many_at_once(floor):
    """Calls, chats and e-mails arrive, are claimed and assigned at once: no agent ever holds more than it may."""
    await ruled(floor, "ana", "bruno")
    kinds = [floor.call, floor.chat, lambda contact_id: email(floor, contact_id)] * 4
    arrived = await asyncio.gather(*(route(f"c{number}") for number, route in enumerate(kinds)))
    waiting = [each for each in arrived if not each.agent_id]
    await asyncio.gather(
        *(floor.claim("ana", each.interaction_id) for each in waiting),
        *(floor.assign(each.interaction_id, "bruno") for each in waiting),
        *(floor.claim(agent_id) for agent_id in ("ana", "bruno") for _ in range(3)),
        return_exceptions=True,
    )
    for agent_id in ("ana", "bruno"):
        answer = await floor.agent(agent_id).routing.ListInteractions()
        channels = [view.interaction.channel for view in answer.views]
        assert await units(floor, agent_id) <= 3
        assert channels.count(CHANNEL_EMAIL) <= 1
        assert channels.count(CHANNEL_VOICE) <= 1
