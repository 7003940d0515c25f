"""The load generator: a process whose callers each wait for one answer before they ask again.

It does the same against every server, and as little as it can: requests and responses are bytes.
"""

import asyncio
import time
from collections.abc import Coroutine
from itertools import count
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import grpc
import uvloop

from benchmarks.calls import CALL_SECONDS, COMPLETE, GATEWAY, ROUTE, Caller

CHANNELS = 2
"""Connections of one process: gateways keep few."""


class Load(NamedTuple):
    """What a process is to do: let the callers call at the address for so long."""

    address: str
    callers: list[Caller]
    seconds: float


class Tally(NamedTuple):
    """What a process did: its routes and all its calls, how long the routes took, or what went wrong."""

    routes: int
    calls: int
    latencies: list[float]
    fault: str = ""


class Errand(NamedTuple):
    """A caller, and whom it calls."""

    address: str
    caller: Caller


def generate(pipe: Connection) -> None:
    """Do what the pipe says, until it says None."""
    uvloop.run(_generate(pipe))


async def _generate(pipe: Connection) -> None:
    connections: dict[str, list[grpc.aio.Channel]] = {}
    while load := pipe.recv():
        channels = connections.get(load.address)
        if channels is None:
            channels = connections[load.address] = [channel_to(load.address) for _ in range(CHANNELS)]
        await asyncio.gather(*(channel.channel_ready() for channel in channels))
        pipe.send("ready")
        pipe.recv()
        pipe.send(await _bear(load, channels))
    await asyncio.gather(*(channel.close() for each in connections.values() for channel in each))


def run_errands(pipe: Connection) -> None:
    """Run the errands that the pipe brings, each time for so long, until it brings None."""
    uvloop.run(_run_errands(pipe))


async def _run_errands(pipe: Connection) -> None:
    channels: dict[str, grpc.aio.Channel] = {}
    while asked := pipe.recv():
        errands, seconds = asked
        for address in {errand.address for errand in errands} - channels.keys():
            channels[address] = channel_to(address)
            await channels[address].channel_ready()
        end = time.perf_counter() + seconds
        pipe.send(await _tally([_attend(channels[each.address], each.caller, end) for each in errands]))
    await asyncio.gather(*(channel.close() for channel in channels.values()))


def channel_to(address: str) -> grpc.aio.Channel:
    """A connection of its own."""
    # Without its own pool all channels to one address would share one connection.
    return grpc.aio.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)])


async def _bear(load: Load, channels: list[grpc.aio.Channel]) -> Tally:
    end = time.perf_counter() + load.seconds
    shares = [_attend(channels[number % len(channels)], caller, end) for number, caller in enumerate(load.callers)]
    return await _tally(shares)


async def _tally(shares: list[Coroutine[Any, Any, list[float]]]) -> Tally:
    try:
        latencies = [each for share in await asyncio.gather(*shares) for each in share]
    except Exception as fault:  # noqa: BLE001 - it is told where the figures are asked for
        return Tally(0, 0, [], f"{type(fault).__name__}: {fault}")
    return Tally(len(latencies), 2 * len(latencies), latencies)


async def _attend(channel: grpc.aio.Channel, caller: Caller, end: float) -> list[float]:
    """Route and complete until the end. Returns how long each route took."""
    route: Any = channel.unary_unary(ROUTE)
    complete: Any = channel.unary_unary(COMPLETE)
    requests = caller.requests()
    latencies = []
    for each in count():
        request = next(requests)
        began = time.perf_counter()
        if began >= end:
            return latencies
        response = await route(request, timeout=CALL_SECONDS, metadata=GATEWAY)
        latencies.append(time.perf_counter() - began)
        await complete(caller.completion(response, each), timeout=CALL_SECONDS, metadata=GATEWAY)
    raise AssertionError("counting ended")
