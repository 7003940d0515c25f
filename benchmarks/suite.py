"""The suite: all cases, those that are measured together measured once."""

from collections.abc import Callable, Collection

from benchmarks.case import DATABASES, TARGETS, Case
from benchmarks.cold_start import cold_start_seconds
from benchmarks.core import decide_us_by_agents
from benchmarks.memory import memory_bytes_per_agent, memory_bytes_per_waiting_interaction
from benchmarks.plan import Plan
from benchmarks.routing import measure_routing, routing_cases
from benchmarks.waiting import decide_us_by_waiting

ALONE: dict[str, Callable[[Plan], Case]] = {
    "decide_us_by_agents": decide_us_by_agents,
    "decide_us_by_waiting": decide_us_by_waiting,
    "memory_bytes_per_agent": memory_bytes_per_agent,
    "memory_bytes_per_waiting_interaction": memory_bytes_per_waiting_interaction,
}
"""The cases that need no server."""

COLD_STARTS = {f"cold_start_seconds_{database}": database for database in DATABASES}
TOGETHER = frozenset(TARGETS) - frozenset(ALONE) - frozenset(COLD_STARTS)
"""The cases that are measured under one load."""


def measure(plan: Plan, only: Collection[str], progress: Callable[[str], None]) -> tuple[list[Case], dict[str, str]]:
    """Measure the named cases, or all. Returns them with the versions of the databases."""
    names = frozenset(only) or (TARGETS.keys() if plan.cold_runs else TARGETS.keys() - COLD_STARTS.keys())
    cases: list[Case] = []
    versions: dict[str, str] = {}
    if not TOGETHER.isdisjoint(names):
        new_contacts = plan.new_contacts or any(name.startswith("new_contacts") for name in only)
        measured = measure_routing(plan._replace(new_contacts=new_contacts), progress)
        cases += [case for case in routing_cases(measured) if case.name in names]
        versions = measured.versions
    for name in sorted(names & ALONE.keys()):
        progress(name)
        cases.append(ALONE[name](plan))
    for name in sorted(names & COLD_STARTS.keys()):
        progress(name)
        cases.append(cold_start_seconds(COLD_STARTS[name], plan))
    return cases, versions
