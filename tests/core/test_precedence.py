"""What one rule means for another: each line of that table in docs/routing.md that no other test has."""

from datetime import timedelta

import pytest

from cartera.core.commands import (
    AcceptOffer,
    AssignInteraction,
    ClaimInteraction,
    CompleteInteraction,
    RejectOffer,
    Transfer,
    UpdateResource,
)
from cartera.core.events import InteractionExpired, InteractionOffered, InteractionOfferMissed, InteractionOfferRejected
from cartera.core.queue import queue_position
from cartera.core.records import (
    BusinessHours,
    CampaignAddress,
    ChannelRule,
    ContactActivity,
    ExclusiveAgent,
    OpeningHours,
    OverflowStep,
    SkillRequirement,
    Workgroup,
)
from cartera.core.vocabulary import (
    AssignmentMethod,
    Channel,
    DayOfWeek,
    ErrorReason,
    InteractionState,
    LeavingPolicy,
    OutsideHours,
    Priority,
    RoutingReason,
)
from tests.core.offers import COOL_DOWN, RINGS, SECOND, WAITS, answers, held_by, offered_to, offering, presence
from tests.core.specification import START, given
from tests.core.tenants import (
    CHAT_ADDRESS,
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

MINUTE = timedelta(minutes=1)
EXCLUSIVE = RoutingReason.EXCLUSIVE_AGENT
KEPT = (InteractionState.WAITING_FOR_OWNER, RoutingReason.OWNER_NOT_AVAILABLE, "")


def exclusive(*others, **fields):
    """Ana is Luis's exclusive agent in «tienda»; Bruno is online beside her."""
    return given(
        ventas("ana", "bruno", **fields),
        contacts("luis"),
        ExclusiveAgent("luis", "tienda", "ana"),
        online("ana", "bruno"),
        *others,
    )


# An exclusive agent and …


@pytest.mark.req("E1", "K1", "M4")
def test_an_exclusive_agent_and_a_portfolio_and_a_last_agent():
    """The exclusive agent comes before the owners and before the last agent."""
    story = exclusive(portfolio("vip", "bruno", holds=["luis"]), method=AssignmentMethod.LAST_AGENT)
    story.state.put(ContactActivity("luis", "bruno", START))
    assert story.when(chat("luis")).place_of("luis") == held_by("ana", EXCLUSIVE)


@pytest.mark.req("E1", "C12")
def test_an_exclusive_agent_and_business_hours():
    """A contact with an exclusive agent is not bound to the campaign's hours."""
    sundays = BusinessHours("UTC", (OpeningHours(DayOfWeek.SUNDAY, "09:00", "10:00"),), outside=OutsideHours.REFUSE)
    story = exclusive(campaign("tienda", "ventas")._replace(hours=sundays))
    assert story.when(chat("luis")).place_of("luis") == held_by("ana", EXCLUSIVE)
    story.rejects(chat("nora"), (ErrorReason.CAMPAIGN_CLOSED, "campaign/tienda"))


@pytest.mark.req("E1", "C13")
def test_an_exclusive_agent_and_a_full_queue():
    """Who waits for an exclusive agent is never refused, however full the queue is."""
    story = exclusive(queue_limit=1).when(*map(chat, ("a", "b", "c")))
    story.rejects(chat("d"), (ErrorReason.WORKGROUP_QUEUE_FULL, "workgroup/ventas"))
    assert story.when(chat("luis")).interaction("luis").reason is RoutingReason.EXCLUSIVE_AGENT_FULL


@pytest.mark.req("E1", "M8", "C11")
def test_an_exclusive_agent_and_skills_and_overflow():
    """Skills do not bind an exclusive agent, and overflow gives its contact to nobody else."""
    latin = (SkillRequirement("latín"),)
    steps = (OverflowStep(SECOND, add_workgroup_id="extra"),)
    story = exclusive(agents(zoe=1), workgroup("extra", "zoe"), online("zoe"), overflow_steps=steps)
    assert story.when(chat("luis", skills=latin)).place_of("luis") == held_by("ana", EXCLUSIVE)
    story.when(call("luis")).passes(MINUTE)
    assert story.interaction("luis").reason is RoutingReason.EXCLUSIVE_AGENT_FULL


@pytest.mark.req("E1", "T1", "T4")
def test_an_exclusive_agent_and_transfers():
    """A transfer goes where it was sent, past the exclusive agent; the contact's next one is the agent's again."""
    story = exclusive().when(chat("luis")).when(Transfer("i1", agent_id="bruno", note="sigue"))
    assert story.place_of("luis") == held_by("bruno", RoutingReason.TRANSFERRED)
    story.when(Transfer("i1", workgroup_id="ventas", note="sigue"))
    assert story.interaction("luis").exclusive_agent_id == ""
    assert story.when(call("luis")).interaction("luis").exclusive_agent_id == "ana"


@pytest.mark.req("E1", "M10", "C1")
def test_an_exclusive_agent_and_an_administrator():
    """An administrator may exceed a capacity, but not pass an exclusive agent by."""
    story = exclusive().when(chat("luis"), call("luis"))
    command = AssignInteraction(story.id_of("luis"), "bruno", allow_over_capacity=True)
    refusal = (ErrorReason.INTERACTION_KEPT_FOR_EXCLUSIVE_AGENT, f"interaction/{story.id_of('luis')}")
    story.rejects(command, refusal)
    assert story.when(command._replace(agent_id="ana")).holder("luis") == "ana"


# An owner wait and …


@pytest.mark.req("K2", "C11")
def test_an_owner_wait_and_overflow():
    """Overflow steps are taken during an owner wait, and widen who may have the interaction only after it."""
    steps = (OverflowStep(10 * SECOND, add_workgroup_id="extra"), OverflowStep(20 * SECOND, priority=Priority.URGENT))
    story = (
        given(
            ventas("bruno", owner_wait=MINUTE, overflow_steps=steps),
            agents(ana=1, zoe=1),
            workgroup("extra", "zoe"),
            contacts("luis"),
            portfolio("vip", "ana", holds=["luis"]),
            online("zoe"),
        )
        .when(chat("luis"))
        .passes(59 * SECOND)
    )
    interaction = story.interaction("luis")
    assert (story.place_of("luis"), interaction.overflow_workgroup_ids) == (KEPT, ("extra",))
    assert interaction.priority is Priority.URGENT
    story.rejects(ClaimInteraction("zoe", "i1"), (ErrorReason.INTERACTION_KEPT_FOR_OWNER, "interaction/i1"))
    assert story.passes(SECOND).place_of("luis") == held_by("zoe")


@pytest.mark.req("K2", "C6", "C8")
def test_an_owner_wait_and_the_place_in_the_queue():
    """What is kept for an owner stands in the queue from its arrival, and keeps that place when the wait is over."""
    story = given(
        ventas("bruno", owner_wait=MINUTE, queue_when_nobody_online=True),
        agents(ana=1),
        contacts("luis"),
        portfolio("vip", "ana", holds=["luis"]),
    ).when(chat("luis"), chat("nora"))
    assert queue_position(story.state, story.interaction("nora"), story.now).position == 2
    story.passes(MINUTE).when(goes_online("bruno"))
    nobody_was = (InteractionState.QUEUED, RoutingReason.NOBODY_ONLINE, "")
    assert (story.holder("luis"), story.place_of("nora")) == ("bruno", nobody_was)


# A cool-down and …


@pytest.mark.req("C9", "C3")
def test_a_cool_down_and_a_break():
    """A cool-down goes on over a break, also for who was paused for its misses and is back at once."""
    story = answers(offering("ana").when(chat("luis")), RejectOffer, "ana")
    story.when(pauses("ana"), after=SECOND).when(goes_online("ana"), after=SECOND)
    assert story.interaction("luis").state is InteractionState.QUEUED
    paused = offering("ana", offer_miss_limit=1, queue_when_nobody_online=True).when(chat("luis")).passes(RINGS)
    paused.when(goes_online("ana"), after=SECOND)
    assert paused.interaction("luis").state is InteractionState.QUEUED
    assert paused.passes(COOL_DOWN - SECOND).place_of("luis") == offered_to("ana")


@pytest.mark.req("C9", "C7")
def test_a_cool_down_holds_in_every_workgroup():
    """Who cools down is given nothing by itself in any of its workgroups, also where nothing is offered."""
    story = given(
        ventas("ana", capacity=2, offer_timeout=RINGS),
        workgroup("soporte", "ana"),
        campaign("ayuda", "soporte"),
        online("ana"),
    ).when(chat("luis"))
    answers(story, RejectOffer, "ana").when(chat("nora", "ayuda"))
    assert story.place_of("nora") == WAITS
    assert story.passes(COOL_DOWN).place_of("nora") == held_by("ana")


# Limits and …


@pytest.mark.req("C13", "C9", "C5")
def test_a_full_queue_and_what_comes_back():
    """Only what arrives or is transferred is refused by a full queue: what is rejected, missed or returned is not."""
    policy = {"queue_limit": 1, "queue_when_nobody_online": True, "leaving_policy": LeavingPolicy.RETURN}
    story = offering("ana", capacity=3, **policy).when(*map(chat, ("a", "b", "c", "d")))
    story.rejects(chat("e"), (ErrorReason.WORKGROUP_QUEUE_FULL, "workgroup/ventas"))
    answers(story, RejectOffer, "ana", "a")
    answers(story, AcceptOffer, "ana", "b")
    story.when(goes_offline("ana"))
    assert [story.interaction(each).state for each in "abcd"] == [InteractionState.QUEUED] * 4


@pytest.mark.req("C13", "C9")
def test_the_longest_wait_and_an_offer():
    """An interaction does not expire while it is offered; it does when the offer comes to nothing after its time."""
    story = offering("ana", "bruno", longest_wait=10 * SECOND).when(chat("luis"), chat("nora")).passes(15 * SECOND)
    assert story.place_of("luis") == offered_to("ana")
    answers(story, RejectOffer, "ana").then(InteractionOfferRejected, InteractionExpired)
    answers(story, AcceptOffer, "bruno", "nora")
    assert story.place_of("nora") == held_by("bruno")


@pytest.mark.req("M3", "C11")
def test_unassigned_and_overflow():
    """What is unassigned is drawn by nobody who comes online, and placed anew by any step of overflow."""
    steps = (OverflowStep(MINUTE, priority=Priority.HIGH),)
    story = given(ventas("ana", overflow_steps=steps)).when(chat("luis"), goes_online("ana"))
    assert story.interaction("luis").state is InteractionState.UNASSIGNED
    assert story.passes(MINUTE).holder("luis") == "ana"


# Priority lines, ageing and …


@pytest.mark.req("C6", "Z4", "C11")
def test_ageing_and_priority_lines_and_overflow():
    """What arrives on a priority line starts at HIGH and ages from there; a priority that overflow sets ages on too."""
    lines = (CHAT_ADDRESS, CampaignAddress(Channel.VOICE, "vip", priority_line=True))
    steps = (OverflowStep(2 * MINUTE, priority=Priority.NORMAL),)
    story = (
        given(
            ventas("ana", ageing_interval=5 * MINUTE, queue_when_nobody_online=True, overflow_steps=steps),
            campaign("tienda", "ventas", addresses=lines),
        )
        .when(chat("low", priority=Priority.LOW))
        .when(call("vip"), after=MINUTE)
    )

    def first():
        positions = {each: queue_position(story.state, story.interaction(each), story.now).position for each in waiting}
        return sorted(positions, key=positions.get)

    waiting = ["low", "vip"]
    assert first() == ["vip", "low"]
    story.when(chat("urgent", priority=Priority.URGENT), after=4 * MINUTE + 30 * SECOND)
    waiting.append("urgent")
    assert first() == ["urgent", "low", "vip"], "NORMAL by overflow, and one interval has passed: HIGH, and came first"
    story.passes(MINUTE)
    assert first() == ["vip", "urgent", "low"], "the line's call counts as URGENT too by now, and came first"
    story.passes(5 * MINUTE)
    assert first() == ["low", "vip", "urgent"], "two intervals have passed"


# Wrap-up, units and …


@pytest.mark.req("C2", "M10")
def test_over_capacity_and_exclusive_channels():
    """Over capacity, as an administrator says it, goes past costs, limits and exclusive channels alike."""
    rules = (ChannelRule(Channel.VOICE, exclusive=True),)
    story = given(ventas("ana"), agents(ana=1), online("ana")).when(call("marta"), chat("luis"))
    story.when(UpdateResource(story.state.tenant()._replace(channel_rules=rules)))
    story.when(AssignInteraction(story.id_of("luis"), "ana", allow_over_capacity=True))
    assert story.state.units_in_use("ana") == 2


@pytest.mark.req("C9", "C14")
def test_offers_and_the_turn_of_who_rejects():
    """Who rejects has had its turn: the rotation goes on from there."""
    story = offering("ana", "bruno", "carla", offer_cool_down=SECOND).when(chat("luis"))
    answers(story, RejectOffer, "ana").when(chat("nora")).passes(SECOND)
    assert (story.holder("luis"), story.holder("nora")) == ("bruno", "carla")
    assert presence(story).last_assigned_at == START
    answers(story, AcceptOffer, "bruno").when(CompleteInteraction("i1", "Venta"), chat("olga"))
    assert story.holder("olga") == "ana"


@pytest.mark.req("C9", "M3")
def test_offers_where_the_only_one_rests():
    """Who cools down is online: what it rejected is queued, not unassigned, and comes to it again."""
    story = answers(offering("ana").when(chat("luis")), RejectOffer, "ana")
    assert story.place_of("luis") == WAITS
    assert story.when(chat("nora")).place_of("nora") == WAITS
    story.when(UpdateResource(Workgroup("ventas", offer_timeout=None), ("offer_timeout",))).passes(COOL_DOWN)
    assert story.place_of("luis") == held_by("ana")
    assert not [each for each in story.events if isinstance(each, InteractionOffered | InteractionOfferMissed)]
