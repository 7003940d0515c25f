"""Seed 001, *Método de asignación*: round robin, workload, and the dispenser, in the document's order."""

import pytest

from cartera.routing.v1.channel_pb2 import CHANNEL_CHAT, CHANNEL_VOICE, PRIORITY_URGENT
from cartera.routing.v1.workgroup_pb2 import ASSIGNMENT_METHOD_LEAST_LOAD, ASSIGNMENT_METHOD_ROUND_ROBIN
from tests.acceptance.floor import (
    QUEUED,
    UNASSIGNED,
    agent,
    campaign,
    denied,
    held,
    outcome,
    placed,
    refused,
    workgroup,
)

AUTOMATIC_METHODS = pytest.mark.parametrize(
    "method", [ASSIGNMENT_METHOD_ROUND_ROBIN, ASSIGNMENT_METHOD_LEAST_LOAD], ids=["round_robin", "least_load"]
)


async def holders(floor, *contact_ids):
    """Who is given each new conversation."""
    return [(await floor.chat(each)).agent_id for each in contact_ids]


@pytest.mark.req("M1")
async def test_round_robin_gives_in_strict_order_of_turn(floor):
    """«If the last chat went to Ana, the next will be Carlos's. The cycle repeats constantly»."""
    await floor.ventas("ana", "carlos", "eva", capacity=10)
    await floor.online("eva", "carlos", "ana")
    assert await holders(floor, *"abcdefg") == ["ana", "carlos", "eva", "ana", "carlos", "eva", "ana"]


@pytest.mark.req("M1", "C3")
async def test_round_robin_skips_who_is_not_online(floor):
    """«If somebody is not Online, it simply skips their turn and gives it to the next available colleague»."""
    await floor.ventas("ana", "carlos", "eva", "fede", capacity=10)
    await floor.online("ana", "carlos", "fede")
    await floor.pause("carlos")
    assert await holders(floor, *"abc") == ["ana", "fede", "ana"]
    await floor.online("carlos")
    assert await holders(floor, *"def") == ["carlos", "fede", "ana"]


@pytest.mark.req("M1", "C1")
async def test_round_robin_skips_who_has_no_free_slot(floor):
    """«The next available colleague»: nobody is saturated for the sake of the turn."""
    await floor.ventas("ana", "carlos", capacity=10)
    await floor.declare(agents=[agent("carlos", 1)])
    await floor.online("ana", "carlos")
    assert await holders(floor, *"abcd") == ["ana", "carlos", "ana", "ana"]


@pytest.mark.req("M1", "K1", "E1", "M9", "T1", "M10")
async def test_round_robin_what_was_not_given_by_turn_does_not_move_the_turn(floor):
    """«In strict order of turn» of the *new* conversations: sticky, exclusive, claimed and moved ones don't count."""
    await floor.ventas("ana", "carlos", "eva", capacity=20, contacts=["luis", "nora"])
    await floor.owns("eva", "luis")
    await floor.administrator.portfolios.SetExclusiveAgent(contact_id="nora", campaign_id="tienda", agent_id="eva")
    waiting = await floor.chat("claimed"), await floor.chat("assigned")
    await floor.online("ana", "carlos", "eva")
    assert await holders(floor, "first") == ["ana"]

    assert placed(await floor.chat("luis")) == held("eva", "OWNER")
    assert placed(await floor.chat("nora")) == held("eva", "EXCLUSIVE_AGENT")
    assert placed(await floor.claim("eva", waiting[0].interaction_id)) == held("eva", "CLAIMED")
    given = await floor.assign(waiting[1].interaction_id, "eva")
    assert placed(given) == held("eva", "ASSIGNED_BY_ADMINISTRATOR")
    moved = await floor.administrator.routing.Transfer(
        interaction_id=given.interaction_id, agent_id="carlos", note="relevo"
    )
    assert placed(moved.interaction) == held("carlos", "TRANSFERRED")

    assert await holders(floor, "second", "third") == ["carlos", "eva"]


@pytest.mark.req("M1", "M2", "M3", "Z1")
@AUTOMATIC_METHODS
async def test_with_nobody_online_conversations_stay_unassigned(floor, method):
    """«If no agent is online, incoming conversations stay Unassigned»; «only to agents who are online when the
    interaction is received»: who comes online later is not given them.
    """
    await floor.ventas("ana", "carlos", method=method)
    await floor.online("ana")
    await floor.pause("ana")
    answer = await floor.routed("luis")
    assert (outcome(answer), placed(answer.interaction)) == ("UNASSIGNED", UNASSIGNED)
    assert await floor.online("ana") == []
    assert await floor.where(answer.interaction) == UNASSIGNED
    assert placed(await floor.chat("nora"))[0] == "ASSIGNED", "only what arrives from then on"


@pytest.mark.req("M3", "M10")
async def test_an_administrator_assigns_the_unassigned_by_hand(floor):
    """«They must be assigned manually by an administrator»; «a function exclusive to the account's administrator»."""
    await floor.ventas("ana", "carlos")
    chat = await floor.chat("luis")
    for other in (floor.agent("ana"), floor.supervisor("sonia"), floor.gateway):
        with denied():
            await other.routing.AssignInteraction(interaction_id=chat.interaction_id, agent_id="ana")
    given = await floor.assign(chat.interaction_id, "ana")
    assert placed(given) == held("ana", "ASSIGNED_BY_ADMINISTRATOR")
    with refused("INTERACTION_NOT_WAITING"):
        await floor.assign(chat.interaction_id, "carlos")


@pytest.mark.req("M10", "C1")
async def test_an_administrator_assigns_what_is_queued_and_over_capacity_only_by_saying_so(floor):
    """What waits may be given by hand too; the quota holds unless the administrator says otherwise in the call."""
    await floor.ventas("ana", "carlos")
    await floor.online("ana")
    await floor.chat("luis")
    chat = await floor.chat("nora")
    assert placed(chat) == QUEUED
    with refused("AGENT_AT_CAPACITY"):
        await floor.assign(chat.interaction_id, "ana")
    given = await floor.assign(chat.interaction_id, "ana", allow_over_capacity=True)
    assert placed(given) == held("ana", "ASSIGNED_BY_ADMINISTRATOR")
    assert await floor.held_by("ana") == ["nora", "luis"]


@pytest.mark.req("M3", "M9")
async def test_the_dispenser_agents_take_unassigned_conversations_themselves(floor):
    """«Or by means of the dispenser, if the team needs to assign itself pending interactions»."""
    await floor.ventas("ana", "carlos", capacity=2)
    chats = [await floor.chat(each) for each in ("luis", "nora", "olga")]
    await floor.online("ana")
    assert placed(await floor.claim("ana", chats[1].interaction_id)) == held("ana", "CLAIMED")
    assert (await floor.claim("ana")).contact_id == "luis", "the next in order"
    with refused("AGENT_AT_CAPACITY"):
        await floor.claim("ana")
    with refused("AGENT_NOT_ONLINE"):
        await floor.claim("carlos")
    await floor.online("carlos")
    with refused("INTERACTION_NOT_WAITING"):
        await floor.claim("carlos", chats[0].interaction_id)
    assert (await floor.claim("carlos")).contact_id == "olga"
    with refused("NOTHING_TO_CLAIM"):
        await floor.claim("carlos")


@pytest.mark.req("M9", "C6")
async def test_the_dispenser_gives_the_next_by_priority_that_the_agent_may_have(floor):
    """What an agent takes from the dispenser is of its workgroups and its channels, the most urgent first."""
    await floor.declare(
        agents=[agent("ana", 5, channels=[CHANNEL_CHAT]), agent("gil", 5)],
        workgroups=[workgroup("ventas", "ana"), workgroup("soporte", "gil")],
        campaigns=[campaign("tienda", "ventas"), campaign("ayuda", "soporte")],
    )
    call = await floor.call("luis")
    elsewhere = await floor.chat("nora", "ayuda")
    await floor.chat("olga")
    await floor.chat("pedro", priority=PRIORITY_URGENT)
    await floor.online("ana")
    assert [(await floor.claim("ana")).contact_id for _ in range(2)] == ["pedro", "olga"]
    with refused("NOTHING_TO_CLAIM"):
        await floor.claim("ana")
    with refused("AGENT_LACKS_CHANNEL"):
        await floor.claim("ana", call.interaction_id)
    with refused("AGENT_NOT_IN_WORKGROUP"):
        await floor.claim("ana", elsewhere.interaction_id)


@pytest.mark.req("M3", "C3")
@AUTOMATIC_METHODS
async def test_a_workgroup_may_queue_instead_when_nobody_is_online(floor, method):
    """A workgroup that so chooses leaves nothing unassigned: it waits in the queue and goes to who comes online."""
    await floor.ventas("ana", "carlos", capacity=2, method=method, queue_when_nobody_online=True)
    answer = await floor.routed("luis")
    assert (outcome(answer), placed(answer.interaction)) == ("QUEUED", ("QUEUED", "NOBODY_ONLINE", ""))
    for contact_id in ("nora", "olga"):
        await floor.chat(contact_id)
    assert await floor.online("carlos") == ["luis", "nora"], "in order, as many as it has slots"
    assert await floor.online("ana") == ["olga"]


@pytest.mark.req("M3")
async def test_online_for_another_channel_is_not_online(floor):
    """Online means online for the conversation's channel."""
    await floor.ventas("ana")
    await floor.online("ana", channels=[CHANNEL_VOICE])
    assert placed(await floor.chat("luis")) == UNASSIGNED
    assert placed(await floor.call("luis")) == held("ana", "ROUND_ROBIN")


@pytest.mark.req("M2")
async def test_by_workload_the_available_agent_with_the_least_load_gets_it(floor):
    """«The system identifies the available agent with the lowest workload», as a share of what each can hold."""
    await floor.ventas("ana", "carlos", method=ASSIGNMENT_METHOD_LEAST_LOAD)
    await floor.declare(agents=[agent("ana", 4), agent("carlos", 2)])
    await floor.online("ana")
    first = [await floor.chat(each) for each in ("luis", "nora")]
    await floor.online("carlos")
    # Ana 2 of 4, Carlos 0 of 2
    assert await holders(floor, "olga") == ["carlos"]
    # Ana 2 of 4, Carlos 1 of 2: alike, and Ana has waited longer since her last
    assert await holders(floor, "pedro") == ["ana"]
    # Ana 3 of 4, Carlos 1 of 2
    assert await holders(floor, "quique") == ["carlos"]
    # Ana 3 of 4, Carlos full
    await floor.complete(first[0].interaction_id)
    assert await holders(floor, "rosa", "sara") == ["ana", "ana"]
    assert placed(await floor.chat("tomas")) == QUEUED


@pytest.mark.req("M2")
async def test_by_workload_ties_go_to_who_has_waited_longest(floor):
    """«An equitable distribution»: of those with the same load, who was given something longest ago."""
    await floor.ventas("ana", "carlos", "eva", capacity=10, method=ASSIGNMENT_METHOD_LEAST_LOAD)
    await floor.online("ana", "carlos", "eva")
    chats = []
    for contact_id in ("luis", "nora", "olga"):
        chats.append(await floor.chat(contact_id))
        await floor.passes(minutes=1)
    assert [each.agent_id for each in chats] == ["ana", "carlos", "eva"]
    for chat in reversed(chats):
        await floor.complete(chat.interaction_id)
    again = []
    for contact_id in ("pedro", "quique", "rosa"):
        again += await holders(floor, contact_id)
        await floor.passes(minutes=1)
    assert again == ["ana", "carlos", "eva"]


@pytest.mark.req("M2")
async def test_by_workload_only_online_agents_get_anything(floor):
    """«If a user is offline, no conversation is assigned to them»."""
    await floor.ventas("ana", "carlos", capacity=3, method=ASSIGNMENT_METHOD_LEAST_LOAD)
    await floor.online("carlos")
    assert await holders(floor, *"abc") == ["carlos"] * 3
    await floor.offline("carlos")
    assert placed(await floor.chat("d")) == UNASSIGNED
    assert len(await floor.held_by("carlos")) == 3, "what it holds it keeps"
