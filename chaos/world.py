"""What a run is made of and what its faults act on."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any, Protocol

from chaos.disk import Disk
from chaos.network import Network
from chaos.postgres import Cluster, PostgresFailed
from chaos.releases import Releases
from chaos.replicas import Replica, Replicas

CLIENTS = "client-"
DATABASE = "database-"
"""How the links between clients and replicas, and between replicas and database, begin."""

LOCK_SECONDS = 5.0
LOOKED_AFTER = 0.02


class Database(Protocol):
    """A database that can be healed, whatever was done to it."""

    @property
    def kind(self) -> str: ...

    @property
    def url(self) -> str:
        """Past all that is broken on the way."""

    @property
    def disk(self) -> Disk: ...

    def writers(self) -> list[int]:
        """The processes that write to the disk, where they are not the replicas."""

    def heal(self) -> None: ...

    def stop(self) -> None: ...


class Sqlite:
    """A file, written by the replica."""

    kind = "sqlite"

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self.url = f"sqlite:///{disk.path / 'cartera.db'}"

    def writers(self) -> list[int]:
        return []

    def heal(self) -> None:
        self.disk.free()

    def stop(self) -> None:
        self.disk.remove()


class Postgres:
    """A cluster."""

    kind = "postgres"

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    @property
    def url(self) -> str:
        return self.cluster.primary.url()

    @property
    def disk(self) -> Disk:
        return self.cluster.primary.disk

    def writers(self) -> list[int]:
        return [process.pid for process in self.cluster.primary.processes()]

    def heal(self) -> None:
        """Have both servers run; who broke down on a full disk may need to be started."""
        self.disk.free()
        for server in (self.cluster.primary, self.cluster.standby):
            if server is None:
                continue
            server.resume()
            if not server.is_running:
                server.start()
        self._await()

    def stop(self) -> None:
        self.cluster.stop()

    def _await(self) -> None:
        try:
            self.cluster.await_answers()
        except PostgresFailed:
            if self.cluster.primary.is_running:
                raise
            self.cluster.primary.start()


class World:
    """A run's replicas, network and database, and the file in which faults are noted."""

    def __init__(  # noqa: PLR0917 - what it is made of
        self,
        directory: Path,
        replicas: Replicas,
        network: Network,
        database: Database,
        releases: Releases,
        addresses: Sequence[str],
    ) -> None:
        self.directory = directory
        self.replicas = replicas
        self.network = network
        self.database = database
        self.releases = releases
        self.addresses = addresses
        """Where clients reach the replicas."""
        self.ending = asyncio.Event()
        self.pace = 1.0
        """How long everything takes, against a long run."""
        self.lock_seconds = LOCK_SECONDS
        """How long replicas wait for each other's locks."""
        self._broken: set[str] = set()
        self._notes = directory / "faults.jsonl"
        self._notes.touch()

    @property
    def cluster(self) -> Cluster:
        assert isinstance(self.database, Postgres)
        return self.database.cluster

    @asynccontextmanager
    async def noted(
        self, fault: str, target: str, replicas: Collection[str] | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Note a fault: of what, which replicas it keeps from serving (all of them if none are named), from when to
        when, and whether it came to pass, as told inside.
        """
        detail: dict[str, Any] = {"happened": True}
        began = time.monotonic()
        try:
            yield detail
        finally:
            touched = [replica.name for replica in self.replicas.all] if replicas is None else list(replicas)
            span = {"began": began, "ended": time.monotonic()}
            line = {"fault": fault, "target": target, "replicas": touched, **span, "detail": detail}
            with self._notes.open("a") as file:
                file.write(json.dumps(line) + "\n")

    async def rest(self, seconds: float) -> None:
        """Let it be so for a while, by the run's pace, but no longer than the run."""
        try:
            await asyncio.wait_for(self.ending.wait(), seconds * self.pace)
        except TimeoutError:
            return

    @asynccontextmanager
    async def one_replica(self, chance: Random) -> AsyncIterator[Replica]:
        """A replica for a fault of its own: that no other of this kind breaks meanwhile."""
        while not (free := [replica for replica in self.replicas.all if replica.name not in self._broken]):
            await asyncio.sleep(LOOKED_AFTER)
        replica = chance.choice(free)
        self._broken.add(replica.name)
        try:
            yield replica
        finally:
            self._broken.discard(replica.name)

    async def until(self, holds: Callable[[], bool], within: float) -> bool:
        """Whether something comes true in time."""
        end = time.monotonic() + within
        while not holds():
            if time.monotonic() > end or self.ending.is_set():
                return holds()
            await asyncio.sleep(LOOKED_AFTER)
        return True

    async def heal(self) -> None:
        """Everything is well again, whatever was broken."""
        for replica in self.replicas.all:
            replica.control.disarm()
            replica.control.set_clock(0)
            replica.resume()
        for link in self.network.names():
            await self.network.heal(link)
        await asyncio.to_thread(self.database.heal)
        await self.replicas.are_there()
