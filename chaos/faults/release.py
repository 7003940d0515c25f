"""A new version, brought in under load: its migration first, then one replica after the other."""

import asyncio
import os
import time
from random import Random

from chaos.faults.fault import Lane, fault
from chaos.processes import Nursery
from chaos.replicas import Replica
from chaos.world import World

READY_WITHIN = 60.0
MIGRATED_WITHIN = 30.0
TRIED_AGAIN_AFTER = 0.5


class ReleaseFailed(Exception):  # noqa: N818 - names what happened
    """A migration can't be done, and the run means nothing."""


@fault("rolling-restart", Lane.REPLICAS)
async def bring_in_a_release(world: World, chance: Random) -> None:
    """New code replaces the old, one replica after the other: SIGTERM, drain, start. Before, a migration adds what the
    new code needs; when none of the old is left, another removes what only that needed.
    """
    if not await world.until(world.releases.is_ready, READY_WITHIN):
        return
    release = world.releases.take()
    async with world.noted("rolling-restart", "all", ()) as detail:
        await _migrated(release.nursery, "migrate", world)
        replicas = chance.sample(world.replicas.all, len(world.replicas.all))
        statuses = [await _replaced(replica, release.nursery) for replica in replicas]
        await _migrated(release.nursery, "finish", world)
        detail |= {"release": release.name, "exit_statuses": statuses}
    world.releases.prepare()


async def _migrated(nursery: Nursery, step: str, world: World) -> None:
    """The database may be away just now: an operator tries again."""
    end = time.monotonic() + MIGRATED_WITHIN
    while time.monotonic() < end:
        environment = {**os.environ, "CARTERA_DATABASE_URL": world.database.url}  # which changes, when it fails over
        migrating = nursery.start(step, environment, world.directory / "migrate.log")
        if await migrating.ended() == 0:
            return
        await asyncio.sleep(TRIED_AGAIN_AFTER)
    raise ReleaseFailed(f"the database can't be brought to release's schema by {step}; see migrate.log")


async def _replaced(replica: Replica, nursery: Nursery) -> int | None:
    replica.nursery = nursery
    status = await replica.stop()
    replica.start()
    await replica.is_there()
    return status
