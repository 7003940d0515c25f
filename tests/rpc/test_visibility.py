"""Who sees the interactions of a private workgroup (Z5)."""

from datetime import UTC, datetime

import pytest

from cartera.contract import decode
from cartera.core.change import Change
from cartera.core.events import (
    InteractionArrived,
    InteractionAssigned,
    InteractionQueued,
    InteractionReturned,
    InteractionTransferredToWorkgroup,
    WorkgroupDeleted,
    WorkgroupSaved,
)
from cartera.core.permission import sees
from cartera.core.records import Actor, Interaction, Workgroup
from cartera.core.vocabulary import Role, RoutingReason
from cartera.routing.v1 import interaction_pb2
from cartera.rpc.visibility import Sight
from cartera.store.reads import NOTHING_HIDDEN, Hidden

pytestmark = pytest.mark.req("Z5")

PRIVATE = Workgroup("vip", member_ids=("ana",), supervisor_ids=("sofia",), private=True)
OPEN = PRIVATE._replace(private=False)
WAITING, HELD_BY_EVA = "", "eva"
ROOT, PBX = Actor(Role.ADMINISTRATOR, "root"), Actor(Role.GATEWAY, "pbx")
SOFIA, OTHER_SUPERVISOR = Actor(Role.SUPERVISOR, "sofia"), Actor(Role.SUPERVISOR, "omar")
ANA, EVA = Actor(Role.AGENT, "ana"), Actor(Role.AGENT, "eva")

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
    (Actor(Role.SUPERVISOR, "ana"), PRIVATE, WAITING, False),
    (Actor(Role.AGENT, "sofia"), PRIVATE, WAITING, False),
    (Actor(Role.AGENT), PRIVATE, WAITING, False),
    (Actor(Role.SUPERVISOR, "eva"), PRIVATE, HELD_BY_EVA, False),
]


def interaction(workgroup_id="vip", agent_id=""):
    message = interaction_pb2.Interaction(interaction_id="i1", workgroup_id=workgroup_id, agent_id=agent_id)
    return decode(message, Interaction)


@pytest.mark.parametrize(("actor", "workgroup", "agent_id", "seen"), SEEN)
def test_a_private_workgroups_interactions_are_its_own_business(actor, workgroup, agent_id, seen):
    """Members, the supervisors it names, administrators and gateways see them, and who attends one sees that one."""
    assert sees(actor, interaction(agent_id=agent_id), workgroup) is seen


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
    (SAVED, True, True),
    (DELETED, True, True),
]


def change(revision, *events):
    return Change(revision, datetime(2026, 3, 2, tzinfo=UTC), ROOT, "", events)


def sight(actor, *workgroup_ids):
    return Sight(actor, 5, Hidden(workgroup_ids))


def seen_by(watching, *events, revision=5):
    return watching.seen(change(revision, *events)).events


@pytest.mark.parametrize(("event", "by_others", "by_eva"), WATCHED)
def test_a_watcher_sees_of_private_workgroups_what_is_its_business(event, by_others, by_eva):
    """Events of interactions under it are kept from others, the workgroup's own are not."""
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


@pytest.mark.parametrize("actor", [ROOT, PBX])
def test_administrators_and_gateways_see_all(actor):
    """They manage it, and carry what it attends."""
    assert seen_by(Sight(actor, 5, NOTHING_HIDDEN), SAVED, ARRIVED, revision=6) == (SAVED, ARRIVED)
