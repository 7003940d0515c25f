"""Ways in which a database is away, and a service that is watched meanwhile."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import grpc
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from cartera.bootstrap import Service
from cartera.routing.v1 import (
    agent_service_pb2,
    event_service_pb2,
    monitor_service_pb2,
    monitor_service_pb2_grpc,
    routing_service_pb2,
)
from cartera.settings import Settings
from chaos.disk import Disk
from chaos.ports import HeldPort
from chaos.postgres import Cluster
from chaos.proxy import Link
from tests.processes.replicas import TENANT, Caller, Told

COMMIT = "SELECT pg_logical_emit_message(true, 'absence', '')"
CANCEL_COMMIT = """
    SELECT pg_cancel_backend(pid) FROM pg_stat_activity
    WHERE wait_event = 'SyncRep' AND query LIKE 'SELECT pg_logical_emit_message%'
"""


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A server, to be broken."""
    directory = Path(tempfile.mkdtemp(prefix="cartera-postgres-"))
    directory.chmod(0o755)

    def make_disk(name: str) -> Disk:
        return Disk(directory / name, may_fill=False)

    with HeldPort() as port, HeldPort() as other:
        cluster = Cluster(make_disk, (port.number, other.number), has_standby=False)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
            shutil.rmtree(directory, ignore_errors=True)


class Network:
    """Between the service and the server. What is on its way when it breaks never arrives."""

    def __init__(self, cluster: Cluster, port: int) -> None:
        self.port = port
        self.link = Link(("127.0.0.1", cluster.primary.port))

    def swallow(self) -> None:
        self.link.hold()

    def heal(self) -> None:
        self.link._passes = asyncio.Event()  # who waits for the former one waits for ever
        self.link.heal()


class Way(NamedTuple):
    """How a database goes away, and how it comes back; and whether it can be read meanwhile."""

    go: Callable[[Cluster, Network], object]
    come: Callable[[Cluster, Network], object]
    reads: bool = False


def wait_for_standby(cluster: Cluster, names: str) -> None:
    """Have commits wait for a standby of such a name, or with none for nobody."""
    cluster.primary.ask(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
    cluster.primary.ask("SELECT pg_reload_conf()")
    while names and not _a_commit_waits(cluster):
        pass


def _a_commit_waits(cluster: Cluster) -> bool:
    """Whether one does: the server takes a moment to know that they are to."""
    with ThreadPoolExecutor(1) as thread:
        commit = thread.submit(cluster.primary.ask, COMMIT)
        while not commit.done():
            if cluster.primary.ask(CANCEL_COMMIT):
                return True
        return False


WAYS = {
    "killed": Way(lambda cluster, _: cluster.primary.kill(), lambda cluster, _: cluster.primary.start()),
    "paused": Way(lambda cluster, _: cluster.primary.pause(), lambda cluster, _: cluster.primary.resume()),
    "swallowed by the network": Way(lambda _, network: network.swallow(), lambda _, network: network.heal()),
    "without its standby": Way(
        lambda cluster, _: wait_for_standby(cluster, "absent"),
        lambda cluster, _: wait_for_standby(cluster, ""),
        reads=True,
    ),
}


class Timed(NamedTuple):
    """What a caller was told, and after how long."""

    told: Any
    seconds: float


class Onlooker(Caller):
    """A caller with a watch."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        super().__init__(channel)
        self.monitor: Any = monitor_service_pb2_grpc.MonitorServiceStub(channel)
        self.health: Any = health_pb2_grpc.HealthStub(channel)

    async def timed(self, told: Any) -> Timed:
        began = time.monotonic()
        answer = await told
        return Timed(answer, time.monotonic() - began)

    async def read(self) -> Any:
        """What is in the database."""
        request = agent_service_pb2.GetAgentRequest(tenant_id=TENANT, agent_id="ana")
        return (await self._told(self.agents.GetAgent, request)).response

    async def ask(self) -> Any:
        """What is in memory."""
        request = monitor_service_pb2.GetMonitorRequest(tenant_id=TENANT)
        return (await self._told(self.monitor.GetMonitor, request)).response

    async def route_until_answered(self, request: routing_service_pb2.RouteInteractionRequest) -> Any:
        """Again and again under its request id, as a client does."""
        while isinstance(response := (await self.route(request)).response, grpc.aio.AioRpcError):
            assert response.code() is grpc.StatusCode.UNAVAILABLE, response
            await asyncio.sleep(0.05)
        return response

    async def is_served(self, name: str = "") -> bool:
        answer = await self.health.Check(health_pb2.HealthCheckRequest(service=name))
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    async def until_served(self, *, served: bool) -> None:
        request = health_pb2.HealthCheckRequest()
        async for answer in self.health.Watch(request):
            if (answer.status == health_pb2.HealthCheckResponse.SERVING) is served:
                return

    async def watch(self, number: int, begun: asyncio.Event) -> list[int]:
        """The revisions of so many changes from the first one on, on one stream."""
        stream = self.events.WatchEvents(event_service_pb2.WatchEventsRequest(tenant_id=TENANT, start_after_revision=0))
        revisions = []
        async for step in stream:
            if step.HasField("change"):
                revisions.append(step.change.revision)
                begun.set()
                if len(revisions) == number:
                    break
        return revisions


def is_away(told: Any) -> bool:
    """Whether the error says that the database is away, and when to try again."""
    error = told.response if isinstance(told, Told) else told
    if not isinstance(error, grpc.aio.AioRpcError) or error.code() is not grpc.StatusCode.UNAVAILABLE:
        return False
    status = rpc_status.from_call(error)
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    assert status is not None
    return any(each.Unpack(info) and info.reason == "DATABASE_UNAVAILABLE" for each in status.details) and any(
        each.Unpack(retry) and retry.retry_delay.ToTimedelta().total_seconds() > 0 for each in status.details
    )


@asynccontextmanager
async def served(url: str, **settings: Any) -> AsyncIterator[Onlooker]:
    """A service in this process."""
    service = Service(
        Settings(listen="127.0.0.1:0", database_url=url, log_level="warning", drain_seconds=0, **settings)
    )
    port = await service.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Onlooker(channel)
    finally:
        await service.stop()
