"""An agent leaves with open conversations: it keeps them, or they go back to the queue (C5)."""

from datetime import timedelta

import pytest

from cartera.routing.v1 import event_pb2 as events
from cartera.routing.v1.agent_pb2 import AGENT_STATUS_OFFLINE
from cartera.routing.v1.workgroup_pb2 import (
    LEAVING_POLICY_KEEP,
    LEAVING_POLICY_RETURN,
    LEAVING_POLICY_RETURN_AFTER_DEBOUNCE,
)
from tests.acceptance.floor import MINUTES_5, OWNER_AWAITED, QUEUED, UNASSIGNED, held, seen

RETURN = {"leaving_policy": LEAVING_POLICY_RETURN}
DEBOUNCED = {
    "leaving_policy": LEAVING_POLICY_RETURN_AFTER_DEBOUNCE,
    "leaving_debounce": timedelta(minutes=2),
}


@pytest.mark.req("C5", "G6")
async def test_the_example_of_leaving(floor):
    """docs/routing.md, "Leaving": Ana is back in time once, and then is not; the two minutes outlast the service."""
    await floor.ventas("ana", "bruno", **DEBOUNCED)
    await floor.online("ana", "bruno")
    luis, olga = await floor.chat("luis"), await floor.chat("olga")
    await floor.passes(minutes=10)
    nora = await floor.chat("nora")
    await floor.offline("ana")
    await floor.passes(seconds=90)
    await floor.online("ana")
    await floor.passes(minutes=5)
    assert await floor.where(luis) == held("ana", "ROUND_ROBIN")
    await floor.offline("ana")
    await floor.service.stop()
    floor.service.clock.move(timedelta(seconds=119))
    await floor.service.start()
    await floor.passes()
    assert await floor.where(luis) == held("ana", "ROUND_ROBIN")
    await floor.passes(seconds=1)
    assert (await floor.where(luis), await floor.where(nora)) == (QUEUED, QUEUED)
    await floor.complete(olga.interaction_id)
    assert (await floor.where(luis), await floor.where(nora)) == (held("bruno", "ROUND_ROBIN"), QUEUED)
    returned = (await floor.events("interaction_returned"))[0]
    assert (returned.from_agent_id, returned.interaction.arrived_at) == ("ana", luis.arrived_at)
    assert len(await floor.events("interaction_return_cancelled")) == 1


@pytest.mark.req("C5")
@pytest.mark.parametrize("policy", [{}, {"leaving_policy": LEAVING_POLICY_KEEP}], ids=["by default", "keep"])
async def test_what_is_kept(floor, policy):
    """By default who leaves keeps what it holds, and finds it there when it comes back."""
    await floor.ventas("ana", "bruno", **policy)
    await floor.online("ana")
    luis = await floor.chat("luis")
    await floor.offline("ana")
    await floor.online("bruno")
    await floor.passes(hours=20)
    assert await floor.where(luis) == held("ana", "ROUND_ROBIN")
    assert await floor.held_by("ana") == ["luis"]


@pytest.mark.req("C5", "W1")
async def test_what_is_returned_at_once(floor):
    """RETURN: the next agent has it in the same revision; both agents' streams tell of it."""
    await floor.ventas("ana", "bruno", **RETURN)
    await floor.online("ana")
    luis = await floor.chat("luis")
    await floor.online("bruno")
    before = await floor.revision()
    async with await floor.agent("bruno").watch(agent_ids=["bruno"]) as desktop:
        await floor.offline("ana")
        given = (await seen(desktop, events.EVENT_KIND_INTERACTION_ASSIGNED)).interaction_assigned
    assert given.interaction_id == luis.interaction_id
    assert await floor.where(luis) == held("bruno", "ROUND_ROBIN")
    assert await floor.kinds(after=before) == [
        "agent_status_changed",
        "interaction_return_scheduled",
        "interaction_returned",
        "interaction_assigned",
    ]


@pytest.mark.req("C5", "C4", "G6")
async def test_the_end_of_a_session_returns_what_nobody_attends(floor):
    """An agent whose session ends leaves like any other, over a restart too: its slots do not stay taken for ever."""
    await floor.ventas("ana", **RETURN)
    await floor.online("ana")
    luis = await floor.chat("luis")
    await floor.service.stop()
    floor.service.clock.move(timedelta(hours=12))
    await floor.service.start()
    await floor.passes()
    assert (await floor.presence("ana")).status == AGENT_STATUS_OFFLINE
    assert await floor.where(luis) == UNASSIGNED
    assert await floor.held_by("ana") == []


@pytest.mark.req("C5", "E1", "K2")
async def test_whose_the_contact_is_counts_on_leaving(floor):
    """What an agent has as exclusive agent it keeps; what it had as owner is kept for the owner anew."""
    await floor.ventas("ana", "bruno", capacity=2, contacts=["luis", "nora"], owner_wait=MINUTES_5, **RETURN)
    await floor.owns("ana", "luis")
    await floor.administrator.portfolios.SetExclusiveAgent(contact_id="nora", campaign_id="tienda", agent_id="ana")
    await floor.online("ana", "bruno")
    luis, nora = await floor.chat("luis"), await floor.chat("nora")
    await floor.offline("ana")
    assert (await floor.where(luis), await floor.where(nora)) == (OWNER_AWAITED, held("ana", "EXCLUSIVE_AGENT"))
    await floor.passes(minutes=5)
    assert await floor.where(luis) == held("bruno", "ROUND_ROBIN")
