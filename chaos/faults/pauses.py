"""Replicas that stop in mid-work, longer than anyone waits for a lock, and go on as if nothing had been."""

from random import Random

from chaos.faults.fault import Lane, fault
from chaos.faults.processes import COMES_BY_WITHIN, PASSED_BEFORE
from chaos.replica_control import Action, Point
from chaos.world import World

BEYOND_LOCKS = (1.1, 1.6)
"""How long a pause is, against the time that a replica waits for another's lock."""


@fault("pause", Lane.SLOWNESS)
async def pause(world: World, chance: Random) -> None:
    """A replica is stopped (SIGSTOP) at any instant, and goes on when others have long gone past it."""
    async with world.one_replica(chance) as replica, world.noted("pause", replica.name, [replica.name]) as detail:
        detail["happened"] = replica.is_running
        replica.pause()
        await _outlast_locks(world, chance)
        replica.resume()


@fault("pause-holding", Lane.SLOWNESS)
async def pause_holding(world: World, chance: Random) -> None:
    """A replica is stopped (SIGSTOP) in a transaction, while it holds the locks of the tenants that it writes."""
    async with world.one_replica(chance) as replica, world.noted("pause-holding", replica.name) as detail:
        replica.control.arm(Point.BEFORE_COMMIT, Action.PAUSE, chance.randrange(PASSED_BEFORE))
        detail["happened"] = await world.until(lambda: replica.is_paused, COMES_BY_WITHIN)
        replica.control.disarm()
        if detail["happened"]:
            await _outlast_locks(world, chance)
        replica.resume()


async def _outlast_locks(world: World, chance: Random) -> None:
    await world.rest(chance.uniform(*BEYOND_LOCKS) * world.lock_seconds / world.pace)
