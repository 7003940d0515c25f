"""Replicas as processes of their own, and callers who write down what they were told."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NamedTuple
from uuid import uuid4

import grpc

from cartera.routing.v1 import (
    agent_service_pb2,
    agent_service_pb2_grpc,
    configuration_service_pb2,
    configuration_service_pb2_grpc,
    event_service_pb2,
    event_service_pb2_grpc,
    routing_service_pb2,
    routing_service_pb2_grpc,
)
from tests.fixtures.nursery import Process

TENANT = "acme"
CAPACITY = 5
AGENTS = ("ana", "carlos", "elena", "jorge")

CONFIGURATION = configuration_service_pb2.Configuration(
    tenant={"name": "Acme", "number": "100"},
    agents=[{"agent_id": agent_id, "capacity": CAPACITY} for agent_id in AGENTS],
    workgroups=[
        {"workgroup_id": "ventas", "member_ids": AGENTS, "method": 2, "queue_when_nobody_online": True},
        {"workgroup_id": "dispenser", "member_ids": AGENTS, "method": 3},
    ],
    campaigns=[
        {
            "campaign_id": "service",
            "addresses": [{"channel": 1, "address": "900"}],
            "workgroup_ids": ["ventas"],
            "dispositions": [{"name": "solved"}],
        },
        {"campaign_id": "counter", "addresses": [{"channel": 1, "address": "901"}], "workgroup_ids": ["dispenser"]},
    ],
)


class Replica:
    """A `cartera serve` process."""

    def __init__(self, process: Process) -> None:
        self.process = process
        announced = process.stdout.readline()
        assert "cartera serves at " in announced, announced
        self.address = announced.split()[-1]

    def terminate(self) -> int:
        """SIGTERM, as an operator would; gives the exit status."""
        self.process.terminate()
        return self.process.wait(timeout=60)


@contextmanager
def serving(database_url: str, **settings: str) -> Iterator[Replica]:
    """A replica on a database, on a port that was free."""
    environment = {
        **os.environ,
        "CARTERA_DATABASE_URL": database_url,
        "CARTERA_LISTEN": "127.0.0.1:0",
        "CARTERA_LOG_LEVEL": "warning",
        "CARTERA_DRAIN_SECONDS": "0",
        **{f"CARTERA_{name.upper()}": value for name, value in settings.items()},
    }
    with Process(["serve"], environment) as process:
        yield Replica(process)


class Told(NamedTuple):
    """A request, and what its caller was told: nothing, where there was no answer."""

    request: Any
    response: Any


class Caller:
    """Stubs on one channel."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.routing: Any = routing_service_pb2_grpc.RoutingServiceStub(channel)
        self.agents: Any = agent_service_pb2_grpc.AgentServiceStub(channel)
        self.configuration: Any = configuration_service_pb2_grpc.ConfigurationServiceStub(channel)
        self.events: Any = event_service_pb2_grpc.EventServiceStub(channel)

    async def prepare(self) -> None:
        """Configure the tenant, and have all agents go online."""
        await self.configuration.ApplyConfiguration(
            configuration_service_pb2.ApplyConfigurationRequest(tenant_id=TENANT, configuration=CONFIGURATION)
        )
        for agent_id in AGENTS:
            await self.agents.SetAgentStatus(
                agent_service_pb2.SetAgentStatusRequest(tenant_id=TENANT, agent_id=agent_id, status=1)
            )

    async def route(self, request: Any | None = None, campaign_id: str = "service") -> Told:
        """Route a call; where that fails, the outcome is unknown."""
        request = request or routing_service_pb2.RouteInteractionRequest(
            tenant_id=TENANT,
            request_id=str(uuid4()),
            campaign_id=campaign_id,
            contact_id=str(uuid4()),
            channel=1,
        )
        return await self._told(self.routing.RouteInteraction, request)

    async def complete(self, interaction_id: str) -> Told:
        request = routing_service_pb2.CompleteInteractionRequest(
            tenant_id=TENANT, request_id=str(uuid4()), interaction_id=interaction_id, disposition="solved"
        )
        return await self._told(self.routing.CompleteInteraction, request)

    async def claim(self, agent_id: str, interaction_id: str) -> Told:
        request = routing_service_pb2.ClaimInteractionRequest(
            tenant_id=TENANT, request_id=str(uuid4()), agent_id=agent_id, interaction_id=interaction_id
        )
        return await self._told(self.routing.ClaimInteraction, request)

    async def _told(self, method: Any, request: Any) -> Told:
        try:
            return Told(request, await method(request, timeout=10))
        except grpc.aio.AioRpcError as error:
            return Told(request, error)

    async def changes(self, until: int) -> list[Any]:
        """The whole log, from its beginning until a revision."""
        stream = self.events.WatchEvents(event_service_pb2.WatchEventsRequest(tenant_id=TENANT, start_after_revision=0))
        changes = []
        async for step in stream:
            if step.HasField("change"):
                changes.append(step.change)
                if step.change.revision >= until:
                    break
        return changes


@asynccontextmanager
async def calling(replica: Replica) -> AsyncIterator[Caller]:
    async with grpc.aio.insecure_channel(replica.address) as channel:
        yield Caller(channel)


def arrivals(changes: list[Any]) -> dict[str, str]:
    """The interaction that each request brought, by request id."""
    return {
        change.request_id: event.interaction_arrived.interaction.interaction_id
        for change in changes
        for event in change.events
        if event.HasField("interaction_arrived")
    }


def most_held(changes: list[Any]) -> int:
    """The most that any agent ever held at once, by the log."""
    held: dict[str, str] = {}
    most = 0
    for change in changes:
        for event in change.events:
            if event.HasField("interaction_assigned"):
                held[event.interaction_assigned.interaction_id] = event.interaction_assigned.agent_id
            elif event.HasField("interaction_completed"):
                del held[event.interaction_completed.interaction_id]
            agents = list(held.values())
            most = max([most, *map(agents.count, set(agents))])
    return most


async def gather(*awaited: Any) -> list[Any]:
    return list(await asyncio.gather(*awaited))
