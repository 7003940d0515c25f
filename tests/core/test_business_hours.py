"""Business hours: what arrives outside a campaign's hours waits, goes to another workgroup or is refused (C12)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cartera.core.commands import AssignInteraction, ClaimInteraction, Transfer
from cartera.core.events import (
    InteractionArrived,
    InteractionAssigned,
    InteractionHoursBegan,
    InteractionMessageJoined,
    InteractionQueued,
)
from cartera.core.records import BusinessHours, ExclusiveAgent, OpeningHours, OverflowStep, Trigger, TriggerActions
from cartera.core.vocabulary import (
    DayOfWeek,
    ErrorReason,
    InteractionState,
    OutsideHours,
    RoutingReason,
)
from tests.core.specification import START, given
from tests.core.tenants import agents, campaign, chat, contacts, goes_online, online, portfolio, ventas, workgroup

pytestmark = pytest.mark.req("C12")

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
BOGOTA = ZoneInfo("America/Bogota")
OPENS = datetime(2026, 3, 2, 8, tzinfo=BOGOTA)
"""START is a Monday, at four in the morning in Bogotá."""


def shop(**fields):
    """A campaign "tienda" that is open from Monday to Friday from eight to six in Bogotá."""
    opening = tuple(OpeningHours(day, "08:00", "18:00") for day in tuple(DayOfWeek)[1:6])
    return campaign("tienda", "ventas")._replace(hours=BusinessHours("America/Bogota", opening, **fields))


def closed(*records, **fields):
    """A tenant with its campaign closed, and ana online in it."""
    return given(ventas("ana", capacity=5), online("ana"), shop(**fields), *records)


QUEUED_OUTSIDE = (InteractionState.QUEUED, RoutingReason.OUTSIDE_HOURS, "")


def test_open_as_ever():
    """Within the hours nothing is different."""
    assert closed().when(chat("c1"), after=4 * HOUR).holder("c1") == "ana"


@pytest.mark.parametrize("outside", [OutsideHours.QUEUE, OutsideHours.UNSPECIFIED])
def test_queued_until_it_opens(outside):
    """QUEUE: it waits, given to nobody, until the campaign opens; then it is given at once."""
    story = closed(outside=outside).when(chat("c1")).then(InteractionArrived, InteractionQueued)
    assert story.place_of("c1") == QUEUED_OUTSIDE
    assert story.interaction("c1").state_until == OPENS
    story.passes(OPENS - START - MINUTE)
    assert story.place_of("c1") == QUEUED_OUTSIDE
    story.passes(MINUTE).then(InteractionHoursBegan, InteractionAssigned)
    assert (story.now, story.holder("c1")) == (OPENS, "ana")


def test_order_of_arrival_is_kept():
    """Of what waited for the campaign to open, what arrived first is given first."""
    story = given(ventas("ana"), online("ana"), shop()).when(chat("c1")).when(chat("c2"), after=MINUTE).passes(4 * HOUR)
    assert (story.holder("c1"), story.holder("c2")) == ("ana", "")


def test_who_comes_online_is_given_nothing():
    """Outside the hours, an agent who comes online is given nothing that waits for them."""
    story = given(ventas("ana"), shop()).when(chat("c1"), goes_online("ana"))
    assert story.place_of("c1") == QUEUED_OUTSIDE


@pytest.mark.req("M9", "M10")
def test_claimed_and_assigned_before_it_opens():
    """Outside the hours, agents may claim what waits, and administrators assign it."""
    story = closed().when(chat("c1"), chat("c2"))
    story.when(ClaimInteraction("ana", story.id_of("c1")), AssignInteraction(story.id_of("c2"), "ana"))
    assert (story.holder("c1"), story.holder("c2")) == ("ana", "ana")
    story.passes(5 * HOUR)
    assert story.interaction("c1").state_until is None


@pytest.mark.req("K2", "C11", "C13", "T9")
def test_waits_count_from_the_opening():
    """Owner wait, overflow, the longest wait and what is unattended count from when the campaign opens."""
    policy = {"owner_wait": MINUTE, "longest_wait": HOUR, "unattended_after": 2 * MINUTE}
    steps = (OverflowStep(MINUTE, "soporte"),)
    story = given(
        ventas("ana", overflow_steps=steps, **policy),
        workgroup("soporte"),
        shop(),
        contacts("carlos"),
        portfolio("vip", "ana", holds=["carlos"]),
    )
    waits = story.when(chat("carlos")).interaction("carlos")
    assert (waits.waiting_since, waits.owner_wait_until) == (OPENS, OPENS + MINUTE)
    assert (waits.expires_at, waits.unattended_at) == (OPENS + HOUR, OPENS + 2 * MINUTE)
    assert story.passes(OPENS - START - MINUTE).interaction("carlos").overflow_steps_taken == 0


def test_other_workgroup():
    """WORKGROUP: another workgroup gets it, and triggers may send it elsewhere still."""
    night = [agents(noa=5), workgroup("noche", "noa"), online("noa")]
    fields = {"outside": OutsideHours.WORKGROUP, "outside_workgroup_id": "noche"}
    story = closed(*night, **fields).when(chat("c1"))
    assert (story.holder("c1"), story.interaction("c1").workgroup_id) == ("noa", "noche")
    back = Trigger("t", active=True, actions=TriggerActions("ventas"))
    assert closed(*night, back, **fields).when(chat("c1")).holder("c1") == "ana"


def test_refused():
    """REFUSE: the call is refused, with when the campaign opens."""
    story = closed(outside=OutsideHours.REFUSE)
    story.rejects(chat("c1"), (ErrorReason.CAMPAIGN_CLOSED, "campaign/tienda"))
    assert datetime.fromisoformat(story.violations[0].data["opens_at"]) == OPENS
    never = given(
        ventas("ana"), campaign("tienda", "ventas")._replace(hours=BusinessHours("UTC", outside=OutsideHours.REFUSE))
    )
    never.rejects(chat("c1"), (ErrorReason.CAMPAIGN_CLOSED, "campaign/tienda"))
    assert never.violations[0].data == {}


def test_never_opens():
    """What waits for a campaign that has no hours is looked at again after more than a year."""
    story = given(ventas("ana"), online("ana"), campaign("tienda", "ventas")._replace(hours=BusinessHours("UTC")))
    assert story.when(chat("c1")).interaction("c1").state_until > START + timedelta(days=365)


@pytest.mark.req("E1")
@pytest.mark.parametrize("outside", [OutsideHours.QUEUE, OutsideHours.REFUSE])
def test_exclusive_agent(outside):
    """A contact with an exclusive agent in the campaign is not bound to its hours."""
    story = closed(contacts("carlos"), ExclusiveAgent("carlos", "tienda", "ana"), outside=outside)
    assert story.when(chat("carlos")).holder("carlos") == "ana"


@pytest.mark.req("Z6")
def test_message_joins_outside_the_hours():
    """A message joins the contact's open interaction whatever the time."""
    story = closed(outside=OutsideHours.REFUSE).when(chat("c1"), after=4 * HOUR)
    story.when(chat("c1"), after=12 * HOUR).then(InteractionMessageJoined)


@pytest.mark.req("T2")
@pytest.mark.parametrize("outside", [OutsideHours.QUEUE, OutsideHours.REFUSE])
def test_transfer_to_a_closed_campaign(outside):
    """A transfer to a campaign that is closed is refused, or waits until it opens; the arrival time is kept."""
    story = closed(campaign("siempre", "ventas"), outside=outside).when(chat("c1", "siempre"))
    move = Transfer(story.id_of("c1"), campaign_id="tienda", note="Pasa mañana")
    if outside is OutsideHours.REFUSE:
        story.rejects(move, (ErrorReason.CAMPAIGN_CLOSED, "campaign/tienda"))
        assert story.holder("c1") == "ana"
        return
    story.when(move, after=MINUTE)
    assert story.place_of("c1") == QUEUED_OUTSIDE
    waits = story.interaction("c1")
    assert (waits.arrived_at, waits.waiting_since) == (START, OPENS)
