"""Routing: durable calls of RouteInteraction and CompleteInteraction beside calls that do nothing.

What is counted per call is the mean over both kinds, half of the calls each: an interaction that is routed has to be
completed for the state to stay level. The no-op answers each of them with the bytes of an answer to RouteInteraction.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from statistics import median
from time import monotonic
from typing import NamedTuple

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

    def medians(self, database: str, figures: "Figures") -> dict[str, float]:
        """The medians of figures, of the database's server and of the no-op."""
        return {
            f"{server} {name}": _rounded(median(map(figure, self.of[server])))
            for name, figure in figures.items()
            for server in (database, NO_OP)
        }


Figures = Mapping[str, Callable[[Sample], float]]
"""Figures of a sample by name; the first is the one that is compared."""

CPU: Figures = {"us per call": lambda sample: sample.cpu_us}
RATE: Figures = {"calls per second": lambda sample: sample.calls_per_second}
LATENCY: Figures = {
    "p99 ms": lambda sample: sample.latency_ms(0.99),
    "p50 ms": lambda sample: sample.latency_ms(0.5),
}


def _rounded(figure: float) -> float:
    return float(f"{figure:.3g}")


class Measured(NamedTuple):
    """All that was measured under load."""

    many: Series
    some: Series
    new_contacts: Series | None
    versions: dict[str, str]


Progress = Callable[[str], None]


def measure_routing(plan: Plan, progress: Progress) -> Measured:
    """Start everything, then measure in turn: no-op, SQLite, PostgreSQL, no-op and so on."""
    with ExitStack() as stack:
        progress("starting databases and servers")
        with ThreadPoolExecutor(len(DATABASES)) as pool:
            replicas = list(pool.map(lambda name: _start(stack, name), DATABASES))
        no_op = stack.enter_context(running([NO_OP, replicas[0].answer.hex()]))
        servers = {NO_OP: no_op, **{each.database.name: each.server for each in replicas}}
        rounds = Rounds(stack.enter_context(Callers()), servers, plan, progress)
        rounds.warm_up()
        return Measured(
            many=rounds.series(MANY),
            some=rounds.series(SOME),
            new_contacts=rounds.series(MANY, new_contacts=True) if plan.new_contacts else None,
            versions={each.database.name: each.database.version for each in replicas},
        )


class Replica(NamedTuple):
    """A server, its database, and what it answers to RouteInteraction."""

    database: Database
    server: Server
    answer: bytes


def _start(stack: ExitStack, name: str) -> Replica:
    database = stack.enter_context(running_database(name))
    server = stack.enter_context(running(["cartera", database.url], database.pid))
    return Replica(database, server, set_up(server.address))


class Rounds(NamedTuple):
    """Measures one server after another, again and again, so that a busy moment of the machine meets them alike."""

    callers: Callers
    servers: dict[str, Server]
    plan: Plan
    progress: Progress

    def warm_up(self) -> None:
        """Let every server do what it does only at first."""
        for name, server in self.servers.items():
            self.progress(f"warming up: {name}")
            self.callers.load(server, MANY, self.plan.warm_seconds)

    def series(self, number: int, *, new_contacts: bool = False) -> Series:
        """Measure with so many callers."""
        samples: dict[str, list[Sample]] = {name: [] for name in self.servers}
        end = monotonic() + self.plan.budget_seconds
        for run in range(1, self.plan.runs + 1):
            for name, server in self.servers.items():
                self.progress(f"{number} callers, run {run} of {self.plan.runs}: {name}")
                sample = self.callers.load(server, number, self.plan.load_seconds, new_contacts=new_contacts)
                samples[name].append(sample)
            if monotonic() > end:
                break
        return Series(samples)


def routing_cases(measured: Measured) -> list[Case]:
    """The cases of what was measured under load."""
    cases = []
    for database in measured.versions:
        cases += [
            _case(f"route_cpu_ratio_{database}", measured.many, database, CPU),
            _case(f"route_rps_ratio_{database}", measured.many, database, RATE),
            _case(f"route_p99_ratio_{database}", measured.some, database, LATENCY),
        ]
        if measured.new_contacts:
            cases.append(_case(f"new_contacts_cpu_ratio_{database}", measured.new_contacts, database, CPU))
    return [*cases, _database_cpu(measured.many)]


def _case(name: str, series: Series, database: str, figures: Figures) -> Case:
    compared = next(iter(figures.values()))
    return case_of(name, "x", AGAINST, series.ratios(database, compared), series.medians(database, figures))


def _database_cpu(series: Series) -> Case:
    runs = [each.database_cpu_us for each in series.of["postgres"]]
    against = "nothing: CPU of all PostgreSQL processes per interaction, routed and completed"
    return case_of("postgres_cpu_us_per_route", "us", against, runs, {"callers": MANY})
