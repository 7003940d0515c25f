"""The order of service (C6), positions and estimates (C8)."""

from datetime import timedelta

import pytest

from cartera.core.commands import (
    AssignInteraction,
    ClaimInteraction,
    CompleteInteraction,
    Transfer,
    UpdateResource,
)
from cartera.core.queue import queue_position
from cartera.core.records import ExclusiveAgent, QueuePosition, Workgroup
from cartera.core.vocabulary import ErrorReason, Priority
from tests.core.specification import given
from tests.core.tenants import agents, call, campaign, chat, contacts, goes_online, online, portfolio, ventas, workgroup

MINUTE = timedelta(minutes=1)


def served(story, *contact_ids, agent_id="ana"):
    """The order in which an agent with one slot gets these contacts' interactions."""
    order = []
    while held := [each for each in contact_ids if story.holder(each) == agent_id and each not in order]:
        order += held
        story.when(CompleteInteraction(story.id_of(held[0]), "Venta"))
    return order


@pytest.mark.req("C6")
def test_by_priority_then_arrival():
    """The queue is served by priority, the highest first, and then by arrival."""
    story = given(ventas("ana", queue_when_nobody_online=True))
    for contact_id, priority in [("c1", 2), ("c2", 1), ("c3", 4), ("c4", 3), ("c5", 4), ("c6", 2)]:
        story.when(chat(contact_id, priority=Priority(priority)))
    story.when(goes_online("ana"))
    assert served(story, "c1", "c2", "c3", "c4", "c5", "c6") == ["c3", "c5", "c4", "c1", "c6", "c2"]


@pytest.mark.req("C6")
def test_across_channels():
    """Calls and chats of one workgroup are served in one order."""
    story = given(ventas("ana", queue_when_nobody_online=True)).when(chat("c1"), call("c2"), chat("c3"))
    assert served(story.when(goes_online("ana")), "c1", "c2", "c3") == ["c1", "c2", "c3"]


AGEING = [
    (timedelta(), ["urgent", "low"]),
    (9 * MINUTE, ["urgent", "low"]),
    (30 * MINUTE, ["low", "urgent"]),
    (90 * MINUTE, ["low", "urgent"]),
]


@pytest.mark.req("C6")
@pytest.mark.parametrize(("waited", "order"), AGEING)
def test_ageing(waited, order):
    """With ageing an interaction counts one priority higher for each interval waited, URGENT at most."""
    story = given(ventas("ana", queue_when_nobody_online=True, ageing_interval=10 * MINUTE))
    story.when(chat("low", priority=Priority.LOW)).when(chat("urgent", priority=Priority.URGENT), after=waited)
    assert served(story.when(goes_online("ana")), "low", "urgent") == order


@pytest.mark.req("C6")
@pytest.mark.parametrize(("normal_after", "order"), [(9, ["normal", "low"]), (11, ["low", "normal"])])
def test_both_age(normal_after, order):
    """Each counts by the whole intervals that it has waited itself; those alike are served by arrival."""
    story = given(ventas("ana", queue_when_nobody_online=True, ageing_interval=10 * MINUTE))
    story.when(chat("low", priority=Priority.LOW)).when(chat("normal"), after=normal_after * MINUTE)
    story.passes((19 - normal_after) * MINUTE)
    assert served(story.when(goes_online("ana")), "low", "normal") == order


@pytest.mark.req("C6")
def test_no_ageing_unless_set():
    """Without an ageing interval the priority stays what it is."""
    story = given(ventas("ana", queue_when_nobody_online=True)).when(chat("low", priority=Priority.LOW))
    story.when(chat("normal"), after=1000 * MINUTE).when(goes_online("ana"))
    assert story.holder("normal") == "ana"


@pytest.mark.req("C6")
def test_ageing_is_changed():
    """A new ageing interval holds for what waits already."""
    story = given(ventas("ana", queue_when_nobody_online=True)).when(chat("low", priority=Priority.LOW))
    story.when(chat("urgent", priority=Priority.URGENT), after=30 * MINUTE)
    story.when(UpdateResource(Workgroup("ventas", ageing_interval=10 * MINUTE), ("ageing_interval",)))
    assert story.when(goes_online("ana")).holder("low") == "ana"


def position(story, contact_id):
    return queue_position(story.state, story.interaction(contact_id), story.now)


@pytest.mark.req("C8")
def test_position():
    """The position counts from 1, by priority and then arrival, over all channels, and moves up."""
    story = given(ventas("ana"), online("ana"))
    story.when(chat("c0"), chat("c1"), call("c2"), chat("c3"), chat("c4", priority=Priority.HIGH))
    assert [position(story, each).position for each in ("c4", "c1", "c2", "c3")] == [1, 2, 3, 4]
    story.when(CompleteInteraction(story.id_of("c0"), "Venta"))
    assert [position(story, each).position for each in ("c1", "c2", "c3")] == [1, 2, 3]


@pytest.mark.req("C8", "C6")
def test_position_with_ageing():
    """The position is that of the queue that is served: what has aged counts as served first."""
    story = given(ventas("ana", ageing_interval=10 * MINUTE), online("ana"))
    story.when(chat("c0"), chat("low", priority=Priority.LOW)).when(chat("normal"), after=11 * MINUTE)
    assert (position(story, "low").position, position(story, "normal").position) == (1, 2)


@pytest.mark.req("C8", "K2", "E1")
def test_kept_ones_have_a_position():
    """What is kept for an owner or an exclusive agent stands in the queue, by arrival."""
    story = given(
        ventas("ana", owner_wait=MINUTE),
        agents(zoe=1),
        contacts("carlos", "delia"),
        online("ana"),
        portfolio("vip", "zoe", holds=["carlos"]),
        ExclusiveAgent("delia", "tienda", "ana"),
    )
    story.when(chat("c0"), chat("carlos"), chat("delia"), chat("c3"))
    assert [position(story, each).position for each in ("carlos", "delia", "c3")] == [1, 2, 3]


@pytest.mark.req("C8", "M3")
def test_who_has_no_position():
    """What is assigned, unassigned or ended has no position."""
    story = given(ventas("ana")).when(chat("unassigned")).when(goes_online("ana"), chat("held"))
    assert position(story, "unassigned") is None
    assert position(story, "held") is None
    assert position(story.when(CompleteInteraction(story.id_of("held"), "Venta")), "held") is None


@pytest.mark.req("C8")
def test_estimated_wait():
    """The estimate is the mean handling time, times the position, over the units of the members online."""
    story = given(ventas("ana", "bruno"), online("ana", "bruno")).when(chat("c1"), chat("c2"), chat("c3"), chat("c4"))
    assert position(story, "c3") == QueuePosition(1, None)
    story.when(CompleteInteraction(story.id_of("c1"), "Venta"), after=8 * MINUTE)
    assert position(story, "c4") == QueuePosition(1, 4 * MINUTE)
    story.when(chat("c5"))
    assert position(story, "c5") == QueuePosition(2, 8 * MINUTE)


@pytest.mark.req("C8")
def test_no_estimate_with_nobody_online():
    """With nobody online there is nothing to estimate from."""
    story = given(ventas("ana", queue_when_nobody_online=True)).when(goes_online("ana"), chat("c1"))
    story.when(CompleteInteraction(story.id_of("c1"), "Venta"), after=MINUTE).passes(timedelta(hours=12))
    assert position(story.when(chat("c2")), "c2") == QueuePosition(1, None)


@pytest.mark.req("C6", "T2")
def test_transfer_keeps_the_place():
    """An interaction that is transferred to a campaign stands in its queue by its arrival."""
    story = given(
        ventas("ana"), agents(zoe=2), workgroup("soporte", "zoe"), campaign("ayuda", "soporte"), online("ana", "zoe")
    )
    story.when(chat("c1")).when(chat("x1", "ayuda"), chat("x2", "ayuda"), chat("c2", "ayuda"), after=MINUTE)
    story.when(Transfer(story.id_of("c1"), campaign_id="ayuda", note="es de ayuda"))
    assert (position(story, "c1").position, position(story, "c2").position) == (1, 2)


@pytest.mark.req("C6")
def test_refusal_keeps_the_place():
    """A claim or an assignment that is refused leaves the interaction in its place."""
    story = given(ventas("ana"), online("ana")).when(chat("c0"), chat("c1"), chat("c2"))
    full = (ErrorReason.AGENT_AT_CAPACITY, "agent/ana")
    story.rejects(ClaimInteraction("ana"), full).rejects(AssignInteraction(story.id_of("c2"), "ana"), full)
    assert (position(story, "c1").position, position(story, "c2").position) == (1, 2)
