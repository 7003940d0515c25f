"""A run: traffic and faults side by side, then calm, then what is kept of it."""

import asyncio
import json
import platform
import signal
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from chaos.ending import keep
from chaos.lanes import inflict
from chaos.options import TENANTS, Options
from chaos.stage import LOCK_SECONDS_ONCE, PACE_ONCE, staged
from chaos.traffic import Traffic
from chaos.world import World

CALM_SECONDS = 2.0
"""How long traffic goes on after the last fault: service returns by itself, or it doesn't."""


async def run(options: Options, directory: Path) -> None:
    """Run, and leave in the directory all that the judge reads."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with staged(options, directory) as world:
        traffic = Traffic(
            world.addresses,
            directory,
            options.seed,
            callers=options.callers,
            tenants=TENANTS,
            copies=options.wants("duplicates"),
        )
        _describe(options, world, directory)
        if options.once:
            world.pace, world.lock_seconds = PACE_ONCE, LOCK_SECONDS_ONCE
        await traffic.prepare()
        await _break_under(traffic, world, options)
        await traffic.settle()
        statuses = await world.replicas.stop()
        await asyncio.to_thread(keep, world.database.url, directory)
        _sum_up(world, statuses, directory)


async def _break_under(traffic: Traffic, world: World, options: Options) -> None:
    stop = asyncio.Event()
    calling = asyncio.create_task(traffic.run(stop))
    breaking = asyncio.create_task(inflict(world, options.chosen, options.seed, once=options.once))
    await asyncio.wait((calling, breaking), timeout=options.seconds, return_when=asyncio.FIRST_COMPLETED)
    world.ending.set()
    await breaking
    await world.heal()
    await asyncio.wait((calling,), timeout=CALM_SECONDS)
    stop.set()
    await calling


def _describe(options: Options, world: World, directory: Path) -> None:
    described = {
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": options.seed,
        "seconds": options.seconds,
        "replicas": options.replicas,
        "database": options.database,
        "faults": [fault.name for fault in options.chosen],
        "addresses": dict(zip((replica.name for replica in world.replicas.all), world.addresses, strict=True)),
        "command": options.command(),
        "versions": {"cartera": version("cartera"), "python": platform.python_version()},
    }
    (directory / "run.json").write_text(json.dumps(described, indent=2) + "\n")


def _sum_up(world: World, statuses: list[int | None], directory: Path) -> None:
    summed_up = {"restarts": world.replicas.restarts, "exit_statuses": statuses}
    (directory / "replicas.json").write_text(json.dumps(summed_up, indent=2) + "\n")
