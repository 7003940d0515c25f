"""Replicas that are killed: at a named point of a batch, or wherever they are."""

from random import Random

from chaos.faults.fault import Lane, fault
from chaos.replica_control import Action, Point
from chaos.world import World

COMES_BY_WITHIN = 10.0
"""How long a replica may take to come by a point, in seconds."""

PASSED_BEFORE = 12
"""Up to so many batches go by a point before one breaks there."""


@fault("kill-before-append", Lane.REPLICAS)
async def kill_before_append(world: World, chance: Random) -> None:
    """A replica is killed (-9) with a batch that is decided and not yet written."""
    await _kill_at(world, chance, "kill-before-append", Point.BEFORE_APPEND)


@fault("kill-before-commit", Lane.REPLICAS)
async def kill_before_commit(world: World, chance: Random) -> None:
    """A replica is killed (-9) in a transaction, with a batch that is written and not yet committed."""
    await _kill_at(world, chance, "kill-before-commit", Point.BEFORE_COMMIT)


@fault("kill-before-answer", Lane.REPLICAS)
async def kill_before_answer(world: World, chance: Random) -> None:
    """A replica is killed (-9) with a batch that is committed and not yet answered."""
    await _kill_at(world, chance, "kill-before-answer", Point.BEFORE_ANSWER)


@fault("kill", Lane.REPLICAS)
async def kill(world: World, chance: Random) -> None:
    """A replica is killed (-9) at any instant."""
    async with world.one_replica(chance) as replica, world.noted("kill", replica.name, [replica.name]) as detail:
        await world.rest(chance.uniform(0, 0.5))
        starts = replica.starts
        detail["happened"] = replica.is_running
        replica.kill()
        await replica.starts_again(starts)


async def _kill_at(world: World, chance: Random, name: str, point: Point) -> None:
    async with world.one_replica(chance) as replica, world.noted(name, replica.name, [replica.name]) as detail:
        starts = replica.starts
        replica.control.arm(point, Action.KILL, chance.randrange(PASSED_BEFORE))
        detail["happened"] = await world.until(lambda: replica.starts > starts, COMES_BY_WITHIN)
        replica.control.disarm()
        if detail["happened"]:
            await replica.starts_again(starts)
