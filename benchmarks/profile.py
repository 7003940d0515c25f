"""The profile: what the server does with its time under the load of the benchmark, thread by thread."""

import pstats
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console

from benchmarks.callers import Callers, Sample
from benchmarks.databases import Database, running_database
from benchmarks.profiling import LOOP, THREADS
from benchmarks.routing import MANY
from benchmarks.servers import running
from benchmarks.tenants import set_up

WARM_SECONDS, SECONDS = 2.0, 8.0
FUNCTIONS = 30


def profile(name: str, console: Console) -> None:
    """Profile the server on the database of that name, and print the costliest functions of each thread."""
    directory = Path(tempfile.mkdtemp(prefix=f"cartera-profile-{name}-"))
    with running_database(name) as database, Callers() as callers:
        _show_threads(database, callers, console)
        with running(["cartera", database.url, str(directory)], database.pid) as server:
            sample = callers.load(server, MANY, SECONDS)
    for thread in (LOOP, *THREADS):
        console.rule(f"{thread}: {sample.calls} calls, half of them routes")
        console.print(_costliest(directory / f"{thread}.pstats"), markup=False, highlight=False, soft_wrap=True)
    console.print(f"The profiles are in {directory}; `python -m pstats FILE` reads them.", soft_wrap=True)


def _show_threads(database: Database, callers: Callers, console: Console) -> None:
    """What each thread takes where nothing is profiled."""
    with running(["cartera", database.url], database.pid) as server:
        set_up(server.address)
        callers.load(server, MANY, WARM_SECONDS)
        before = server.thread_cpu_seconds()
        sample = callers.load(server, MANY, SECONDS)
        after = server.thread_cpu_seconds()
    taken = {each: after[each] - before.get(each, 0.0) for each in after}
    console.rule(f"without a profiler: {sample.cpu_us:.0f} us of CPU per call, {sample.calls_per_second:.0f} calls/s")
    for place, each in enumerate(sorted(after)):
        if taken[each]:
            what = "event loop" if place == 0 else f"thread {place}, in the order of their start"
            console.print(f"{_per_call(taken[each], sample):7.1f} us per call: {what}")


def _per_call(seconds: float, sample: Sample) -> float:
    return seconds / sample.calls * 1e6


def _costliest(path: Path) -> str:
    """The functions that take the most time themselves, then those that take the most with what they call."""
    out = StringIO()
    stats = pstats.Stats(str(path), stream=out).strip_dirs()
    for order in ("tottime", "cumulative"):
        stats.sort_stats(order).print_stats(FUNCTIONS)
    return out.getvalue()
