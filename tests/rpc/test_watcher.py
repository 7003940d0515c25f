"""What a watcher is sent: filters, whole revisions, bookmarks."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from cartera.contract import decode, encode_change
from cartera.core.change import Change
from cartera.core.events import (
    AgentSaved,
    InteractionArrived,
    InteractionAssigned,
    InteractionOverflowed,
    InteractionTransferredToAgent,
    OwnershipChanged,
    WorkgroupSaved,
)
from cartera.core.records import Actor, Agent, Interaction, Note, OverflowStep, OwnershipChange, Workgroup
from cartera.core.vocabulary import OwnershipChangeKind, Role, RoutingReason
from cartera.engine.submission import Bookmark, Delivery
from cartera.routing.v1 import event_service_pb2 as pb
from cartera.routing.v1 import interaction_pb2
from cartera.rpc import events
from cartera.rpc.event_filter import filter_of
from cartera.rpc.events import Watcher, change_of
from cartera.store.open import open_reads
from tests.engine.floor import TENANT, replica

pytestmark = pytest.mark.req("W1")

NOW = datetime(2026, 3, 2, tzinfo=UTC)
GATEWAY = Actor(Role.GATEWAY)


def assigned(interaction_id, agent_id, workgroup_id="sales"):
    return InteractionAssigned(interaction_id, workgroup_id, agent_id, RoutingReason.OWNER, "", "", "", "")


def arrived(**fields):
    return InteractionArrived(decode(interaction_pb2.Interaction(**fields), Interaction))


ANA = assigned("i1", "ana")
BEA = assigned("i2", "bea", "support")
TO_BEA = InteractionTransferredToAgent("i1", "sales", "ana", "bea", "d", Note("n", GATEWAY, NOW), "", "")
OVERFLOWED = InteractionOverflowed("i1", "sales", OverflowStep(timedelta(minutes=1), add_workgroup_id="support"))
HANDED_OVER = OwnershipChanged(
    OwnershipChange("1", "", "p1", "", OwnershipChangeKind.HANDED_OVER, "ana", "bea", "", GATEWAY, NOW)
)

CASES = [
    ({}, ANA, True),
    ({"agent_ids": ["ana"]}, ANA, True),
    ({"agent_ids": ["ana"]}, BEA, False),
    ({"agent_ids": ["ana", "bea"]}, BEA, True),
    ({"agent_ids": ["ana"]}, TO_BEA, True),
    ({"agent_ids": ["ana"]}, AgentSaved(Agent("ana")), True),
    ({"agent_ids": ["ana"]}, WorkgroupSaved(Workgroup("w", member_ids=("bea", "ana"))), True),
    ({"agent_ids": ["ana"]}, arrived(interaction_id="i1", owner_agent_ids=["ana"]), True),
    ({"agent_ids": ["ana"]}, arrived(interaction_id="i1", exclusive_agent_id="ana"), True),
    ({"agent_ids": ["ana"]}, arrived(interaction_id="ana", contact_id="ana"), False),
    ({"workgroup_ids": ["sales"]}, ANA, True),
    ({"workgroup_ids": ["sales"]}, BEA, False),
    ({"workgroup_ids": ["sales"]}, AgentSaved(Agent("sales")), False),
    ({"workgroup_ids": ["support"]}, OVERFLOWED, True),
    ({"agent_ids": ["ana"]}, HANDED_OVER, True),
    ({"agent_ids": ["bea"]}, HANDED_OVER, True),
    ({"interaction_ids": ["i2"]}, BEA, True),
    ({"interaction_ids": ["i2"]}, ANA, False),
    ({"kinds": [32]}, ANA, True),
    ({"kinds": [30]}, ANA, False),
    ({"kinds": [32], "agent_ids": ["ana"]}, BEA, False),
    ({"kinds": [32], "agent_ids": ["bea"], "workgroup_ids": ["support"]}, BEA, True),
]


@pytest.mark.parametrize(("filters", "event", "passes"), CASES)
def test_filters_that_are_set_must_all_hold(filters, event, passes):
    """An event passes if it names what was asked for, in any of its fields."""
    assert filter_of(pb.WatchEventsRequest(**filters)).passes(event) is passes


def delivery(revision, *events):
    change = Change(revision, NOW, GATEWAY, "", events)
    return Delivery(encode_change(change), change)


class Seconds:
    now = 0.0

    def __call__(self):
        return self.now


def watcher(seconds=None, **filters):
    return Watcher(filter_of(pb.WatchEventsRequest(**filters)), seconds or Seconds())


def step_of(watching, item):
    step = watching.step(item)
    return None if step is None else pb.WatchEventsResponse.FromString(step)


def test_stored_bytes_are_sent_as_they_are():
    """Without a filter the change in the log is the change on the wire."""
    sent = delivery(7, ANA)
    assert watcher().step(sent) == change_of(sent.payload)
    assert step_of(watcher(), sent).change.SerializeToString() == sent.payload


@pytest.mark.parametrize("size", [0, 1, 127, 128, 16_383, 16_384, 3_000_000])
def test_payloads_of_any_size_are_framed(size):
    """The length before the stored bytes is protobuf's own."""
    payload = pb.WatchEventsResponse(change={"request_id": "x" * size}).change.SerializeToString()
    assert pb.WatchEventsResponse.FromString(change_of(payload)).change.SerializeToString() == payload


def test_a_change_comes_with_the_events_that_pass():
    """A revision comes whole but for what the filters take out."""
    step = step_of(watcher(agent_ids=["ana"]), delivery(7, ANA, BEA))
    assert step.change.revision == 7
    assert [event.interaction_assigned.agent_id for event in step.change.events] == ["ana"]


def test_a_change_that_passes_whole_is_the_stored_one():
    """Where nothing is taken out, nothing is encoded again."""
    sent = delivery(7, ANA)
    assert watcher(agent_ids=["ana"]).step(sent) == change_of(sent.payload)


def test_a_change_of_which_nothing_passes_is_not_sent():
    """Who asked for others hears nothing of it."""
    watching = watcher(agent_ids=["carla"])
    assert step_of(watching, delivery(7, ANA)) is None
    assert watching.reached == 7


def test_progress_is_reported_where_nothing_passes():
    """Ten seconds of changes that don't pass end in a bookmark with the last of them; then it begins anew."""
    seconds = Seconds()
    watching = watcher(seconds, agent_ids=["carla"])
    assert step_of(watching, delivery(7, ANA)) is None
    seconds.now = 10.0
    assert step_of(watching, delivery(8, ANA)).bookmark.revision == 8
    assert step_of(watching, delivery(9, ANA)) is None


def test_bookmarks_of_the_feed_are_passed_on():
    """A quiet stream shows how far it has come."""
    watching = watcher(agent_ids=["carla"])
    assert step_of(watching, Bookmark(12)).bookmark.revision == 12
    assert (watching.reached, watching.marked) == (12, 12)


async def test_it_is_asked_in_blocks_of_which_campaigns_interactions_are(sqlite_url, monkeypatch):
    """One change may name more of them than a statement takes."""
    monkeypatch.setattr(events, "ASKED_AT_ONCE", 2)
    async with replica(sqlite_url) as engine:
        await engine.prepare()
        named = [await engine.route() for _ in range(5)]
        with closing(open_reads(sqlite_url)) as reads, reads.snapshot(TENANT) as snapshot:
            assert events._campaigns_of(snapshot, {*named, "i999"}) == dict.fromkeys(named, "web")
