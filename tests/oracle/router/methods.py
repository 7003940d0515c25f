"""How one of several agents is picked (M1, M2, M8)."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.oracle.router.skills import match
from tests.oracle.router.slots import load
from tests.oracle.router.world import Interaction, World

LONG_AGO = -(10**9)


@dataclass
class Rotation:
    """Agents in their order, and who had the last turn."""

    order: Sequence[str]
    last: str

    def next_of(self, candidates: Sequence[str]) -> str:
        """M1: the first candidate after the one who had the last turn, round the order."""
        start = self.order.index(self.last) + 1 if self.last in self.order else 0
        return next(each for each in (*self.order[start:], *self.order[:start]) if each in candidates)


def idle_since(world: World, agent_id: str) -> int:
    since = world.presence(agent_id).idle_since
    return LONG_AGO if since is None else since


def last_assigned_at(world: World, agent_id: str) -> int:
    at = world.presence(agent_id).last_assigned_at
    return LONG_AGO if at is None else at


def pick(world: World, method: str, rotation: Rotation, candidates: Sequence[str], interaction: Interaction) -> str:
    """One of the candidates, by the method; those alike by their order."""
    place = rotation.order.index
    if method == "LEAST_LOAD":
        return min(candidates, key=lambda each: (load(world, each), last_assigned_at(world, each), place(each)))
    if method == "LONGEST_IDLE":
        return min(candidates, key=lambda each: (idle_since(world, each), place(each)))
    if method == "BEST_SKILL":
        best = max(match(world, each, interaction) for each in candidates)
        candidates = [each for each in candidates if match(world, each, interaction) == best]
        return min(candidates, key=lambda each: (idle_since(world, each), place(each)))
    return rotation.next_of(candidates)
