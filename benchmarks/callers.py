"""The callers, from the side of who measures: processes of their own, which all begin at once."""

import os
import time
import uuid
from typing import NamedTuple

from benchmarks.calls import Caller
from benchmarks.generator import Load, Tally, generate
from benchmarks.processes import Processes
from benchmarks.servers import Server

PROCESSES = min(4, max(1, (os.cpu_count() or 2) - 1))
"""One for each processor that the server leaves: more only take time from it and from each other."""


class Sample(NamedTuple):
    """One measurement under load."""

    routes: int
    calls: int
    seconds: float
    latencies: list[float]
    """Of the routes, in order."""
    server_cpu: float
    database_cpu: float

    @property
    def cpu_us(self) -> float:
        """Microseconds of the server's CPU time (user and system) per call."""
        return self.server_cpu / self.calls * 1e6

    @property
    def database_cpu_us(self) -> float:
        """Microseconds of the database's CPU time per route, what its completion takes included."""
        return self.database_cpu / self.routes * 1e6

    @property
    def calls_per_second(self) -> float:
        """Calls of both kinds per second."""
        return self.calls / self.seconds

    def latency_ms(self, share: float) -> float:
        """The time within which that share of the routes was answered, in milliseconds."""
        return self.latencies[min(int(len(self.latencies) * share), len(self.latencies) - 1)] * 1e3


class LoadFailed(Exception):  # noqa: N818 - names what happened
    """A call failed, so nothing was measured."""


class Callers(Processes):
    """Processes whose callers each wait for an answer before they call again."""

    def __init__(self, processes: int = PROCESSES) -> None:
        super().__init__(generate, [()] * processes)

    def load(self, server: Server, callers: int, seconds: float, *, new_contacts: bool = False) -> Sample:
        """Have so many callers call a server for so long; all of what it then took is counted, to the last answer."""
        run = uuid.uuid4().hex[:8]
        numbered = [Caller(run, number, new_contacts) for number in range(callers)]
        for place, pipe in enumerate(self._pipes):
            pipe.send(Load(server.address, numbered[place :: len(self._pipes)], seconds))
        self._all_say_ready()
        cpu, database_cpu, began = server.cpu_seconds(), server.database_cpu_seconds(), time.perf_counter()
        for pipe in self._pipes:
            pipe.send("go")
        tallies = [pipe.recv() for pipe in self._pipes]
        ended = time.perf_counter()
        cpu, database_cpu = server.cpu_seconds() - cpu, server.database_cpu_seconds() - database_cpu
        return _sample(tallies, ended - began, cpu, database_cpu)

    def _all_say_ready(self) -> None:
        for pipe in self._pipes:
            pipe.recv()


def _sample(tallies: list[Tally], seconds: float, cpu: float, database_cpu: float) -> Sample:
    faults = [tally.fault for tally in tallies if tally.fault]
    if faults:
        raise LoadFailed(faults[0])
    latencies = sorted(each for tally in tallies for each in tally.latencies)
    routes, calls = sum(tally.routes for tally in tallies), sum(tally.calls for tally in tallies)
    return Sample(routes, calls, seconds, latencies, cpu, database_cpu)
