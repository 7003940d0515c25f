"""A disk that is full."""

import asyncio
from random import Random

from chaos.faults.fault import Lane, fault
from chaos.world import World


@fault("disk-full", Lane.DATABASE)
async def fill_disk(world: World, chance: Random) -> None:
    """The database's disk is full for a while. PostgreSQL may break down over it, and is started again."""
    database = world.database
    writers = database.writers() or [replica.pid for replica in world.replicas.all]
    async with world.noted("disk-full", "primary") as detail:
        detail["by"] = "file system" if database.disk.is_mounted else "limit of file size"
        await asyncio.to_thread(database.disk.fill, chance.choice((0, 8_192, 65_536)), writers)
        await world.rest(chance.uniform(1.5, 4))
        await asyncio.to_thread(database.heal)
