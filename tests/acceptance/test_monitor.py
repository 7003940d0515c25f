"""W2: the monitoring table as a call and as a stream, and C14's figure of fairness, over gRPC."""

import asyncio
from datetime import UTC, datetime, timedelta

import grpc
import pytest

from cartera.client.errors import error_from
from cartera.routing.v1.agent_pb2 import AGENT_STATUS_OFFLINE, AGENT_STATUS_ONLINE, AGENT_STATUS_PAUSED
from cartera.routing.v1.channel_pb2 import CHANNEL_CHAT
from cartera.routing.v1.monitor_service_pb2 import WatchMonitorRequest
from cartera.routing.v1.monitor_service_pb2_grpc import MonitorServiceStub
from cartera.routing.v1.workgroup_pb2 import ASSIGNMENT_METHOD_MANUAL
from tests.acceptance.floor import INVALID, NOT_FOUND, PATIENCE, Floor, agent, campaign, denied, refused, workgroup
from tests.fixtures.service import START, running

pytestmark = pytest.mark.req("W2")

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OFTEN = timedelta(seconds=0.2)


async def table(floor, by=None, **filters):
    answer = await (by or floor.administrator).monitor.GetMonitor(**filters)
    return answer.monitor


async def agent_row(floor, agent_id):
    (row,) = (await table(floor, agent_ids=[agent_id])).agents
    return row


async def workgroup_row(floor, workgroup_id="ventas"):
    (row,) = (await table(floor, workgroup_ids=[workgroup_id])).workgroups
    return row


def stream(floor, **fields):
    """One stream of WatchMonitor, by itself: not the client's, which would mend it."""
    request = WatchMonitorRequest(tenant_id=floor.tenant_id, **fields)
    return MonitorServiceStub(floor.channel).WatchMonitor(request, wait_for_ready=True)


async def shows(watch, condition):
    """The next table of a watch for which something holds, which must come."""
    async with asyncio.timeout(PATIENCE):
        async for answer in watch:
            if condition(answer.monitor):
                return answer
    raise AssertionError("the watch ended")


# The call


async def test_the_table_tells_how_agents_stand(floor):
    """Per agent the status with its reason, since when, its load, and what it did today."""
    await floor.ventas("ana", "bea", "eva", capacity=2)
    await floor.online("ana")
    await floor.passes(hours=1)
    await floor.chat("luis")
    await floor.pause("bea")
    await floor.passes(minutes=30)
    ana, bea, eva = (await table(floor)).agents
    assert (ana.agent_id, ana.name, ana.status) == ("ana", "Ana", AGENT_STATUS_ONLINE)
    assert ana.status_since.ToDatetime(tzinfo=UTC) == START
    assert (ana.units_in_use, ana.capacity, ana.assigned, ana.available) == (1, 2, 1, True)
    assert (ana.assigned_today, ana.online_today.ToTimedelta()) == (1, 1.5 * HOUR)
    assert (bea.status, bea.reason_code) == (AGENT_STATUS_PAUSED, "almuerzo")
    assert bea.status_since.ToDatetime(tzinfo=UTC) == START + HOUR
    assert (eva.status, eva.HasField("status_since")) == (AGENT_STATUS_OFFLINE, False)
    assert not bea.HasField("online_today")
    assert [list(each.workgroup_ids) for each in (ana, bea, eva)] == [["ventas"]] * 3


async def test_the_table_tells_how_workgroups_stand(floor):
    """Per workgroup what waits and the longest wait, the service level, and who left before anybody answered."""
    await floor.ventas("ana", service_level_target=MINUTE)
    await floor.online("ana")
    first = await floor.chat("luis")
    late = await floor.chat("nora")
    await floor.passes(minutes=2)
    gone = await floor.chat("olga")
    await floor.chat("pedro")
    row = await workgroup_row(floor)
    assert (row.queued, row.longest_wait.ToTimedelta()) == (3, 2 * MINUTE)
    assert (row.assigned_today, row.service_level, row.agents_online, row.agents_available) == (1, 1.0, 1, 0)

    await floor.complete(first.interaction_id)
    await floor.gateway.routing.CancelInteraction(interaction_id=gone.interaction_id)
    await floor.gateway.routing.CancelInteraction(interaction_id=late.interaction_id)
    row = await workgroup_row(floor)
    assert (row.assigned_today, row.service_level, row.abandoned_today) == (3, pytest.approx(2 / 3), 1)
    assert (row.queued, row.HasField("longest_wait")) == (0, False)


async def test_a_service_level_of_none_is_not_unset(floor):
    """Where all waited too long the service level is 0, which is not the same as having answered nobody."""
    await floor.ventas("ana", service_level_target=MINUTE)
    await floor.chat("luis")
    assert not (await workgroup_row(floor)).HasField("service_level")
    await floor.passes(minutes=2)
    await floor.online("ana")
    await floor.claim("ana")
    row = await workgroup_row(floor)
    assert (row.HasField("service_level"), row.service_level) == (True, 0.0)


async def test_offers_and_wrap_up_are_told_apart(floor):
    """What is proposed, what is attended, and what an agent is still busy with after it have numbers of their own."""
    await floor.ventas("ana", capacity=3, offer_timeout=MINUTE, wrap_up=MINUTE)
    await floor.online("ana")
    first = await floor.chat("luis")
    row = await agent_row(floor, "ana")
    assert (row.offered, row.assigned, row.wrap_up, row.assigned_today) == (1, 0, 0, 0)
    assert (await workgroup_row(floor)).offered == 1
    await floor.agent("ana").routing.AcceptOffer(interaction_id=first.interaction_id, agent_id="ana")
    row = await agent_row(floor, "ana")
    assert (row.offered, row.assigned, row.wrap_up, row.assigned_today) == (0, 1, 0, 1)
    await floor.complete(first.interaction_id)
    row = await agent_row(floor, "ana")
    assert (row.offered, row.assigned, row.wrap_up, row.units_in_use) == (0, 0, 1, 1)
    await floor.passes(minutes=2)
    assert (await agent_row(floor, "ana")).units_in_use == 0


async def test_who_leaves_during_an_offer_is_abandoned(floor):
    """Nobody has answered an interaction that is only offered."""
    await floor.ventas("ana", offer_timeout=MINUTE)
    await floor.online("ana")
    offered = await floor.chat("luis")
    await floor.gateway.routing.CancelInteraction(interaction_id=offered.interaction_id)
    row = await workgroup_row(floor)
    assert (row.offered, row.abandoned_today, row.assigned_today) == (0, 1, 0)


async def test_the_day_is_the_tenants_own(floor):
    """The figures of today begin anew at midnight in the tenant's time zone, without anything happening."""
    await floor.administrator.configuration.UpdateTenant(tenant={"name": "Sol", "time_zone": "America/Bogota"})
    await floor.ventas("ana")
    await floor.online("ana")
    await floor.chat("luis")
    assert (await table(floor)).day_started_at.ToDatetime() == datetime(2026, 3, 2, 5)  # noqa: DTZ001 - as protobuf does
    await floor.passes(hours=19, minutes=59)
    assert (await workgroup_row(floor)).assigned_today == 1
    await floor.passes(minutes=1)
    assert (await table(floor)).day_started_at.ToDatetime() == datetime(2026, 3, 3, 5)  # noqa: DTZ001 - as protobuf does
    assert (await workgroup_row(floor)).assigned_today == 0


@pytest.mark.req("G6")
async def test_the_figures_survive_a_restart(floor):
    """What was counted today is durable: a service that was started again shows the same table."""
    await floor.ventas("ana", "bea", service_level_target=MINUTE)
    await floor.online("ana", "bea")
    await floor.passes(hours=1)
    await floor.pause("bea")
    for contact_id in ("luis", "nora"):
        await floor.chat(contact_id)
    await floor.gateway.routing.CancelInteraction(interaction_id=(await floor.chat("olga")).interaction_id)
    before = await table(floor)
    assert before.workgroups[0].assigned_today == 1
    await floor.service.restart()
    assert await table(floor) == before


@pytest.mark.req("C14")
async def test_fairness_tells_how_evenly_members_are_given_interactions(floor):
    """1 where members were given the same per hour online, less where one was given more."""
    await floor.ventas("ana", "bea", capacity=10)
    await floor.online("ana", "bea")
    await floor.passes(hours=1)
    assert not (await workgroup_row(floor)).HasField("fairness")
    for contact_id in ("luis", "nora"):
        await floor.chat(contact_id)
    assert (await workgroup_row(floor)).fairness == pytest.approx(1.0)
    await floor.pause("bea")
    for contact_id in ("olga", "pedro"):
        await floor.chat(contact_id)
    assert (await workgroup_row(floor)).fairness == pytest.approx((3 + 1) ** 2 / (2 * (3**2 + 1**2)))


async def test_a_large_table_is_whole(floor):
    """The table of more agents than are made at a time has them all, each once and in order."""
    names = [f"a{number:04}" for number in range(1200)]
    await floor.ventas(*names)
    await floor.online("a0000", "a1199")
    shown = await table(floor)
    assert [each.agent_id for each in shown.agents] == names
    assert [each.agent_id for each in shown.agents if each.available] == ["a0000", "a1199"]
    assert (len(shown.workgroups), shown.workgroups[0].agents_online) == (1, 2)
    assert shown.as_of.ToDatetime(tzinfo=UTC) == START


# Who sees what


@pytest.fixture
async def two_groups(floor):
    """Two workgroups, one of them private, each with its supervisor; Bea is a member of both."""
    await floor.declare(
        agents=[agent("ana"), agent("bea"), agent("eva"), agent("leo")],
        workgroups=[
            workgroup("ventas", "ana", "bea", supervisor_ids=["sofia"]),
            workgroup("vip", "bea", "eva", supervisor_ids=["marta"], private=True),
        ],
        campaigns=[campaign("tienda", "ventas"), campaign("oro", "vip")],
    )
    return floor


@pytest.mark.req("K7", "Z5")
async def test_a_supervisor_sees_what_it_manages(two_groups):
    """A supervisor sees its workgroups and their members, and learns nothing of others, private or not."""
    shown = await table(two_groups, two_groups.supervisor("sofia"))
    assert [each.workgroup_id for each in shown.workgroups] == ["ventas"]
    assert [(each.agent_id, list(each.workgroup_ids)) for each in shown.agents] == [
        ("ana", ["ventas"]),
        ("bea", ["ventas"]),
    ]
    asked = await table(two_groups, two_groups.supervisor("sofia"), workgroup_ids=["vip"])
    assert (list(asked.workgroups), list(asked.agents)) == ([], [])
    streamed = two_groups.supervisor("marta").watch_monitor()
    assert [each.workgroup_id for each in (await anext(streamed)).monitor.workgroups] == ["vip"]
    await streamed.close()


async def test_an_administrator_sees_all(two_groups):
    """An administrator sees every workgroup and every agent, members of none too."""
    shown = await table(two_groups)
    assert [each.workgroup_id for each in shown.workgroups] == ["ventas", "vip"]
    assert [each.agent_id for each in shown.agents] == ["ana", "bea", "eva", "leo"]


async def test_filters_must_all_hold(two_groups):
    """Workgroups bring their members, agents their workgroups, and both together what both have in common."""

    async def shown(**filters):
        found = await table(two_groups, **filters)
        return [each.workgroup_id for each in found.workgroups], [each.agent_id for each in found.agents]

    assert await shown(workgroup_ids=["vip"]) == (["vip"], ["bea", "eva"])
    assert await shown(agent_ids=["eva"]) == (["vip"], ["eva"])
    assert await shown(agent_ids=["bea"], workgroup_ids=["ventas"]) == (["ventas"], ["bea"])
    assert await shown(workgroup_ids=["no-such"]) == ([], [])


async def test_agents_and_gateways_see_no_table(two_groups):
    """The table is for supervisors and administrators."""
    for caller in (two_groups.agent("ana"), two_groups.gateway):
        with denied():
            await caller.monitor.GetMonitor()
        with denied():
            await anext(caller.watch_monitor())


# The stream


async def test_the_stream_begins_with_a_table_and_follows_what_changes(floor):
    """A table comes at once, and a new one whenever something has changed, each whole and as the call gives it."""
    await floor.ventas("ana")
    async with floor.administrator.watch_monitor(interval=OFTEN) as watch:
        first = await anext(watch)
        assert first.monitor == await table(floor)
        assert first.revision == await floor.revision()
        await floor.online("ana", channels=[CHANNEL_CHAT])
        online = await shows(watch, lambda monitor: monitor.agents[0].status == AGENT_STATUS_ONLINE)
        assert online.revision == first.revision + 1
        await floor.chat("luis")
        given = await shows(watch, lambda monitor: monitor.agents[0].assigned == 1)
        assert given.monitor == await table(floor)


async def test_many_changes_make_few_tables(floor):
    """However much changes in an interval, there is one table for it, and the last shows the last change."""
    await floor.ventas("ana", method=ASSIGNMENT_METHOD_MANUAL)
    tables = 0
    async with floor.administrator.watch_monitor(interval=timedelta(seconds=1)) as watch:
        await anext(watch)
        for number in range(30):
            await floor.chat(f"c{number}")
        head = await floor.revision()
        async with asyncio.timeout(PATIENCE):
            while watch.revision < head:
                answer = await anext(watch)
                tables += 1
    assert answer.monitor.workgroups[0].queued == 30
    assert tables < 10


async def test_no_table_comes_twice(floor):
    """Between two tables of a stream that isn't quiet something has changed: their revisions ascend."""
    await floor.ventas("ana", method=ASSIGNMENT_METHOD_MANUAL)
    revisions = []
    async with floor.administrator.watch_monitor(interval=OFTEN) as watch:
        for number in range(5):
            await floor.chat(f"c{number}")
            await shows(watch, lambda monitor, least=number: monitor.workgroups[0].queued > least)
            revisions.append(watch.revision)
    assert revisions == sorted(set(revisions))


async def test_a_quiet_stream_goes_on_showing_how_waits_grow(floor):
    """Where nothing happens a new table comes after a while: waits grow by themselves."""
    floor.service.hasten_bookmarks()
    await floor.ventas("ana")
    await floor.chat("luis")
    async with floor.administrator.watch_monitor(interval=OFTEN) as watch:
        first = await anext(watch)
        await floor.passes(minutes=7)
        later = await shows(watch, lambda monitor: monitor.workgroups[0].longest_wait.ToTimedelta() == 7 * MINUTE)
    assert later.revision == first.revision


async def test_the_stream_outlives_the_service(floor):
    """The client's watch comes back by itself after a restart, with a new table."""
    await floor.ventas("ana")
    async with floor.administrator.watch_monitor(interval=OFTEN) as watch:
        await anext(watch)
        await floor.service.restart()
        await floor.online("ana")
        await shows(watch, lambda monitor: monitor.agents[0].status == AGENT_STATUS_ONLINE)


@pytest.mark.req("G4")
async def test_a_draining_service_says_so(floor):
    """A stream that the service ends is told that another replica serves, and isn't waited for."""
    await floor.ventas("ana")
    steps = stream(floor, interval={"seconds": 60})
    await steps.read()
    async with asyncio.timeout(PATIENCE):
        await floor.service.stop()
        with refused("SERVICE_DRAINING", code=grpc.StatusCode.UNAVAILABLE):
            await read(steps)


@pytest.fixture
async def two_replicas(postgres_url):
    """Two services on one PostgreSQL, and the same tenant seen across each."""
    async with running(postgres_url) as one, running(postgres_url) as other:
        floors = Floor(one), Floor(other)
        await floors[0].administrator.configuration.CreateTenant(tenant={"name": "Clínica Sol"})
        yield floors
        for floor in floors:
            await floor.leave()


@pytest.mark.req("G5")
async def test_a_replica_shows_what_another_has_done(two_replicas):
    """On PostgreSQL the table of one replica follows the calls that another answers."""
    floor, across = two_replicas
    await floor.ventas("ana")
    async with across.administrator.watch_monitor(interval=OFTEN) as watch:
        await anext(watch)
        await floor.online("ana")
        await floor.chat("luis")
        shown = await shows(watch, lambda monitor: monitor.agents[0].assigned == 1)
    assert shown.monitor == await table(floor)


# What is refused


async def read(steps):
    try:
        return await steps.read()
    except grpc.aio.AioRpcError as failure:
        raise error_from(failure) from None


@pytest.mark.parametrize("seconds", [0, 0.1, 61], ids=str)
async def test_the_interval_has_limits(floor, seconds):
    """Five tables a second are the most there are, and one a minute the least."""
    with refused("INVALID_FIELD", code=INVALID):
        await anext(floor.administrator.watch_monitor(interval=timedelta(seconds=seconds)))


async def test_a_tenant_that_is_not_there_has_no_table(floor):
    """The call and the stream say so alike."""
    floor.tenant_id = "no-such"
    with refused("TENANT_NOT_FOUND", code=NOT_FOUND):
        await read(stream(floor))
    with refused("TENANT_NOT_FOUND", code=NOT_FOUND):
        await floor.administrator.monitor.GetMonitor(tenant_id="no-such")


async def test_the_table_is_as_new_as_is_asked(floor):
    """A caller that names a revision gets a table that shows it, or an error."""
    await floor.ventas("ana")
    head = await floor.revision()
    assert (await floor.administrator.monitor.GetMonitor(min_revision=head)).revision == head
    with refused("REVISION_IN_THE_FUTURE", code=grpc.StatusCode.OUT_OF_RANGE):
        await floor.administrator.monitor.GetMonitor(min_revision=head + 1)
