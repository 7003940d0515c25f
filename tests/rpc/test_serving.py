"""The service as a whole: health, reflection, streams, the end."""

import asyncio

import grpc
import pytest
from grpc import StatusCode
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from cartera.bootstrap import Service
from cartera.contract.messages import SERVICES
from cartera.rpc.health import LIVENESS, NOT_SERVING, SERVING, Health
from cartera.settings import Settings, SettingsError
from tests.rpc.conftest import Caller
from tests.rpc.failures import failing

pytestmark = pytest.mark.req("G4")


async def health_of(channel, name=""):
    answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=name))
    return answer.status


@pytest.mark.parametrize("name", ["", LIVENESS, *(service.full_name for service in SERVICES)])
async def test_health_is_served(channel, name):
    """The whole, each service and the process itself are SERVING."""
    assert await health_of(channel, name) == SERVING


async def test_readiness_follows_the_database_and_liveness_does_not():
    """A service without its database takes no calls, and isn't killed for it."""
    up = {"database": True}

    async def ping():
        return up["database"]

    health = Health(["x"], ping)
    await health.start()
    for is_up, status in ((True, SERVING), (False, NOT_SERVING), (True, SERVING)):
        up["database"] = is_up
        await health.check()
        answers = [
            (await health.servicer.Check(health_pb2.HealthCheckRequest(service=name), None)).status
            for name in ("", "x", LIVENESS)
        ]
        assert answers == [status, status, SERVING]


async def test_reflection_lists_every_service(channel):
    """A client that has no contract can ask for it."""
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    asked = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
    async for answer in stub.ServerReflectionInfo(asked):
        names = {service.name for service in answer.list_services_response.service}
    assert names >= {service.full_name for service in SERVICES} | {"grpc.health.v1.Health"}


async def steps_until(stream, revision):
    """The steps of a stream, up to the change or bookmark of a revision."""
    steps = []
    async for step in stream:
        steps.append(step)
        if revision in (step.change.revision, step.bookmark.revision):
            return steps
    return steps


@pytest.mark.req("W1")
async def test_a_watch_begins_after_its_revision(acme):
    """From 0, every change since the first, whole and in order."""
    await acme.SetAgentStatus(agent_id="ana", status=1)
    last = await acme.RouteInteraction(campaign_id="ventas", contact_id="c1", channel=2)
    steps = await steps_until(acme.WatchEvents(start_after_revision=0), last.revision)
    changes = [step.change for step in steps if step.HasField("change")]
    assert [change.revision for change in changes] == [1, 2, 3]
    assert [event.WhichOneof("kind") for event in changes[2].events] == [
        "interaction_arrived",
        "interaction_assigned",
    ]


@pytest.mark.req("W1")
async def test_a_watch_can_be_filtered(acme):
    """Only what names the agent comes, with the revision that it was in."""
    await acme.SetAgentStatus(agent_id="carla", status=1)
    last = await acme.SetAgentStatus(agent_id="ana", status=1)
    steps = await steps_until(acme.WatchEvents(start_after_revision=1, agent_ids=["ana"]), last.revision)
    assert [step.change.revision for step in steps if step.HasField("change")] == [last.revision]


@pytest.mark.req("W1", "G3")
async def test_a_watch_of_the_future_is_out_of_range(acme):
    """With the oldest and the present revision in the details."""
    async with failing(StatusCode.OUT_OF_RANGE, "REVISION_IN_THE_FUTURE") as failed:
        await acme.WatchEvents(start_after_revision=99).read()
    assert failed.details["ErrorInfo"].metadata["current"] == "1"


@pytest.mark.req("W1", "G3")
async def test_a_watch_of_nothing_is_refused(nobody):
    """A tenant that there isn't has no feed."""
    async with failing(StatusCode.NOT_FOUND, "TENANT_NOT_FOUND"):
        await nobody.WatchEvents().read()


async def test_streams_beyond_the_limit_are_refused(settings, clock):
    """One stream too many is told to come back later."""
    service = Service(settings.model_copy(update={"streams": 1}), clock)
    await service.start()
    async with grpc.aio.insecure_channel(service.address) as channel:
        caller = Caller(channel)
        await caller.CreateTenant(tenant={"name": "Acme"})
        first = caller.WatchEvents()
        await first.read()
        async with failing(StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS") as failed:
            await caller.WatchEvents().read()
        assert "RetryInfo" in failed.details
        first.cancel()
    await service.stop()


async def _first_accepted(caller):
    """A stream from the beginning, once there is room for one."""
    while True:
        stream = caller.WatchEvents(start_after_revision=0)
        try:
            await stream.read()
        except grpc.aio.AioRpcError as error:
            assert error.code() is StatusCode.RESOURCE_EXHAUSTED  # noqa: PT017 - anything else is no reason to go on
        else:
            return stream


@pytest.mark.req("W1")
async def test_a_watcher_who_does_not_read_is_cut(settings, clock):
    """A stream that nobody reads ends with a typed error; read from where it was cut, it shows every change once."""
    service = Service(settings.model_copy(update={"watch_write_seconds": 0.2, "streams": 1}), clock)
    await service.start()
    narrow = (("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_536))
    async with grpc.aio.insecure_channel(service.address, options=narrow) as channel:
        caller = Caller(channel)
        await caller.CreateTenant(tenant={"name": "Acme"})
        for number in range(60):
            await caller.CreateScript(script={"script_id": f"long-{number}", "text": "x" * 20_000})
        stalled = caller.WatchEvents(start_after_revision=0)
        await stalled.read()
        async with asyncio.timeout(30):
            resumed = await _first_accepted(caller)
        revisions = [(await resumed.read()).change.revision for _ in range(61)]
        assert revisions == list(range(1, 62))
        async with failing(StatusCode.RESOURCE_EXHAUSTED, "WATCHER_TOO_SLOW"):
            while True:
                await stalled.read()
    await service.stop()


async def test_a_drain_ends_streams_with_a_last_bookmark(settings, clock):
    """Streams end where they are, with a bookmark to resume from; then the service is gone, and soon."""
    service = Service(settings, clock)
    await service.start()
    async with grpc.aio.insecure_channel(service.address) as channel:
        caller = Caller(channel)
        await caller.CreateTenant(tenant={"name": "Acme"})
        stream = caller.WatchEvents(start_after_revision=0)
        await steps_until(stream, 1)
        stopping = asyncio.create_task(service.stop())
        steps = []
        async with failing(StatusCode.UNAVAILABLE, "SERVICE_DRAINING"):
            async for step in stream:
                steps.append(step)  # noqa: PERF401 - what came before the end counts
        assert steps[-1].bookmark.revision == 1
        await asyncio.wait_for(stopping, 5)


async def test_a_drain_says_so_first(settings, clock):
    """Before anything is refused, health says NOT_SERVING; calls are still answered then."""
    service = Service(settings.model_copy(update={"drain_seconds": 0.5}), clock)
    await service.start()
    async with grpc.aio.insecure_channel(service.address) as channel:
        stopping = asyncio.create_task(service.stop())
        while await health_of(channel) == SERVING:
            pass
        created = await Caller(channel).CreateTenant(tenant={"name": "Acme"})
        assert created.revision == 1
        await stopping


async def test_a_port_in_use_is_said(service, settings):
    """Two services at one port are a mistake, and one line says so."""
    second = Service(settings.model_copy(update={"listen": service.address}))
    with pytest.raises(OSError, match="cannot listen at"):
        await second.start()


@pytest.mark.parametrize("url", ["mysql://host/db", "sqlite://", "nonsense", "sqlite:////proc/no/such/place.db"])
async def test_a_database_that_cannot_be_used_is_said(url):
    """In one line, before anything is served."""
    with pytest.raises(SettingsError, match="database") as caught:
        await Service(Settings(listen="127.0.0.1:0", database_url=url)).start()
    assert "\n" not in str(caught.value)


@pytest.mark.req("G8")
async def test_postgres_must_be_at_the_present_schema(postgres_servers, settings):
    """Others may be using the database: the service doesn't migrate it by itself, it says who does."""
    url = postgres_servers.embedded().make_empty()
    with pytest.raises(SettingsError, match="cartera migrate"):
        await Service(settings.model_copy(update={"database_url": url})).start()


async def test_a_database_that_is_away_is_said(settings):
    """In one line, before anything is served."""
    away = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/none"})
    with pytest.raises(SettingsError, match="cannot be used") as caught:
        await Service(away).start()
    assert "\n" not in str(caught.value)


@pytest.mark.req("G6")
async def test_what_was_answered_is_there_after_a_restart(settings, clock):
    """A new service on the same database goes on where the first one stopped."""
    for revision in (1, 2):
        service = Service(settings, clock)
        await service.start()
        async with grpc.aio.insecure_channel(service.address) as channel:
            caller = Caller(channel)
            if revision == 1:
                answer = await caller.CreateTenant(request_id="r-1", tenant={"name": "Acme"})
            else:
                assert await caller.CreateTenant(request_id="r-1", tenant={"name": "Acme"}) == answer
                answer = await caller.UpdateTenant(tenant={"name": "Acme 2"})
            assert answer.revision == revision
        await service.stop()
