"""Skills: who may be given what demands them; LONGEST_IDLE and BEST_SKILL; what is dropped as the wait grows (M8)."""

from datetime import timedelta

import pytest

from cartera.core.commands import (
    AssignInteraction,
    CancelInteraction,
    ClaimInteraction,
    CompleteInteraction,
    RouteInteraction,
    Transfer,
    UpdateResource,
)
from cartera.core.events import InteractionArrived, InteractionAssigned, InteractionQueued, InteractionSkillDropped
from cartera.core.records import Agent, ExclusiveAgent, Skill, SkillRequirement
from cartera.core.vocabulary import AssignmentMethod, Channel, ErrorReason, InteractionState, RoutingReason
from tests.core.specification import START, given
from tests.core.tenants import (
    call,
    chat,
    contacts,
    goes_online,
    online,
    pauses,
    portfolio,
    ventas,
)

pytestmark = pytest.mark.req("M8")

MINUTE = timedelta(minutes=1)
LONGEST_IDLE, BEST_SKILL = AssignmentMethod.LONGEST_IDLE, AssignmentMethod.BEST_SKILL
AUTOMATIC = [AssignmentMethod.ROUND_ROBIN, AssignmentMethod.LEAST_LOAD, LONGEST_IDLE, BEST_SKILL]
WAITS = (InteractionState.QUEUED, RoutingReason.NO_AGENT_AVAILABLE, "")

every_method = pytest.mark.parametrize("method", AUTOMATIC, ids=[each.name for each in AUTOMATIC])


def able(agent_id, capacity=9, **levels):
    """An agent with its skills."""
    return Agent(agent_id, agent_id.title(), capacity, skills=tuple(Skill(*each) for each in levels.items()))


def demands(drop_after=None, **levels):
    """The skills demanded, all dropped after the same time if one is said."""
    return tuple(SkillRequirement(skill, level, drop_after) for skill, level in levels.items())


def floor(*agents, there=None, **fields):
    """The workgroup "ventas" of these agents, of whom those named are there, or all."""
    ids = [agent.agent_id for agent in agents]
    presences = online(*(ids if there is None else there), idle_since=START - MINUTE)
    return given(ventas(*ids, **fields), list(agents), presences)


def dropped(story):
    return [
        event.skill for change in story.changes for event in change.events if type(event) is InteractionSkillDropped
    ]


# What is demanded


def test_documented_example_of_skills():
    """The example of docs/routing.md: nobody has both; once the optional one is dropped, who has the other gets it."""
    story = floor(able("joao", português=10, sap=4), able("nuria", sap=8))
    story.when(chat("paulo", skills=(*demands(português=8), *demands(sap=5, drop_after=2 * MINUTE))))
    story.then(InteractionArrived, InteractionQueued)
    story.passes(2 * MINUTE).then(InteractionSkillDropped, InteractionAssigned)
    assert (story.holder("paulo"), dropped(story)) == ("joao", ["sap"])
    assert story.interaction("paulo").skills == demands(português=8)


@every_method
@pytest.mark.parametrize(
    ("levels", "demanded", "fits"),
    [
        ({}, {}, True),
        ({"sap": 3}, {}, True),
        ({}, {"sap": 1}, False),
        ({"redes": 9}, {"sap": 1}, False),
        ({"sap": 4}, {"sap": 5}, False),
        ({"sap": 5}, {"sap": 5}, True),
        ({"sap": 9}, {"sap": 5}, True),
        ({"sap": 9}, {"sap": 5, "redes": 1}, False),
        ({"sap": 9, "redes": 1}, {"sap": 5, "redes": 1}, True),
        ({"SAP": 9}, {"sap": 1}, False),
    ],
)
def test_every_skill_at_its_level(method, levels, demanded, fits):
    """A member is given an interaction if it has every skill demanded, at that level or above."""
    story = floor(able("ana", **levels), method=method).when(chat("luis", skills=demands(**demanded)))
    assert (story.place_of("luis")[0] is InteractionState.ASSIGNED) is fits
    assert fits or story.place_of("luis") == WAITS


@every_method
def test_the_method_chooses_among_those_who_have_them(method):
    """Whoever would be next without them, only those with the skills count."""
    story = floor(able("ana"), able("bruno", sap=4), able("carla"), method=method)
    assert story.when(chat("luis", skills=demands(sap=4))).holder("luis") == "bruno"


@pytest.mark.req("C7")
def test_skill_that_nobody_has_blocks_nobody():
    """What demands a skill that nobody has waits, and what came after it is given."""
    story = floor(able("ana", 1, sap=4)).when(chat("urgent", priority=4, skills=demands(redes=1)), chat("luis"))
    assert (story.place_of("urgent"), story.holder("luis")) == (WAITS, "ana")


def test_agent_learns():
    """An agent whose skills are configured to suffice is given what waits for them; who unlearns keeps what it has."""
    story = floor(able("ana", sap=4)).when(chat("luis", skills=demands(sap=5)))
    story.when(UpdateResource(able("ana", sap=5)))
    assert story.holder("luis") == "ana"
    assert story.when(UpdateResource(able("ana"))).holder("luis") == "ana"


BINDS_NOBODY = {
    "owner": ([*contacts("luis"), *portfolio("vip", "ana", holds=["luis"])], None, RoutingReason.OWNER),
    "exclusive agent": (
        [*contacts("luis"), ExclusiveAgent("luis", "tienda", "ana")],
        None,
        RoutingReason.EXCLUSIVE_AGENT,
    ),
    "administrator": ([], AssignInteraction("i1", "ana"), RoutingReason.ASSIGNED_BY_ADMINISTRATOR),
}


@pytest.mark.parametrize(("records", "step", "reason"), BINDS_NOBODY.values(), ids=BINDS_NOBODY)
def test_whom_skills_do_not_bind(records, step, reason):
    """Skills bind the members of workgroups: not owners, exclusive agents, or whom an administrator names."""
    story = given(ventas("ana"), online("ana"), records).when(chat("luis", skills=demands(sap=5)))
    story.when(*([step] if step else []))
    assert story.place_of("luis")[1:] == (reason, "ana")


@pytest.mark.req("T1")
def test_transfer_to_an_agent_asks_for_no_skills():
    """Who passes an interaction to an agent knows what that agent can do."""
    story = floor(able("ana", sap=5), able("bruno")).when(chat("luis", skills=demands(sap=5)))
    assert story.when(Transfer("i1", agent_id="bruno", note="sigue")).holder("luis") == "bruno"


# Claiming


@pytest.mark.req("M9")
def test_claim_takes_the_skills():
    """An agent claims nothing whose skills it lacks; every one that is lacking is named."""
    story = floor(able("ana", sap=4, redes=9), method=AssignmentMethod.MANUAL)
    story.when(chat("luis", skills=demands(português=1, redes=5, sap=5)))
    lacks = (ErrorReason.AGENT_LACKS_SKILL, "agent/ana")
    story.rejects(ClaimInteraction("ana", "i1"), lacks, lacks)
    assert [each.data["skill"] for each in story.violations] == ["português", "sap"]
    story.rejects(ClaimInteraction("ana"), (ErrorReason.NOTHING_TO_CLAIM, "agent/ana"))


@pytest.mark.req("M9")
def test_next_claim_skips_what_the_agent_lacks_skills_for():
    """The next that an agent claims is the first that it has the skills for."""
    story = floor(able("ana", sap=4), able("bruno"), method=AssignmentMethod.MANUAL)
    story.when(chat("c1", skills=demands(sap=5)), chat("c2", skills=demands(sap=4)), chat("c3"))
    story.when(ClaimInteraction("bruno"), ClaimInteraction("ana"))
    assert [story.holder(each) for each in ("c1", "c2", "c3")] == ["", "ana", "bruno"]


@pytest.mark.req("M9", "K2")
def test_owner_claims_without_the_skills():
    """An owner may claim what is its contact's, though it lacks the skills; other members may not."""
    story = given(ventas("ana", "bruno"), contacts("luis"), portfolio("vip", "ana", holds=["luis"]))
    story.when(chat("luis", skills=demands(sap=5)), goes_online("ana"), goes_online("bruno"))
    story.rejects(ClaimInteraction("bruno", "i1"), (ErrorReason.AGENT_LACKS_SKILL, "agent/bruno"))
    story.when(ClaimInteraction("ana", "i1"))
    assert story.place_of("luis")[1:] == (RoutingReason.CLAIMED, "ana")


# Dropping


def test_skills_are_dropped_one_after_another():
    """Each optional skill is dropped when the interaction has waited as long as that skill says; others stay."""
    skills = (*demands(a=5, drop_after=MINUTE), *demands(b=5, drop_after=3 * MINUTE), *demands(c=5))
    story = floor(able("ana", 1, b=5, c=5), able("bruno", 1, c=5), able("carla"))
    story.when(*(chat(each, skills=skills) for each in ("luis", "nora", "olga")))
    story.passes(MINUTE)
    assert (dropped(story), story.holder("luis"), story.place_of("nora")) == (["a"] * 3, "ana", WAITS)
    story.passes(2 * MINUTE)
    assert (dropped(story)[3:], story.holder("nora"), story.place_of("olga")) == (["b"] * 2, "bruno", WAITS)
    assert story.passes(timedelta(days=1)).interaction("olga").skills == demands(c=5)


@pytest.mark.req("M3")
def test_unassigned_stays_unassigned():
    """What is unassigned drops its skills too, and stays unassigned: it may be claimed by more."""
    story = given(ventas("ana")).when(chat("luis", skills=demands(sap=5, drop_after=MINUTE)), goes_online("ana"))
    story.rejects(ClaimInteraction("ana", "i1"), (ErrorReason.AGENT_LACKS_SKILL, "agent/ana"))
    assert story.passes(MINUTE).place_of("luis")[0] is InteractionState.UNASSIGNED
    assert story.when(ClaimInteraction("ana")).holder("luis") == "ana"


def test_drop_counts_from_the_arrival_even_while_kept():
    """A skill is dropped on time while an interaction is kept for its owner; it holds once the wait is over."""
    story = given(
        ventas("ana", "bruno", owner_wait=5 * MINUTE),
        contacts("luis"),
        portfolio("vip", "ana", holds=["luis"]),
        online("bruno"),
    ).when(chat("luis", skills=demands(sap=5, drop_after=2 * MINUTE)))
    story.passes(2 * MINUTE).then(InteractionSkillDropped)
    assert story.place_of("luis")[0] is InteractionState.WAITING_FOR_OWNER
    assert story.passes(3 * MINUTE).holder("luis") == "bruno"


def test_what_is_held_drops_nothing():
    """Who has an agent waits no longer: it demands what it did."""
    story = floor(able("ana", sap=5)).when(chat("luis", skills=demands(sap=5, drop_after=MINUTE)))
    story.passes(2 * MINUTE)
    assert (dropped(story), story.interaction("luis").skills) == ([], demands(sap=5, drop_after=MINUTE))


def test_two_dropped_at_one_time():
    """Two skills with the same time go together."""
    story = floor(able("ana")).when(chat("luis", skills=demands(a=1, b=1, drop_after=MINUTE))).passes(MINUTE)
    assert (dropped(story), story.holder("luis")) == (["a", "b"], "ana")


# LONGEST_IDLE


def idle_floor(*ids, method=LONGEST_IDLE, **fields):
    return given(ventas(*ids, capacity=2, method=method, **fields))


@pytest.mark.req("C14")
def test_documented_example_of_longest_idle():
    """The example of docs/routing.md: idle since who came, was given or released something last; a break counts not."""
    story = idle_floor("ana", "bruno").when(goes_online("ana"))
    story.when(goes_online("bruno"), after=5 * MINUTE)
    story.when(chat("c1"), after=MINUTE)
    assert story.place_of("c1") == (InteractionState.ASSIGNED, RoutingReason.LONGEST_IDLE, "ana")
    story.when(CompleteInteraction(story.id_of("c1"), "Venta"), after=4 * MINUTE)
    story.when(chat("c2"), after=MINUTE)
    assert story.holder("c2") == "bruno"
    story.when(pauses("ana"), after=MINUTE).when(goes_online("ana"), after=30 * MINUTE)
    assert story.when(chat("c3"), after=MINUTE).holder("c3") == "bruno"


RELEASES = {
    "completed": lambda story, held: [CompleteInteraction(held, "Venta")],
    "cancelled": lambda story, held: [CancelInteraction(held)],
    "transferred to an agent": lambda story, held: [Transfer(held, agent_id="zoe", note="sigue")],
}


@pytest.mark.parametrize("release", RELEASES.values(), ids=RELEASES)
def test_idle_since_the_last_release(release):
    """An agent is idle since it last let go of something."""
    story = idle_floor("ana", "bruno", "zoe").when(goes_online("ana"), chat("c1"))
    story.when(goes_online("bruno"), after=MINUTE).when(goes_online("zoe"), after=MINUTE)
    story.when(*release(story, story.id_of("c1")), after=MINUTE)
    assert story.when(chat("c2"), after=MINUTE).holder("c2") == "bruno"


@pytest.mark.parametrize("taking", ["given", "claimed", "assigned"])
def test_idle_since_the_last_was_given(taking):
    """An agent that is given something, by whatever way, is idle since then."""
    story = idle_floor("ana", "bruno").when(chat("waiting"))
    story.when(goes_online("ana")).when(goes_online("bruno"), after=MINUTE)
    taken = {
        "given": [chat("c1")],
        "claimed": [ClaimInteraction("ana")],
        "assigned": [AssignInteraction("i1", "ana")],
    }
    story.when(*taken[taking], after=MINUTE)
    assert story.when(chat("c2"), after=MINUTE).holder("c2") == "bruno"


def test_longest_idle_ties():
    """Alike, the order of the members decides."""
    story = floor(able("bruno"), able("ana"), method=LONGEST_IDLE).when(chat("c1"))
    assert story.holder("c1") == "bruno"


@pytest.mark.req("M3")
def test_longest_idle_gives_only_to_who_is_there():
    """With nobody online it is as with the other methods; who takes no calls now is not given one."""
    story = idle_floor("ana").when(chat("c1"))
    assert story.place_of("c1") == (InteractionState.UNASSIGNED, RoutingReason.NOBODY_ONLINE, "")
    assert story.when(goes_online("ana", Channel.CHAT), call("c2")).place_of("c2")[0] is InteractionState.UNASSIGNED


# BEST_SKILL


def test_documented_example_of_best_skill():
    """The example of docs/routing.md: who is best at it; when she is full, the next; alike, who is idle longest."""
    story = floor(able("iker", 1, english=6), able("sarah", 1, english=10), able("joao", english=6), method=BEST_SKILL)
    english = demands(english=5)
    story.when(chat("c1", skills=english))
    assert story.place_of("c1") == (InteractionState.ASSIGNED, RoutingReason.BEST_SKILL, "sarah")
    story.when(chat("c2", skills=english)).when(chat("c3", skills=english))
    assert [story.holder(each) for each in ("c2", "c3")] == ["iker", "joao"]


@pytest.mark.parametrize(
    ("ana", "bruno", "demanded", "holder"),
    [
        ({"sap": 5}, {"sap": 6}, {"sap": 5}, "bruno"),
        ({"sap": 6}, {"sap": 5}, {"sap": 5}, "ana"),
        ({"sap": 5, "redes": 9}, {"sap": 6}, {"sap": 5}, "bruno"),
        ({"sap": 5, "redes": 9}, {"sap": 8, "redes": 5}, {"sap": 5, "redes": 5}, "ana"),
        ({"sap": 9, "redes": 4}, {"sap": 5, "redes": 5}, {"sap": 5, "redes": 5}, "bruno"),
        ({"sap": 7, "redes": 5}, {"sap": 5, "redes": 7}, {"sap": 5, "redes": 5}, "ana"),
        ({"sap": 10}, {}, {}, "ana"),
        ({}, {"sap": 10}, {}, "ana"),
    ],
    ids=["more", "less", "others do not count", "the sum", "all at least", "alike", "none demanded", "nor then"],
)
def test_highest_sum_of_levels(ana, bruno, demanded, holder):
    """The highest sum of levels over all that is demanded; alike, or with nothing demanded, by idleness and order."""
    story = floor(able("ana", **ana), able("bruno", **bruno), method=BEST_SKILL)
    assert story.when(chat("luis", skills=demands(**demanded))).holder("luis") == holder


def test_dropped_skills_do_not_count():
    """What counts is what is demanded by then: a skill that was dropped makes nobody better."""
    story = floor(able("ana", 1, sap=5, redes=1), able("bruno", 1, sap=6), method=BEST_SKILL).when(
        chat("full", skills=demands(sap=6)),
        chat("luis", skills=(*demands(sap=5), *demands(redes=2, drop_after=MINUTE))),
    )
    story.when(CompleteInteraction(story.id_of("full"), "Venta")).passes(MINUTE)
    assert story.holder("luis") == "bruno"


@pytest.mark.req("P6", "M8")
@pytest.mark.parametrize(("demanded", "owner"), [({"sap": 1}, "ana"), ({"sap": 10}, "ana"), ({}, "bruno")])
def test_best_skilled_owner(demanded, owner):
    """Among owners, who need not have the skills demanded, BEST_SKILL prefers who has them best; then who is idle."""
    story = given(
        ventas("ana", "bruno", method=BEST_SKILL),
        able("ana", sap=9),
        contacts("luis"),
        portfolio("vip", "ana", "bruno", holds=["luis"]),
        online("ana", idle_since=START),
        online("bruno", idle_since=START - MINUTE),
    ).when(chat("luis", skills=demands(**demanded)))
    assert story.place_of("luis")[1:] == (RoutingReason.OWNER, owner)


def test_skills_and_channel():
    """Skills and channel are asked for together."""
    chats = Agent("ana", channels=(Channel.CHAT,), skills=(Skill("sap", 9),))
    story = given(ventas("ana", "bruno", method=BEST_SKILL), chats, able("bruno", sap=5), online("ana", "bruno"))
    story.when(RouteInteraction("tienda", "luis", Channel.VOICE, skills=demands(sap=5)))
    assert story.holder("luis") == "bruno"
