"""The network: between replicas and database, and between clients and replicas."""

from random import Random

from chaos.faults.fault import POSTGRES, Lane, fault
from chaos.world import CLIENTS, DATABASE, World

DELAYS = (0.02, 0.4)
CUT, HELD, SLOW = "cut", "held", "slow"


@fault("network-database", Lane.DATABASE, POSTGRES)
async def break_network_to_database(world: World, chance: Random) -> None:
    """Replicas' connections to the database are reset, or hear nothing without being closed, or are slow."""
    await _break(world, chance, "network-database", DATABASE)


@fault("network-clients", Lane.SLOWNESS)
async def break_network_to_clients(world: World, chance: Random) -> None:
    """Clients' connections to replicas are reset, or hear nothing without being closed, or are slow."""
    await _break(world, chance, "network-clients", CLIENTS)


async def _break(world: World, chance: Random, name: str, prefix: str) -> None:
    links = world.network.names(prefix)
    broken = links if chance.random() < 1 / 3 else chance.sample(links, 1)
    kind = chance.choice((CUT, HELD, SLOW))
    async with world.noted(name, " ".join(broken), [link.removeprefix(prefix) for link in broken]) as detail:
        detail["kind"] = kind
        for link in broken:
            await _break_link(world, chance, link, kind)
        await world.rest(chance.uniform(1, 6))
        for link in broken:
            await world.network.heal(link)


async def _break_link(world: World, chance: Random, link: str, kind: str) -> None:
    if kind == CUT:
        await world.network.cut(link)
    elif kind == HELD:
        await world.network.hold(link)
    else:
        await world.network.delay(link, chance.uniform(*DELAYS))
