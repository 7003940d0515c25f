"""Who sees the interactions of a private workgroup (Z5)."""

from datetime import UTC, datetime

import pytest

from cartera.contract import decode
from cartera.core.caller import Caller
from cartera.core.change import Change
from cartera.core.events import (
    NUMBERS,
    AgentSaved,
    AgentStatusChanged,
    CampaignSaved,
    ContactAssignedToPortfolio,
    ContactSaved,
    ExclusiveAgentSet,
    InteractionArrived,
    InteractionAssigned,
    InteractionExpired,
    InteractionQueued,
    InteractionReturned,
    InteractionTransferredToCampaign,
    InteractionTransferredToWorkgroup,
    PortfolioDeleted,
    PortfolioSaved,
    WorkgroupDeleted,
    WorkgroupSaved,
)
from cartera.core.permission import sees
from cartera.core.records import (
    Actor,
    Agent,
    AgentPresence,
    Campaign,
    Contact,
    ExclusiveAgent,
    Interaction,
    Portfolio,
    PortfolioContact,
    Workgroup,
)
from cartera.core.vocabulary import AgentStatus, Role, RoutingReason
from cartera.routing.v1 import interaction_pb2
from cartera.rpc.sight import Sight, View
from cartera.store.reads import NOTHING_HIDDEN, Hidden

pytestmark = pytest.mark.req("Z5")

PRIVATE = Workgroup("vip", member_ids=("ana",), supervisor_ids=("sofia",), private=True)
OPEN = PRIVATE._replace(private=False)
WAITING, HELD_BY_EVA = "", "eva"


def caller(role, subject_id=""):
    return Caller(Actor(role, subject_id))


ROOT, PBX = caller(Role.ADMINISTRATOR, "root"), caller(Role.GATEWAY, "pbx")
SOFIA, OTHER_SUPERVISOR = caller(Role.SUPERVISOR, "sofia"), caller(Role.SUPERVISOR, "omar")
ANA, EVA = caller(Role.AGENT, "ana"), caller(Role.AGENT, "eva")

SEEN = [
    # who                workgroup  held by      sees
    (ROOT, PRIVATE, WAITING, True),
    (PBX, PRIVATE, WAITING, True),
    (SOFIA, PRIVATE, WAITING, True),
    (OTHER_SUPERVISOR, PRIVATE, WAITING, False),
    (OTHER_SUPERVISOR, PRIVATE, HELD_BY_EVA, False),
    (OTHER_SUPERVISOR, OPEN, WAITING, True),
    (ANA, PRIVATE, WAITING, True),
    (ANA, PRIVATE, HELD_BY_EVA, True),
    (EVA, PRIVATE, WAITING, False),
    (EVA, PRIVATE, HELD_BY_EVA, True),
    (EVA, OPEN, WAITING, True),
    (EVA, None, WAITING, True),
    # An id counts in its role only, and no id is nobody's.
    (caller(Role.SUPERVISOR, "ana"), PRIVATE, WAITING, False),
    (caller(Role.AGENT, "sofia"), PRIVATE, WAITING, False),
    (caller(Role.AGENT), PRIVATE, WAITING, False),
    (caller(Role.SUPERVISOR, "eva"), PRIVATE, HELD_BY_EVA, False),
]


def interaction(workgroup_id="vip", agent_id=""):
    message = interaction_pb2.Interaction(interaction_id="i1", workgroup_id=workgroup_id, agent_id=agent_id)
    return decode(message, Interaction)


@pytest.mark.parametrize(("caller", "workgroup", "agent_id", "seen"), SEEN)
def test_a_private_workgroups_interactions_are_its_own_business(caller, workgroup, agent_id, seen):
    """Members, the supervisors it names, administrators and gateways see them, and who attends one sees that one."""
    assert sees(caller, interaction(agent_id=agent_id), workgroup) is seen


ARRIVED = InteractionArrived(interaction())
QUEUED = InteractionQueued("i1", "vip", RoutingReason.NO_AGENT_AVAILABLE)
GIVEN_TO_EVA = InteractionAssigned("i1", "vip", "eva", RoutingReason.OWNER, "", "", "", "")
RETURNED_FROM_EVA = InteractionReturned(interaction(), "eva")
CAME_FROM_ELSEWHERE = InteractionTransferredToWorkgroup(interaction(), "omar", "open")
LEFT_FOR_ELSEWHERE = InteractionTransferredToWorkgroup(interaction("open"), "omar", "vip")
ELSEWHERE = InteractionQueued("i2", "open", RoutingReason.NO_AGENT_AVAILABLE)
SAVED, DELETED = WorkgroupSaved(PRIVATE), WorkgroupDeleted("vip")

WATCHED = [
    # event, and whether who has no business with «vip» sees it, and whether eva does
    (ARRIVED, False, False),
    (QUEUED, False, False),
    (CAME_FROM_ELSEWHERE, False, False),
    (GIVEN_TO_EVA, False, True),
    (RETURNED_FROM_EVA, False, True),
    (LEFT_FOR_ELSEWHERE, True, True),
    (ELSEWHERE, True, True),
    (SAVED, False, True),
    (DELETED, False, True),
]


def change(revision, *events):
    return Change(revision, datetime(2026, 3, 2, tzinfo=UTC), ROOT.actor, "", events)


def sight(caller, *workgroup_ids):
    return Sight(caller, 5, Hidden(workgroup_ids))


def seen_by(watching, *events, revision=5):
    return watching.seen(change(revision, *events)).events


@pytest.mark.parametrize(("event", "by_others", "by_eva"), WATCHED)
def test_a_watcher_sees_of_private_workgroups_what_is_its_business(event, by_others, by_eva):
    """Events of interactions under it are kept from others, and its own from supervisors who don't manage it."""
    assert seen_by(sight(OTHER_SUPERVISOR, "vip"), event) == ((event,) if by_others else ())
    assert seen_by(sight(EVA, "vip"), event) == ((event,) if by_eva else ())


def test_a_change_of_which_all_is_seen_is_the_same():
    """Nothing is copied, so that nothing is encoded again."""
    whole = change(5, ELSEWHERE, SAVED)
    assert sight(EVA, "vip").seen(whole) is whole
    assert Sight(EVA, 5, NOTHING_HIDDEN).seen(change(5, ARRIVED)).events == (ARRIVED,)


def test_a_watcher_follows_what_becomes_of_the_workgroups():
    """One that turns private is kept from it in that very change, and shown again when that ends."""
    watching = sight(EVA)
    assert seen_by(watching, ARRIVED, revision=6) == (ARRIVED,)
    assert seen_by(watching, SAVED, ARRIVED, revision=7) == (SAVED,)
    joined = WorkgroupSaved(PRIVATE._replace(member_ids=("eva",)))
    assert seen_by(watching, joined, ARRIVED, revision=8) == (joined, ARRIVED)
    assert seen_by(watching, SAVED, ARRIVED, revision=9) == (SAVED,)
    assert seen_by(watching, DELETED, revision=10) == (DELETED,)
    assert seen_by(watching, ARRIVED, revision=11) == (ARRIVED,)


def test_changes_of_the_past_are_seen_as_the_workgroups_are_now():
    """Who resumes from long ago doesn't see what has become private since."""
    watching = sight(EVA, "vip")
    was_open = WorkgroupSaved(OPEN)
    assert seen_by(watching, was_open, ARRIVED, revision=3) == (was_open,)


def test_of_what_ends_at_once_a_gateway_of_campaigns_is_told_all(monkeypatch):
    """However many older interactions of its campaigns one change names; only then are some forgotten."""
    monkeypatch.setattr("cartera.rpc.sight.INTERACTIONS_KEPT", 2)
    watching = Sight(PBX._replace(campaign_ids=frozenset({"web"})), 5)
    ended = change(6, *(InteractionExpired(f"i{number}", "open") for number in range(5)))
    unknown = watching.unknown(ended)
    assert len(unknown) == 5
    watching.learn(unknown, dict.fromkeys(unknown, "web"))
    assert watching.seen(ended) is ended
    assert len(watching.unknown(ended)) == 3


@pytest.mark.parametrize("caller", [ROOT, PBX])
def test_administrators_and_gateways_see_all(caller):
    """They manage it, and carry what it attends."""
    assert seen_by(Sight(caller, 5, NOTHING_HIDDEN), SAVED, ARRIVED, revision=6) == (SAVED, ARRIVED)


# What is kept from callers, whatever is private


def test_every_kind_of_event_is_judged():
    """Whoever adds an event decides who is told of it."""
    assert set(Sight._judges) == set(NUMBERS)


NARROW = SOFIA._replace(workgroup_ids=frozenset({"vip"}))
CHAT = PBX._replace(campaign_ids=frozenset({"web"}))
VIEW = View(5, frozenset({"vip"}), frozenset({"ana"}), frozenset({"p1"}))
OF_WEB, OF_PHONE = interaction()._replace(campaign_id="web"), interaction()._replace(campaign_id="phone")
PLACE = PortfolioContact("luis", "p2")

NARROWED = [
    # event, and whether a supervisor of «vip», a gateway of «web» and the agent ana see it
    (ELSEWHERE, False, None, True),
    (CAME_FROM_ELSEWHERE, True, None, True),
    (LEFT_FOR_ELSEWHERE, True, None, True),
    (InteractionArrived(OF_WEB), True, True, True),
    (InteractionArrived(OF_PHONE), True, False, True),
    (InteractionTransferredToCampaign(OF_PHONE, "ana", "web"), True, True, True),
    (AgentSaved(Agent("ana")), True, True, True),
    (AgentSaved(Agent("eva")), False, False, True),
    (AgentStatusChanged(AgentPresence("eva"), AgentStatus.ONLINE, session_limit_reached=False), False, False, True),
    (WorkgroupSaved(PRIVATE), True, True, True),
    (WorkgroupSaved(Workgroup("other")), False, False, True),
    (CampaignSaved(Campaign("phone")), True, False, True),
    (ExclusiveAgentSet(ExclusiveAgent("luis", "web", "eva"), ""), False, True, True),
    (PortfolioSaved(Portfolio("p2", owner_agent_ids=("eva",))), False, False, False),
    (PortfolioSaved(Portfolio("p1", owner_agent_ids=("eva",))), True, None, True),
    (PortfolioSaved(Portfolio("p3", owner_workgroup_ids=("vip",))), True, False, True),
    (PortfolioDeleted("p2"), False, False, False),
    (ContactAssignedToPortfolio(PLACE, ""), False, False, False),
    (ContactAssignedToPortfolio(PLACE, "p1"), True, None, True),
    (ContactSaved(Contact("luis")), True, True, True),
]


@pytest.mark.req("G7", "P5", "K7")
@pytest.mark.parametrize(("event", "by_supervisor", "by_gateway", "by_agent"), NARROWED)
def test_a_watcher_sees_what_its_calls_would_show(event, by_supervisor, by_gateway, by_agent):
    """Whose token names workgroups or campaigns sees what is of these, and an agent its own portfolios."""
    assert Sight(NARROW, view=VIEW).sees(event) is by_supervisor
    assert by_gateway is None or Sight(CHAT, view=VIEW).sees(event) is by_gateway
    assert Sight(ANA, view=VIEW).sees(event) is by_agent


@pytest.mark.req("P5")
def test_an_agent_follows_its_portfolios():
    """It sees one from when it becomes its own, and the change by which it ceases to be."""
    watching = Sight(ANA, view=VIEW._replace(portfolio_ids=frozenset()))
    mine, others = (PortfolioSaved(Portfolio("p1", owner_agent_ids=(each,))) for each in ("ana", "eva"))
    comes = ContactAssignedToPortfolio(PLACE._replace(portfolio_id="p1"), "")
    found = [seen_by(watching, event) for event in (comes, mine, comes, others, comes)]
    assert found == [(), (mine,), (comes,), (others,), ()]


@pytest.mark.req("G7")
def test_a_gateway_asks_of_what_it_has_not_heard():
    """Once it knows of which campaign an interaction is, its other events follow."""
    watching, events = Sight(CHAT, view=VIEW), change(6, QUEUED, InteractionArrived(OF_WEB), ELSEWHERE)
    assert watching.unknown(events) == {"i2"}
    watching.learn({"i2"}, {"i2": "phone"})
    assert watching.unknown(events) == set()
    assert watching.seen(events).events == events.events[1:2]
    assert watching.seen(change(7, QUEUED)).events == (QUEUED,)


@pytest.mark.req("G7", "K7")
@pytest.mark.parametrize(
    ("caller", "event", "is_outdated"),
    [
        (NARROW, WorkgroupSaved(PRIVATE), True),
        (NARROW, WorkgroupSaved(Workgroup("other")), False),
        (CHAT, CampaignSaved(Campaign("web")), True),
        (CHAT, CampaignSaved(Campaign("phone")), False),
        (SOFIA, WorkgroupSaved(PRIVATE), False),
        (SOFIA, WorkgroupSaved(Workgroup("other", supervisor_ids=("sofia",))), True),
        (SOFIA, WorkgroupSaved(PRIVATE._replace(supervisor_ids=())), True),
        (ANA, WorkgroupSaved(PRIVATE), False),
        (ANA, WorkgroupSaved(PRIVATE._replace(member_ids=())), True),
        (ROOT, WorkgroupSaved(PRIVATE), False),
    ],
)
def test_what_a_change_does_not_tell_is_asked(caller, event, is_outdated):
    """Where the members of one's workgroups change, or one's workgroups do, what is seen by that is asked anew."""
    assert Sight(caller, view=VIEW).is_outdated_by(change(6, event)) is is_outdated
    assert not Sight(caller, view=VIEW).is_outdated_by(change(5, event))
