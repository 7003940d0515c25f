"""The exclusive agent of a contact in a campaign (E1)."""

import pytest

from cartera.core.commands import (
    AssignInteraction,
    ClaimInteraction,
    CompleteInteraction,
    CreateResource,
    RemoveExclusiveAgent,
    SetExclusiveAgent,
)
from cartera.core.events import (
    ExclusiveAgentRemoved,
    ExclusiveAgentSet,
    InteractionArrived,
    InteractionAssigned,
    InteractionQueued,
    InteractionRerouted,
)
from cartera.core.records import AgentPresence, ExclusiveAgent
from cartera.core.vocabulary import (
    AgentStatus,
    AssignmentMethod,
    ErrorReason,
    InteractionState,
    RoutingReason,
)
from tests.core.specification import agent_actor, given
from tests.core.tenants import agents, campaign, chat, contacts, online, portfolio, ventas

EXCLUSIVE = ExclusiveAgent("carlos", "tienda", "ana")
SET = SetExclusiveAgent("carlos", "tienda", "ana")
REMOVE = RemoveExclusiveAgent("carlos", "tienda")
KEPT = (InteractionState.QUEUED, RoutingReason.EXCLUSIVE_AGENT_FULL, "")


def anas_contact(*members, **fields):
    """Ana, who is offline and has room for one, is the exclusive agent of carlos."""
    return given(ventas(*members, **fields), agents(ana=1), contacts("carlos", "delia"), EXCLUSIVE, online(*members))


@pytest.mark.req("E1")
@pytest.mark.parametrize("status", [AgentStatus.ONLINE, AgentStatus.PAUSED, AgentStatus.OFFLINE])
def test_exclusive_agent_gets_it(status):
    """An interaction of the contact is given to its exclusive agent, online or not, a member or not."""
    story = given(
        ventas("bruno"), agents(ana=1), contacts("carlos"), EXCLUSIVE, online("bruno"), AgentPresence("ana", status)
    )
    story.when(chat("carlos")).then(InteractionArrived, InteractionAssigned)
    assert story.place_of("carlos") == (InteractionState.ASSIGNED, RoutingReason.EXCLUSIVE_AGENT, "ana")


@pytest.mark.req("E1", "M7")
def test_ahead_of_a_manual_workgroup():
    """The exclusive agent gets it in a workgroup that assigns nothing by itself."""
    assert anas_contact("bruno", method=AssignmentMethod.MANUAL).when(chat("carlos")).holder("carlos") == "ana"


@pytest.mark.req("E1")
def test_ahead_of_an_owner():
    """The exclusive agent gets it, not the owner of the contact's portfolio."""
    story = given(
        ventas("bruno"),
        agents(ana=1),
        contacts("carlos"),
        EXCLUSIVE,
        online("bruno"),
        portfolio("vip", "bruno", holds=["carlos"]),
    )
    assert story.when(chat("carlos")).holder("carlos") == "ana"


@pytest.mark.req("E1")
def test_waits_for_that_agent_and_nobody_else():
    """With no free slot it waits for that agent: colleagues who are free don't get it."""
    story = anas_contact("bruno").when(chat("carlos"))
    story.when(CreateResource(campaign("soporte", "ventas")))
    story.when(SetExclusiveAgent("delia", "tienda", "ana"), chat("delia"))
    story.then(InteractionArrived, InteractionQueued)
    assert story.place_of("delia") == KEPT
    assert story.when(chat("otro")).holder("otro") == "bruno"
    story.when(CompleteInteraction(story.id_of("carlos"), "Venta"))
    assert story.place_of("delia") == (InteractionState.ASSIGNED, RoutingReason.EXCLUSIVE_AGENT, "ana")


@pytest.mark.req("E1", "M9", "M10")
def test_nobody_else_takes_it():
    """What waits for its exclusive agent is neither claimed by nor assigned to anybody else."""
    story = anas_contact("bruno").when(chat("carlos"), SetExclusiveAgent("delia", "tienda", "ana"), chat("delia"))
    interaction_id = story.id_of("delia")
    kept = (ErrorReason.INTERACTION_KEPT_FOR_EXCLUSIVE_AGENT, f"interaction/{interaction_id}")
    story.rejects(ClaimInteraction("bruno", interaction_id), kept)
    story.rejects(ClaimInteraction("bruno"), (ErrorReason.NOTHING_TO_CLAIM, "agent/bruno"))
    story.rejects(AssignInteraction(interaction_id, "bruno"), kept)
    story.when(AssignInteraction(interaction_id, "ana", allow_over_capacity=True))
    assert story.holder("delia") == "ana"


@pytest.mark.req("E1")
def test_exclusive_in_one_campaign():
    """An exclusive agent counts in its campaign only."""
    story = anas_contact("bruno").when(CreateResource(campaign("soporte", "ventas"))).when(chat("carlos", "soporte"))
    assert story.holder("carlos") == "bruno"


@pytest.mark.req("E1")
def test_set_and_removed():
    """An exclusive agent is set, replaced and removed, by that agent too; one contact has one in a campaign."""
    story = given(ventas("ana", "bruno"), contacts("carlos")).when(SET, by=agent_actor("ana"))
    story.then(ExclusiveAgentSet(EXCLUSIVE, ""))
    story.when(SET).then()
    bruno = EXCLUSIVE._replace(agent_id="bruno")
    story.when(SetExclusiveAgent(*bruno)).then(ExclusiveAgentSet(bruno, "ana"))
    assert list(story.state.table(ExclusiveAgent).values()) == [bruno]
    story.when(REMOVE, by=agent_actor("bruno")).then(ExclusiveAgentRemoved(bruno))
    story.rejects(REMOVE, (ErrorReason.RESOURCE_NOT_FOUND, "exclusive_agent/carlos/tienda"))


@pytest.mark.req("E1", "K6")
def test_of_a_known_contact():
    """An exclusive agent is set for a contact of the contact list, in a campaign and with an agent that there are."""
    story = given(ventas("ana"), contacts("carlos"))
    story.rejects(
        SetExclusiveAgent("nadie", "tienda", "ana"), (ErrorReason.CONTACT_MUST_BE_CREATED_FIRST, "contact/nadie")
    )
    story.rejects(SetExclusiveAgent("carlos", "nada", "ana"), (ErrorReason.RESOURCE_NOT_FOUND, "campaign/nada"))
    story.rejects(
        SetExclusiveAgent("nadie", "nada", "ninguna"),
        (ErrorReason.RESOURCE_NOT_FOUND, "campaign/nada"),
        (ErrorReason.RESOURCE_NOT_FOUND, "agent/ninguna"),
        (ErrorReason.CONTACT_MUST_BE_CREATED_FIRST, "contact/nadie"),
    )
    story.rejects(SetExclusiveAgent("carlos", "tienda", "nadie"), (ErrorReason.RESOURCE_NOT_FOUND, "agent/nadie"))


@pytest.mark.req("E1")
def test_later_interactions():
    """Setting an exclusive agent leaves what is open already where it is."""
    story = given(ventas("ana", "bruno"), contacts("carlos"), online("bruno")).when(chat("carlos")).when(SET)
    assert story.holder("carlos") == "bruno"


def waiting_for_ana():
    story = anas_contact("bruno").when(chat("carlos"), SetExclusiveAgent("delia", "tienda", "ana"), chat("delia"))
    assert story.place_of("delia") == KEPT
    return story


@pytest.mark.req("E1")
def test_removed_while_waiting():
    """What waits for an exclusive agent who is removed is routed anew."""
    story = waiting_for_ana().when(RemoveExclusiveAgent("delia", "tienda"))
    story.then(ExclusiveAgentRemoved, InteractionRerouted, InteractionAssigned)
    assert story.place_of("delia")[1:] == (RoutingReason.ROUND_ROBIN, "bruno")


@pytest.mark.req("E1")
def test_replaced_while_waiting():
    """What waits for an exclusive agent who is replaced goes to the new one."""
    story = waiting_for_ana().when(SetExclusiveAgent("delia", "tienda", "bruno"))
    story.then(ExclusiveAgentSet, InteractionRerouted, InteractionAssigned)
    assert story.place_of("delia")[1:] == (RoutingReason.EXCLUSIVE_AGENT, "bruno")
