"""Load at a pace: interactions that come whether those before are answered or not, as people do.

Each source of load is a process of its own, so that a flood keeps nobody else's calls back before they are sent.
"""

import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from itertools import chain
from multiprocessing.connection import Connection
from random import Random
from typing import Any, NamedTuple

import grpc
import uvloop

from benchmarks.callers import LoadFailed
from benchmarks.calls import CALL_SECONDS, COMPLETE, GATEWAY, ROUTE, Caller
from benchmarks.generator import CHANNELS, channel_to
from benchmarks.processes import Processes
from cartera.client.errors import error_from

ATTEMPTS = 6
"""How often a call is made that is refused with a time to come again: as often as the client of the package does."""


class Pace(NamedTuple):
    """What one source is to do: interactions of its tenants in turn, so many per second."""

    address: str
    tenants: Sequence[int]
    routes_per_second: float
    seconds: float
    at_once: int = 100_000
    """How many of its interactions are under way at most; the next ones wait at the source."""
    at_random: bool = False
    """Whether they come as people do who know nothing of each other, and not one after the same time as the other."""

    def due(self) -> Iterator[float]:
        """After how many seconds each comes; the same at random every time."""
        chance, interval, due = Random(0), 1 / self.routes_per_second, 0.0  # noqa: S311 - nothing is kept secret by it
        while True:
            yield due
            due += chance.expovariate(1 / interval) if self.at_random else interval


class Pressed(NamedTuple):
    """What became of it."""

    latencies: list[float]
    """Of the routes, in order: the seconds from when each was due, or could be begun, to its answer."""
    calls: int
    refused: int
    told: list[float]
    """After how many seconds refused calls were to come again, in order."""
    given_up: int
    fault: str = ""

    def latency_ms(self, share: float) -> float:
        """The time within which that share of the routes was answered, in milliseconds."""
        return self.latencies[min(int(len(self.latencies) * share), len(self.latencies) - 1)] * 1e3


def pooled(pressed: Sequence[Pressed]) -> Pressed:
    """What became of several paces, as if it had been one."""
    return Pressed(
        latencies=sorted(chain.from_iterable(each.latencies for each in pressed)),
        calls=sum(each.calls for each in pressed),
        refused=sum(each.refused for each in pressed),
        told=sorted(chain.from_iterable(each.told for each in pressed)),
        given_up=sum(each.given_up for each in pressed),
    )


class Sources(Processes):
    """Processes that make load at a pace."""

    def __init__(self, niceness: Sequence[int]) -> None:
        """One process for each number. A nice one is kept from the processor before the others are: what it shares
        with them here, it would not in a data centre.
        """
        super().__init__(generate, [(nice,) for nice in niceness])

    def press(self, *paces: Pace) -> list[Pressed]:
        """Have each source do what it is to do, all at the same time."""
        pipes = self._pipes[: len(paces)]
        for pipe, pace in zip(pipes, paces, strict=True):
            pipe.send(pace)
        for pipe in pipes:
            pipe.recv()
        for pipe in pipes:
            pipe.send("go")
        pressed: list[Pressed] = [pipe.recv() for pipe in pipes]
        faults = [each.fault for each in pressed if each.fault]
        if faults:
            raise LoadFailed(faults[0])
        return pressed


def generate(pipe: Connection, niceness: int) -> None:
    """Do what the pipe says, until it says None."""
    os.nice(niceness)
    uvloop.run(_generate(pipe))


async def _generate(pipe: Connection) -> None:
    connections: dict[str, list[grpc.aio.Channel]] = {}
    while pace := pipe.recv():
        channels = connections.get(pace.address)
        if channels is None:
            channels = connections[pace.address] = [channel_to(pace.address) for _ in range(CHANNELS)]
        await asyncio.gather(*(channel.channel_ready() for channel in channels))
        pipe.send("ready")
        pipe.recv()
        pipe.send(await _Source(pace, channels).press())
    await asyncio.gather(*(channel.close() for each in connections.values() for channel in each))


class _Source:
    def __init__(self, pace: Pace, channels: list[grpc.aio.Channel]) -> None:
        self._pace = pace
        self._stubs: list[tuple[Any, Any]] = [
            (each.unary_unary(ROUTE), each.unary_unary(COMPLETE)) for each in channels
        ]
        self._places = asyncio.Semaphore(pace.at_once)
        self._latencies: list[float] = []
        self._told: list[float] = []
        self._calls = self._given_up = 0
        self._ended = False

    async def press(self) -> Pressed:
        try:
            await self._press()
        except ExceptionGroup as faults:  # it is told where the figures are asked for
            first = faults.exceptions[0]
            return Pressed([], 0, 0, [], 0, f"{type(first).__name__}: {first}")
        told = sorted(self._told)
        return Pressed(sorted(self._latencies), self._calls, len(told), told, self._given_up)

    async def _press(self) -> None:
        run = f"{time.monotonic_ns():x}"[-8:]
        callers = [Caller(run, number) for number in self._pace.tenants]
        requests = [caller.requests() for caller in callers]
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for each, after in enumerate(self._pace.due()):
                due = began + after
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                await self._places.acquire()
                if time.perf_counter() >= began + self._pace.seconds:
                    break
                of = each % len(callers)
                due = time.perf_counter() if self._places.locked() else due
                group.create_task(self._attend(callers[of], next(requests[of]), each, due))
            self._ended = True

    async def _attend(self, caller: Caller, request: bytes, each: int, due: float) -> None:
        """Route and complete one interaction."""
        route, complete = self._stubs[each % len(self._stubs)]
        try:
            response = await self._insist(route, request)
            if response is not None:
                self._latencies.append(time.perf_counter() - due)
                await self._insist(complete, caller.completion(response, each))
        finally:
            self._places.release()

    async def _insist(self, call: Any, request: bytes) -> bytes | None:
        """Call, again when it is refused and told when to come. None: given up."""
        for _ in range(ATTEMPTS):
            self._calls += 1
            try:
                response: bytes = await call(request, timeout=CALL_SECONDS, metadata=GATEWAY)
            except grpc.aio.AioRpcError as failure:
                error = error_from(failure)
                if error.code is not grpc.StatusCode.RESOURCE_EXHAUSTED or error.retry_delay is None:
                    raise
                self._told.append(error.retry_delay.total_seconds())
                if self._ended:
                    break
                await asyncio.sleep(self._told[-1])
            else:
                return response
        self._given_up += 1
        return None
