"""How one of several agents is picked (M1, M2, M8)."""

from collections.abc import Sequence

from tests.oracle.router.skills import match
from tests.oracle.router.slots import load
from tests.oracle.router.world import Interaction, World

LONG_AGO = -(10**9)


def next_in_turn(order: Sequence[str], last: str, candidates: Sequence[str]) -> str:
    """M1: the first candidate after the one who had the last turn, round the order."""
    start = order.index(last) + 1 if last in order else 0
    return next(each for each in (*order[start:], *order[:start]) if each in candidates)


def idle_since(world: World, agent_id: str) -> int:
    since = world.presence(agent_id).idle_since
    return LONG_AGO if since is None else since


def last_assigned_at(world: World, agent_id: str) -> int:
    at = world.presence(agent_id).last_assigned_at
    return LONG_AGO if at is None else at


def pick(
    world: World, method: str, order: Sequence[str], last: str, candidates: Sequence[str], interaction: Interaction
) -> str:
    """One of the candidates, who stand in an order; `last` had the last turn."""
    if method == "LEAST_LOAD":
        return min(candidates, key=lambda each: (load(world, each), last_assigned_at(world, each), order.index(each)))
    if method == "LONGEST_IDLE":
        return min(candidates, key=lambda each: (idle_since(world, each), order.index(each)))
    if method == "BEST_SKILL":
        return min(
            candidates,
            key=lambda each: (-match(world, each, interaction), idle_since(world, each), order.index(each)),
        )
    return next_in_turn(order, last, candidates)
