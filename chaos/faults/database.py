"""PostgreSQL that ends sessions, dies, stops, and is replaced by its standby."""

import asyncio
from random import Random

from chaos.faults.fault import POSTGRES, Lane, fault
from chaos.postgres import END_SESSIONS
from chaos.world import DATABASE, World


@fault("end-sessions", Lane.DATABASE, POSTGRES)
async def end_sessions(world: World, chance: Random) -> None:
    """The database ends all sessions, several times, whatever they are doing."""
    async with world.noted("end-sessions", "primary") as detail:
        ended = 0
        for _ in range(chance.randint(2, 5)):
            [[number]] = await asyncio.to_thread(world.cluster.primary.ask, END_SESSIONS)
            ended += int(str(number))
            await world.rest(chance.uniform(0.05, 0.8))
        detail |= {"happened": ended > 0, "sessions": ended}


@fault("database-kill", Lane.DATABASE, POSTGRES)
async def kill_database(world: World, chance: Random) -> None:
    """All processes of PostgreSQL are killed (-9) at once; it is started again and recovers from its log."""
    async with world.noted("database-kill", "primary"):
        await asyncio.to_thread(world.cluster.primary.kill)
        await world.rest(chance.uniform(0.2, 3))
        await asyncio.to_thread(world.cluster.primary.start)


@fault("database-pause", Lane.DATABASE, POSTGRES)
async def pause_database(world: World, chance: Random) -> None:
    """All processes of PostgreSQL stop (SIGSTOP) and go on: connections stay open, and nobody answers."""
    async with world.noted("database-pause", "primary"):
        await asyncio.to_thread(world.cluster.primary.pause)
        await world.rest(chance.uniform(1, 7))
        await asyncio.to_thread(world.cluster.primary.resume)


@fault("failover", Lane.DATABASE, POSTGRES)
async def fail_over(world: World, chance: Random) -> None:
    """The primary is killed (-9), and its synchronous standby is promoted. Before, it may have been out of reach for a
    while, with commits that wait for it: those must not be answered.
    """
    cluster = world.cluster
    await asyncio.to_thread(cluster.await_standby)
    async with world.noted("failover", "primary") as detail:
        detail["standby_away"] = chance.random() < 1 / 2
        if detail["standby_away"] and cluster.standby is not None:
            cluster.standby.pause()
            await world.rest(chance.uniform(0.5, 4))
        await asyncio.to_thread(_replace, world)
        await world.network.retarget(DATABASE, ("127.0.0.1", cluster.primary.port))
    await asyncio.to_thread(cluster.add_standby)


def _replace(world: World) -> None:
    standby = world.cluster.standby
    assert standby is not None
    world.cluster.primary.kill()
    standby.resume()
    world.cluster.fail_over()
