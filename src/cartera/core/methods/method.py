"""What an assignment method is."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from cartera.core.vocabulary import RoutingReason

Rank = tuple[Any, ...]
"""What a method orders agents by; its values are comparable within one method."""

Entry = tuple[Rank, str]
"""An agent's id behind its rank."""


class Candidate(NamedTuple):
    """What a method may know of an agent: load is units in use over capacity, position its place among the members."""

    load: float
    last_assigned_at: datetime | None
    position: int


class Method(NamedTuple):
    """An assignment method: how it ranks agents, and whom it picks of those available.

    `pick` gets the available agents in the order of their ranks, at least one, and the position of the agent who had
    the last turn (-1 where nobody had). Picking among some, among others, and then among those two, it must come to the
    same as picking among all.
    """

    reason: RoutingReason
    rank: Callable[[Candidate], Rank]
    pick: Callable[[Sequence[Entry], int], Entry]
    automatic: bool = True


def first(entries: Sequence[Entry], _turn: int) -> Entry:
    """The agent who ranks first."""
    return entries[0]
