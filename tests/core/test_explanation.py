"""Explanations: who was considered at each step, why each was left out, and what decided (W3)."""

from datetime import timedelta

import pytest

from cartera.core.commands import (
    AcceptOffer,
    AssignInteraction,
    ClaimInteraction,
    CompleteInteraction,
    DeleteResource,
    RejectOffer,
    RemoveExclusiveAgent,
    Transfer,
    UpdateResource,
)
from cartera.core.explanation.decisions import decisions_of
from cartera.core.methods import METHODS
from cartera.core.methods.method import Candidate
from cartera.core.records import (
    SYSTEM,
    Agent,
    BusinessHours,
    ChannelAgents,
    ChannelRule,
    Condition,
    ContactActivity,
    ExclusiveAgent,
    LastAgentRule,
    OpeningHours,
    OverflowStep,
    Portfolio,
    Skill,
    SkillRequirement,
    TagsCondition,
    Trigger,
    TriggerActions,
    Workgroup,
)
from cartera.core.vocabulary import (
    AssignmentMethod,
    Channel,
    ComparisonKey,
    DayOfWeek,
    DecisionCause,
    EntryHours,
    ErrorReason,
    InteractionState,
    LeavingPolicy,
    LeftOut,
    NotAsked,
    OutsideHours,
    PortfolioState,
    Priority,
    RoutingReason,
    SelectionStep,
)
from tests.core.explained import ASKED, ExplainedStory, asked, compared, left_out, not_asked, step_of
from tests.core.specification import START, agent_actor
from tests.core.tenants import (
    VOICE_ADDRESS,
    agents,
    call,
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

pytestmark = pytest.mark.req("W3")

MINUTE = timedelta(minutes=1)
EXCLUSIVE, OWNER, BACKUP, LAST, OWN, OVERFLOW = list(SelectionStep)[1:]
ES = (SkillRequirement("es", 3),)


def told(*records):
    return ExplainedStory(*records)


def team(*members, capacity=1, **fields):
    """A workgroup of agents who are all online."""
    return [*ventas(*members, capacity=capacity, **fields), *online(*members)]


# Why each was left out


def offline():
    return told(ventas("ana", "eva"), online("ana")).when(chat("c")), {LeftOut.OFFLINE}


def was_offline_again():
    return told(team("ana", "eva")).when(goes_offline("eva"), chat("c")), {LeftOut.OFFLINE}


def paused():
    return told(team("ana", "eva")).when(pauses("eva"), chat("c")), {LeftOut.PAUSED}


def lacks_channel():
    eva = Agent("eva", channels=(Channel.VOICE,))
    return told(team("ana", "eva"), eva).when(chat("c")), {LeftOut.LACKS_CHANNEL}


def takes_other_channels():
    return told(team("ana", "eva")).when(goes_online("eva", Channel.VOICE), chat("c")), {LeftOut.NOT_TAKING_CHANNEL}


def is_full():
    return told(team("eva", "ana")).when(chat("b"), chat("c")), {LeftOut.NO_FREE_SLOT}


def has_too_little_room():
    eva = Agent("eva", capacity=3, channel_rules=(ChannelRule(Channel.CHAT, cost=2),))
    return told(team("eva", "ana"), eva).when(chat("b"), chat("c")), {LeftOut.NO_FREE_SLOT}


def reached_its_limit():
    eva = Agent("eva", capacity=3, channel_rules=(ChannelRule(Channel.CHAT, limit=1),))
    return told(team("eva", "ana"), eva).when(chat("b"), chat("c")), {LeftOut.CHANNEL_LIMIT_REACHED}


def is_on_a_call():
    eva = Agent("eva", capacity=3, channel_rules=(ChannelRule(Channel.VOICE, exclusive=True),))
    return told(team("eva", "ana"), eva).when(call("b"), chat("c")), {LeftOut.HOLDS_EXCLUSIVE_CHANNEL}


def rejected_an_offer():
    story = told(team("eva", "ana", offer_timeout=MINUTE)).when(chat("c"))
    return story.when(RejectOffer(story.id_of("c"), "eva")), {LeftOut.COOLING_DOWN}


def was_given_something_just_now():
    return told(team("eva", "ana", capacity=5, pacing=MINUTE)).when(chat("b"), chat("c")), {LeftOut.COOLING_DOWN}


def lacks_a_skill():
    ana = Agent("ana", skills=(Skill("es", 5),))
    return told(team("ana", "eva"), ana).when(chat("c", skills=ES)), {LeftOut.LACKS_SKILL}


def has_a_skill_at_too_low_a_level():
    ana, eva = Agent("ana", skills=(Skill("es", 5),)), Agent("eva", skills=(Skill("es", 2),))
    return told(team("ana", "eva"), ana, eva).when(chat("c", skills=ES)), {LeftOut.LACKS_SKILL}


def is_not_in_the_default_group():
    fields = {"method": AssignmentMethod.DEFAULT_GROUP, "default_agent_ids": ("ana",)}
    return told(team("ana", "eva", **fields)).when(chat("c")), {LeftOut.NOT_CHOSEN_FOR_METHOD}


def is_not_of_the_channel():
    of_channels = (ChannelAgents(Channel.CHAT, ("ana",)), ChannelAgents(Channel.VOICE, ("eva",)))
    fields = {"method": AssignmentMethod.BY_CHANNEL, "channel_agents": of_channels}
    return told(team("ana", "eva", **fields)).when(chat("c")), {LeftOut.NOT_CHOSEN_FOR_METHOD}


def has_lower_skills():
    ana, eva = Agent("ana", skills=(Skill("es", 5),)), Agent("eva", skills=(Skill("es", 4),))
    story = told(team("eva", "ana", method=AssignmentMethod.BEST_SKILL), ana, eva)
    return story.when(chat("c", skills=ES)), {LeftOut.LOWER_SKILL_SCORE}


def comes_later():
    return told(team("ana", "eva")).when(chat("c")), {LeftOut.RANKED_BEHIND}


def everything_at_once():
    eva = Agent("eva", channels=(Channel.VOICE,))
    ana = Agent("ana", skills=(Skill("es", 5),))
    story = told(team("eva", "ana"), ana, eva).when(call("b"), pauses("eva"))
    expected = {LeftOut.PAUSED, LeftOut.LACKS_CHANNEL, LeftOut.NO_FREE_SLOT, LeftOut.LACKS_SKILL}
    return story.when(chat("c", skills=ES)), expected


@pytest.mark.parametrize(
    "case",
    [
        offline,
        was_offline_again,
        paused,
        lacks_channel,
        takes_other_channels,
        is_full,
        has_too_little_room,
        reached_its_limit,
        is_on_a_call,
        rejected_an_offer,
        was_given_something_just_now,
        lacks_a_skill,
        has_a_skill_at_too_low_a_level,
        is_not_in_the_default_group,
        is_not_of_the_channel,
        has_lower_skills,
        comes_later,
        everything_at_once,
    ],
    ids=lambda case: case.__name__,
)
def test_every_reason_for_which_a_candidate_is_left_out(case):
    """Ana was chosen; of eva every reason is told for which she was not."""
    story, reasons = case()
    assert story.holder("c") == "ana"
    assert left_out(story.explained("c")) == {"ana": set(), "eva": reasons}


def test_a_last_agent_who_may_not_be_chosen_any_more_is_not_asked():
    """Who was so when it was routed may be gone by the time that it looks for an agent again (M4)."""
    never = Agent("eva", channel_rules=(ChannelRule(Channel.CHAT, cost=2),))
    members = ventas("ana", "eva", method=AssignmentMethod.LAST_AGENT, owner_wait=MINUTE)
    story = told(members, never, ContactActivity("luis", "eva", START)).when(chat("luis"))
    assert left_out(story.explained("luis"), LAST) == {"eva": {LeftOut.NO_FREE_SLOT}}
    without = story.get(Workgroup, "ventas")._replace(member_ids=("ana",))
    story.when(UpdateResource(without), DeleteResource(Agent, ("eva",))).passes(MINUTE)
    assert not_asked(story.explained("luis"), LAST) is NotAsked.LAST_AGENT_NOT_CHOSEN


def test_figures_stand_with_the_reasons():
    """How full an agent was, what the interaction would take, and which skills it lacked."""
    eva = Agent("eva", capacity=3, channel_rules=(ChannelRule(Channel.CHAT, cost=2, limit=4),))
    story = told(team("eva", "ana", capacity=5), eva).when(chat("b"), chat("c"), pauses("eva"), chat("d", skills=ES))
    full = step_of(story.explained("c"), OWN).candidates[1]
    assert (full.agent_id, full.units_in_use, full.capacity, full.cost) == ("eva", 2, 3, 2)
    assert (full.held_of_channel, full.channel_limit) == (1, 4)
    lacking = next(each for each in step_of(story.explained("d"), OWN).candidates if each.agent_id == "eva")
    assert (lacking.lacking_skills, lacking.reason_code) == (("es",), "almuerzo")


# What the methods compared


def test_round_robin_tells_whose_turn_it_was():
    """The places after the last turn decide, and who had it is told."""
    story = told(team("ana", "bruno", "eva", capacity=5)).when(chat("a"), chat("b"), chat("c"), chat("d"))
    step = step_of(story.explained("c"), OWN)
    assert (step.method, step.turn_agent_id, step.agent_id) == (AssignmentMethod.ROUND_ROBIN, "bruno", "eva")
    assert (step.runner_up_agent_id, step.decided_by) == ("ana", ComparisonKey.TURN)
    assert compared(story.explained("c")) == {
        "eva": {"TURN": 1, "POSITION": 3},
        "ana": {"TURN": 2, "POSITION": 1},
        "bruno": {"TURN": 3, "POSITION": 2},
    }
    first = step_of(story.explained("a"), OWN)
    assert (first.turn_agent_id, first.agent_id, first.candidates[0].keys[0].number) == ("", "ana", 1)


def test_least_load_tells_the_loads_and_then_the_last_assignments():
    """The load decides; between equal loads the last assignment does; then the order of the members."""
    story = told(team("ana", "bruno", "eva", capacity=2, method=AssignmentMethod.LEAST_LOAD))
    story.when(chat("a")).when(chat("b"), after=MINUTE).when(chat("c"), after=MINUTE)
    story.when(CompleteInteraction(story.id_of("b"), "Venta"), chat("d"), chat("e"))
    by_position, by_load, by_time = (step_of(story.explained(each), OWN) for each in "ade")
    assert (by_position.agent_id, by_position.decided_by) == ("ana", ComparisonKey.POSITION)
    assert (by_load.agent_id, by_load.runner_up_agent_id, by_load.decided_by) == ("bruno", "ana", ComparisonKey.LOAD)
    assert (by_time.agent_id, by_time.decided_by) == ("ana", ComparisonKey.LAST_ASSIGNED_AT)
    assert compared(story.explained("d"))["bruno"] == {
        "LOAD": 0,
        "LAST_ASSIGNED_AT": START + MINUTE,
        "POSITION": 2,
    }
    assert compared(story.explained("a"))["ana"]["LAST_ASSIGNED_AT"] is None


def test_longest_idle_tells_since_when():
    """Who has been idle longest is first; who was never busy since going online counts from then."""
    story = told(ventas("ana", "bruno", method=AssignmentMethod.LONGEST_IDLE, capacity=2))
    story.when(goes_online("ana")).when(goes_online("bruno"), after=MINUTE).when(chat("a"))
    step = step_of(story.explained("a"), OWN)
    assert (step.agent_id, step.decided_by) == ("ana", ComparisonKey.IDLE_SINCE)
    assert compared(story.explained("a")) == {
        "ana": {"IDLE_SINCE": START, "POSITION": 1},
        "bruno": {"IDLE_SINCE": START + MINUTE, "POSITION": 2},
    }


def test_best_skill_tells_the_scores():
    """The skill score decides; who has all skills and a lower score stands behind with it."""
    skilled = [Agent("ana", skills=(Skill("es", 4),)), Agent("bruno", skills=(Skill("es", 9),)), Agent("eva")]
    story = told(team("ana", "bruno", "eva", method=AssignmentMethod.BEST_SKILL), *skilled)
    step = step_of(story.when(chat("c", skills=ES)).explained("c"), OWN)
    assert (step.agent_id, step.runner_up_agent_id, step.decided_by) == ("bruno", "ana", ComparisonKey.SKILL_SCORE)
    assert compared(story.explained("c")) == {
        "bruno": {"SKILL_SCORE": 9, "IDLE_SINCE": None, "POSITION": 2},
        "ana": {"SKILL_SCORE": 4},
    }


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        (AssignmentMethod.DEFAULT_GROUP, {"default_agent_ids": ("ana", "eva")}),
        (AssignmentMethod.BY_CHANNEL, {"channel_agents": (ChannelAgents(Channel.CHAT, ("ana", "eva")),)}),
    ],
    ids=str,
)
def test_chosen_agents_are_compared_online_or_not(method, fields):
    """Being offline leaves nobody out whom the method chooses online or not; their rotation is told."""
    story = told(ventas("ana", "bruno", "eva", method=method, **fields)).when(chat("b"), chat("c"))
    step = step_of(story.explained("c"), OWN)
    assert (step.method, step.agent_id, step.turn_agent_id) == (method, "eva", "ana")
    assert left_out(story.explained("c")) == {
        "eva": set(),
        "ana": {LeftOut.NO_FREE_SLOT},
        "bruno": {LeftOut.NOT_CHOSEN_FOR_METHOD},
    }


def test_every_value_of_a_rank_has_a_name():
    """What a method orders by is told key by key."""
    for method in METHODS.values():
        assert len(method.rank(Candidate(0.5, None, 1))) == len(method.keys)


# The steps


def sticky(*records, **fields):
    """Luis belongs to ana; bruno is in the workgroup too."""
    return told(ventas("ana", "bruno", owner_wait=MINUTE, **fields), contacts("luis"), *records)


def test_steps_after_the_one_that_decides_are_not_asked():
    """Each step is there, in its order, with why it was not asked."""
    story = sticky(portfolio("p", "ana", holds=["luis"]), online("ana", "bruno")).when(chat("luis"))
    explanation = story.explained("luis")
    assert [each.step for each in explanation.steps] == [EXCLUSIVE, OWNER, BACKUP, LAST, OWN, OVERFLOW]
    assert asked(explanation) == [(OWNER, "ana")]
    assert not_asked(explanation, EXCLUSIVE) is NotAsked.NO_EXCLUSIVE_AGENT
    assert not_asked(explanation, BACKUP) is NotAsked.NO_BACKUP_AGENTS
    assert not_asked(explanation, LAST) is NotAsked.METHOD_WITHOUT_LAST_AGENT
    assert not_asked(explanation, OWN) is NotAsked.DECIDED_BEFORE
    assert not_asked(explanation, OVERFLOW) is NotAsked.NO_OVERFLOW


def test_during_the_owner_wait_owners_alone_are_asked():
    """Kept for an owner who is away: she is left out, and the workgroup is not asked."""
    story = sticky(portfolio("p", "ana", holds=["luis"]), online("bruno")).when(chat("luis"))
    explanation = story.explained("luis")
    assert (explanation.state, explanation.reason) == (
        InteractionState.WAITING_FOR_OWNER,
        RoutingReason.OWNER_NOT_AVAILABLE,
    )
    assert left_out(explanation, OWNER) == {"ana": {LeftOut.OFFLINE}}
    assert not_asked(explanation, OWN) is NotAsked.OWNER_WAIT

    afterwards = story.passes(MINUTE).explained("luis")
    assert (afterwards.cause, afterwards.actor) == (DecisionCause.OWNER_WAIT_ENDED, SYSTEM)
    assert asked(afterwards) == [(OWNER, ""), (OWN, "bruno")]


def test_owners_take_turns_of_their_own():
    """Among owners the workgroup's method picks, by the portfolio's own rotation."""
    owned = portfolio("p", "ana", "bruno", holds=["luis", "nora"])
    story = told(team("ana", "bruno", capacity=5), contacts("luis", "nora"), owned)
    story.when(chat("luis"), chat("nora"))
    step = step_of(story.explained("nora"), OWNER)
    assert (step.agent_id, step.turn_agent_id, step.method) == ("bruno", "ana", AssignmentMethod.ROUND_ROBIN)
    assert compared(story.explained("nora"), OWNER)["bruno"] == {"TURN": 1, "POSITION": 2}


def test_backup_agents_are_asked_behind_the_owners():
    """While all owners are offline the backup agents are candidates too."""
    holds = portfolio("p", "ana", holds=["luis"], backup_agent_ids=("bruno",))
    explanation = sticky(holds, online("bruno")).when(chat("luis")).explained("luis")
    assert asked(explanation) == [(OWNER, ""), (BACKUP, "bruno")]
    assert explanation.reason is RoutingReason.BACKUP_OWNER


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (portfolio("p", "ana", holds=["luis"], state=PortfolioState.INACTIVE), NotAsked.PORTFOLIO_INACTIVE),
        (portfolio("p", holds=["luis"]), NotAsked.PORTFOLIO_WITHOUT_OWNERS),
        ([], NotAsked.NO_PORTFOLIO),
    ],
    ids=lambda value: value.name if isinstance(value, NotAsked) else "",
)
def test_why_owners_were_not_asked(made, why):
    """A portfolio that makes nothing sticky is told apart from none, as it was when the interaction was routed."""
    story = sticky(made, queue_when_nobody_online=True).when(chat("luis"))
    story.when(UpdateResource(Portfolio("p", owner_agent_ids=("ana",)), allow_missing=True), goes_online("bruno"))
    assert story.holder("luis") == "bruno"
    assert not_asked(story.explained("luis"), OWNER) is why


def test_an_exclusive_agent_is_asked_alone():
    """The exclusive agent's full slot is told, and that nobody else is asked."""
    exclusive = ExclusiveAgent("luis", "tienda", "ana")
    story = sticky(portfolio("p", "bruno", holds=["luis"]), exclusive, online("bruno")).when(chat("luis"), call("luis"))
    explanation = story.explained("luis")
    assert left_out(explanation, EXCLUSIVE) == {"ana": {LeftOut.NO_FREE_SLOT}}
    assert not_asked(explanation, OWNER) is NotAsked.HAS_EXCLUSIVE_AGENT
    story.when(RemoveExclusiveAgent("luis", "tienda"))
    assert story.explained("luis").cause is DecisionCause.REROUTED


def remembering(*records, **fields):
    return told(
        ventas("ana", "bruno", method=AssignmentMethod.LAST_AGENT, **fields),
        campaign("otra", "ventas"),
        contacts("luis"),
        *records,
    )


def test_the_last_agent_is_asked_online_or_not():
    """The agent who attended the contact last gets it though offline, and stands alone at that step."""
    story = remembering(ContactActivity("luis", "ana", START), online("bruno")).when(chat("luis"))
    assert asked(story.explained("luis")) == [(LAST, "ana")]
    kept = story.when(call("luis")).explained("luis")
    assert left_out(kept, LAST) == {"ana": {LeftOut.NO_FREE_SLOT}}
    assert asked(kept) == [(LAST, ""), (OWN, "bruno")]


@pytest.mark.parametrize(
    ("records", "fields", "why"),
    [
        ([], {}, NotAsked.NO_LAST_AGENT),
        (
            [ContactActivity("luis", "ana", START)],
            {"last_agent": LastAgentRule(("bruno",))},
            NotAsked.LAST_AGENT_NOT_CHOSEN,
        ),
        (
            [ContactActivity("luis", "ana", START), Agent("ana", channels=(Channel.VOICE,))],
            {},
            NotAsked.LAST_AGENT_LACKS_CHANNEL,
        ),
    ],
    ids=lambda value: value.name if isinstance(value, NotAsked) else "",
)
def test_why_the_last_agent_was_not_asked(records, fields, why):
    """A contact without a last agent, and one whose last agent the workgroup may not choose, are told apart."""
    explanation = remembering(*records, online("bruno"), **fields).when(chat("luis")).explained("luis")
    assert not_asked(explanation, LAST) is why
    assert asked(explanation) == [(OWN, "bruno")]


def test_whoever_passes_an_interaction_on_is_not_asked():
    """After a transfer to a campaign the agent who had it counts as neither owner nor last agent."""
    story = remembering(portfolio("p", "ana", holds=["luis"]), online("ana", "bruno")).when(chat("luis"))
    story.when(Transfer(story.id_of("luis"), note="otra cosa", campaign_id="otra"))
    explanation = story.explained("luis")
    assert explanation.cause is DecisionCause.TRANSFERRED_TO_CAMPAIGN
    assert not_asked(explanation, OWNER) is NotAsked.PASSED_ON_BY_OWNER
    assert not_asked(explanation, LAST) is NotAsked.PASSED_ON_BY_LAST_AGENT


def test_a_transfer_to_a_workgroup_belongs_to_nobody():
    """Neither the exclusive agent nor owners are asked, though the contact has them."""
    story = told(
        team("ana", capacity=3),
        agents(eva=1),
        online("eva"),
        workgroup("vip", "eva"),
        contacts("luis"),
        portfolio("p", "ana", holds=["luis"]),
        ExclusiveAgent("luis", "tienda", "ana"),
    ).when(chat("luis"))
    explanation = story.when(Transfer(story.id_of("luis"), note="vip", workgroup_id="vip")).explained("luis")
    assert {not_asked(explanation, each) for each in (EXCLUSIVE, OWNER, BACKUP, LAST)} == {NotAsked.BELONGS_TO_NOBODY}
    assert (explanation.agent_id, explanation.entry.campaign_id) == ("eva", "tienda")


def test_workgroups_of_overflow_are_asked_in_their_order():
    """Each workgroup that overflow added is a step of its own, until one finds an agent."""
    steps = (OverflowStep(MINUTE, add_workgroup_id="b"), OverflowStep(2 * MINUTE, add_workgroup_id="c"))
    story = told(
        ventas("ana", overflow_steps=steps),
        agents(eva=1, iris=1),
        online("ana"),
        workgroup("b", "eva"),
        workgroup("c", "iris", method=AssignmentMethod.LEAST_LOAD),
    )
    story.when(chat("first"), chat("second")).passes(2 * MINUTE).when(goes_online("iris"))
    explanation = story.explained("second")
    assert explanation.cause is DecisionCause.AGENT_AVAILABLE
    assert [(each.workgroup_id, each.agent_id) for each in explanation.steps[4:]] == [
        ("ventas", ""),
        ("b", ""),
        ("c", "iris"),
    ]
    assert left_out(explanation, OVERFLOW) == {"eva": {LeftOut.OFFLINE}}


def test_a_step_of_overflow_sets_off_a_decision():
    """What nobody was online for is given as soon as a workgroup is added where somebody is."""
    steps = (OverflowStep(MINUTE, add_workgroup_id="b"),)
    story = told(ventas("ana", overflow_steps=steps), agents(eva=1), online("eva"), workgroup("b", "eva"))
    explanation = story.when(chat("c")).passes(MINUTE).explained("c")
    assert (explanation.cause, asked(explanation)) == (DecisionCause.OVERFLOWED, [(OWN, ""), (OVERFLOW, "eva")])


def test_an_agent_of_overflow_must_be_online():
    """A method that chooses online or not does so for its own workgroup's interactions only."""
    default = {"method": AssignmentMethod.DEFAULT_GROUP, "default_agent_ids": ("eva",)}
    steps = (OverflowStep(MINUTE, add_workgroup_id="b"),)
    story = told(ventas("ana", overflow_steps=steps), agents(eva=1), workgroup("b", "eva", **default))
    story.when(chat("c")).passes(MINUTE)
    assert left_out(story.explained("c"), OVERFLOW) == {"eva": {LeftOut.OFFLINE}}


def test_a_manual_workgroup_asks_nobody():
    """Nothing is assigned, not to owners either."""
    story = sticky(portfolio("p", "ana", holds=["luis"]), online("ana"), method=AssignmentMethod.MANUAL)
    explanation = story.when(chat("luis")).explained("luis")
    assert (explanation.state, explanation.reason, asked(explanation)) == (
        InteractionState.QUEUED,
        RoutingReason.MANUAL,
        [],
    )
    assert not_asked(explanation, OWNER) is not_asked(explanation, OWN) is NotAsked.METHOD_MANUAL


# How it entered


def test_the_entry_tells_triggers_priority_and_hours():
    """The triggers that held, with their versions and what they set, as they were at its arrival."""
    vip = Condition(tags=TagsCondition(any_of=("vip",)))
    trigger = Trigger(
        "t", "VIP calls", active=True, any_of=(vip,), actions=TriggerActions("", Priority.URGENT), etag="7"
    )
    lines = (VOICE_ADDRESS._replace(priority_line=True),)
    story = told(ventas("ana"), campaign("tienda", "ventas", addresses=lines), trigger)
    story.when(call("c", tags=("vip",)), UpdateResource(trigger._replace(actions=TriggerActions("", Priority.LOW))))
    story.when(goes_online("ana"), after=MINUTE)
    story.when(AssignInteraction(story.id_of("c"), "ana"))
    entry = story.explained("c").entry
    assert [(each.trigger_id, each.etag, each.actions.priority) for each in entry.triggers] == [
        ("t", "7", Priority.URGENT)
    ]
    assert (entry.revision, entry.entered_at, entry.priority, entry.priority_line) == (1, START, Priority.URGENT, True)
    assert (entry.hours, entry.opens_at, entry.workgroup_id) == (EntryHours.ALWAYS_OPEN, None, "ventas")


OFFICE = BusinessHours("UTC", tuple(OpeningHours(day, "10:00", "18:00") for day in list(DayOfWeek)[1:]))


@pytest.mark.parametrize(
    ("hours", "wait", "expected"),
    [
        (OFFICE, 2 * timedelta(hours=1), EntryHours.OPEN),
        (OFFICE, timedelta(), EntryHours.HELD),
        (
            OFFICE._replace(outside=OutsideHours.WORKGROUP, outside_workgroup_id="ventas"),
            timedelta(),
            EntryHours.OTHER_WORKGROUP,
        ),
    ],
    ids=lambda value: value.name if isinstance(value, EntryHours) else "",
)
def test_the_entry_tells_how_it_met_the_hours(hours, wait, expected):
    """Within the campaign's hours, held until they begin, or under the workgroup for outside them."""
    story = told(team("ana"), campaign("tienda", "ventas")._replace(hours=hours)).when(chat("c"), after=wait)
    explanation = story.explained("c")
    assert explanation.entry.hours is expected
    held = expected is EntryHours.HELD
    assert (explanation.entry.opens_at is not None) is held
    assert {each.not_asked for each in explanation.steps} == {NotAsked.OUTSIDE_HOURS} or not held


def test_an_exclusive_agent_is_not_bound_to_the_hours():
    """It is told where the hours did not count."""
    shop = campaign("tienda", "ventas")._replace(hours=OFFICE)
    story = told(team("ana"), shop, contacts("c"), ExclusiveAgent("c", "tienda", "ana")).when(chat("c"))
    assert story.explained("c").entry.hours is EntryHours.NOT_BOUND


def test_what_its_campaign_gives_out_when_it_opens():
    """The opening set it off."""
    story = told(team("ana"), campaign("tienda", "ventas")._replace(hours=OFFICE)).when(chat("c"))
    assert story.passes(timedelta(hours=1)).explained("c").cause is DecisionCause.HOURS_BEGAN


# What somebody asked for


def held_conditions(explanation):
    return {each.condition for each in explanation.conditions if each.held}


def test_a_claim_tells_what_was_checked_and_who_asked():
    """No step is asked: the agent did, and what had to hold is listed."""
    story = told(team("ana", method=AssignmentMethod.MANUAL)).when(chat("c"))
    story.when(ClaimInteraction("ana", story.id_of("c")), by=agent_actor("ana"))
    explanation = story.explained("c")
    assert (explanation.cause, explanation.actor) == (DecisionCause.CLAIMED, agent_actor("ana"))
    assert (explanation.steps, explanation.agent_id, explanation.reproduced) == ((), "ana", True)
    assert {ErrorReason.AGENT_NOT_ONLINE, ErrorReason.AGENT_LACKS_SKILL} <= held_conditions(explanation)
    assert all(each.held for each in explanation.conditions)


@pytest.mark.parametrize("full", [False, True], ids=["with room", "over capacity"])
def test_an_assignment_by_an_administrator_tells_whether_the_capacity_was_waived(full):
    """Over capacity only because the administrator allowed it: that condition did not hold."""
    story = told(team("ana"), workgroup("m", method=AssignmentMethod.MANUAL), campaign("manual", "m"))
    story.when(*([chat("b")] if full else []), chat("c", "manual"))
    story.when(AssignInteraction(story.id_of("c"), "ana", allow_over_capacity=True))
    explanation = story.explained("c")
    assert explanation.cause is DecisionCause.ASSIGNED_BY_ADMINISTRATOR
    broken = [each.condition for each in explanation.conditions if not each.held]
    assert (broken, explanation.reproduced) == ([ErrorReason.AGENT_AT_CAPACITY] if full else [], True)


def test_a_transfer_to_an_agent_tells_what_was_checked():
    """All the conditions of a transfer held."""
    story = told(team("ana", "eva")).when(chat("c"))
    story.when(Transfer(story.id_of("c"), note="francés", agent_id="eva"), by=agent_actor("ana"))
    explanation = story.explained("c")
    assert (explanation.cause, explanation.agent_id) == (DecisionCause.TRANSFERRED_TO_AGENT, "eva")
    assert (explanation.interaction.agent_id, explanation.actor) == ("ana", agent_actor("ana"))
    assert ErrorReason.AGENT_NOT_IN_CAMPAIGN in held_conditions(explanation)


def test_an_accepted_offer_and_a_joined_message_tell_so():
    """They are decisions of their own, where somebody asks for them."""
    story = told(team("ana", offer_timeout=MINUTE)).when(chat("c"))
    assert story.explained("c").state is InteractionState.OFFERED
    story.when(AcceptOffer(story.id_of("c"), "ana"), chat("c"))
    accepted, joined = (story.explained("c", number=each) for each in (-2, -1))
    assert (accepted.cause, accepted.steps) == (DecisionCause.OFFER_ACCEPTED, ())
    assert held_conditions(accepted) == {ErrorReason.INTERACTION_NOT_OFFERED}
    assert (joined.cause, joined.state, joined.agent_id) == (
        DecisionCause.MESSAGE_JOINED,
        InteractionState.ASSIGNED,
        "ana",
    )


# Which decision


def causes(story, contact_id):
    """The decisions about a contact's interaction, as the log's reader finds them."""
    found = decisions_of(story.id_of(contact_id), story.changes)
    return [type(each.event).__name__.removeprefix("Interaction") for each in found]


def test_the_decisions_of_an_interaction_are_where_it_went():
    """An accepted offer and a joined message are none by themselves; what was given directly after an offer is."""
    story = told(team("ana", "eva", offer_timeout=MINUTE, leaving_policy=LeavingPolicy.RETURN)).when(chat("c"))
    story.when(RejectOffer(story.id_of("c"), "ana"))
    story.when(AcceptOffer(story.id_of("c"), "eva"), chat("c"))
    assert causes(story, "c") == ["Offered", "Offered"]
    story.when(goes_offline("eva"))
    assert causes(story, "c")[2:] == ["Queued"]
    assert story.explained("c").cause is DecisionCause.RETURNED
    story.passes(MINUTE)
    assert causes(story, "c")[3] == "Offered"
    assert story.explained("c", number=-1).agent_id == "ana"


@pytest.mark.parametrize("answer", [None, "reject"], ids=["rings out", "rejected"])
def test_an_offer_that_came_to_nothing_set_off_the_next(answer):
    """The next decision says what became of the offer before."""
    story = told(team("ana", "eva", offer_timeout=MINUTE)).when(chat("c"))
    expected = DecisionCause.OFFER_REJECTED if answer else DecisionCause.OFFER_MISSED
    story = story.when(RejectOffer(story.id_of("c"), "ana")) if answer else story.passes(MINUTE)
    explanation = story.explained("c")
    assert (explanation.cause, explanation.agent_id) == (expected, "eva")
    assert left_out(explanation)["ana"] == {LeftOut.COOLING_DOWN}


def test_it_tells_the_priority_that_counted():
    """Ageing raises what an interaction counts as, not what it is."""
    story = told(ventas("ana", ageing_interval=MINUTE, queue_when_nobody_online=True)).when(chat("c"))
    story.when(goes_online("ana"), after=MINUTE)
    explanation = story.explained("c")
    assert (explanation.interaction.priority, explanation.counted_priority) == (Priority.NORMAL, Priority.HIGH)


def test_it_tells_the_configuration_that_counted():
    """The versions of what was in force then, and the revision that it was decided on."""
    story = told(team("ana")).when(chat("b"))
    story.when(UpdateResource(story.get(Workgroup, "ventas")._replace(name="Ventas y más")))
    explanation = story.when(chat("c")).explained("c")
    versions = {(each.resource_type, each.resource_id): each.etag for each in explanation.policies}
    assert versions["workgroup", "ventas"] == "2"
    assert set(versions) == {("tenant", ""), ("campaign", "tienda"), ("workgroup", "ventas")}
    assert (explanation.state_revision, explanation.revision) == (2, 3)


# Many candidates


def test_of_many_candidates_the_nearest_are_told_and_the_others_counted():
    """The chosen one, who would have been next, then those with the fewest reasons against them; and how many each
    reason left out.
    """
    names = [f"a{number:03}" for number in range(200)]
    story = told(ventas(*names), online(*names[100:])).when(pauses("a150"), chat("b"), chat("c"))
    step = step_of(story.explained("c", most=3), OWN)
    assert (step.agent_id, step.candidate_count) == ("a101", 200)
    assert [each.agent_id for each in step.candidates] == ["a101", "a102", "a103"]
    counted = {each.reason: each.candidates for each in step.left_out}
    assert counted == {
        LeftOut.OFFLINE: 100,
        LeftOut.PAUSED: 1,
        LeftOut.NO_FREE_SLOT: 1,
        LeftOut.RANKED_BEHIND: 97,
    }
    one = step_of(story.explained("c", most=1), OWN)
    assert [each.agent_id for each in one.candidates] == ["a101"]
    assert (one.runner_up_agent_id, one.decided_by) == ("a102", ComparisonKey.TURN)


def test_nobody_was_nearest_where_nobody_could_be_chosen():
    """Who had the fewest reasons against it stands first."""
    eva = Agent("eva", channels=(Channel.VOICE,))
    story = told(ventas("eva", "ana"), eva).when(chat("c"))
    step = step_of(story.explained("c"), OWN)
    assert [each.agent_id for each in step.candidates] == ["ana", "eva"]
    assert (step.agent_id, step.runner_up_agent_id, step.not_asked) == ("", "", ASKED)
