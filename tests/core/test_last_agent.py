"""LAST_AGENT: who attended the contact last, online or not; kept where that agent is full; then the fallback (M4)."""

from datetime import timedelta

import pytest

from cartera.core.commands import (
    ApplyConfiguration,
    AssignInteraction,
    CancelInteraction,
    ClaimInteraction,
    CompleteInteraction,
    Configuration,
    RejectOffer,
    Transfer,
    UpdateResource,
)
from cartera.core.events import InteractionArrived, InteractionAssigned, InteractionKeptForOwner
from cartera.core.records import (
    Agent,
    AgentPresence,
    ContactActivity,
    LastAgentRule,
    Skill,
    SkillRequirement,
    WorkgroupActivity,
)
from cartera.core.vocabulary import AgentStatus, AssignmentMethod, Channel, ErrorReason, InteractionState, RoutingReason
from tests.core.specification import START, agent_actor, given
from tests.core.tenants import (
    TENANT,
    agents,
    call,
    campaign,
    chat,
    contacts,
    goes_online,
    online,
    portfolio,
    ventas,
    workgroup,
)

pytestmark = pytest.mark.req("M4")

MINUTE = timedelta(minutes=1)
LAST_AGENT = AssignmentMethod.LAST_AGENT
KEPT = (InteractionState.WAITING_FOR_OWNER, RoutingReason.LAST_AGENT_FULL, "")


def attended(agent_id, *contact_ids):
    """The agent attended these contacts last."""
    return [ContactActivity(each, agent_id, START - timedelta(days=3)) for each in contact_ids]


def remembering(*members, capacity=1, **fields):
    return ventas(*members, capacity=capacity, method=LAST_AGENT, **fields)


def full_last_agent(*records, **fields):
    """Ana, and Bruno, who attended luis last and is full with a call; both are online. Luis writes."""
    fields = {"owner_wait": MINUTE, **fields}
    story = given(remembering("ana", "bruno", **fields), attended("bruno", "luis", "busy"), *records)
    return story.when(goes_online("ana"), goes_online("bruno"), call("busy"), chat("luis"))


def given_by(reason, agent_id):
    return InteractionState.ASSIGNED, reason, agent_id


def test_documented_example():
    """The example of docs/routing.md: given though he isn't in, kept while he is full, then the fallback."""
    story = given(remembering("ana", "bruno", owner_wait=MINUTE), attended("bruno", "luis", "nora", "olga"))
    story.when(goes_online("ana"), chat("luis"))
    assert story.place_of("luis") == given_by(RoutingReason.LAST_AGENT, "bruno")
    story.when(goes_online("bruno"), chat("nora"), chat("olga"), after=5 * MINUTE)
    assert (story.place_of("nora"), story.place_of("olga")) == (KEPT, KEPT)
    story.when(CompleteInteraction(story.id_of("luis"), "Venta"), after=MINUTE / 2)
    assert story.place_of("nora") == given_by(RoutingReason.LAST_AGENT, "bruno")
    story.passes(MINUTE / 2)
    assert story.place_of("olga") == given_by(RoutingReason.ROUND_ROBIN, "ana")


@pytest.mark.parametrize(
    "presence",
    [
        [],
        [AgentPresence("bruno")],
        [AgentPresence("bruno", AgentStatus.PAUSED, "almuerzo")],
        online("bruno"),
        online("bruno", channels=(Channel.VOICE,)),
        [AgentPresence("bruno", AgentStatus.PAUSED, "missed_offers", cool_down_until=START + MINUTE)],
    ],
    ids=["never there", "offline", "paused", "online", "online for others", "paused and cooling down"],
)
def test_online_or_not(presence):
    """The last agent gets it whatever it is doing."""
    story = given(remembering("ana", "bruno"), attended("bruno", "luis"), online("ana"), presence).when(chat("luis"))
    assert story.place_of("luis") == given_by(RoutingReason.LAST_AGENT, "bruno")


@pytest.mark.req("C9")
def test_cooling_down():
    """While it is online and cools down the last agent is given nothing: it is kept as where it is full."""
    resting = online("bruno", cool_down_until=START + MINUTE / 2)
    story = given(remembering("ana", "bruno", owner_wait=MINUTE), attended("bruno", "luis"), online("ana"), resting)
    assert story.when(chat("luis")).place_of("luis") == KEPT
    assert story.passes(MINUTE / 2).place_of("luis") == given_by(RoutingReason.LAST_AGENT, "bruno")


def test_channel_that_the_last_agent_does_not_handle():
    """On a channel that it does not handle the last agent is none, and nothing is kept for it."""
    chat_only = Agent("bruno", channels=(Channel.CHAT,))
    story = given(
        remembering("ana", "bruno", owner_wait=MINUTE), chat_only, attended("bruno", "luis"), online("ana", "bruno")
    )
    assert story.when(call("luis")).place_of("luis") == given_by(RoutingReason.ROUND_ROBIN, "ana")


def test_kept_while_full():
    """With no free slot it is kept for the last agent for the owner wait, and nobody else may claim it."""
    story = full_last_agent().then(InteractionArrived, InteractionKeptForOwner)
    assert story.place_of("luis") == KEPT
    assert story.interaction("luis").owner_wait_until == START + MINUTE
    story.rejects(
        ClaimInteraction("ana", story.id_of("luis")),
        (ErrorReason.INTERACTION_KEPT_FOR_OWNER, f"interaction/{story.id_of('luis')}"),
    )


def test_slot_comes_free_in_the_wait():
    """If the last agent has a slot in that time it gets it, online or not."""
    story = full_last_agent().when(CancelInteraction("i3"), after=MINUTE / 2)
    assert story.place_of("luis") == given_by(RoutingReason.LAST_AGENT, "bruno")


@pytest.mark.parametrize("owner_wait", [None, timedelta()])
def test_no_wait(owner_wait):
    """Without an owner wait the fallback chooses at once."""
    assert full_last_agent(owner_wait=owner_wait).place_of("luis") == given_by(RoutingReason.ROUND_ROBIN, "ana")


def test_last_agent_is_preferred_after_the_wait():
    """After the wait the last agent is preferred still, where it and others are free together."""
    story = full_last_agent().when(call("other"))
    story.passes(MINUTE)
    assert story.place_of("luis")[:2] == (InteractionState.QUEUED, RoutingReason.NO_AGENT_AVAILABLE)
    story.when(ApplyConfiguration(Configuration(agents=(Agent("ana", capacity=2), Agent("bruno", capacity=2)))))
    assert story.place_of("luis") == given_by(RoutingReason.LAST_AGENT, "bruno")


IDLE = {"bruno": START - 3 * MINUTE, "carla": START - 5 * MINUTE}
FALLBACKS = [
    (AssignmentMethod.UNSPECIFIED, RoutingReason.ROUND_ROBIN, "bruno"),
    (AssignmentMethod.ROUND_ROBIN, RoutingReason.ROUND_ROBIN, "bruno"),
    (AssignmentMethod.LEAST_LOAD, RoutingReason.LEAST_LOAD, "dario"),
    (AssignmentMethod.LONGEST_IDLE, RoutingReason.LONGEST_IDLE, "carla"),
    (AssignmentMethod.BEST_SKILL, RoutingReason.BEST_SKILL, "eva"),
]


@pytest.mark.parametrize(("fallback", "reason", "holder"), FALLBACKS, ids=[each.name for each, *_ in FALLBACKS])
def test_fallback(fallback, reason, holder):
    """For a contact whom nobody attended yet the fallback method chooses, round robin unless it is said."""
    members = ("ana", "bruno", "carla", "dario", "eva")
    story = given(
        remembering(*members, last_agent=LastAgentRule(fallback_method=fallback)),
        [Agent(each, capacity=2, skills=(Skill("english", 5 + (each == "eva")),)) for each in members],
        Agent("dario", capacity=4, skills=(Skill("english", 5),)),
        WorkgroupActivity("ventas", "ana"),
        [online(each, idle_since=IDLE.get(each, START), last_assigned_at=START)[0] for each in members],
        attended("ana", "a"),
        attended("bruno", "b"),
        attended("carla", "c"),
        attended("dario", "d"),
        attended("eva", "e"),
    )
    if fallback is AssignmentMethod.LEAST_LOAD:
        story.when(*map(chat, "abcde"))
    story.when(chat("luis", skills=(SkillRequirement("english", 5),)))
    assert story.place_of("luis") == given_by(reason, holder)


@pytest.mark.req("M3")
@pytest.mark.parametrize(
    ("queues", "state"), [(False, InteractionState.UNASSIGNED), (True, InteractionState.QUEUED)], ids=["not", "queued"]
)
def test_nobody_online(queues, state):
    """The fallback gives to nobody who isn't online: where nobody is, it is as with that method (M3)."""
    story = given(remembering("ana", queue_when_nobody_online=queues)).when(chat("luis"))
    assert story.place_of("luis") == (state, RoutingReason.NOBODY_ONLINE, "")


RESTRICTIONS = {
    "any member": (LastAgentRule(), "bruno", True),
    "any member, who is none": (LastAgentRule(), "zoe", False),
    "chosen": (LastAgentRule(agent_ids=("bruno",)), "bruno", True),
    "another was chosen": (LastAgentRule(agent_ids=("ana",)), "bruno", False),
    "chosen, no member": (LastAgentRule(agent_ids=("zoe",)), "zoe", True),
    "member of a chosen workgroup": (LastAgentRule(workgroup_ids=("soporte",)), "zoe", True),
    "member, another workgroup was chosen": (LastAgentRule(workgroup_ids=("soporte",)), "bruno", False),
    "either": (LastAgentRule(agent_ids=("bruno",), workgroup_ids=("soporte",)), "zoe", True),
}


@pytest.mark.parametrize(("rule", "last_agent_id", "may"), RESTRICTIONS.values(), ids=RESTRICTIONS)
def test_restricted(rule, last_agent_id, may):
    """Only the agents and the members of the workgroups chosen for it count; another is none, for whom nothing is kept.

    Who is full shows both: what is kept is kept for the last agent.
    """
    story = given(
        remembering("ana", "bruno", last_agent=rule, owner_wait=MINUTE),
        agents(zoe=1),
        workgroup("soporte", "zoe"),
        attended(last_agent_id, "luis", "nora"),
        online("ana", "bruno", "zoe"),
    ).when(chat("luis"))
    assert (story.place_of("luis") == given_by(RoutingReason.LAST_AGENT, last_agent_id)) is may
    assert (story.when(chat("nora")).place_of("nora") == KEPT) is may


@pytest.mark.req("K1", "K2")
def test_owners_come_first():
    """A contact's owner goes before its last agent, during the owner wait too; after it the last agent's turn comes."""
    story = given(
        remembering("ana", "bruno", "carla", owner_wait=MINUTE),
        contacts("luis", "nora"),
        portfolio("vip", "ana", holds=["luis", "nora"]),
        attended("bruno", "luis", "nora"),
    )
    story.when(goes_online("ana"), goes_online("carla"), chat("luis"))
    assert story.place_of("luis") == given_by(RoutingReason.OWNER, "ana")
    story.when(chat("nora")).then(InteractionArrived, InteractionKeptForOwner)
    assert story.place_of("nora")[1] is RoutingReason.OWNER_NOT_AVAILABLE
    story.passes(MINUTE)
    assert story.place_of("nora") == given_by(RoutingReason.LAST_AGENT, "bruno")


def test_does_not_move_the_turn():
    """What the last agent is given does not move the fallback's turn."""
    story = given(remembering("ana", "bruno", "carla", capacity=9), attended("carla", "luis"))
    story.when(*map(goes_online, ("ana", "bruno", "carla"))).when(chat("c1"), chat("luis"), chat("c2"))
    assert [story.holder(each) for each in ("c1", "luis", "c2")] == ["ana", "carla", "bruno"]


ATTENDING = {
    "given": ([chat("luis")], "ana"),
    "claimed": ([lambda s: ClaimInteraction("bruno", s.id_of("luis"))], "bruno"),
    "assigned": ([lambda s: AssignInteraction(s.id_of("luis"), "bruno")], "bruno"),
    "transferred": (
        [
            lambda s: AssignInteraction(s.id_of("luis"), "ana"),
            lambda s: Transfer(s.id_of("luis"), agent_id="carla", note="sigue"),
        ],
        "carla",
    ),
}


@pytest.mark.parametrize(("steps", "last_agent_id"), ATTENDING.values(), ids=ATTENDING)
def test_who_attended_last(steps, last_agent_id):
    """The last agent is who had the contact's last interaction, however it came to it and in whatever campaign."""
    story = given(
        remembering("ana", "bruno", "carla", capacity=5),
        workgroup("dispensador", "ana", "bruno", "carla", method=AssignmentMethod.MANUAL),
        campaign("reparto", "dispensador"),
        online("ana", "bruno", "carla"),
    )
    if steps[0] != chat("luis"):
        story.when(chat("luis", "reparto"))
    for step in steps:
        story.when(step(story) if callable(step) else step)
    story.when(CompleteInteraction(story.id_of("luis"), "Venta"), chat("other"), chat("luis"))
    assert story.place_of("luis") == given_by(RoutingReason.LAST_AGENT, last_agent_id)


@pytest.mark.req("C9")
def test_who_was_only_offered_it_did_not_attend():
    """An offer that came to nothing makes nobody the last agent."""
    story = given(remembering("ana", "bruno", offer_timeout=MINUTE), online("ana", "bruno")).when(chat("luis"))
    story.when(RejectOffer("i1", "ana"), by=agent_actor("ana"))
    assert story.get(ContactActivity, "luis") is None


@pytest.mark.req("C9")
def test_last_agent_is_offered_it():
    """Where the workgroup makes offers the last agent is offered it if it is there, and has it at once if it isn't."""
    story = given(remembering("ana", "bruno", offer_timeout=MINUTE), attended("bruno", "luis", "nora"), online("bruno"))
    story.when(chat("luis"))
    assert story.place_of("luis") == (InteractionState.OFFERED, RoutingReason.LAST_AGENT, "bruno")
    away = given(remembering("ana", "bruno", offer_timeout=MINUTE), attended("bruno", "luis")).when(chat("luis"))
    away.then(InteractionArrived, InteractionAssigned)


@pytest.mark.req("M8")
def test_skills_do_not_bind_the_last_agent():
    """The last agent knows the contact: it is not asked for skills; the fallback's members are."""
    english = (SkillRequirement("english", 5),)
    story = given(remembering("ana", "bruno"), attended("bruno", "luis"), online("ana", "bruno"))
    story.when(chat("luis", skills=english), chat("nora", skills=english))
    assert story.holder("luis") == "bruno"
    assert story.place_of("nora")[0] is InteractionState.QUEUED


@pytest.mark.req("T2")
def test_source_of_a_transfer_is_not_its_last_agent():
    """Transferred to a campaign by who attends it, an interaction does not go back to that agent as its last."""
    story = given(
        TENANT,
        agents(ana=2, bruno=2),
        workgroup("ventas", "ana", "bruno", method=LAST_AGENT, owner_wait=MINUTE),
        campaign("tienda", "ventas"),
        campaign("ayuda", "ventas"),
        WorkgroupActivity("ventas", "bruno"),
        online("ana", "bruno"),
    ).when(chat("luis"))
    assert story.holder("luis") == "ana"
    story.when(Transfer("i1", campaign_id="ayuda", note="es de ayuda"))
    assert story.place_of("luis") == given_by(RoutingReason.ROUND_ROBIN, "bruno")


def test_other_methods_remember_nobody():
    """Workgroups with another method go by it, whoever attended the contact last."""
    story = given(ventas("ana", "bruno"), attended("bruno", "luis"), online("ana", "bruno")).when(chat("luis"))
    assert story.place_of("luis") == given_by(RoutingReason.ROUND_ROBIN, "ana")


@pytest.mark.req("M7")
def test_workgroup_becomes_manual():
    """Once the workgroup is MANUAL what is kept for a last agent is given to nobody; later it may be claimed."""
    story = full_last_agent()
    manual = workgroup("ventas", method=AssignmentMethod.MANUAL)
    story.when(UpdateResource(manual, ("method",))).passes(MINUTE)
    assert story.place_of("luis") == (InteractionState.QUEUED, RoutingReason.MANUAL, "")
    assert story.when(ClaimInteraction("ana", story.id_of("luis"))).holder("luis") == "ana"
