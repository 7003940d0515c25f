"""The building of a world, and its taking down."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from cartera.store.migrate import migrate
from chaos.disk import Disk
from chaos.network import Network
from chaos.options import Options
from chaos.ports import HeldPort
from chaos.postgres import DATABASE as DATABASE_NAME
from chaos.postgres import Cluster
from chaos.processes import Nursery
from chaos.releases import Releases
from chaos.replicas import Place, Replicas
from chaos.world import CLIENTS, DATABASE, Database, Postgres, Sqlite, World

SETTINGS = {"log_level": "warning", "log_format": "json", "drain_seconds": "0.2", "drain_grace_seconds": "5"}
"""Of the replicas; all else is as it comes."""

PACE_ONCE = 0.4
LOCK_SECONDS_ONCE = 1.5
"""In a run that breaks each thing once."""

SETTINGS_ONCE = {"database_lock_seconds": str(LOCK_SECONDS_ONCE), "database_held_seconds": "1"}


@asynccontextmanager
async def staged(options: Options, directory: Path) -> AsyncIterator[World]:
    """A world whose replicas serve."""
    async with AsyncExitStack() as leaving:
        place = _place(leaving)
        # These take seconds to load the code; meanwhile the database starts.
        nursery = Nursery(options.code)
        leaving.callback(nursery.close)
        releases = Releases(place / "releases")
        leaving.callback(releases.close)
        if options.wants("rolling-restart"):
            releases.prepare()
        database = await asyncio.to_thread(_database, options, place, (_port(leaving), _port(leaving)))
        leaving.callback(database.stop)
        await asyncio.to_thread(migrate, database.url)
        network = Network()
        await network.start()
        leaving.push_async_callback(network.stop)
        places, addresses = await _linked(options, network, database, leaving)
        replicas = Replicas(places, directory, SETTINGS | (SETTINGS_ONCE if options.once else {}), nursery)
        leaving.callback(replicas.kill)
        await replicas.start()
        yield World(directory, replicas, network, database, releases, addresses)


def _place(leaving: AsyncExitStack) -> Path:
    """A directory for databases. Not that of the report: PostgreSQL may run as another user."""
    place = Path(tempfile.mkdtemp(prefix="cartera-chaos-"))
    place.chmod(0o755)
    leaving.callback(shutil.rmtree, place, ignore_errors=True)
    return place


def _port(leaving: AsyncExitStack) -> int:
    """A port of the run's own, also while who listens there has been killed."""
    return leaving.enter_context(HeldPort()).number


def _database(options: Options, place: Path, ports: tuple[int, int]) -> Database:
    may_fill = options.wants("disk-full")
    if options.database == "sqlite":
        return Sqlite(Disk(place / "disk", may_fill=may_fill))
    cluster = Cluster(lambda name: Disk(place / name, may_fill=may_fill), ports, has_standby=options.wants("failover"))
    cluster.start()
    return Postgres(cluster)


async def _linked(
    options: Options, network: Network, database: Database, leaving: AsyncExitStack
) -> tuple[list[Place], list[str]]:
    """Where replicas listen and how they reach the database, and where clients reach them."""
    places, addresses = [], []
    for number in range(1, options.replicas + 1):
        client_port, database_port, port = (_port(leaving) for _ in range(3))
        await network.open(f"{CLIENTS}{number}", client_port, ("127.0.0.1", port))
        addresses.append(f"127.0.0.1:{client_port}")
        url = database.url
        if isinstance(database, Postgres):
            await network.open(f"{DATABASE}{number}", database_port, ("127.0.0.1", database.cluster.primary.port))
            url = f"postgresql://postgres@127.0.0.1:{database_port}/{DATABASE_NAME}"
        places.append(Place(str(number), port, url))
    return places, addresses
