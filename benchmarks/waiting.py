"""The core alone: how long a decision takes, by how many interactions wait, in its queue and in others."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from statistics import median

from benchmarks.case import Case, case_of
from benchmarks.core import BEGINNING, CAPACITY, Attend, Centre, agent_id, around, presences, times_of, workgroup
from benchmarks.plan import Plan
from cartera.core.records import Agent, Interaction, Record
from cartera.core.vocabulary import (
    AssignmentMethod,
    Channel,
    Direction,
    InteractionState,
    Priority,
    RoutingReason,
)

WAITING = (100, 1_000, 50_000)
FEW, MANY = "100", "50000"
AGENTS = 100
WORKGROUPS, AGENTS_IN_ALL, WORKGROUPS_EACH = 10_000, 50_000, 3
METHOD = AssignmentMethod.LEAST_LOAD


def decide_us_by_waiting(plan: Plan) -> Case:
    """Microseconds per decision where every agent is full: an interaction arrives and waits, another is completed, and
    the agent is given the first that waits.
    """
    times = {str(number): times_of(partial(_relieve_one_queue, number), plan) for number in WAITING}
    spread = times_of(_relieve_many_workgroups, plan)
    runs = [many / few for few, many in zip(times[FEW], times[MANY], strict=True)]
    elsewhere = [many / few for few, many in zip(times[FEW], spread, strict=True)]
    medians = {
        "one queue (us)": {number: round(median(each), 2) for number, each in times.items()},
        "of 10,000 workgroups (us)": round(median(spread), 2),
    }
    against = "the same with 100 that wait; 50,000 wait in one queue, or 50,000 in 10,000 workgroups of 50,000 agents"
    return case_of("decide_us_by_waiting", "x", against, max(runs, elsewhere, key=median), medians)


def _relieve_one_queue(number: int) -> Attend:
    return Centre(in_one_queue(number), AGENTS).relieved


def _relieve_many_workgroups() -> Attend:
    return Centre(in_many_workgroups(), 1).relieved


def in_one_queue(number: int) -> list[Record]:
    """A workgroup whose agents are all full, and so many that wait."""
    members = tuple(map(agent_id, range(AGENTS)))
    return [
        *around("workgroup"),
        workgroup(members, METHOD),
        *_agents(AGENTS, CAPACITY),
        *_held(members),
        *(interaction(each) for each in range(1, number + 1)),
    ]


def in_many_workgroups() -> list[Record]:
    """Many workgroups, each agent in several of them and full, and some that wait in each."""
    members = [[] for _ in range(WORKGROUPS)]
    for each in range(AGENTS_IN_ALL):
        for of_agent in range(WORKGROUPS_EACH):
            members[(each + of_agent) % WORKGROUPS].append(agent_id(each))
    waiting = (interaction(each, workgroup_id=f"workgroup-{each % WORKGROUPS}") for each in range(1, AGENTS_IN_ALL + 1))
    return [
        *around("workgroup-0"),
        *(workgroup(tuple(ids), METHOD, f"workgroup-{each}") for each, ids in enumerate(members)),
        *_agents(AGENTS_IN_ALL, CAPACITY),
        *_held(tuple(map(agent_id, range(AGENTS_IN_ALL)))),
        *waiting,
    ]


def _agents(number: int, capacity: int) -> Iterator[Record]:
    yield from (Agent(agent_id(each), capacity=capacity) for each in range(number))
    yield from presences(number)


def _held(members: tuple[str, ...]) -> Iterator[Interaction]:
    """What fills each of the agents."""
    first = 10_000_000
    for number, member in enumerate(members * CAPACITY):
        held = interaction(first + number)._replace(
            state=InteractionState.ASSIGNED, reason=RoutingReason.LEAST_LOAD, agent_id=member, assigned_at=BEGINNING
        )
        yield held


def interaction(number: int, workgroup_id: str = "workgroup") -> Interaction:
    """One that waits."""
    arrived_at = BEGINNING - timedelta(days=1) + timedelta(milliseconds=number)
    return Interaction(
        interaction_id=f"w{number}",
        sequence=number,
        campaign_id="campaign",
        workgroup_id=workgroup_id,
        contact_id=f"waiting-{number}",
        channel=Channel.VOICE,
        address="+15550100",
        direction=Direction.INBOUND,
        priority=Priority.NORMAL,
        tags=(),
        organization_id="",
        trigger_ids=(),
        state=InteractionState.QUEUED,
        reason=RoutingReason.NO_AGENT_AVAILABLE,
        arrived_at=arrived_at,
        state_since=arrived_at,
        waiting_since=arrived_at,
    )
