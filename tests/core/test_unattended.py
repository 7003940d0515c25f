"""What waits unattended (T9): somebody is told, once."""

from datetime import timedelta

import pytest

from cartera.core.commands import (
    AcceptOffer,
    CancelInteraction,
    ClaimInteraction,
    RejectOffer,
    Transfer,
    UpdateResource,
)
from cartera.core.events import (
    InteractionAssigned,
    InteractionOfferMissed,
    InteractionOfferRejected,
    InteractionOwnerWaitEnded,
    InteractionQueued,
    InteractionUnattended,
)
from cartera.core.records import ExclusiveAgent, Workgroup
from cartera.core.state import State
from cartera.core.vocabulary import AssignmentMethod, InteractionState
from tests.core.offers import answers
from tests.core.specification import START, given, tables
from tests.core.tenants import agents, chat, contacts, goes_online, online, portfolio, ventas, workgroup

pytestmark = pytest.mark.req("T9")

SECOND = timedelta(seconds=1)
ALARM = 45 * SECOND
TOLD = InteractionUnattended("i1", "ventas", START)


def waiting(*records, **fields):
    """Luis waits, in a workgroup that tells of who has waited for 45 seconds."""
    policy = {"queue_when_nobody_online": True, "unattended_after": ALARM, **fields}
    return given(ventas("ana", **policy), contacts("luis"), *records).when(chat("luis"))


def told(story):
    return [each for change in story.changes for each in change.events if isinstance(each, InteractionUnattended)]


def test_the_example_of_who_waits_unattended():
    """docs/routing.md, "Unattended": Luis has waited for 45 seconds, so there is an event, once; he waits on."""
    story = waiting().passes(ALARM - SECOND)
    assert not told(story)
    story.passes(SECOND).then(TOLD)
    assert story.passes(timedelta(days=1)).interaction("luis").state is InteractionState.QUEUED
    assert told(story) == [TOLD]
    assert story.when(goes_online("ana")).holder("luis") == "ana"


def test_who_is_given_somebody_in_time():
    """Who is given an agent in time, or leaves, is not told of."""
    assert not told(waiting().when(goes_online("ana"), after=ALARM - SECOND).passes(ALARM))
    assert not told(waiting().when(CancelInteraction("i1")).passes(ALARM))


def test_without_the_setting():
    """A workgroup without unattended_after tells of nobody."""
    assert not told(waiting(unattended_after=None).passes(timedelta(days=1)))


@pytest.mark.parametrize(
    ("records", "fields"),
    [
        ([portfolio("vip", "ana", holds=["luis"])], {"owner_wait": timedelta(hours=1)}),
        ([agents(zoe=1), ExclusiveAgent("luis", "tienda", "ana"), ExclusiveAgent("x", "tienda", "ana")], {}),
        ([], {"queue_when_nobody_online": False}),
        ([], {"method": AssignmentMethod.MANUAL}),
    ],
    ids=["kept for its owner", "for its exclusive agent", "unassigned", "manual"],
)
def test_however_it_waits(records, fields):
    """It is told of whatever it waits for: its owner, its exclusive agent, to be claimed or assigned."""
    story = given(
        ventas("ana", **{"queue_when_nobody_online": True, "unattended_after": ALARM, **fields}),
        contacts("luis", "x"),
        *records,
    )
    if any(isinstance(each, ExclusiveAgent) for each in records):
        story.when(chat("x"))
    story.when(chat("luis")).passes(ALARM)
    assert [each.interaction_id for each in told(story)] == [story.id_of("luis")]


def test_an_offer_is_no_attention():
    """An interaction that is offered does not wait; when the offer comes to nothing after the time, it is told of."""
    story = waiting(online("ana"), offer_timeout=timedelta(minutes=1)).passes(ALARM)
    assert not told(story)
    story.passes(15 * SECOND).then(InteractionOfferMissed, InteractionUnattended, InteractionQueued)
    accepted = waiting(online("ana"), offer_timeout=timedelta(minutes=1))
    answers(accepted, AcceptOffer, "ana", after=50 * SECOND)
    assert not told(accepted.passes(ALARM))
    rejected = waiting(online("ana"), offer_timeout=timedelta(minutes=1), offer_cool_down=timedelta(minutes=1))
    answers(rejected, RejectOffer, "ana").then(InteractionOfferRejected, InteractionQueued)
    assert told(rejected.passes(ALARM)) == [TOLD]


def test_a_transfer_begins_it_anew():
    """Who waits anew, after a transfer, is told of anew."""
    story = waiting().when(UpdateResource(workgroup("soporte", unattended_after=ALARM), allow_missing=True))
    story.passes(ALARM).when(goes_online("ana"))
    assert story.holder("luis") == "ana"
    story.when(Transfer("i1", workgroup_id="soporte", note="sigue")).passes(ALARM)
    assert told(story) == [TOLD, InteractionUnattended("i1", "soporte", START + ALARM)]


def test_the_setting_is_changed():
    """The time was fixed when the wait began."""
    story = waiting().when(UpdateResource(Workgroup("ventas", unattended_after=None), ("unattended_after",)))
    assert told(story.passes(ALARM)) == [TOLD]


@pytest.mark.req("K2")
def test_at_one_instant_with_the_end_of_the_owner_wait():
    """What falls due at one instant is done before anything is given: who has waited that long is told of."""
    story = (
        given(
            ventas("bruno", owner_wait=ALARM, unattended_after=ALARM),
            agents(ana=1),
            contacts("luis"),
            portfolio("vip", "ana", holds=["luis"]),
            online("bruno"),
        )
        .when(chat("luis"))
        .passes(ALARM)
    )
    assert story.holder("luis") == "bruno"
    assert [type(each) for each in story.events] == [
        InteractionOwnerWaitEnded,
        InteractionUnattended,
        InteractionAssigned,
    ]


@pytest.mark.req("G6")
def test_the_alarm_survives_a_restart():
    """A state loaded from the records tells of it at the same time, and not again once it was told."""
    for time in (SECOND, ALARM):
        story = waiting().passes(time)
        loaded = State()
        loaded.load_tenant(record for table in tables(story.state).values() for record in table.values())
        assert loaded.deadlines.first() == story.state.deadlines.first()


def test_a_claimed_one():
    """Who is told of is still there to be claimed."""
    story = waiting(online("ana"), method=AssignmentMethod.MANUAL).passes(ALARM).when(ClaimInteraction("ana"))
    assert story.holder("luis") == "ana"
