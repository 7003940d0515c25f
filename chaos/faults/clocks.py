"""Clocks that don't agree."""

from random import Random

from chaos.faults.fault import Lane, fault
from chaos.world import World

MINUTES_APART = 5


@fault("clocks", Lane.THROUGHOUT)
async def set_clocks(world: World, chance: Random) -> None:
    """The replicas' clocks are minutes apart, and jump, backwards too."""
    async with world.noted("clocks", "all", ()) as detail:
        detail["jumps"] = 0
        while not world.ending.is_set():
            replica = chance.choice(world.replicas.all)
            replica.control.set_clock(chance.uniform(-60, 60) * MINUTES_APART)
            detail["jumps"] += 1
            await world.rest(chance.uniform(0.5, 3))
        for replica in world.replicas.all:
            replica.control.set_clock(0)
