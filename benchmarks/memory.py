"""Memory: what an agent, and an interaction that waits, take in the working state of a tenant."""

import tracemalloc
from collections.abc import Callable, Iterable

from benchmarks.case import Case, case_of
from benchmarks.core import records
from benchmarks.plan import Plan
from benchmarks.waiting import interaction
from cartera.core.records import Record
from cartera.core.state import State
from cartera.core.vocabulary import AssignmentMethod

RUNS = 3
ABSOLUTE = "nothing: an absolute figure"


def memory_bytes_per_agent(plan: Plan) -> Case:
    """An agent who is online, with its presence and its place in the indexes of one workgroup."""
    agents = plan.memory_agents
    runs = [_bytes_each(agents, lambda: records(AssignmentMethod.LEAST_LOAD, agents)) for _ in range(RUNS)]
    return case_of("memory_bytes_per_agent", "bytes", ABSOLUTE, runs, {"agents": agents})


def memory_bytes_per_waiting_interaction(plan: Plan) -> Case:
    """An interaction that waits in a queue, without its contact."""
    number = plan.memory_waiting
    runs = [
        _bytes_each(number, lambda: [*records(AssignmentMethod.MANUAL, 1), *map(interaction, range(1, number + 1))])
        for _ in range(RUNS)
    ]
    return case_of("memory_bytes_per_waiting_interaction", "bytes", ABSOLUTE, runs, {"interactions": number})


def _bytes_each(number: int, make: Callable[[], Iterable[Record]]) -> float:
    """What a state holds once it has loaded the records, which are made within the measurement too."""
    tracemalloc.start()
    try:
        state = State()
        state.load_tenant(make())
        held, _ = tracemalloc.get_traced_memory()
        del state
    finally:
        tracemalloc.stop()
    return held / number
