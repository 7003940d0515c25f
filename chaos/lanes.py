"""When which fault comes: each lane goes through its faults again and again, each time in another order."""

import asyncio
from collections.abc import Sequence
from random import Random

from chaos.faults import Fault, Lane
from chaos.world import World

BETWEEN = (0.5, 3.0)
"""How long nothing is broken between two faults of a lane, in seconds: the service shows that it is back."""

FEW = 4
"""A lane with fewer faults than this beside another rests the longer: else its few would leave no calm at all."""


async def inflict(world: World, faults: Sequence[Fault], seed: int, *, once: bool) -> None:
    """Break things until the run ends, or until each was broken once; what is left is for `World.heal`."""
    throughout = [fault for fault in faults if fault.lane is Lane.THROUGHOUT]
    beside = asyncio.gather(*(fault.inflict(world, Random(f"{seed}-{fault.name}")) for fault in throughout))
    side_by_side = [lane for lane in Lane if lane is not Lane.THROUGHOUT]
    of_lanes = [[fault for fault in faults if fault.lane is lane] for lane in side_by_side]
    lanes = [_lane(world, of_lane, seed, _slowness(of_lane, faults), once=once) for of_lane in of_lanes if of_lane]
    await asyncio.gather(*lanes)
    if once:
        world.ending.set()
    await beside


def _slowness(of_lane: Sequence[Fault], faults: Sequence[Fault]) -> float:
    return FEW / len(of_lane) if len(of_lane) < min(FEW, len(faults)) else 1.0


async def _lane(world: World, faults: list[Fault], seed: int, slowness: float, *, once: bool) -> None:
    chance = Random(f"{seed}-{faults[0].lane.value}")
    while not world.ending.is_set():
        for fault in chance.sample(faults, len(faults)):
            await world.rest(slowness * chance.uniform(*BETWEEN))
            if world.ending.is_set():
                return
            await fault.inflict(world, Random(chance.random()))
        if once:
            return
