"""W1: what WatchEvents promises, each promise a test of its own, under concurrent writes and reconnecting watchers."""

import asyncio
from contextlib import contextmanager

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import create_engine, text

from cartera.client import CarteraError
from cartera.client.errors import error_from
from cartera.routing.v1 import event_pb2 as events
from cartera.routing.v1.event_service_pb2 import WatchEventsRequest
from tests.acceptance.feed import storm, stream
from tests.acceptance.floor import NOT_FOUND, PATIENCE, Floor, agent, campaign, refused, seen, up_to, workgroup
from tests.fixtures.service import running

pytestmark = pytest.mark.req("W1")

OUT_OF_RANGE = grpc.StatusCode.OUT_OF_RANGE


# The six promises


async def test_ordered(floor):
    """Changes come by revision, ascending, and time never runs backwards along them."""
    told = await storm(floor)
    for watcher in told.watchers:
        assert watcher.revisions == sorted(watcher.revisions)
        times = [change.occurred_at.ToNanoseconds() for change in watcher.changes]
        assert times == sorted(times)


async def test_unique(floor):
    """No change comes twice, over however many connections."""
    told = await storm(floor)
    for watcher in told.watchers:
        assert len(watcher.revisions) == len(set(watcher.revisions))
    assert max(watcher.connections for watcher in told.watchers) > 10, "some did reconnect"


async def test_reliable(floor):
    """No change is left out: the revisions have no gaps, and every answered call is where its answer says."""
    told = await storm(floor)
    for watcher in told.watchers:
        assert watcher.revisions == list(range(watcher.start + 1, told.head + 1))
        delivered = {change.request_id: change.revision for change in watcher.changes}
        assert told.answered.items() <= delivered.items()
    assert len(set(told.answered.values())) == len(told.answered), "each call made a change of its own"


async def test_atomic(floor):
    """A change comes whole: with all that its call brought about, the same for every watcher, and never in parts."""
    told = await storm(floor)
    whole = {change.revision: change for change in await floor.log()}
    for watcher in told.watchers:
        for change in watcher.changes:
            assert change == whole[change.revision]
    places = {"interaction_assigned", "interaction_queued", "interaction_kept_for_owner", "interaction_unassigned"}
    for change in whole.values():
        kinds = [event.WhichOneof("kind") for event in change.events]
        if "interaction_arrived" in kinds:
            assert len(places.intersection(kinds)) == 1, "an arrival stands with where it was placed"
        if "portfolio_saved" in kinds:
            assert kinds.index("contact_assigned_to_portfolio") > kinds.index("interaction_assigned")
    assert any(len(change.events) >= 4 for change in whole.values())


async def test_resumable(floor):
    """Who loses its stream and comes back with its last revision gets exactly what who stayed got."""
    told = await storm(floor)
    stayed = told.watchers[0]
    assert stayed.connections == 1
    for watcher in told.watchers:
        assert [each for each in watcher.changes if each.revision > stayed.start] == stayed.changes


async def test_bookmarked(floor):
    """A bookmark says that all up to its revision has been delivered; quiet streams get them, filtered ones too."""
    floor.service.hasten_bookmarks()
    await floor.ventas("ana", "carlos", capacity=100)
    await floor.online("ana", "carlos")
    start = await floor.revision()
    watched = stream(floor, start, agent_ids=["ana"], kinds=[events.EVENT_KIND_INTERACTION_ASSIGNED])
    of_nobody = stream(floor, start, interaction_ids=["no-such"])
    for each in (watched, of_nobody):
        assert (await each.read()).bookmark.revision == start, "a stream begins with where it stands"
    steps, bookmarks = [], set()

    async def follow_to(head):
        while not bookmarks or max(bookmarks) < head:
            step = await watched.read()
            steps.append(step)
            if step.HasField("bookmark"):
                bookmarks.add(step.bookmark.revision)

    async with asyncio.timeout(PATIENCE):
        for batch in range(3):
            await asyncio.gather(*(floor.chat(f"c{batch}-{number}") for number in range(10)))
            head = await floor.revision()
            await follow_to(head)
            while (step := await of_nobody.read()).bookmark.revision < head:
                assert step.HasField("bookmark"), "nothing passes its filters"
    due = [
        change.revision
        for change in await floor.log()
        if change.revision > start and any(event.interaction_assigned.agent_id == "ana" for event in change.events)
    ]
    delivered = []
    for step in steps:
        if step.HasField("change"):
            delivered.append(step.change.revision)
        else:
            assert delivered == [revision for revision in due if revision <= step.bookmark.revision]
    assert delivered == due
    assert len(due) == 15


async def test_bookmarked_when_the_service_ends(floor):
    """A stream that the service ends is told how far it came, and that it may come back: SERVICE_DRAINING."""
    await floor.ventas("ana")
    steps = stream(floor, 0, interaction_ids=["no-such"])
    assert (await steps.read()).bookmark.revision == 0
    await floor.online("ana")
    head = await floor.revision()
    await floor.service.stop()
    assert (await steps.read()).bookmark.revision == head
    with refused("SERVICE_DRAINING", code=grpc.StatusCode.UNAVAILABLE) as raised, typed():
        await steps.read()
    assert raised.value.retry_delay is not None


@pytest.mark.req("G5")
async def test_ordered_unique_and_reliable_over_two_replicas(postgres_url):
    """Two replicas on one PostgreSQL write and are watched at once: all of their watchers see the same one order."""
    async with running(postgres_url) as one, running(postgres_url) as other:
        floor, across = Floor(one), Floor(other)
        await floor.administrator.configuration.CreateTenant(tenant={"name": "Clínica Sol"})
        told = await storm(floor, across)
        await floor.leave()
        await across.leave()
    for watcher in told.watchers:
        assert watcher.revisions == list(range(watcher.start + 1, told.head + 1))
        delivered = {change.request_id: change.revision for change in watcher.changes}
        assert told.answered.items() <= delivered.items()


# Where a stream starts


async def test_resumable_with_the_client_over_a_restart_of_the_service(floor):
    """The published client comes back by itself, and has missed and doubled nothing."""
    await floor.ventas("ana", capacity=100)
    await floor.online("ana")
    received = []
    async with await floor.administrator.watch(0) as watch:
        for _ in range(2):
            for number in range(5):
                await floor.call(f"c{number}")
            head = await floor.revision()
            received += [step.change.revision async for step in up_to(watch, head) if step.HasField("change")]
            await floor.service.restart()
    assert received == list(range(1, head + 1))


async def test_without_a_start_only_what_comes_is_delivered(floor):
    """An unset start is now."""
    await floor.ventas("ana")
    steps = stream(floor)
    before = await floor.revision()
    assert (await steps.read()).bookmark.revision == before
    await floor.online("ana")
    change = (await steps.read()).change
    assert change.revision == before + 1
    assert change.events[0].agent_status_changed.presence.agent_id == "ana"


async def test_from_zero_the_whole_log_is_delivered(floor):
    """The log begins with the tenant itself."""
    changes = await floor.log()
    assert [change.revision for change in changes] == [1]
    assert changes[0].events[0].tenant_saved.tenant.name == "Clínica Sol"


async def test_a_revision_in_the_future_is_refused_with_the_present_one(floor):
    """A watcher that names a revision that does not exist has another database in mind."""
    head = await floor.revision()
    with refused("REVISION_IN_THE_FUTURE", code=OUT_OF_RANGE) as raised, typed():
        await stream(floor, head + 1).read()
    assert raised.value.metadata["current"] == str(head)
    async with await floor.administrator.watch(head + 1) as watch:
        with pytest.raises(CarteraError, match="REVISION_IN_THE_FUTURE"):
            await anext(watch)


async def test_a_revision_already_pruned_is_refused_with_the_oldest_that_is_kept(floor, database_url):
    """A watcher that was away for too long is told so, rather than given a gap."""
    await floor.ventas("ana")
    await floor.online("ana")
    head = await floor.revision()
    await floor.service.stop()
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM changes WHERE revision < :head"), {"head": head})
    engine.dispose()
    await floor.service.start()
    with refused("REVISION_PRUNED", code=OUT_OF_RANGE) as raised, typed():
        steps = stream(floor, 0)
        assert (await steps.read()).bookmark.revision == 0
        await steps.read()
    assert raised.value.metadata == {"oldest": str(head), "current": str(head)}
    steps = stream(floor, head - 1)
    assert [(await steps.read()).bookmark.revision, (await steps.read()).change.revision] == [head - 1, head]


async def test_who_comes_too_late_lists_and_goes_on(floor):
    """Where the whole log is gone too: from the revision of a list nothing is missed."""
    await floor.ventas("ana")
    await floor.online("ana")
    for days in (31, 91):
        await floor.service.advance(days=days)
        await floor.service.tend()
    head = await floor.revision()
    with refused("REVISION_PRUNED", code=OUT_OF_RANGE) as raised, typed():
        steps = stream(floor, 0)
        assert (await steps.read()).bookmark.revision == 0
        await steps.read()
    oldest = int(raised.value.metadata["oldest"])
    assert (raised.value.metadata["current"], 1 < oldest <= head + 1) == (str(head), True)
    listed = await floor.administrator.agents.ListAgents()
    steps = stream(floor, listed.revision)
    await floor.online("ana")
    assert (await steps.read()).bookmark.revision == head
    assert (await steps.read()).change.revision == head + 1


async def test_a_revision_that_another_change_has_now_is_refused(floor):
    """A watcher that saw a change which is lost since a backup was restored is told so, rather than given what follows
    another one.
    """
    await floor.ventas("ana")
    await floor.online("ana")
    *_, before, last = await floor.log()
    for change in (before, last):
        at = (await stream(floor, change.revision, start_after_occurred_at=change.occurred_at).read()).bookmark
        assert (at.revision, at.occurred_at) == (change.revision, change.occurred_at)
        lost = Timestamp(seconds=change.occurred_at.seconds, nanos=1000)
        with refused("REVISION_REPLACED", code=OUT_OF_RANGE) as raised, typed():
            await stream(floor, change.revision, start_after_occurred_at=lost).read()
        assert raised.value.metadata == {"oldest": "1", "current": str(last.revision)}


async def test_another_tenants_changes_are_never_delivered(floor):
    """A stream is of one tenant; of one that is not there, there is none."""
    await floor.administrator.configuration.CreateTenant(tenant_id="luna", tenant={"name": "Luna"})
    await floor.ventas("ana")
    assert {change.revision for change in await floor.log()} == {1, 2}
    floor.tenant_id = "luna"
    steps = stream(floor, 0)
    assert (await steps.read()).bookmark.revision == 0
    assert (await steps.read()).change.events[0].tenant_saved.tenant.name == "Luna"
    floor.tenant_id = "no-such"
    with refused("TENANT_NOT_FOUND", code=NOT_FOUND), typed():
        await stream(floor).read()


@contextmanager
def typed():
    """What fails within fails with the details that the client reads from it."""
    try:
        yield
    except grpc.aio.AioRpcError as failure:
        raise error_from(failure) from None


# Filters


@pytest.fixture
async def day(floor):
    """Two workgroups with an agent each; Luis writes to the one, Nora to the other, and both are attended."""
    await floor.declare(
        agents=[agent("ana"), agent("gil")],
        workgroups=[workgroup("ventas", "ana"), workgroup("soporte", "gil")],
        campaigns=[campaign("tienda", "ventas"), campaign("ayuda", "soporte")],
    )
    floor.start = await floor.revision()
    await floor.online("ana", "gil")
    floor.luis = await floor.chat("luis")
    nora = await floor.chat("nora", "ayuda")
    waiting = await floor.chat("olga")
    await floor.complete(floor.luis.interaction_id)
    await floor.complete(nora.interaction_id)
    await floor.gateway.routing.CancelInteraction(interaction_id=waiting.interaction_id)
    return floor


async def delivered(floor, **filters):
    """The kinds of events that pass, with whom they are about, in order."""
    head = await floor.revision()
    request = WatchEventsRequest(**filters)
    fields = {name: list(getattr(request, name)) for name in filters}
    floor.service.hasten_bookmarks()
    async with await floor.administrator.watch(floor.start, **fields) as watch:
        changes = [step.change async for step in up_to(watch, head) if step.HasField("change")]
    assert all(change.events for change in changes)
    return [event.WhichOneof("kind") for change in changes for event in change.events]


async def test_filtered_by_agent(day):
    """Events that name the agent."""
    kinds = [
        "agent_status_changed",
        "interaction_assigned",
        "interaction_completed",
        "interaction_assigned",
        "interaction_cancelled",
    ]
    assert await delivered(day, agent_ids=["ana"]) == kinds
    assert await delivered(day, agent_ids=["gil"]) == kinds[:3]
    assert await delivered(day, agent_ids=["nobody"]) == []


async def test_filtered_by_workgroup(day):
    """Events of the workgroup's interactions."""
    of_soporte = ["interaction_arrived", "interaction_assigned", "interaction_completed"]
    assert await delivered(day, workgroup_ids=["soporte"]) == of_soporte
    both = await delivered(day, workgroup_ids=["soporte", "ventas"])
    assert len(both) == 10
    assert "agent_status_changed" not in both


async def test_filtered_by_interaction(day):
    """The life of one interaction, and nothing else."""
    life = ["interaction_arrived", "interaction_assigned", "interaction_completed"]
    assert await delivered(day, interaction_ids=[day.luis.interaction_id]) == life


async def test_filtered_by_kind(day):
    """Events of the kinds asked for."""
    kinds = [events.EVENT_KIND_INTERACTION_QUEUED, events.EVENT_KIND_AGENT_STATUS_CHANGED]
    expected = ["agent_status_changed", "agent_status_changed", "interaction_queued"]
    assert await delivered(day, kinds=kinds) == expected


async def test_filters_must_all_hold(day):
    """Filters narrow each other down."""
    kinds = [events.EVENT_KIND_INTERACTION_ASSIGNED]
    assert len(await delivered(day, kinds=kinds)) == 3
    assert len(await delivered(day, kinds=kinds, agent_ids=["ana"])) == 2
    assert len(await delivered(day, kinds=kinds, agent_ids=["ana"], interaction_ids=[day.luis.interaction_id])) == 1
    assert await delivered(day, kinds=kinds, agent_ids=["ana"], workgroup_ids=["soporte"]) == []


async def test_filters_apply_to_a_live_stream_too(day):
    """What is filtered from the log is filtered as it happens."""
    async with await day.administrator.watch(agent_ids=["gil"]) as watch:
        await day.chat("luis")
        await day.chat("nora", "ayuda")
        assigned = await seen(watch, events.EVENT_KIND_INTERACTION_ASSIGNED)
        assert assigned.interaction_assigned.agent_id == "gil"
