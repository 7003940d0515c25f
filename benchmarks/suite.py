"""The suite: all cases, those that are measured together measured once."""

from collections.abc import Callable, Collection
from functools import partial

from benchmarks.abuse import abuse_rss_growth_mib
from benchmarks.case import DATABASES, TARGETS, Case
from benchmarks.cold_start import cold_start
from benchmarks.core import decide_us_by_agents
from benchmarks.many_tenants import cold_tenant_ms, tenants_rss_mib, timer_late_ms_p99
from benchmarks.memory import memory_bytes_per_agent, memory_bytes_per_waiting_interaction
from benchmarks.neighbours import noisy_neighbour_p99_ratio
from benchmarks.plan import Plan
from benchmarks.routing import LOADS, OTHER_LOADS, measure_routing, names_of, routing_cases
from benchmarks.waiting import decide_us_by_waiting

ALONE: dict[str, Callable[[Plan], Case]] = {
    "decide_us_by_agents": decide_us_by_agents,
    "decide_us_by_waiting": decide_us_by_waiting,
    "memory_bytes_per_agent": memory_bytes_per_agent,
    "memory_bytes_per_waiting_interaction": memory_bytes_per_waiting_interaction,
}
"""The cases that need no server."""

COLD_STARTS = {f"cold_start_{figure}_{database}": database for figure in ("seconds", "mib") for database in DATABASES}
"""The database of each."""

MANY_TENANTS: dict[str, Callable[[Plan], Case]] = {
    "tenants_rss_mib": tenants_rss_mib,
    **{f"cold_tenant_ms_{database}": partial(cold_tenant_ms, database) for database in DATABASES},
    "timer_late_ms_p99": timer_late_ms_p99,
}
"""The cases of many small tenants, each with a server of its own."""

NEIGHBOURS: dict[str, Callable[[Plan], Case]] = {"noisy_neighbour_p99_ratio": noisy_neighbour_p99_ratio}

ABUSE: dict[str, Callable[[Plan], Case]] = {"abuse_rss_growth_mib": abuse_rss_growth_mib}

LONG = names_of(OTHER_LOADS) | COLD_STARTS.keys() | MANY_TENANTS.keys() | NEIGHBOURS.keys() | ABUSE.keys()
"""What a short look leaves out, unless it is asked for by name."""


def measure(plan: Plan, only: Collection[str], progress: Callable[[str], None]) -> tuple[list[Case], dict[str, str]]:
    """Measure the named cases, or all. Returns them with the versions of the databases."""
    names = frozenset(only) or (TARGETS.keys() if plan.cold_runs else TARGETS.keys() - LONG)
    cases: list[Case] = []
    versions: dict[str, str] = {}
    if not names_of(LOADS).isdisjoint(names):
        measured = measure_routing(plan, names, progress)
        cases += [case for case in routing_cases(measured) if case.name in names]
        versions = measured.versions
    for name in sorted(names & ALONE.keys()):
        progress(name)
        cases.append(ALONE[name](plan))
    with_own_server = {**MANY_TENANTS, **NEIGHBOURS, **ABUSE}
    for name in sorted(names & with_own_server.keys()):
        progress(name)
        cases.append(with_own_server[name](plan))
    for database in sorted({COLD_STARTS[name] for name in names & COLD_STARTS.keys()}):
        progress(f"cold start, {database}")
        cases += [case for case in cold_start(database, plan) if case.name in names]
    return cases, versions
