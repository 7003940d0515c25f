"""How much is measured: a short look, or figures to keep."""

from typing import NamedTuple


class Plan(NamedTuple):
    """The extent of a run. Times are in seconds."""

    name: str
    runs: int
    """How often each thing is measured; the medians count."""
    load_seconds: float
    """How long one measurement under load takes."""
    warm_seconds: float
    """How long each server is warmed up before it counts."""
    budget_seconds: float
    """No further run begins once a number of callers has been measured for so long, however busy the machine is."""
    decisions: int
    """How many interactions the core decides between two looks at the clock."""
    decision_runs: int
    memory_agents: int
    memory_waiting: int
    cold_agents: int
    cold_waiting: int
    cold_runs: int
    """How often a cold start is measured; 0 leaves it out, unless it is asked for by name."""
    tenants: int
    """How many small tenants there are."""
    first_calls: int
    """How many of them call for the first time."""
    timer_seconds: float
    """Within what time something falls due in each of them."""
    abuse_warm_rounds: int
    abuse_rounds: int
    """How often everything is tried that means no good, before it counts and then."""


FULL = Plan(
    name="full",
    runs=5,
    load_seconds=3.0,
    warm_seconds=3.0,
    budget_seconds=300.0,
    decisions=500,
    decision_runs=15,
    memory_agents=20_000,
    memory_waiting=20_000,
    cold_agents=50_000,
    cold_waiting=100_000,
    cold_runs=2,
    tenants=10_000,
    first_calls=1_000,
    timer_seconds=20.0,
    abuse_warm_rounds=20,
    abuse_rounds=50,
)

QUICK = Plan(
    name="quick",
    runs=3,
    load_seconds=0.7,
    warm_seconds=0.7,
    budget_seconds=10.0,
    decisions=100,
    decision_runs=3,
    memory_agents=5_000,
    memory_waiting=5_000,
    cold_agents=50_000,
    cold_waiting=100_000,
    cold_runs=0,
    tenants=1_000,
    first_calls=200,
    timer_seconds=4.0,
    abuse_warm_rounds=5,
    abuse_rounds=10,
)
"""Ends within a minute."""
