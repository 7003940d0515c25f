"""Queue limits: how many may wait in a workgroup, and how long before it expires (C13)."""

from datetime import timedelta

import pytest

from cartera.core.commands import (
    CancelInteraction,
    ClaimInteraction,
    CompleteInteraction,
    RejectOffer,
    Transfer,
    UpdateResource,
)
from cartera.core.events import (
    InteractionArrived,
    InteractionAssigned,
    InteractionExpired,
    InteractionMessageJoined,
    InteractionQueued,
)
from cartera.core.records import (
    BusinessHours,
    ContactActivity,
    ExclusiveAgent,
    OverflowStep,
    PortfolioContact,
    SkillRequirement,
)
from cartera.core.vocabulary import (
    AssignmentMethod,
    Channel,
    ErrorReason,
    InteractionState,
    LeavingPolicy,
    OutsideHours,
    RoutingReason,
)
from tests.core.specification import START, agent_actor, given
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

pytestmark = pytest.mark.req("C13")

MINUTE = timedelta(minutes=1)
FULL = (ErrorReason.WORKGROUP_QUEUE_FULL, "workgroup/ventas")


def limited(*waiting, queue_limit=2, **fields):
    """Ana, who is full with a call, in a workgroup in which so many may wait; these wait already."""
    story = given(ventas("ana", queue_limit=queue_limit, **fields), contacts("luis"), online("ana"))
    return story.when(call("busy"), *map(chat, waiting))


def test_documented_example():
    """The example of docs/routing.md: the third is refused, the second expires."""
    story = limited("luis", longest_wait=10 * MINUTE).when(chat("nora"), after=MINUTE)
    story.rejects(chat("olga"), FULL, after=MINUTE)
    story.when(CompleteInteraction("i1", "Venta"), after=3 * MINUTE)
    assert (story.holder("luis"), story.place_of("nora")[0]) == ("ana", InteractionState.QUEUED)
    story.passes(6 * MINUTE).then(InteractionExpired)
    assert story.interaction("nora").state is InteractionState.EXPIRED


# How many


def test_refused_beyond_the_limit():
    """As many as the limit may wait; the next is refused, which changes nothing, until one waits no longer."""
    story = limited("c1").when(chat("c2")).then(InteractionArrived, InteractionQueued)
    story.rejects(chat("c3"), FULL)
    assert story.violations[0].data == {"limit": "2"}
    story.when(CancelInteraction(story.id_of("c1")), chat("c3")).rejects(call("c4"), FULL)


def test_no_limit():
    """Zero is no limit."""
    story = limited(*(f"c{number}" for number in range(50)), queue_limit=0)
    assert story.place_of("c49")[0] is InteractionState.QUEUED


def test_refusal_leaves_nothing_behind():
    """What an arrival would have changed besides is not changed either: its contact's place is not renewed (P9)."""
    expiring = portfolio("vip", "ana", holds=["luis"], ownership_expiry=timedelta(days=7))
    story = given(ventas("ana", queue_limit=1), contacts("luis"), expiring, online("ana"))
    story.when(call("busy"), chat("c1")).rejects(chat("luis"), FULL)
    assert story.get(PortfolioContact, "luis").expires_at is None


def test_what_is_assigned_at_once_is_taken():
    """An arrival that finds an agent doesn't wait, however full the queue is."""
    skills = (SkillRequirement("sap", 9),)
    story = given(ventas("ana", queue_limit=1), online("ana")).when(chat("luis", skills=skills))
    story.rejects(chat("nora", skills=skills), FULL)
    story.when(chat("nora")).then(InteractionArrived, InteractionAssigned)


@pytest.mark.req("E1")
def test_exclusive_agents_contacts_are_never_refused():
    """Who has an exclusive agent waits for it however full the queue is."""
    story = given(
        ventas("ana", queue_limit=1), contacts("luis"), ExclusiveAgent("luis", "tienda", "ana"), online("ana")
    ).when(call("busy"), chat("c1"), chat("luis"))
    assert story.place_of("luis")[1] is RoutingReason.EXCLUSIVE_AGENT_FULL


@pytest.mark.req("K2")
def test_who_is_kept_for_an_owner_waits_too():
    """What is kept for an owner or a last agent counts, and is refused, like what waits for anybody."""
    story = given(
        ventas("ana", "bruno", queue_limit=1, owner_wait=MINUTE),
        contacts("luis", "nora"),
        portfolio("vip", "ana", holds=["luis", "nora"]),
        online("bruno"),
    ).when(chat("luis"))
    assert story.place_of("luis")[0] is InteractionState.WAITING_FOR_OWNER
    story.rejects(chat("nora"), FULL)
    story.when(chat("other")).rejects(chat("another"), FULL)


@pytest.mark.req("M4")
def test_who_is_kept_for_a_last_agent_waits_too():
    """So does what is kept for a last agent."""
    story = given(
        ventas("ana", queue_limit=1, owner_wait=MINUTE, method=AssignmentMethod.LAST_AGENT),
        [ContactActivity(each, "ana", START) for each in ("luis", "nora")],
        online("ana"),
    ).when(call("busy"), chat("luis"))
    assert story.place_of("luis")[1] is RoutingReason.LAST_AGENT_FULL
    story.rejects(chat("nora"), FULL)


@pytest.mark.req("M3")
def test_unassigned_stands_in_no_queue():
    """What is unassigned doesn't count and is not refused."""
    story = given(ventas("ana", queue_limit=1)).when(chat("c1"), chat("c2"), goes_online("ana"), call("busy"))
    assert [story.place_of(each)[0] for each in ("c1", "c2")] == [InteractionState.UNASSIGNED] * 2
    story.when(chat("c3")).rejects(chat("c4"), FULL)


@pytest.mark.req("C12")
def test_what_waits_for_the_opening_counts():
    """What arrives outside the hours waits too."""
    never = BusinessHours("UTC", outside=OutsideHours.QUEUE)
    story = given(ventas("ana", queue_limit=1), campaign("tienda", "ventas")._replace(hours=never), online("ana"))
    story.when(chat("c1")).rejects(chat("c2"), FULL)


@pytest.mark.req("Z6")
def test_message_that_joins_is_never_refused():
    """A message of who waits already takes no other place."""
    limited("luis", queue_limit=1).when(chat("luis")).then(InteractionMessageJoined)


def test_only_its_own_workgroup_counts():
    """What waits in other workgroups doesn't count, nor what these overflow into this one."""
    story = given(
        ventas("ana", queue_limit=1),
        agents(zoe=1),
        workgroup("soporte", "zoe", overflow_steps=(OverflowStep(MINUTE, add_workgroup_id="ventas"),)),
        campaign("ayuda", "soporte"),
        online("ana", "zoe"),
    ).when(call("busy"), call("other", "ayuda"), chat("c1", "ayuda"), chat("c2", "ayuda"))
    story.passes(MINUTE).when(chat("c3")).rejects(chat("c4"), FULL)


# What comes otherwise


def two_queues(**fields):
    """Ana holds i1 in "ventas"; in "soporte", where one may wait, Zoe is full and nora waits."""
    return given(
        TENANT,
        agents(ana=1, zoe=1),
        workgroup("ventas", "ana", **fields),
        workgroup("soporte", "zoe", queue_limit=1),
        campaign("tienda", "ventas"),
        campaign("ayuda", "soporte"),
        contacts("luis"),
        online("ana", "zoe"),
    ).when(chat("luis"), call("busy", "ayuda"), chat("nora", "ayuda"))


TRANSFERS = {
    "to a campaign": Transfer("i1", campaign_id="ayuda", note="es de ayuda"),
    "to a workgroup": Transfer("i1", workgroup_id="soporte", note="es de soporte"),
}


@pytest.mark.req("T2", "T4")
@pytest.mark.parametrize("transfer", TRANSFERS.values(), ids=TRANSFERS)
def test_transfer_into_a_full_queue_is_refused(transfer):
    """A transfer that would wait in a full queue is refused: the source keeps it. Once there is a place, it is done."""
    story = two_queues().rejects(transfer, (ErrorReason.WORKGROUP_QUEUE_FULL, "workgroup/soporte"))
    assert story.holder("luis") == "ana"
    story.when(CancelInteraction(story.id_of("nora")), transfer)
    assert story.interaction("luis").workgroup_id == "soporte"


@pytest.mark.req("T2", "E1")
def test_transfer_to_an_exclusive_agent_is_not_refused():
    """Who has an exclusive agent in the campaign is not refused there either."""
    story = given(
        ventas("ana"),
        agents(zoe=1),
        workgroup("soporte", "zoe", queue_limit=1),
        campaign("ayuda", "soporte"),
        contacts("luis"),
        ExclusiveAgent("luis", "ayuda", "zoe"),
        online("ana", "zoe"),
    ).when(chat("luis"), call("busy", "ayuda"), chat("nora", "ayuda"), TRANSFERS["to a campaign"])
    assert story.place_of("luis")[1] is RoutingReason.EXCLUSIVE_AGENT_FULL


@pytest.mark.req("C5")
def test_what_its_agent_returns_is_not_refused():
    """An interaction that its agent leaves behind waits beyond the limit rather than get lost."""
    story = given(ventas("ana", "bruno", queue_limit=1, leaving_policy=LeavingPolicy.RETURN), online("ana", "bruno"))
    story.when(chat("c1"), call("c2"), chat("c3"), goes_offline("ana"))
    assert [story.place_of(each)[0] for each in ("c1", "c3")] == [InteractionState.QUEUED] * 2
    story.rejects(chat("c4"), FULL)


@pytest.mark.req("C9")
def test_what_is_rejected_is_not_refused():
    """An interaction whose offer comes to nothing waits beyond the limit too."""
    story = given(ventas("ana", queue_limit=1, offer_timeout=MINUTE), online("ana")).when(chat("c1"), chat("c2"))
    story.when(RejectOffer("i1", "ana"), by=agent_actor("ana"))
    assert [story.place_of(each)[0] for each in ("c1", "c2")] == [InteractionState.QUEUED] * 2


def test_lower_limit_takes_nothing_away():
    """Who waits already goes on waiting when the limit is lowered."""
    story = limited("c1", "c2").when(UpdateResource(workgroup("ventas", queue_limit=1), ("queue_limit",)))
    assert story.place_of("c2")[0] is InteractionState.QUEUED
    story.rejects(chat("c3"), FULL)


# How long

LONGEST = {"longest_wait": 5 * MINUTE}


def owned(**fields):
    return given(
        ventas("ana", "bruno", owner_wait=timedelta(hours=1), **LONGEST, **fields),
        contacts("luis"),
        portfolio("vip", "ana", holds=["luis"]),
        online("bruno"),
    )


def remembered():
    return given(
        ventas("ana", owner_wait=timedelta(hours=1), method=AssignmentMethod.LAST_AGENT, **LONGEST),
        ContactActivity("luis", "ana", START),
        online("ana"),
    ).when(call("busy"))


def exclusive():
    return given(
        ventas("ana", **LONGEST), contacts("luis"), ExclusiveAgent("luis", "tienda", "ana"), online("ana")
    ).when(call("busy"))


WAITING = {
    "queued": (lambda: limited(**LONGEST), RoutingReason.NO_AGENT_AVAILABLE),
    "manual": (lambda: given(ventas("ana", method=AssignmentMethod.MANUAL, **LONGEST)), RoutingReason.MANUAL),
    "unassigned": (lambda: given(ventas("ana", **LONGEST)), RoutingReason.NOBODY_ONLINE),
    "kept for an owner": (owned, RoutingReason.OWNER_NOT_AVAILABLE),
    "kept for a last agent": (remembered, RoutingReason.LAST_AGENT_FULL),
    "exclusive": (exclusive, RoutingReason.EXCLUSIVE_AGENT_FULL),
}


@pytest.mark.parametrize(("waiting", "reason"), WAITING.values(), ids=WAITING)
def test_whatever_waits_expires(waiting, reason):
    """After the longest wait it expires, whatever it waits for: it has ended, and nobody gets it."""
    story = waiting().when(chat("luis"))
    assert story.place_of("luis")[1] is reason
    story.passes(5 * MINUTE - timedelta(seconds=1))
    assert story.place_of("luis")[1] is reason
    story.passes(timedelta(seconds=1)).then(InteractionExpired)
    interaction = story.interaction("luis")
    assert (interaction.state, interaction.ended_at) == (InteractionState.EXPIRED, story.now)
    claim = ClaimInteraction("ana", interaction.interaction_id)
    story.rejects(claim, (ErrorReason.INTERACTION_ENDED, f"interaction/{interaction.interaction_id}"))


def test_who_is_attended_does_not_expire():
    """What an agent holds waits no longer."""
    story = given(ventas("ana", **LONGEST), online("ana")).when(chat("luis")).passes(timedelta(days=1))
    assert story.holder("luis") == "ana"


@pytest.mark.req("C9")
def test_expires_when_its_offer_comes_to_nothing_too_late():
    """While it is offered it doesn't expire; rejected after its time it does at once."""
    story = given(ventas("ana", offer_timeout=timedelta(hours=1), **LONGEST), online("ana")).when(chat("luis"))
    assert story.passes(10 * MINUTE).place_of("luis")[0] is InteractionState.OFFERED
    story.when(RejectOffer("i1", "ana"), by=agent_actor("ana"))
    assert story.interaction("luis").state is InteractionState.EXPIRED


@pytest.mark.req("Z6")
def test_message_after_the_end_is_a_new_interaction():
    """Who writes again after an interaction has expired begins another."""
    story = limited("luis", queue_limit=1, **LONGEST).passes(5 * MINUTE).when(chat("luis"))
    story.then(InteractionArrived, InteractionQueued)


@pytest.mark.req("T4")
@pytest.mark.parametrize("transfer", TRANSFERS.values(), ids=TRANSFERS)
def test_wait_begins_anew_after_a_transfer(transfer):
    """The longest wait counts from when it came to be routed under its workgroup, not from its arrival."""
    story = two_queues().when(CancelInteraction("i3"))
    story.when(UpdateResource(workgroup("soporte", longest_wait=5 * MINUTE), ("longest_wait",)))
    story.when(transfer, after=timedelta(hours=1))
    assert story.passes(4 * MINUTE).place_of("luis")[0] is InteractionState.QUEUED
    assert story.passes(MINUTE).interaction("luis").state is InteractionState.EXPIRED


@pytest.mark.req("C7")
def test_what_frees_a_slot_comes_first():
    """What falls due at the moment at which it expires is done in its order, and nothing that has ended is given."""
    story = limited("luis", wrap_up=5 * MINUTE, **LONGEST).when(CompleteInteraction("i1", "Venta")).passes(5 * MINUTE)
    assert story.interaction("luis").state is InteractionState.EXPIRED
    assert story.when(call("next")).holder("next") == "ana"


def test_channels_share_the_limit():
    """The limit is the workgroup's, whatever the channel."""
    story = limited("c1", queue_limit=1)
    story.rejects(call("c2"), FULL).when(goes_online("ana", Channel.CHAT)).rejects(chat("c3"), FULL)
