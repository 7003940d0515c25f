"""Routing: durable calls of RouteInteraction and CompleteInteraction beside calls that do nothing.

What is counted per call is the mean over both kinds, half of the calls each: an interaction that is routed has to be
completed for the state to stay level. The no-op answers each of them with the bytes of an answer to RouteInteraction.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from statistics import median
from time import monotonic
from typing import NamedTuple

from benchmarks.callers import Callers, Sample
from benchmarks.case import DATABASES, Case, case_of
from benchmarks.databases import Database, running_database
from benchmarks.plan import Plan
from benchmarks.pressure import Sources
from benchmarks.servers import Server, running
from benchmarks.steady import ROUTES_PER_SECOND, load_steadily
from benchmarks.tenants import set_up

MANY, SOME = 64, 16
"""The callers: many for what a call costs, some for how long it takes."""

NO_OP = "no-op"
AGAINST = "a no-op unary call with the same bytes, on grpc.aio and uvloop, by the same callers"


class Series(NamedTuple):
    """What was measured under a load: samples by server, each run's beside each other."""

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
MEDIAN: Figures = {"p50 ms": lambda sample: sample.latency_ms(0.5)}
LATENCY: Figures = {"p99 ms": lambda sample: sample.latency_ms(0.99), **MEDIAN}


def _rounded(figure: float) -> float:
    return float(f"{figure:.3g}")


class Generators(NamedTuple):
    """What makes load: callers who wait for their answers, and a source at a pace."""

    callers: Callers
    sources: Sources


class Load(NamedTuple):
    """A load that is put on every server, and the cases that come of it on each database."""

    what: str
    put: Callable[[Generators, Server, float], Sample]
    cases: Mapping[str, Figures]
    database_cpu: str = ""
    """The case of what it costs the database itself."""

    def names(self) -> set[str]:
        """The names of the cases."""
        return {f"{name}_{database}" for name in self.cases for database in DATABASES} | {self.database_cpu} - {""}


def _call(
    generators: Generators, server: Server, seconds: float, *, callers: int, new_contacts: bool = False
) -> Sample:
    return generators.callers.load(server, callers, seconds, new_contacts=new_contacts)


def _keep_pace(generators: Generators, server: Server, seconds: float) -> Sample:
    return load_steadily(generators.sources, server, seconds)


FIRST_LOADS = (
    Load(
        f"{MANY} callers",
        partial(_call, callers=MANY),
        {"route_cpu_ratio": CPU, "route_rps_ratio": RATE},
        "postgres_cpu_us_per_route",
    ),
    Load(f"{SOME} callers", partial(_call, callers=SOME), {"route_p99_ratio": LATENCY}),
)
OTHER_LOADS = (
    Load("one caller", partial(_call, callers=1), {"single_caller_p50_ratio": {**MEDIAN, **CPU}}),
    Load(f"{ROUTES_PER_SECOND} a second", _keep_pace, {"steady_p99_ratio": {**LATENCY, **CPU}}),
    Load(
        f"{MANY} callers for new contacts",
        partial(_call, callers=MANY, new_contacts=True),
        {"new_contacts_cpu_ratio": CPU},
    ),
)
LOADS = FIRST_LOADS + OTHER_LOADS


def names_of(loads: Iterable[Load]) -> set[str]:
    """The names of all their cases."""
    return {name for load in loads for name in load.names()}


class Measured(NamedTuple):
    """All that was measured under load."""

    series: list[tuple[Load, Series]]
    versions: dict[str, str]


Progress = Callable[[str], None]


def measure_routing(plan: Plan, names: Collection[str], progress: Progress) -> Measured:
    """Start everything, then measure what the named cases need, in turn: no-op, SQLite, PostgreSQL, no-op and so on."""
    with ExitStack() as stack:
        progress("starting databases and servers")
        with ThreadPoolExecutor(len(DATABASES)) as pool:
            replicas = list(pool.map(lambda name: _start(stack, name), DATABASES))
        no_op = stack.enter_context(running([NO_OP, replicas[0].answer.hex()]))
        servers = {NO_OP: no_op, **{each.database.name: each.server for each in replicas}}
        generators = Generators(stack.enter_context(Callers()), stack.enter_context(Sources([0])))
        rounds = Rounds(generators, servers, plan, progress)
        rounds.warm_up()
        return Measured(
            series=[(load, rounds.series(load)) for load in LOADS if not load.names().isdisjoint(names)],
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

    generators: Generators
    servers: dict[str, Server]
    plan: Plan
    progress: Progress

    def warm_up(self) -> None:
        """Let every server do what it does only at first."""
        for name, server in self.servers.items():
            self.progress(f"warming up: {name}")
            self.generators.callers.load(server, MANY, self.plan.warm_seconds)

    def series(self, load: Load) -> Series:
        """Measure under a load."""
        samples: dict[str, list[Sample]] = {name: [] for name in self.servers}
        end = monotonic() + self.plan.budget_seconds
        for run in range(1, self.plan.runs + 1):
            for name, server in self.servers.items():
                self.progress(f"{load.what}, run {run} of {self.plan.runs}: {name}")
                samples[name].append(load.put(self.generators, server, self.plan.load_seconds))
            if monotonic() > end:
                break
        return Series(samples)


def routing_cases(measured: Measured) -> list[Case]:
    """The cases of what was measured under load."""
    cases = [
        _case(f"{name}_{database}", series, database, figures)
        for database in measured.versions
        for load, series in measured.series
        for name, figures in load.cases.items()
    ]
    return cases + [_database_cpu(load.database_cpu, series) for load, series in measured.series if load.database_cpu]


def _case(name: str, series: Series, database: str, figures: Figures) -> Case:
    compared = next(iter(figures.values()))
    return case_of(name, "x", AGAINST, series.ratios(database, compared), series.medians(database, figures))


def _database_cpu(name: str, series: Series) -> Case:
    runs = [each.database_cpu_us for each in series.of["postgres"]]
    against = "nothing: CPU of all PostgreSQL processes per interaction, routed and completed"
    return case_of(name, "us", against, runs, {"callers": MANY})
