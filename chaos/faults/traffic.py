"""Clients that are hard to serve: they send everything several times, or read slowly. The traffic does it."""

from random import Random

from chaos.faults.fault import Lane, fault
from chaos.world import World


@fault("duplicates", Lane.THROUGHOUT)
async def duplicate(world: World, _: Random) -> None:
    """Every mutation is sent one to three times in parallel, to different replicas."""
    async with world.noted("duplicates", "clients", ()):
        await world.ending.wait()


@fault("slow-watcher", Lane.THROUGHOUT)
async def watch_slowly(world: World, _: Random) -> None:
    """A watcher reads one message a second, and goes on where it was when it is cut."""
    async with world.noted("slow-watcher", "clients", ()) as detail:
        await world.ending.wait()
        histories = list(world.directory.glob("watch-*-slow.jsonl"))
        detail["happened"] = any('"step"' in history.read_text() for history in histories)
