"""Overflow: what is done, step by step, for an interaction that waits long (C11)."""

from datetime import timedelta

import pytest

from cartera.core.commands import (
    AcceptOffer,
    ClaimInteraction,
    CompleteInteraction,
    CreateResource,
    RejectOffer,
    Transfer,
    UpdateResource,
)
from cartera.core.events import (
    InteractionAssigned,
    InteractionOverflowed,
    InteractionQueued,
    InteractionUnassigned,
)
from cartera.core.records import (
    Agent,
    ChannelAgents,
    ExclusiveAgent,
    OverflowStep,
    Skill,
    SkillRequirement,
    WorkgroupActivity,
)
from cartera.core.vocabulary import (
    AssignmentMethod,
    Channel,
    ErrorReason,
    InteractionState,
    PortfolioMode,
    Priority,
    RoutingReason,
)
from tests.core.specification import agent_actor, given
from tests.core.tenants import (
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

pytestmark = pytest.mark.req("C11")

MINUTE = timedelta(minutes=1)
SECONDS_30 = timedelta(seconds=30)
WAITS = (InteractionState.QUEUED, RoutingReason.NO_AGENT_AVAILABLE, "")


def adds(workgroup_id, after=MINUTE):
    return OverflowStep(after, add_workgroup_id=workgroup_id)


def drops(skill, after=MINUTE):
    return OverflowStep(after, drop_skill=skill)


def raises(priority, after=MINUTE):
    return OverflowStep(after, priority=priority)


def overflowing(*steps, ayuda=("zoe", "yago"), capacity=1, help_by=AssignmentMethod.ROUND_ROBIN, **fields):
    """Ana of "ventas", who is full with a call, and those of "ayuda", whom the steps may bring in; all are online."""
    story = given(
        ventas("ana", overflow_steps=steps, **fields),
        agents(**dict.fromkeys(ayuda, capacity)),
        workgroup("ayuda", *ayuda, method=help_by),
        online("ana", *ayuda),
    )
    return story.when(call("busy")) if fields.get("method") is not AssignmentMethod.MANUAL else story


def given_by(reason, agent_id):
    return InteractionState.ASSIGNED, reason, agent_id


def taken(story):
    """The steps that were taken, in their order."""
    events = [event for change in story.changes for event in change.events]
    return [event.step for event in events if type(event) is InteractionOverflowed]


def test_documented_example():
    """The example of docs/routing.md: a skill goes, then the priority rises, then another workgroup helps."""
    steps = (drops("english", SECONDS_30), raises(Priority.HIGH, MINUTE), adds("vip", MINUTE + SECONDS_30))
    story = given(
        ventas("fernando", overflow_steps=steps),
        agents(alejandra=1, emily=1),
        workgroup("vip", "alejandra", "emily"),
        online("fernando", "alejandra", "emily"),
    ).when(call("busy"), call("clara", skills=(SkillRequirement("english", 5),)))
    story.passes(SECONDS_30)
    assert (story.interaction("clara").skills, story.place_of("clara")) == ((), WAITS)
    story.passes(SECONDS_30)
    assert (story.interaction("clara").priority, story.place_of("clara")) == (Priority.HIGH, WAITS)
    story.passes(SECONDS_30).then(InteractionOverflowed, InteractionAssigned)
    assert story.place_of("clara") == given_by(RoutingReason.ROUND_ROBIN, "alejandra")
    assert story.get(WorkgroupActivity, "vip").turn_agent_id == "alejandra"
    assert story.get(WorkgroupActivity, "ventas").turn_agent_id == "fernando"
    assert story.interaction("clara").workgroup_id == "ventas"


def test_each_step_is_taken_once_in_its_order():
    """Steps are taken in their order, also those of one time, each once; nothing comes after the last."""
    steps = (raises(Priority.HIGH), drops("sap"), raises(Priority.URGENT, 2 * MINUTE))
    story = overflowing(*steps).when(chat("luis", skills=(SkillRequirement("sap", 5),)))
    assert taken(story.passes(MINUTE)) == list(steps[:2])
    assert taken(story.passes(timedelta(days=1))) == list(steps)


def test_step_at_once():
    """A step with no time is taken on arrival."""
    story = overflowing(adds("ayuda", timedelta())).when(chat("luis"))
    assert story.place_of("luis") == given_by(RoutingReason.ROUND_ROBIN, "zoe")


def test_who_is_served_takes_no_step():
    """What has an agent waits no longer."""
    story = overflowing(raises(Priority.URGENT)).when(CompleteInteraction("i1", "Venta"), chat("luis"))
    assert taken(story.passes(timedelta(hours=1))) == []


# A workgroup is added


def test_own_workgroup_comes_first():
    """Its own workgroup's members are preferred, then those that were added, in that order."""
    fields = {"overflow_steps": (adds("first"), adds("second"))}
    story = given(
        ventas("ana", **fields),
        agents(bruno=1, carla=1),
        workgroup("first", "bruno"),
        workgroup("second", "carla"),
    )
    story.when(*map(goes_online, ("ana", "bruno", "carla")), call("x"))
    story.when(chat("c1"), chat("c2"), chat("c3"), after=MINUTE).when(CompleteInteraction("i4", "Venta"))
    story.when(chat("own")).passes(MINUTE)
    assert [story.holder(each) for each in ("c1", "c2", "c3")] == ["ana", "bruno", "carla"]


@pytest.mark.parametrize(
    ("method", "fields", "reason", "holder"),
    [
        (AssignmentMethod.ROUND_ROBIN, {}, RoutingReason.ROUND_ROBIN, "zoe"),
        (AssignmentMethod.LEAST_LOAD, {}, RoutingReason.LEAST_LOAD, "yago"),
        (AssignmentMethod.LONGEST_IDLE, {}, RoutingReason.LONGEST_IDLE, "yago"),
        (AssignmentMethod.BEST_SKILL, {}, RoutingReason.BEST_SKILL, "yago"),
        (AssignmentMethod.LAST_AGENT, {}, RoutingReason.ROUND_ROBIN, "zoe"),
        (AssignmentMethod.DEFAULT_GROUP, {"default_agent_ids": ("yago",)}, RoutingReason.DEFAULT_GROUP, "yago"),
        (
            AssignmentMethod.BY_CHANNEL,
            {"channel_agents": (ChannelAgents(Channel.CHAT, ("yago",)),)},
            RoutingReason.BY_CHANNEL,
            "yago",
        ),
    ],
)
def test_added_workgroup_goes_by_its_own_method(method, fields, reason, holder):
    """Whom of an added workgroup it is given to is by that workgroup's method, and so is the reason."""
    story = given(
        ventas("ana", overflow_steps=(adds("ayuda"),)),
        Agent("zoe", capacity=2, skills=(Skill("sap", 5),)),
        Agent("yago", capacity=4, skills=(Skill("sap", 9),)),
        workgroup("ayuda", "zoe", "yago", method=method, **fields),
        workgroup("otra", "zoe"),
        campaign("ayudas", "otra"),
    )
    story.when(goes_online("ana"), goes_online("yago"), call("busy"))
    story.when(goes_online("zoe"), chat("c1", "ayudas"), after=MINUTE)
    story.when(chat("luis", skills=(SkillRequirement("sap", 5),))).passes(MINUTE)
    assert story.place_of("luis") == given_by(reason, holder)


@pytest.mark.req("M5", "M6")
@pytest.mark.parametrize(
    "fields",
    [
        {"method": AssignmentMethod.DEFAULT_GROUP, "default_agent_ids": ("zoe", "yago")},
        {
            "method": AssignmentMethod.BY_CHANNEL,
            "channel_agents": (ChannelAgents(Channel.CHAT, ("zoe", "yago")),),
        },
    ],
    ids=["default group", "by channel"],
)
def test_only_who_is_available_helps(fields):
    """Who helps out must be there: a method that gives online or not does so in its own workgroup only."""
    story = given(
        ventas("ana", overflow_steps=(adds("ayuda"),)),
        agents(zoe=1, yago=1),
        workgroup("ayuda", "zoe", "yago", **fields),
        online("ana"),
    ).when(call("busy"), chat("luis"))
    assert story.passes(MINUTE).place_of("luis") == WAITS
    assert story.when(goes_online("yago")).holder("luis") == "yago"
    story.when(chat("nora"), goes_online("zoe", Channel.VOICE)).passes(MINUTE)
    assert story.place_of("nora") == WAITS
    assert story.when(goes_online("zoe")).holder("nora") == "zoe"


@pytest.mark.req("M8")
def test_skills_bind_who_helps():
    """The members of an added workgroup need the skills that are demanded by then."""
    story = overflowing(adds("ayuda"), drops("sap", 2 * MINUTE)).when(
        chat("luis", skills=(SkillRequirement("sap", 5),))
    )
    assert story.passes(MINUTE).place_of("luis") == WAITS
    assert story.passes(MINUTE).holder("luis") == "zoe"


@pytest.mark.req("M9")
def test_who_helps_may_claim():
    """From then on the added workgroup's members may claim it, with the skills that it demands, and not before."""
    story = overflowing(adds("ayuda"), help_by=AssignmentMethod.MANUAL).when(chat("luis"))
    interaction_id = story.id_of("luis")
    story.rejects(ClaimInteraction("zoe", interaction_id), (ErrorReason.AGENT_NOT_IN_WORKGROUP, "agent/zoe"))
    story.rejects(ClaimInteraction("zoe"), (ErrorReason.NOTHING_TO_CLAIM, "agent/zoe"))
    story.when(chat("nora", skills=(SkillRequirement("sap", 5),))).passes(MINUTE)
    assert story.place_of("luis") == WAITS
    story.rejects(ClaimInteraction("zoe", story.id_of("nora")), (ErrorReason.AGENT_LACKS_SKILL, "agent/zoe"))
    assert story.when(ClaimInteraction("zoe")).holder("luis") == "zoe"


@pytest.mark.req("C7")
def test_who_helps_is_given_the_best_of_both_queues():
    """A free slot of who helps goes to the first by priority and arrival, of its own workgroup or not."""
    story = overflowing(adds("ayuda"), ayuda=("zoe",))
    story.when(CreateResource(campaign("ayudas", "ayuda")), chat("first", "ayudas"), chat("luis"))
    story.when(chat("nora", "ayudas"), chat("olga", "ayudas", priority=Priority.HIGH), after=MINUTE)
    for holds in ("first", "olga", "luis", "nora"):
        assert story.place_of(holds) == given_by(RoutingReason.ROUND_ROBIN, "zoe")
        story.when(CompleteInteraction(story.id_of(holds), "Venta"))


@pytest.mark.req("M7")
def test_manual_workgroup_overflows():
    """What waits in a MANUAL workgroup is given by those that are added, and until then to nobody."""
    story = overflowing(adds("ayuda"), method=AssignmentMethod.MANUAL).when(chat("luis"))
    assert story.place_of("luis") == (InteractionState.QUEUED, RoutingReason.MANUAL, "")
    assert story.passes(MINUTE).place_of("luis") == given_by(RoutingReason.ROUND_ROBIN, "zoe")


@pytest.mark.req("C9", "C10")
def test_its_own_workgroups_policy_holds():
    """Whoever helps, an interaction is offered and wrapped up as its own workgroup says."""
    story = overflowing(adds("ayuda"), offer_timeout=5 * MINUTE, wrap_up=MINUTE)
    story.when(chat("luis")).passes(MINUTE)
    assert story.place_of("luis") == (InteractionState.OFFERED, RoutingReason.ROUND_ROBIN, "zoe")
    story.when(AcceptOffer("i2", "zoe"), CompleteInteraction("i2", "Venta"))
    assert story.interaction("luis").state is InteractionState.WRAP_UP


@pytest.mark.req("K4")
def test_contact_joins_who_helps():
    """In an AUTOMATIC workgroup the contact joins the portfolio of who attends it, who helps out included."""
    story = given(
        ventas("ana", overflow_steps=(adds("ayuda"),), portfolio_mode=PortfolioMode.AUTOMATIC),
        agents(zoe=1),
        workgroup("ayuda", "zoe"),
        contacts("luis"),
        online("ana", "zoe"),
    ).when(call("busy"), chat("luis"))
    story.passes(MINUTE)
    assert story.state.personal_portfolio("zoe").owner_agent_ids == ("zoe",)


# The priority rises


@pytest.mark.req("C6")
@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        (Priority.LOW, Priority.HIGH, Priority.HIGH),
        (Priority.HIGH, Priority.HIGH, Priority.HIGH),
        (Priority.URGENT, Priority.HIGH, Priority.URGENT),
    ],
)
def test_priority_is_at_least_that(before, step, after):
    """The priority is raised, never lowered."""
    story = overflowing(raises(step)).when(chat("luis", priority=before)).passes(MINUTE)
    assert story.interaction("luis").priority is after


@pytest.mark.req("C6")
def test_raised_priority_is_served_sooner():
    """What was raised goes ahead of who came before it at a lower priority."""
    story = overflowing(raises(Priority.HIGH)).when(chat("luis", priority=Priority.LOW)).passes(MINUTE)
    story.when(chat("nora"), chat("olga", priority=Priority.HIGH), CompleteInteraction("i1", "Venta"))
    assert story.holder("luis") == "ana"


# What finds nobody online


@pytest.mark.req("M3")
@pytest.mark.parametrize(
    ("step", "arrives", "expected"),
    [
        (adds("ayuda"), [], (InteractionState.UNASSIGNED, RoutingReason.NOBODY_ONLINE, "")),
        (adds("ayuda"), [goes_online("zoe")], given_by(RoutingReason.ROUND_ROBIN, "zoe")),
        (adds("ayuda"), [goes_online("zoe"), call("z", "soporte")], WAITS),
        (adds("ayuda"), [goes_online("ana")], given_by(RoutingReason.ROUND_ROBIN, "ana")),
        (raises(Priority.HIGH), [goes_online("ana")], given_by(RoutingReason.ROUND_ROBIN, "ana")),
        (raises(Priority.HIGH), [goes_online("zoe")], (InteractionState.UNASSIGNED, RoutingReason.NOBODY_ONLINE, "")),
        (drops("sap"), [goes_online("ana")], given_by(RoutingReason.ROUND_ROBIN, "ana")),
    ],
    ids=["still nobody", "who helps", "who helps is full", "own", "priority", "priority, nobody", "skill"],
)
def test_unassigned_is_placed_anew(step, arrives, expected):
    """What is unassigned is placed anew by each step: given, queued, or left unassigned as before."""
    story = given(
        ventas("ana", overflow_steps=(step,)),
        agents(zoe=1),
        workgroup("ayuda", "zoe"),
        campaign("soporte", "ayuda"),
    )
    story.when(chat("luis", skills=(SkillRequirement("sap", 5),) if step.drop_skill else ()), *arrives)
    assert story.place_of("luis")[0] is InteractionState.UNASSIGNED
    assert story.passes(MINUTE).place_of("luis") == expected


@pytest.mark.req("M3")
def test_unassigned_once_more():
    """What is unassigned may be queued by one step and given after the next."""
    story = given(
        ventas("ana", overflow_steps=(adds("ayuda"), adds("otra", 2 * MINUTE))),
        agents(zoe=1, yago=1),
        workgroup("ayuda", "zoe"),
        workgroup("otra", "yago"),
        online("yago"),
    ).when(chat("luis"))
    story.passes(MINUTE).then(InteractionOverflowed, InteractionUnassigned)
    story.passes(MINUTE).then(InteractionOverflowed, InteractionAssigned)


@pytest.mark.req("M3")
def test_who_helps_goes_away():
    """What was queued because helpers were online waits on when they have gone, and is given when one comes."""
    story = overflowing(adds("ayuda"), ayuda=("zoe",)).when(chat("luis"), goes_offline("zoe"))
    assert story.passes(MINUTE).place_of("luis") == WAITS
    assert story.when(goes_online("zoe")).holder("luis") == "zoe"


# What is kept for somebody


@pytest.mark.req("K2")
def test_owner_wait_holds_back_what_overflow_added():
    """During the owner wait the steps are taken, and hold after it: until then only its owner may have it."""
    story = given(
        ventas("ana", owner_wait=2 * MINUTE, overflow_steps=(adds("ayuda"), raises(Priority.HIGH))),
        agents(zoe=1),
        workgroup("ayuda", "zoe"),
        contacts("luis"),
        portfolio("vip", "ana", holds=["luis"]),
        online("zoe"),
    ).when(chat("luis"))
    story.passes(MINUTE)
    assert story.place_of("luis")[:2] == (InteractionState.WAITING_FOR_OWNER, RoutingReason.OWNER_NOT_AVAILABLE)
    assert story.interaction("luis").priority is Priority.HIGH
    kept = (ErrorReason.INTERACTION_KEPT_FOR_OWNER, "interaction/i1")
    story.rejects(ClaimInteraction("zoe", "i1"), kept)
    assert story.passes(MINUTE).place_of("luis") == given_by(RoutingReason.ROUND_ROBIN, "zoe")


@pytest.mark.req("E1")
def test_exclusive_agent_is_not_helped():
    """What waits for an exclusive agent waits for nobody else, whatever the steps say."""
    story = given(
        ventas("ana", overflow_steps=(adds("ayuda"),)),
        agents(zoe=1),
        workgroup("ayuda", "zoe"),
        contacts("luis"),
        ExclusiveAgent("luis", "tienda", "ana"),
        online("ana", "zoe"),
    ).when(call("busy"), chat("luis"))
    assert story.passes(MINUTE).place_of("luis")[1] is RoutingReason.EXCLUSIVE_AGENT_FULL


# Begins anew, or changes


@pytest.mark.req("T4")
def test_overflow_begins_anew_in_another_workgroup():
    """Transferred to a workgroup an interaction waits from then on, by the steps of there."""
    story = overflowing(adds("ayuda")).when(chat("luis"), after=MINUTE).passes(MINUTE)
    assert story.holder("luis") == "zoe"
    steps = (raises(Priority.URGENT, 5 * MINUTE),)
    story.when(UpdateResource(workgroup("ayuda", overflow_steps=steps), ("overflow_steps",)))
    story.when(goes_offline("yago"), goes_offline("zoe"), Transfer(story.id_of("luis"), workgroup_id="ayuda", note="a"))
    interaction = story.interaction("luis")
    assert (interaction.overflow_workgroup_ids, interaction.overflow_steps_taken) == ((), 0)
    assert story.passes(5 * MINUTE - SECONDS_30).interaction("luis").priority is Priority.NORMAL
    assert story.passes(SECONDS_30).interaction("luis").priority is Priority.URGENT


@pytest.mark.req("C9")
def test_step_that_falls_due_during_an_offer():
    """While it is offered it doesn't wait: what fell due meanwhile is done when the offer comes to nothing."""
    story = given(
        ventas("ana", offer_timeout=5 * MINUTE, overflow_steps=(adds("ayuda"),)),
        agents(zoe=1),
        workgroup("ayuda", "zoe"),
        online("ana", "zoe"),
    ).when(chat("luis"))
    assert taken(story.passes(2 * MINUTE)) == []
    story.when(RejectOffer("i1", "ana"), by=agent_actor("ana"))
    assert (taken(story), story.holder("luis")) == ([adds("ayuda")], "zoe")


def test_steps_are_changed_while_it_waits():
    """Steps that a workgroup is given, or that come sooner, hold for what waits already."""
    story = overflowing(adds("ayuda", timedelta(hours=1))).when(chat("luis")).passes(2 * MINUTE)
    story.when(UpdateResource(workgroup("ventas", overflow_steps=(adds("ayuda"),)), ("overflow_steps",)))
    assert story.holder("luis") == "zoe"


def test_workgroup_is_added_once():
    """A workgroup that is there already is not added again."""
    story = overflowing(adds("ayuda"), adds("ayuda", 2 * MINUTE), help_by=AssignmentMethod.MANUAL)
    story.when(chat("luis")).passes(5 * MINUTE)
    interaction = story.interaction("luis")
    assert (interaction.overflow_workgroup_ids, interaction.overflow_steps_taken) == (("ayuda",), 2)
    assert story.place_of("luis") == WAITS
    assert InteractionQueued in {type(event) for change in story.changes for event in change.events}
