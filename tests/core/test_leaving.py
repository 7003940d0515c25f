"""Leaving (C5): what becomes of an agent's interactions when it goes offline."""

from datetime import timedelta

import pytest

from cartera.core.commands import (
    CancelInteraction,
    ClaimInteraction,
    CompleteInteraction,
    SetExclusiveAgent,
    Transfer,
    UpdateResource,
)
from cartera.core.events import (
    AgentStatusChanged,
    InteractionAssigned,
    InteractionKeptForOwner,
    InteractionQueued,
    InteractionReturnCancelled,
    InteractionReturned,
    InteractionReturnScheduled,
    InteractionUnassigned,
)
from cartera.core.records import ChannelAgents, ContactActivity, ExclusiveAgent, LastAgentRule, Workgroup
from cartera.core.state import State
from cartera.core.vocabulary import (
    AssignmentMethod,
    Channel,
    ErrorReason,
    InteractionState,
    LeavingPolicy,
    Priority,
    RoutingReason,
)
from tests.core.offers import WAITS, held_by
from tests.core.specification import START, given, tables
from tests.core.tenants import (
    agents,
    campaign,
    chat,
    contacts,
    goes_offline,
    goes_online,
    online,
    pauses,
    portfolio,
    ventas,
    workgroup,
)

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DEBOUNCE = 2 * MINUTE
KEEP, RETURN, AFTER_DEBOUNCE = LeavingPolicy.KEEP, LeavingPolicy.RETURN, LeavingPolicy.RETURN_AFTER_DEBOUNCE
RETURNING = [RETURN, AFTER_DEBOUNCE]
SESSION = timedelta(hours=12)


def leaving(policy, *members, **fields):
    """A workgroup with the policy, and two minutes for coming back; its members are not online yet."""
    given_fields = {"leaving_policy": policy, "leaving_debounce": DEBOUNCE, "queue_when_nobody_online": True}
    return given(ventas(*members, **{**given_fields, **fields}), contacts("luis"))


def left(policy, **fields):
    """Ana had Luis's chat and has gone offline."""
    return (
        leaving(policy, "ana", **fields).when(goes_online("ana"), chat("luis")).when(goes_offline("ana"), after=MINUTE)
    )


@pytest.mark.req("C5")
def test_the_example_of_leaving():
    """docs/routing.md, "Leaving": Ana is back in time once; then she is not, and Bruno gets it ahead of newcomers."""
    story = leaving(AFTER_DEBOUNCE, "ana", "bruno").when(goes_online("ana"), goes_online("bruno"))
    story.when(chat("luis"), chat("olga")).when(chat("nora"), after=10 * MINUTE)
    story.when(goes_offline("ana"), after=MINUTE).when(goes_online("ana"), after=90 * SECOND)
    assert story.passes(DEBOUNCE).place_of("luis") == held_by("ana")
    story.when(goes_offline("ana")).passes(DEBOUNCE)
    assert (story.place_of("luis"), story.place_of("nora")) == (WAITS, WAITS)
    story.when(CompleteInteraction(story.id_of("olga"), "Venta"))
    assert (story.place_of("luis"), story.place_of("nora")) == (held_by("bruno"), WAITS)


# The policies


@pytest.mark.req("C5")
@pytest.mark.parametrize("policy", [KEEP, LeavingPolicy.UNSPECIFIED])
def test_kept(policy):
    """KEEP, the default: who leaves keeps what it holds, however long it is away."""
    story = left(policy).then(AgentStatusChanged)
    assert story.passes(SESSION).place_of("luis") == held_by("ana")


@pytest.mark.req("C5")
def test_returned_at_once():
    """RETURN: what the agent holds is routed anew at once, with its time of arrival and priority."""
    story = leaving(RETURN, "ana", "bruno").when(goes_online("ana"), chat("luis", priority=Priority.HIGH))
    story.when(goes_online("bruno"), after=MINUTE).when(goes_offline("ana"))
    story.then(AgentStatusChanged, InteractionReturnScheduled, InteractionReturned, InteractionAssigned)
    assert story.place_of("luis") == held_by("bruno")
    interaction = story.interaction("luis")
    assert (interaction.arrived_at, interaction.sequence, interaction.priority) == (START, 2, Priority.HIGH)
    assert interaction.waiting_since == START + MINUTE


@pytest.mark.req("C5")
def test_returned_after_the_debounce():
    """RETURN_AFTER_DEBOUNCE: what the agent holds stays with it for the debounce, then is routed anew."""
    story = left(AFTER_DEBOUNCE).then(AgentStatusChanged, InteractionReturnScheduled)
    assert story.events[1].return_at == START + MINUTE + DEBOUNCE
    story.passes(DEBOUNCE - SECOND)
    assert story.place_of("luis") == held_by("ana")
    story.passes(SECOND).then(InteractionReturned, InteractionQueued)
    assert story.events[0].from_agent_id == "ana"


@pytest.mark.req("C5")
@pytest.mark.parametrize("debounce", [None, timedelta()])
def test_no_debounce(debounce):
    """RETURN_AFTER_DEBOUNCE without a debounce returns at once."""
    story = left(AFTER_DEBOUNCE, leaving_debounce=debounce)
    story.then(AgentStatusChanged, InteractionReturnScheduled, InteractionReturned, InteractionQueued)


@pytest.mark.req("C5", "C3")
@pytest.mark.parametrize("back", [goes_online("ana"), pauses("ana"), goes_online("ana", Channel.VOICE)])
def test_coming_back_cancels_the_return(back):
    """Whoever comes back within the debounce, online or paused, for whatever channel, keeps what it holds."""
    story = left(AFTER_DEBOUNCE).when(back, after=DEBOUNCE - SECOND)
    story.then(AgentStatusChanged, InteractionReturnCancelled)
    assert story.passes(DEBOUNCE).place_of("luis") == held_by("ana")


@pytest.mark.req("C5")
def test_coming_back_too_late():
    """At the end of the debounce it is returned; who comes back then is given things like anybody else."""
    story = left(AFTER_DEBOUNCE).when(goes_online("ana"), after=DEBOUNCE)
    story.then(AgentStatusChanged, InteractionAssigned)
    assert story.place_of("luis") == held_by("ana")
    assert story.interaction("luis").assigned_at == START + MINUTE + DEBOUNCE


@pytest.mark.req("C5", "C3")
def test_flapping():
    """Who leaves again and again has the whole debounce each time, and nothing piles up."""
    story = left(AFTER_DEBOUNCE)
    for _ in range(3):
        story.when(goes_online("ana"), after=DEBOUNCE - SECOND).when(goes_offline("ana"), after=SECOND)
    assert story.place_of("luis") == held_by("ana")
    story.passes(DEBOUNCE).then(InteractionReturned, InteractionQueued)
    assert story.state.deadlines.first() is None


@pytest.mark.req("C5")
def test_saying_offline_twice():
    """Who is offline already and says so again does not begin the debounce anew."""
    story = left(AFTER_DEBOUNCE).when(goes_offline("ana"), after=MINUTE).then()
    story.passes(MINUTE).then(InteractionReturned, InteractionQueued)


@pytest.mark.req("C5", "C4")
@pytest.mark.parametrize("policy", RETURNING)
def test_the_end_of_a_session_is_leaving(policy):
    """Who is disconnected at the end of its session leaves like any other: its slots do not stay taken for ever."""
    story = leaving(policy, "ana").when(goes_online("ana"), chat("luis")).passes(SESSION + DEBOUNCE)
    assert (story.place_of("luis"), story.state.units_in_use("ana")) == (
        (InteractionState.QUEUED, RoutingReason.NOBODY_ONLINE, ""),
        0,
    )


@pytest.mark.req("C5")
def test_a_pause_is_no_leaving():
    """Who pauses keeps what it holds."""
    story = leaving(RETURN, "ana").when(goes_online("ana"), chat("luis"), pauses("ana")).then(AgentStatusChanged)
    assert story.place_of("luis") == held_by("ana")


@pytest.mark.req("C5", "M3")
def test_nobody_else_is_online():
    """What is returned while nobody is online is UNASSIGNED, as on arrival, unless the workgroup queues it."""
    story = left(RETURN, queue_when_nobody_online=False)
    assert isinstance(story.events[-1], InteractionUnassigned)
    assert story.when(goes_online("ana")).holder("luis") == ""


@pytest.mark.req("C5", "C13", "T9")
def test_the_clocks_of_what_is_returned_begin_anew():
    """What is returned waits from then on: its limits and its alarm count from the return."""
    waits = {"longest_wait": 10 * MINUTE, "unattended_after": 5 * MINUTE}
    story = left(AFTER_DEBOUNCE, **waits).passes(DEBOUNCE)
    returned_at = START + MINUTE + DEBOUNCE
    interaction = story.interaction("luis")
    assert (interaction.waiting_since, interaction.expires_at) == (returned_at, returned_at + 10 * MINUTE)
    assert interaction.unattended_at == returned_at + 5 * MINUTE


@pytest.mark.req("C5")
def test_the_policy_of_each_ones_workgroup():
    """Each interaction goes by the policy of the workgroup that it is under."""
    story = given(
        ventas("ana", capacity=2, leaving_policy=RETURN),
        workgroup("soporte", "ana", leaving_policy=KEEP),
        campaign("ayuda", "soporte"),
        online("ana"),
    ).when(chat("luis"), chat("nora", "ayuda"), goes_offline("ana"))
    assert (story.holder("luis"), story.holder("nora")) == ("", "ana")


# What stays


@pytest.mark.req("C5", "E1", "M4", "M5", "M6")
@pytest.mark.parametrize("policy", RETURNING)
@pytest.mark.parametrize(
    ("fields", "records"),
    [
        ({}, [ExclusiveAgent("luis", "tienda", "ana")]),
        ({"method": AssignmentMethod.LAST_AGENT}, [ContactActivity("luis", "ana", START)]),
        ({"method": AssignmentMethod.DEFAULT_GROUP, "default_agent_ids": ("ana",)}, []),
        (
            {
                "method": AssignmentMethod.BY_CHANNEL,
                "channel_agents": (ChannelAgents(Channel.CHAT, ("ana",)),),
            },
            [],
        ),
    ],
    ids=["exclusive", "last agent", "default group", "by channel"],
)
def test_what_is_given_online_or_not_is_kept(policy, fields, records):
    """What an agent is given online or not it keeps when it leaves, whatever the policy."""
    story = given(ventas("ana", leaving_policy=policy, **fields), contacts("luis"), records, online("ana"))
    story.when(chat("luis"), goes_offline("ana")).then(AgentStatusChanged)
    assert story.holder("luis") == "ana"


@pytest.mark.req("C5", "M4")
def test_a_last_agent_who_may_not_be_chosen():
    """In a LAST_AGENT workgroup, what an agent holds whom it may not choose is returned."""
    story = leaving(RETURN, "ana", "bruno", method=AssignmentMethod.LAST_AGENT)
    story.when(UpdateResource(Workgroup("ventas", last_agent=LastAgentRule(("bruno",))), ("last_agent",)))
    story.when(goes_online("ana"), chat("luis"), goes_offline("ana"))
    assert story.interaction("luis").state is InteractionState.QUEUED


# What is returned belongs to whom it belongs to then


@pytest.mark.req("C5", "K2", "P8")
@pytest.mark.parametrize(("offline_wait", "kept"), [(5 * MINUTE, True), (timedelta(), False)])
def test_an_owners_own_is_returned(offline_wait, kept):
    """What its owner held is kept for the owner anew, for the owner wait of owners who are offline; or is anybody's."""
    story = given(
        ventas("ana", "bruno", leaving_policy=RETURN, owner_wait_offline=offline_wait),
        contacts("luis"),
        portfolio("vip", "ana", holds=["luis"]),
        online("ana"),
    ).when(chat("luis"))
    assert story.place_of("luis") == held_by("ana", RoutingReason.OWNER)
    story.when(goes_online("bruno"), after=MINUTE).when(goes_offline("ana"))
    if kept:
        assert isinstance(story.events[-1], InteractionKeptForOwner)
        assert story.interaction("luis").owner_wait_until == START + MINUTE + offline_wait
        assert story.when(goes_online("ana")).place_of("luis") == held_by("ana", RoutingReason.OWNER)
    else:
        assert story.place_of("luis") == held_by("bruno")


@pytest.mark.req("C5", "P8")
def test_an_owners_own_goes_to_the_backup():
    """What an owner held who leaves goes to the portfolio's backup agent, if that one is available."""
    story = given(
        ventas("ana", "bruno", leaving_policy=RETURN, owner_wait=5 * MINUTE),
        contacts("luis"),
        portfolio("vip", "ana", holds=["luis"], backup_agent_ids=("bruno",)),
        online("ana", "bruno"),
    ).when(chat("luis"), goes_offline("ana"))
    assert story.place_of("luis") == held_by("bruno", RoutingReason.BACKUP_OWNER)


@pytest.mark.req("C5", "E1")
def test_an_exclusive_agents_own_comes_back_to_it():
    """What somebody else held of a contact with an exclusive agent goes to that agent when it is returned."""
    story = leaving(RETURN, "ana", "bruno").when(goes_online("ana"), chat("luis"))
    story.when(SetExclusiveAgent("luis", "tienda", "bruno"), goes_offline("ana"))
    assert story.place_of("luis") == held_by("bruno", RoutingReason.EXCLUSIVE_AGENT)


# During the debounce


@pytest.mark.req("C5", "C1")
def test_the_slot_is_held_during_the_debounce():
    """During the debounce the interaction is the agent's: nobody claims it, and its slot is taken."""
    story = left(AFTER_DEBOUNCE)
    assert story.state.units_in_use("ana") == 1
    story.when(*(UpdateResource(each, allow_missing=True) for each in agents(bruno=1)))
    story.when(UpdateResource(Workgroup("ventas", member_ids=("ana", "bruno")), ("member_ids",)), goes_online("bruno"))
    story.rejects(ClaimInteraction("bruno", "i2"), (ErrorReason.INTERACTION_NOT_WAITING, "interaction/i2"))


@pytest.mark.req("C5")
@pytest.mark.parametrize(
    "end",
    [
        CompleteInteraction("i2", "Venta"),
        CancelInteraction("i2"),
        Transfer("i2", agent_id="bruno", note="sigue"),
        Transfer("i2", workgroup_id="ventas", note="sigue"),
    ],
    ids=["completed", "cancelled", "to an agent", "to a workgroup"],
)
def test_what_ends_during_the_debounce(end):
    """What is ended or passed on during the debounce is returned by nothing any more."""
    story = leaving(AFTER_DEBOUNCE, "ana", "bruno").when(goes_online("ana"), chat("luis"), goes_offline("ana"))
    story.when(goes_online("bruno"), end).passes(DEBOUNCE)
    assert story.holder("luis") == ("bruno" if isinstance(end, Transfer) else "ana")
    assert not [each for change in story.changes for each in change.events if isinstance(each, InteractionReturned)]


@pytest.mark.req("C5")
@pytest.mark.parametrize("policy", [KEEP, RETURN])
def test_the_policy_is_changed_during_the_debounce(policy):
    """A debounce that has begun goes on, whatever the workgroup says meanwhile."""
    story = left(AFTER_DEBOUNCE).when(UpdateResource(Workgroup("ventas", leaving_policy=policy), ("leaving_policy",)))
    assert story.place_of("luis") == held_by("ana")
    story.passes(DEBOUNCE).then(InteractionReturned, InteractionQueued)


@pytest.mark.req("C5", "G6")
def test_the_debounce_survives_a_restart():
    """A state loaded from the records returns at the same time."""
    story = left(AFTER_DEBOUNCE)
    loaded = State()
    loaded.load_tenant(record for table in tables(story.state).values() for record in table.values())
    assert loaded.deadlines.first() == story.state.deadlines.first()
    assert loaded.deadlines.first()[0] == START + MINUTE + DEBOUNCE
