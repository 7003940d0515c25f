"""Wrap-up (C10): the agent's time after an interaction, in which its slot is still held."""

from datetime import timedelta

import pytest

from cartera.core.commands import (
    AssignInteraction,
    CancelInteraction,
    ClaimInteraction,
    CompleteInteraction,
    DeleteResource,
    FinishWrapUp,
    Transfer,
    UpdateResource,
)
from cartera.core.events import (
    AgentStatusChanged,
    InteractionArrived,
    InteractionAssigned,
    InteractionCompleted,
    InteractionQueued,
    InteractionWrapUpEnded,
)
from cartera.core.records import Agent, Contact, Workgroup, WorkgroupActivity
from cartera.core.state import State
from cartera.core.vocabulary import AgentStatus, AssignmentMethod, ErrorReason, InteractionState, LeavingPolicy
from tests.core.offers import WAITS, held_by, presence
from tests.core.specification import START, agent_actor, given, supervisor_actor, tables
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
    ventas,
    workgroup,
)

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def wrapping(*members, **fields):
    """A workgroup that gives its agents a minute after each interaction; its members are online."""
    return given(ventas(*members, wrap_up=MINUTE, **fields), contacts("luis"), online(*members))


def two_workgroups(**fields):
    """Ana is in «ventas», which wraps up, and in «soporte», which does not; Bruno is in both too."""
    return given(
        TENANT,
        agents(ana=1, bruno=1),
        workgroup("ventas", "ana", "bruno", wrap_up=MINUTE),
        workgroup("soporte", "ana", "bruno", **fields),
        campaign("tienda", "ventas"),
        campaign("ayuda", "soporte"),
        online("ana"),
    )


def complete(story, contact_id="luis", **fields):
    return story.when(CompleteInteraction(story.id_of(contact_id), "Venta"), **fields)


def state_of(story, contact_id="luis"):
    return story.interaction(contact_id).state


@pytest.mark.req("C10", "Z6")
def test_the_example_of_wrap_up():
    """docs/routing.md, "Wrap-up": Ana has the next when she says that she is done, or when the minute is over."""
    for finishes in (True, False):
        story = complete(two_workgroups().when(chat("luis")))
        story.when(chat("nora", "ayuda"), after=10 * SECOND).when(chat("luis"), after=10 * SECOND)
        assert (story.place_of("nora"), story.place_of("luis")) == (WAITS, WAITS)
        if finishes:
            story.when(FinishWrapUp("i1"), by=agent_actor("ana"), after=10 * SECOND)
        else:
            story.passes(39 * SECOND)
            assert story.holder("nora") == ""
            story.passes(SECOND)
        assert (story.place_of("nora"), story.place_of("luis")) == (held_by("ana"), WAITS)


@pytest.mark.req("C10", "C1")
def test_wrap_up_holds_the_slot():
    """What is completed where there is wrap-up has ended, and still holds the slot until the time is over."""
    story = wrapping("ana").when(chat("luis"), chat("nora"))
    complete(story, after=5 * SECOND).then(InteractionCompleted)
    interaction = story.interaction("luis")
    assert (interaction.state, interaction.disposition) == (InteractionState.WRAP_UP, "Venta")
    assert (interaction.ended_at, interaction.state_until) == (START + 5 * SECOND, START + 5 * SECOND + MINUTE)
    assert (interaction.agent_id, story.place_of("nora")) == ("ana", WAITS)
    story.passes(MINUTE).then(InteractionWrapUpEnded, InteractionAssigned)
    interaction = story.interaction("luis")
    assert (interaction.state, interaction.ended_at) == (InteractionState.COMPLETED, START + 5 * SECOND)


@pytest.mark.req("C10")
@pytest.mark.parametrize("wrap_up", [None, timedelta()])
def test_no_wrap_up(wrap_up):
    """Without wrap-up, completing frees the slot at once."""
    story = given(ventas("ana", wrap_up=wrap_up), online("ana")).when(chat("luis"), chat("nora"))
    complete(story).then(InteractionCompleted, InteractionAssigned)
    assert state_of(story) is InteractionState.COMPLETED


@pytest.mark.req("C10")
def test_finishing_early():
    """The agent ends its wrap-up itself, which frees the slot at once; nothing falls due any more."""
    story = complete(wrapping("ana").when(chat("luis"), chat("nora")))
    story.when(FinishWrapUp("i1"), by=agent_actor("ana"), after=SECOND)
    story.then(InteractionWrapUpEnded, InteractionAssigned)
    assert (state_of(story), story.holder("nora")) == (InteractionState.COMPLETED, "ana")
    assert story.state.deadlines.first() is None


@pytest.mark.req("C10")
def test_who_may_finish():
    """Only the agent whose wrap-up it is finishes it, or an administrator or supervisor for it."""
    story = complete(wrapping("ana", "bruno", supervisor_ids=("sofia",)).when(chat("luis")))
    story.rejects(FinishWrapUp("i1"), (ErrorReason.PERMISSION_DENIED, "interaction/i1"), by=agent_actor("bruno"))
    assert state_of(story.when(FinishWrapUp("i1"), by=supervisor_actor("sofia"))) is InteractionState.COMPLETED


@pytest.mark.req("C10")
def test_nothing_to_finish():
    """What is not in wrap-up can't be finished: waiting, held, or over already."""
    story = wrapping("ana").when(chat("luis"), chat("nora"))
    refusal = (ErrorReason.INTERACTION_NOT_IN_WRAP_UP, "interaction/i1")
    story.rejects(FinishWrapUp("i1"), refusal)
    story.rejects(FinishWrapUp("i2"), (ErrorReason.INTERACTION_NOT_IN_WRAP_UP, "interaction/i2"))
    complete(story).when(FinishWrapUp("i1")).rejects(FinishWrapUp("i1"), refusal)
    story.rejects(FinishWrapUp("i9"), (ErrorReason.RESOURCE_NOT_FOUND, "interaction/i9"))


@pytest.mark.req("C10", "T5", "T1")
@pytest.mark.parametrize(
    "command",
    [
        CompleteInteraction("i1", "Venta"),
        CancelInteraction("i1"),
        Transfer("i1", agent_id="bruno", note="sigue"),
        Transfer("i1", workgroup_id="ventas", note="sigue"),
        ClaimInteraction("bruno", "i1"),
        AssignInteraction("i1", "bruno"),
    ],
    ids=["complete", "cancel", "to an agent", "to a workgroup", "claim", "assign"],
)
def test_what_is_in_wrap_up_has_ended(command):
    """What is in wrap-up has ended: it is completed once only, and not cancelled, transferred, claimed or assigned."""
    story = complete(wrapping("ana", "bruno").when(chat("luis")))
    story.rejects(command, (ErrorReason.INTERACTION_ENDED, "interaction/i1"))
    assert story.get(WorkgroupActivity, "ventas").completed == 1


@pytest.mark.req("C10", "Z6")
@pytest.mark.parametrize("route", [chat, call])
def test_a_message_in_wrap_up_begins_a_new_interaction(route):
    """A message of the contact during wrap-up joins nothing: it begins a new interaction, which waits its turn."""
    story = complete(wrapping("ana").when(route("luis")))
    story.when(route("luis"), after=SECOND).then(InteractionArrived, InteractionQueued)
    assert story.get(type(story.interaction("luis")), "i1").messages == 1
    assert story.passes(MINUTE).holder("luis") == "ana"


@pytest.mark.req("C10")
def test_wrap_up_holds_across_workgroups():
    """While an agent wraps up in one workgroup, another gives it nothing for the slot; another slot is free."""
    story = complete(two_workgroups().when(chat("luis")))
    assert story.when(chat("nora", "ayuda")).place_of("nora") == WAITS
    assert story.when(UpdateResource(Agent("ana", capacity=2), ("capacity",))).holder("nora") == "ana"


@pytest.mark.req("C10", "T1", "T4")
def test_wrap_up_holds_against_transfers_and_claims():
    """What an agent wraps up holds its slot against claims, assignments and transfers too."""
    story = complete(two_workgroups().when(chat("luis"), goes_online("bruno"), chat("nora", "ayuda")))
    full = (ErrorReason.AGENT_AT_CAPACITY, "agent/ana")
    assert story.holder("nora") == "bruno"
    story.rejects(Transfer(story.id_of("nora"), agent_id="ana", note="sigue"), full)
    story.when(chat("olga"))
    story.rejects(ClaimInteraction("ana", story.id_of("olga")), full)
    story.rejects(AssignInteraction(story.id_of("olga"), "ana"), full)


@pytest.mark.req("C10", "T1", "T4")
@pytest.mark.parametrize("target", [{"agent_id": "bruno"}, {"workgroup_id": "soporte"}, {"campaign_id": "ayuda"}])
def test_a_transfer_leaves_no_wrap_up(target):
    """Who passes an interaction on has no wrap-up: its slot is free at once."""
    story = two_workgroups(method=AssignmentMethod.MANUAL).when(chat("luis"), goes_online("bruno"))
    assert story.holder("luis") == "ana"
    story.when(Transfer("i1", note="sigue", **target))
    assert story.holder("luis") == target.get("agent_id", "")
    assert story.state.units_in_use("ana") == 0


@pytest.mark.req("C10", "T4")
@pytest.mark.parametrize(("first", "then", "wraps_up"), [("tienda", "soporte", False), ("ayuda", "ventas", True)])
def test_the_workgroup_at_completion_decides(first, then, wraps_up):
    """After a transfer to another workgroup, that one's wrap-up counts."""
    story = two_workgroups().when(chat("luis", first))
    story.when(Transfer(story.id_of("luis"), workgroup_id=then, note="sigue"))
    complete(story)
    assert state_of(story) is (InteractionState.WRAP_UP if wraps_up else InteractionState.COMPLETED)


@pytest.mark.req("C10")
def test_the_wrap_up_is_changed_meanwhile():
    """A wrap-up that has begun lasts as long as it was to last."""
    story = complete(wrapping("ana").when(chat("luis")))
    story.when(UpdateResource(Workgroup("ventas", wrap_up=None), ("wrap_up",)), after=SECOND)
    assert state_of(story) is InteractionState.WRAP_UP
    assert state_of(story.passes(59 * SECOND)) is InteractionState.COMPLETED


@pytest.mark.req("C10", "C3", "C5")
@pytest.mark.parametrize("policy", LeavingPolicy)
def test_leaving_during_wrap_up(policy):
    """Who goes offline while it wraps up is not given it back, nor is it returned; the time goes on."""
    story = complete(wrapping("ana", leaving_policy=policy, leaving_debounce=SECOND).when(chat("luis")))
    story.when(goes_offline("ana")).then(AgentStatusChanged)
    story.passes(30 * SECOND).when(goes_online("ana"), chat("nora"))
    assert (state_of(story), story.place_of("nora")) == (InteractionState.WRAP_UP, WAITS)
    assert story.passes(30 * SECOND).holder("nora") == "ana"


@pytest.mark.req("C10", "C8")
def test_wrap_up_is_no_handling():
    """The mean handling time counts up to completion, not the wrap-up; the completion counts once."""
    story = complete(wrapping("ana").when(chat("luis")), after=40 * SECOND).passes(MINUTE)
    activity = story.get(WorkgroupActivity, "ventas")
    assert (activity.completed, activity.mean_handling) == (1, 40 * SECOND)


@pytest.mark.req("C10", "M8")
def test_idle_since_the_end_of_wrap_up():
    """LONGEST_IDLE: an agent is idle from the end of its wrap-up."""
    story = wrapping("ana", method=AssignmentMethod.LONGEST_IDLE).when(chat("luis"))
    complete(story, after=SECOND).passes(MINUTE)
    assert presence(story).idle_since == START + SECOND + MINUTE


@pytest.mark.req("C10")
@pytest.mark.parametrize(("kind", "key"), [(Agent, "ana"), (Workgroup, "ventas"), (Contact, "luis")])
def test_nobody_is_deleted_during_wrap_up(kind, key):
    """An agent, a workgroup and a contact are in use while an interaction of theirs is in wrap-up."""
    story = complete(wrapping("ana").when(chat("luis")))
    story.rejects(DeleteResource(kind, (key,)), (ErrorReason.RESOURCE_IN_USE, f"{kind.__name__.lower()}/{key}"))


@pytest.mark.req("C10", "G6")
def test_wrap_up_survives_a_restart():
    """A state loaded from the records holds the slot for as long."""
    story = complete(wrapping("ana").when(chat("luis")))
    loaded = State()
    loaded.load_tenant(record for table in tables(story.state).values() for record in table.values())
    assert loaded.deadlines.first() == story.state.deadlines.first()
    assert not loaded.load_of("ana").free
    assert presence(story).status is AgentStatus.ONLINE
