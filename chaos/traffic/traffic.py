"""Traffic: the callers and watchers of a run."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from random import Random

from google.protobuf.message import Message

from cartera.routing.v1.agent_pb2 import AGENT_STATUS_OFFLINE, AGENT_STATUS_ONLINE
from cartera.routing.v1.agent_service_pb2 import ListAgentsRequest, SetAgentStatusRequest
from cartera.routing.v1.configuration_service_pb2 import ApplyConfigurationRequest
from cartera.routing.v1.routing_service_pb2 import ListInteractionsRequest
from chaos.history import CallJournal, WatchJournal
from chaos.traffic.caller import Asked, Caller
from chaos.traffic.connections import Attempts, Connections
from chaos.traffic.floor import Floor
from chaos.traffic.tenants import AGENTS, configuration
from chaos.traffic.watcher import HABITS, Watcher, run_until_done

SETTLE_SECONDS = 60.0
"""How long is waited for the service to answer what it left open."""

CATCH_UP_SECONDS = 30.0
"""How long watchers may take to come to the end, once nobody calls any more."""

CALLERS_PER_CONNECTION = 4
SETTLERS = 16


class Traffic:
    """Tenants under load."""

    def __init__(
        self,
        addresses: Sequence[str],
        directory: Path,
        seed: int,
        *,
        callers: int = 16,
        watchers: int = 6,
        tenants: int = 3,
        copies: bool = False,
    ) -> None:
        self.tenants = [f"tenant-{number}" for number in range(1, tenants + 1)]
        """Their ids; the first is the hot one."""
        self._addresses = list(addresses)
        self._directory = directory
        self._seed = seed
        self._run = uuid.uuid4().hex[:8]
        self._floors = [Floor(tenant_id) for tenant_id in self.tenants]
        self._journals: list[CallJournal | WatchJournal] = []
        self._connections: list[Connections] = []
        self._callers = [self._caller(f"{number:03}", copies=copies) for number in range(callers)]
        self._manager = self._caller("manager", copies=False)
        self._watchers = [self._watcher(number) for number in range(watchers)]
        self._watching: list[asyncio.Task[None]] = []

    async def prepare(self) -> None:
        """Configure the tenants, and have their agents go online."""
        for floor in self._floors:
            declared = configuration(floor.tenant_id)
            until = time.monotonic() + SETTLE_SECONDS
            await self._insist(
                ApplyConfigurationRequest(tenant_id=floor.tenant_id, configuration=declared), floor, until
            )
            for agent_id in AGENTS:
                await self._insist(_status(floor, agent_id, AGENT_STATUS_ONLINE), floor, until)

    async def run(self, stop: asyncio.Event) -> None:
        """Call and watch until told to stop; watchers go on until all is settled."""
        self._watching = [watcher.start() for watcher in self._watchers]
        await asyncio.gather(*(caller.run(stop) for caller in self._callers))

    async def settle(self) -> None:
        """Learn what became of every mutation, read back, and let watchers come to the end."""
        until = time.monotonic() + SETTLE_SECONDS
        await self._settle_unknown(until)
        for floor in self._floors:
            await self._read_back(floor, until)
            await self._come_to_the_end(floor, until)
        revisions = {floor.tenant_id: floor.revision for floor in self._floors}
        for watcher in self._watchers:
            watcher.finish(revisions[watcher.tenant_id])
        await run_until_done(self._watching, CATCH_UP_SECONDS)
        await self.close()

    async def close(self) -> None:
        """Leave off, whatever is under way."""
        await run_until_done(self._watching, 0)
        await asyncio.gather(*(connections.close() for connections in self._connections))
        for journal in self._journals:
            journal.close()

    def _caller(self, name: str, *, copies: bool) -> Caller:
        journal = CallJournal(self._directory, name)
        self._journals.append(journal)
        if len(self._journals) % CALLERS_PER_CONNECTION == 1:
            self._connections.append(Connections(self._addresses))
        attempts = Attempts(self._connections[-1], journal, name)
        return Caller(name, attempts, self._floors, Random(f"{self._seed}-{name}"), self._run, copies=copies)

    def _watcher(self, number: int) -> Watcher:
        """All habits on the hot tenant first, then on the others."""
        habit = HABITS[number % len(HABITS)]
        tenant_id = self.tenants[number // len(HABITS) % len(self.tenants)]
        name = f"{number:02}-{tenant_id}-{habit.name}"
        journal = WatchJournal(self._directory, name)
        self._journals.append(journal)
        connections = Connections(self._addresses)
        self._connections.append(connections)
        return Watcher(tenant_id, habit, connections, journal, Random(f"{self._seed}-{name}"))

    async def _insist(self, request: Message, floor: Floor, until: float) -> None:
        """Ask until there is an answer, whatever happens to the service meanwhile, or until it is hopeless."""
        await self._settle(self._manager.asked(request, floor), until)

    async def _settle(self, asked: Asked, until: float) -> bool:
        wait = 0.05
        while not await self._manager.settle(asked):
            if time.monotonic() > until:
                return False
            await asyncio.sleep(wait)
            wait = min(2 * wait, 1.0)
        return True

    async def _settle_unknown(self, until: float) -> None:
        open_ones = iter([asked for caller in self._callers for asked in caller.unknown])

        async def settle_some() -> None:
            for asked in open_ones:
                await self._settle(asked, until)

        await asyncio.gather(*(settle_some() for _ in range(SETTLERS)))

    async def _read_back(self, floor: Floor, until: float) -> None:
        """Read what the tenant has, as new as any answer was."""
        revision = floor.revision
        await self._insist(ListAgentsRequest(tenant_id=floor.tenant_id, min_revision=revision), floor, until)
        for agent_id in AGENTS:
            request = ListInteractionsRequest(
                tenant_id=floor.tenant_id, agent_id=agent_id, page_size=50, min_revision=revision
            )
            await self._insist(request, floor, until)

    async def _come_to_the_end(self, floor: Floor, until: float) -> None:
        """A last change of every agent, which passes the filters of every watcher."""
        for agent_id in AGENTS:
            with contextlib.suppress(TimeoutError):
                await self._insist(_status(floor, agent_id, AGENT_STATUS_ONLINE), floor, until)
                await self._insist(_status(floor, agent_id, AGENT_STATUS_OFFLINE), floor, until)


def _status(floor: Floor, agent_id: str, status: int) -> SetAgentStatusRequest:
    return SetAgentStatusRequest(tenant_id=floor.tenant_id, agent_id=agent_id, status=status)  # type: ignore[arg-type]
