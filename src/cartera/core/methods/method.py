"""What an assignment method is."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cartera.core.records import Workgroup
from cartera.core.vocabulary import Channel, ComparisonKey, RoutingReason

Rank = tuple[Any, ...]
"""What a method orders agents by; its values are comparable within one method."""

Entry = tuple[Any, ...]
"""An agent's rank, and its id as the last of its values: to compare one tuple is half the work of two in each other."""

NEVER = datetime.min.replace(tzinfo=UTC)
"""Stands in a rank for a time that has not been."""


class Candidate(NamedTuple):
    """What a method may know of an agent: load is units in use over capacity, position its place among the members."""

    load: float
    last_assigned_at: datetime | None
    position: int
    idle_since: datetime | None = None


class Method(NamedTuple):
    """An assignment method: how it ranks agents, and whom it picks of those it may choose from.

    `pick` gets those agents in the order of their ranks, at least one, and the position of the agent who had the last
    turn (-1 where nobody had). Picking among some, among others, and then among those two, it must come to the same as
    picking among all.
    """

    reason: RoutingReason
    rank: Callable[[Candidate], Rank]
    pick: Callable[[Sequence[Entry], int], Entry]
    automatic: bool = True
    """Whether it gives out anything by itself."""
    chosen: Callable[[Workgroup, Channel], tuple[str, ...]] | None = None
    """Whom it chooses from on a channel, online or not; unset: the members who are available."""
    rotates: bool = False
    """Whether what it gives moves the workgroup's turn."""
    turn_per_channel: bool = False
    """Whether each channel has a turn of its own."""
    best_skill_first: bool = False
    """Whether who meets the skills demanded best comes before any rank."""
    by_idleness: bool = False
    """Whether it matters since when an agent has been idle."""
    remembers: bool = False
    """Whether the contact's last agent comes first, and a fallback method after."""
    keys: tuple[ComparisonKey, ...] = (ComparisonKey.POSITION,)
    """What the values of a rank are (W3)."""


class Pool(NamedTuple):
    """The agents whom a method may choose from now, in lists that are in its order, and the position of the agent who
    had the last turn.
    """

    method: Method
    lists: Sequence[Sequence[Entry]]
    turn: int = -1


def picked(pool: Pool) -> str | None:
    """The agent whom the method picks; None where there is none to pick."""
    method, lists, turn = pool
    if not lists:
        return None
    entries = lists[0] if len(lists) == 1 else sorted(method.pick(each, turn) for each in lists)
    agent_id: str = method.pick(entries, turn)[-1]
    return agent_id


def first(entries: Sequence[Entry], _turn: int) -> Entry:
    """The agent who ranks first."""
    return entries[0]
