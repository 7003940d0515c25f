"""Replicas: one, two and three of them on one PostgreSQL, with tenants spread over them, or one tenant on all of them.

Every replica runs all the time; so many of them are called. With tenants spread, all calls of a tenant reach the same
replica. With one tenant, each of its callers calls one replica, and the replicas race for it.
"""

import json
import multiprocessing
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.calls import TENANTS, Caller
from benchmarks.databases import running_database
from benchmarks.generator import Errand, Tally, run_errands
from benchmarks.plan import Plan
from benchmarks.races import Races
from benchmarks.report import environment
from benchmarks.servers import Server, running
from benchmarks.tenants import set_up

NUMBERS = (1, 2, 3)
CALLERS = 48
SPREAD, HOT = "tenants spread", "one hot tenant"
RESULTS = Path("benchmarks/results/replicas.json")

FIGURES = {
    "routes_per_second": "routes per second",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "replica_cpu_us_per_route": "CPU of the replicas, us per route",
    "database_cpu_us_per_route": "CPU of PostgreSQL, us per route",
    "races_lost_per_1000_routes": "lost races per 1,000 routes",
}

Progress = Callable[[str], None]


class Replica(NamedTuple):
    """A server, and how many races it has lost."""

    server: Server
    races: Races


class Row(NamedTuple):
    """What was found for a way of calling and a number of replicas: medians, and ratios to one replica's."""

    load: str
    replicas: int
    medians: dict[str, float]
    ratios: dict[str, float]


def measure_replicas(plan: Plan, progress: Progress) -> dict[str, Any]:
    """Measure each number of replicas in turn, again and again, so that a busy moment meets them alike."""
    with ExitStack() as stack:
        progress("starting PostgreSQL and replicas")
        database = stack.enter_context(running_database("postgres"))
        replicas = [stack.enter_context(_replica(database.url, database.pid)) for _ in range(max(NUMBERS))]
        set_up(replicas[0].server.address)
        callers = stack.enter_context(_callers())
        for number in NUMBERS:
            callers(_errands(replicas[:number], SPREAD), plan.warm_seconds)
        found: dict[tuple[str, int], list[dict[str, float]]] = {}
        for run in range(1, plan.runs + 1):
            for load in (SPREAD, HOT):
                for number in NUMBERS:
                    progress(f"run {run} of {plan.runs}: {load}, {number} replicas")
                    errands = _errands(replicas[:number], load)
                    callers(errands, plan.load_seconds / 4)  # each replica learns what the others wrote
                    figures = _measured(replicas, lambda errands=errands: callers(errands, plan.load_seconds))
                    found.setdefault((load, number), []).append(figures)
        return replicas_report(found, plan.name, database.version)


def replicas_report(
    found: dict[tuple[str, int], list[dict[str, float]]], plan: str, postgres_version: str
) -> dict[str, Any]:
    """What was found, by load and number of replicas, as it is written."""
    rows = [_row(load, number, runs, found[load, 1])._asdict() for (load, number), runs in found.items()]
    versions = {**environment(), "postgres": postgres_version}
    return {"rows": rows, "callers": CALLERS, "plan": plan, "environment": versions}


@contextmanager
def _replica(url: str, database_pid: int | None) -> Iterator[Replica]:
    with Races.counted() as races, running(["cartera", url, "", str(races.path)], database_pid) as server:
        yield Replica(server, races)


@contextmanager
def _callers() -> Iterator[Callable[[list[Errand], float], Tally]]:
    """A process that runs errands for so long."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=run_errands, args=(theirs,), daemon=True)
    process.start()

    def call(errands: list[Errand], seconds: float) -> Tally:
        ours.send((errands, seconds))
        tally: Tally = ours.recv()
        if tally.fault:
            raise RuntimeError(tally.fault)
        return tally

    try:
        yield call
    finally:
        ours.send(None)
        process.join(5)
        process.kill()


def _errands(replicas: list[Replica], load: str) -> list[Errand]:
    """Who calls which replica."""
    run = uuid.uuid4().hex[:8]
    errands = []
    for each in range(CALLERS):
        number = each if load == SPREAD else each * TENANTS
        place = each % TENANTS if load == SPREAD else each
        errands.append(Errand(replicas[place % len(replicas)].server.address, Caller(run, number)))
    return errands


def _measured(replicas: list[Replica], call: Callable[[], Tally]) -> dict[str, float]:
    before, began = _spent(replicas), time.perf_counter()
    tally = call()
    seconds = time.perf_counter() - began
    cpu, database_cpu, races = (after - earlier for after, earlier in zip(_spent(replicas), before, strict=True))
    latencies = sorted(tally.latencies)
    return {
        "routes_per_second": tally.routes / seconds,
        "p50_ms": latencies[len(latencies) // 2] * 1e3,
        "p99_ms": latencies[len(latencies) * 99 // 100] * 1e3,
        "replica_cpu_us_per_route": cpu / tally.routes * 1e6,
        "database_cpu_us_per_route": database_cpu / tally.routes * 1e6,
        "races_lost_per_1000_routes": races / tally.routes * 1e3,
    }


def _spent(replicas: list[Replica]) -> tuple[float, float, float]:
    return (
        sum(each.server.cpu_seconds() for each in replicas),
        replicas[0].server.database_cpu_seconds(),
        float(sum(each.races.lost() for each in replicas)),
    )


def _row(load: str, number: int, runs: list[dict[str, float]], of_one: list[dict[str, float]]) -> Row:
    medians = {name: _rounded(median(run[name] for run in runs)) for name in FIGURES}
    ratios = {
        name: _rounded(median(run[name] / one[name] for run, one in zip(runs, of_one, strict=True)))
        for name in FIGURES
        if name != "races_lost_per_1000_routes"
    }
    return Row(load, number, medians, ratios)


def _rounded(figure: float) -> float:
    return float(f"{figure:.3g}")


def write_replicas(path: Path, measured: dict[str, Any]) -> None:
    """Write what was measured."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")


def print_replicas(console: Console, measured: dict[str, Any]) -> None:
    """Print what was measured."""
    table = Table(title="Replicas on one PostgreSQL, medians (ratios to one replica)", title_justify="left")
    for name in ("load", "replicas", *FIGURES.values()):
        table.add_column(name, justify="left" if name == "load" else "right")
    for row in measured["rows"]:
        table.add_row(row["load"], str(row["replicas"]), *cells(row))
    console.print(table)


def cells(row: dict[str, Any]) -> list[str]:
    """The figures of a row, each with its ratio."""
    return [
        f"{row['medians'][name]:g}" + (f" ({row['ratios'][name]:g} x)" if name in row["ratios"] else "")
        for name in FIGURES
    ]
