"""Capacity: never more than an agent may hold (C1), and a free slot is given at once to who waits (C7)."""

import pytest

from cartera.core.commands import (
    AssignInteraction,
    CancelInteraction,
    CompleteInteraction,
    Transfer,
    UpdateResource,
)
from cartera.core.events import InteractionArrived, InteractionAssigned, InteractionCompleted, InteractionQueued
from cartera.core.records import Agent, ExclusiveAgent, Interaction
from cartera.core.vocabulary import AssignmentMethod, Channel, InteractionState
from tests.core.specification import given
from tests.core.tenants import (
    TENANT,
    agents,
    call,
    campaign,
    chat,
    contacts,
    goes_offline,
    goes_online,
    online,
    portfolio,
    ventas,
    workgroup,
)

SEVEN = ("c1", "c2", "c3", "c4", "c5", "c6", "c7")


def held_by(story, agent_id):
    open_ones = [each for each in story.state.table(Interaction).values() if each.state is InteractionState.ASSIGNED]
    return sum(each.agent_id == agent_id for each in open_ones)


@pytest.mark.req("C1")
@pytest.mark.parametrize("method", [AssignmentMethod.ROUND_ROBIN, AssignmentMethod.LEAST_LOAD])
def test_what_exceeds_capacity_waits(method):
    """Agents hold as many interactions as their capacity; what exceeds it is queued."""
    story = given(
        ventas(), agents(ana=2, bruno=3), workgroup("ventas", "ana", "bruno", method=method), online("ana", "bruno")
    ).when(*map(chat, SEVEN))
    assert (held_by(story, "ana"), held_by(story, "bruno")) == (2, 3)
    assert [story.interaction(each).state for each in SEVEN[5:]] == [InteractionState.QUEUED] * 2


@pytest.mark.req("C1", "C7")
@pytest.mark.parametrize(
    "end",
    [
        lambda each: CompleteInteraction(each, "Venta"),
        CancelInteraction,
        lambda each: Transfer(each, agent_id="zoe", note="sigue"),
    ],
    ids=["completed", "cancelled", "transferred"],
)
def test_given_as_soon_as_a_slot_is_free(end):
    """What waits is given as soon as a slot comes free, in the same revision."""
    story = given(
        ventas("ana"),
        agents(zoe=1),
        workgroup("extra", "zoe"),
        campaign("tienda", "ventas", "extra"),
        online("ana", "zoe"),
    ).when(chat("c1"), chat("c2"), chat("c3"))
    story.when(end(story.id_of("c1")))
    assert isinstance(story.events[1], InteractionAssigned)
    assert (story.holder("c2"), story.holder("c3")) == ("ana", "")


@pytest.mark.req("C7")
def test_no_newcomer_passes():
    """A free slot goes to who waits before any newcomer."""
    story = given(ventas("ana"), online("ana")).when(chat("c1"), chat("c2"))
    story.when(CompleteInteraction(story.id_of("c1"), "Venta"), chat("c3"))
    assert (story.holder("c2"), story.holder("c3")) == ("ana", "")
    story.then(InteractionArrived, InteractionQueued)


@pytest.mark.req("C7")
def test_what_can_not_be_served_does_not_block():
    """An interaction that nobody can be given now does not block those behind it."""
    story = given(
        ventas("ana"),
        agents(zoe=1),
        contacts("exclusive"),
        online("ana"),
        ExclusiveAgent("exclusive", "tienda", "zoe"),
        ExclusiveAgent("exclusive", "ayuda", "zoe"),
        campaign("ayuda", "ventas"),
    )
    story.when(chat("exclusive"), chat("exclusive", "ayuda"), chat("c1"))
    assert (story.holder("exclusive"), story.holder("c1")) == ("", "ana")


@pytest.mark.req("C7")
def test_another_channel_does_not_block():
    """A call that waits for somebody who takes calls does not block the chats behind it."""
    story = given(ventas("ana", queue_when_nobody_online=True), online("ana", channels=(Channel.CHAT,)))
    story.when(call("c1"), chat("c2"))
    assert (story.holder("c1"), story.holder("c2")) == ("", "ana")


@pytest.mark.req("C7")
def test_slot_serves_several_workgroups():
    """A free slot goes to the best of all that waits in the agent's workgroups, whichever it is in."""
    story = given(
        TENANT,
        agents(ana=1),
        workgroup("ventas", "ana"),
        workgroup("soporte", "ana"),
        campaign("tienda", "ventas"),
        campaign("ayuda", "soporte"),
        online("ana"),
    )
    story.when(chat("c1"), chat("c2", "ayuda"), chat("c3"))
    story.when(CompleteInteraction(story.id_of("c1"), "Venta"))
    assert (story.holder("c2"), story.holder("c3")) == ("ana", "")


@pytest.mark.req("C1")
@pytest.mark.parametrize("agent_id", ["ana", "bruno"], ids=["owner", "exclusive"])
def test_sticky_paths_respect_capacity(agent_id):
    """Neither ownership nor exclusiveness exceeds an agent's capacity."""
    story = given(
        ventas("ana", "bruno"),
        contacts("c1", "c2", "c3"),
        online(agent_id),
        portfolio("vip", "ana", holds=["c1", "c2", "c3"] if agent_id == "ana" else []),
        [ExclusiveAgent(each, "tienda", "bruno") for each in ("c1", "c2", "c3") if agent_id == "bruno"],
    )
    story.when(chat("c1"), chat("c2"), chat("c3"))
    assert held_by(story, agent_id) == 1


@pytest.mark.req("C1")
def test_capacity_is_lowered():
    """An agent whose capacity is lowered keeps what it holds and gets no more until it is below."""
    story = given(ventas("ana", capacity=2), online("ana")).when(chat("c1"), chat("c2"), chat("c3"))
    story.when(UpdateResource(Agent("ana", capacity=1), ("capacity",)))
    story.when(CompleteInteraction(story.id_of("c1"), "Venta")).then(InteractionCompleted)
    story.when(CompleteInteraction(story.id_of("c2"), "Venta")).then(InteractionCompleted, InteractionAssigned)


@pytest.mark.req("C1")
def test_capacity_is_raised():
    """An agent whose capacity is raised is given what waits at once."""
    story = given(ventas("ana"), online("ana")).when(chat("c1"), chat("c2"), chat("c3"))
    story.when(UpdateResource(Agent("ana", capacity=3), ("capacity",)))
    assert held_by(story, "ana") == 3


@pytest.mark.req("C1")
def test_after_an_assignment_over_capacity():
    """An agent who holds more than its capacity, as an administrator said, gets no more until it is below."""
    story = given(ventas("ana"), online("ana")).when(chat("c1"), chat("c2"), chat("c3"))
    story.when(AssignInteraction(story.id_of("c2"), "ana", allow_over_capacity=True))
    story.when(CompleteInteraction(story.id_of("c1"), "Venta"))
    assert story.holder("c3") == ""
    assert story.when(CompleteInteraction(story.id_of("c2"), "Venta")).holder("c3") == "ana"


@pytest.mark.req("C1")
def test_open_work_is_kept_offline():
    """An agent who goes offline keeps what it holds, and its slots are taken when it comes back."""
    story = given(ventas("ana"), online("ana")).when(chat("c1"), chat("c2"), goes_offline("ana"), goes_online("ana"))
    assert (story.holder("c1"), story.holder("c2")) == ("ana", "")


@pytest.mark.req("C7")
def test_member_joins():
    """An available agent who joins a workgroup is given what waits there."""
    story = given(ventas("ana"), agents(bruno=1), online("ana", "bruno")).when(chat("c1"), chat("c2"))
    story.when(UpdateResource(workgroup("ventas", "ana", "bruno")))
    assert story.holder("c2") == "bruno"


@pytest.mark.req("C7")
def test_agent_learns_a_channel():
    """An agent who is given a channel is given what waits on it."""
    story = given(ventas("ana", queue_when_nobody_online=True), online("ana"))
    story.when(UpdateResource(Agent("ana", capacity=1, channels=(Channel.CHAT,))), call("c1"))
    assert story.holder("c1") == ""
    story.when(UpdateResource(Agent("ana", capacity=1, channels=(Channel.CHAT, Channel.VOICE))))
    assert story.holder("c1") == "ana"
