"""Seed 001, *Método de asignación*: the last agent, the default group and agents by channel, online or not."""

from datetime import timedelta

import pytest

from cartera.routing.v1.channel_pb2 import CHANNEL_CHAT, CHANNEL_EMAIL, CHANNEL_VOICE
from cartera.routing.v1.workgroup_pb2 import (
    ASSIGNMENT_METHOD_BY_CHANNEL,
    ASSIGNMENT_METHOD_DEFAULT_GROUP,
    ASSIGNMENT_METHOD_LAST_AGENT,
    ASSIGNMENT_METHOD_LONGEST_IDLE,
    ChannelAgents,
    LastAgentRule,
)
from tests.acceptance.floor import INVALID, QUEUED, campaign, held, placed, refused, workgroup

MINUTE = timedelta(minutes=1)
AWAITED = ("WAITING_FOR_OWNER", "LAST_AGENT_FULL", "")
MAIL_ADDRESS = {"channel": CHANNEL_EMAIL, "address": "hola@sol.example"}


@pytest.mark.req("M4", "K2", "P8")
async def test_the_last_agent_has_its_contacts_again(floor):
    """The example of docs/routing.md, from the first contact on: given, remembered over a restart, kept, passed on."""
    rule = LastAgentRule(fallback_method=ASSIGNMENT_METHOD_LONGEST_IDLE)
    await floor.ventas("ana", "bruno", method=ASSIGNMENT_METHOD_LAST_AGENT, owner_wait=MINUTE, last_agent=rule)
    await floor.online("bruno")
    for contact_id in ("luis", "nora", "olga"):
        first = await floor.chat(contact_id)
        assert placed(first) == held("bruno", "LONGEST_IDLE")
        await floor.complete(first.interaction_id)
    await floor.offline("bruno")
    await floor.service.restart()
    await floor.online("ana")
    luis = await floor.chat("luis")
    assert placed(luis) == held("bruno", "LAST_AGENT"), "he isn't in: it is his all the same"
    await floor.passes(minutes=5)
    await floor.online("bruno")
    nora, olga = await floor.chat("nora"), await floor.routed("olga")
    assert (placed(nora), placed(olga.interaction)) == (AWAITED, AWAITED)
    assert olga.owner_estimate.next_agent_in.ToTimedelta() == timedelta()
    with refused("INTERACTION_KEPT_FOR_OWNER"):
        await floor.claim("ana", nora.interaction_id)
    await floor.passes(seconds=30)
    await floor.complete(luis.interaction_id)
    assert await floor.where(nora) == held("bruno", "LAST_AGENT")
    await floor.passes(seconds=30)
    assert await floor.where(olga.interaction) == held("ana", "LONGEST_IDLE")


@pytest.mark.req("M5")
async def test_the_default_group_is_given_in_rotation_online_or_not(floor):
    """The example of docs/routing.md: «in rotation», whoever is there; who is full is skipped, with none it waits."""
    chosen = {"method": ASSIGNMENT_METHOD_DEFAULT_GROUP, "default_agent_ids": ["lucy", "david"]}
    await floor.ventas("ana", "lucy", "david", capacity=2, **chosen)
    chats = [await floor.chat(f"c{number}") for number in range(4)]
    assert [placed(each) for each in chats] == [held(each, "DEFAULT_GROUP") for each in ("lucy", "david") * 2]
    await floor.online("ana")
    fifth = await floor.chat("luis")
    assert placed(fifth) == QUEUED
    await floor.complete(chats[0].interaction_id)
    assert await floor.where(fifth) == held("lucy", "DEFAULT_GROUP")
    with refused("NOT_A_MEMBER", code=INVALID):
        await floor.declare(workgroups=[workgroup("ventas", "ana", "lucy", **chosen)])


@pytest.mark.req("M6")
async def test_each_channel_has_agents_and_a_rotation_of_its_own(floor):
    """The example of docs/routing.md; a restart loses no turn, and what comes on a channel without agents waits."""
    by_channel = [
        ChannelAgents(channel=CHANNEL_VOICE, agent_ids=["iker"]),
        ChannelAgents(channel=CHANNEL_CHAT, agent_ids=["nuria", "iker"]),
    ]
    await floor.ventas("nuria", "iker", capacity=5, method=ASSIGNMENT_METHOD_BY_CHANNEL, channel_agents=by_channel)
    await floor.declare(campaigns=[campaign("correo", "ventas", addresses=[MAIL_ADDRESS])])
    given = [await floor.chat("a"), await floor.chat("b"), await floor.call("c")]
    await floor.service.restart()
    given.append(await floor.chat("d"))
    assert [placed(each) for each in given] == [held(each, "BY_CHANNEL") for each in ("nuria", "iker", "iker", "nuria")]
    mail = (await floor.routed("e", "correo", channel=CHANNEL_EMAIL)).interaction
    assert placed(mail) == QUEUED
    await floor.online("nuria")
    assert placed(await floor.claim("nuria", mail.interaction_id)) == held("nuria", "CLAIMED")
