"""A case: one figure, what it is measured against, and what it should reach."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

DATABASES = ("sqlite", "postgres")


class Target(NamedTuple):
    """What a case should reach, first and in the end."""

    first: float | None = None
    goal: float | None = None
    at_least: bool = False

    def is_met(self, bound: float | None, figure: float) -> bool | None:
        """Whether the figure is within a bound; None where there is no bound."""
        if bound is None:
            return None
        return figure >= bound if self.at_least else figure <= bound


TARGETS: dict[str, Target] = {
    "route_cpu_ratio_sqlite": Target(1.8, 1.25),
    "route_cpu_ratio_postgres": Target(1.8, 1.25),
    "route_rps_ratio_sqlite": Target(at_least=True),
    "route_rps_ratio_postgres": Target(0.55, 0.85, at_least=True),
    "route_p99_ratio_sqlite": Target(),
    "route_p99_ratio_postgres": Target(3.0, 1.7),
    "postgres_cpu_us_per_route": Target(300.0, 120.0),
    "single_caller_p50_ratio_sqlite": Target(),
    "single_caller_p50_ratio_postgres": Target(),
    "steady_p99_ratio_sqlite": Target(),
    "steady_p99_ratio_postgres": Target(),
    "new_contacts_cpu_ratio_sqlite": Target(),
    "new_contacts_cpu_ratio_postgres": Target(),
    "decide_us_by_agents": Target(3.0, 2.0),
    "decide_us_by_waiting": Target(3.0, 2.0),
    "memory_bytes_per_agent": Target(1500.0, 700.0),
    "memory_bytes_per_waiting_interaction": Target(1500.0, 700.0),
    "cold_start_seconds_sqlite": Target(10.0, 2.0),
    "cold_start_seconds_postgres": Target(10.0, 2.0),
    "cold_start_mib_sqlite": Target(600.0, 400.0),
    "cold_start_mib_postgres": Target(600.0, 400.0),
    "tenants_rss_mib": Target(500.0, 300.0),
    "cold_tenant_ms_sqlite": Target(50.0, 25.0),
    "cold_tenant_ms_postgres": Target(50.0, 25.0),
    "noisy_neighbour_p99_ratio": Target(2.0, 1.5),
    "timer_late_ms_p99": Target(1000.0, 250.0),
    "abuse_rss_growth_mib": Target(20.0, 10.0),
}
"""Every case by its name. Where there is no bound, the figure is shown and nothing is asked of it."""


class Case(NamedTuple):
    """What was found. `ratio` is the figure that the target is about: a ratio where the unit is "x"."""

    name: str
    ratio: float
    unit: str
    against: str
    runs: Sequence[float]
    medians: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The case as it is written."""
        target = TARGETS.get(self.name, Target())
        bounds = {"target_first": target.first, "target_goal": target.goal, "target_at_least": target.at_least}
        return {**self._asdict(), "runs": list(self.runs), **bounds}


def case_of(name: str, unit: str, against: str, runs: Sequence[float], medians: Mapping[str, Any]) -> Case:
    """The case whose figure is the median over its runs."""
    return Case(name, _rounded(median(runs)), unit, against, [_rounded(each) for each in runs], medians)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
