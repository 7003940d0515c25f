"""Routing: durable calls of RouteInteraction and CompleteInteraction beside calls that do nothing.

What is counted per call is the mean over both kinds, half of the calls each: an interaction that is routed has to be
completed for the state to stay level. The no-op answers each of them with the bytes of an answer to RouteInteraction.
"""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from statistics import median
from typing import Any, NamedTuple

from benchmarks.callers import Callers, Sample
from benchmarks.case import DATABASES, Case, case_of
from benchmarks.databases import Database, running_database
from benchmarks.plan import Plan
from benchmarks.servers import Server, running
from benchmarks.tenants import set_up

MANY, SOME = 64, 16
"""The callers: many for what a call costs, some for how long it takes."""

NO_OP = "no-op"
AGAINST = "a no-op unary call with the same bytes, on grpc.aio and uvloop, by the same callers"


class Series(NamedTuple):
    """What was measured with a number of callers: samples by server, each run's beside each other."""

    of: dict[str, list[Sample]]

    def ratios(self, database: str, figure: Callable[[Sample], float]) -> list[float]:
        """In each run, a figure over that of the no-op."""
        return [figure(one) / figure(other) for one, other in zip(self.of[database], self.of[NO_OP], strict=True)]

    def medians(self, server: str) -> dict[str, Any]:
        """The medians of a server's samples."""
        samples = self.of[server]
        return {
            "cpu us": round(median(each.cpu_us for each in samples), 1),
            "calls/s": round(median(each.calls_per_second for each in samples)),
            "p50 ms": round(median(each.latency_ms(0.5) for each in samples), 2),
            "p99 ms": round(median(each.latency_ms(0.99) for each in samples), 2),
        }


class Measured(NamedTuple):
    """All that was measured under load."""

    many: Series
    some: Series
    versions: dict[str, str]


def measure_routing(plan: Plan, progress: Callable[[str], None], databases: Iterable[str] = DATABASES) -> Measured:
    """Start everything, then measure in turn: no-op, SQLite, PostgreSQL, no-op and so on."""
    with ExitStack() as stack:
        progress("starting databases and servers")
        started = [stack.enter_context(running_database(each)) for each in databases]
        servers = {each.name: stack.enter_context(running(["cartera", each.url], each.pid)) for each in started}
        answers = [set_up(server.address) for server in servers.values()]
        servers = {NO_OP: stack.enter_context(running([NO_OP, answers[0].hex()])), **servers}
        callers = stack.enter_context(Callers())
        for server in servers.values():
            callers.load(server, MANY, plan.warm_seconds)
        many = _series(callers, servers, MANY, plan, progress)
        some = _series(callers, servers, SOME, plan, progress)
        return Measured(many, some, _versions(started))


def _versions(databases: Iterable[Database]) -> dict[str, str]:
    return {each.name: each.version for each in databases}


def _series(
    callers: Callers, servers: dict[str, Server], number: int, plan: Plan, progress: Callable[[str], None]
) -> Series:
    samples: dict[str, list[Sample]] = {name: [] for name in servers}
    for run in range(1, plan.runs + 1):
        for name, server in servers.items():
            progress(f"{number} callers, run {run} of {plan.runs}: {name}")
            samples[name].append(callers.load(server, number, plan.load_seconds))
    return Series(samples)


def routing_cases(measured: Measured) -> list[Case]:
    """The cases of what was measured under load."""
    cases = []
    for database in measured.versions:
        cases += [
            _case(f"route_cpu_ratio_{database}", measured.many, database, lambda each: each.cpu_us),
            _case(f"route_rps_ratio_{database}", measured.many, database, lambda each: each.calls_per_second),
            _case(f"route_p99_ratio_{database}", measured.some, database, lambda each: each.latency_ms(0.99)),
        ]
    if "postgres" in measured.versions:
        cases.append(_database_cpu(measured.many))
    return cases


def _case(name: str, series: Series, database: str, figure: Callable[[Sample], float]) -> Case:
    medians = {each: series.medians(each) for each in (database, NO_OP)}
    return case_of(name, "x", AGAINST, series.ratios(database, figure), medians)


def _database_cpu(series: Series) -> Case:
    runs = [each.database_cpu_us for each in series.of["postgres"]]
    against = "nothing: CPU of all PostgreSQL processes per interaction, routed and completed"
    return case_of("postgres_cpu_us_per_route", "us", against, runs, {"callers": MANY})
