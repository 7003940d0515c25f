"""Matching: where waiting interactions and the agents who may be given them meet.

Who came last stands beside the lines until another comes or somebody looks at them: mostly an agent is there, and it
is gone again before that.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from cartera.core.audience import (
    QUEUED,
    WAITING,
    Audience,
    AudienceKind,
    audience,
    audiences,
    automatic_audiences,
)
from cartera.core.availability import Availability
from cartera.core.line import Turn, counted_priority
from cartera.core.records import Interaction
from cartera.core.vocabulary import Channel
from cartera.core.waiting import Demand, Spot, WaitingLines, place_of, plain_demand_of


class _Newcomer(NamedTuple):
    """The interaction that came last, who is given it without asking, and its workgroup's ageing."""

    interaction: Interaction
    offered: tuple[Audience, ...]
    ageing: timedelta | None


class _Entered(NamedTuple):
    """The lines in which a waiting interaction stands."""

    interaction: Interaction
    offered: Sequence[Audience]
    claimable: Sequence[Audience]
    queue: Sequence[Audience]


class Matching:
    """The lines of what waits, and at which spots somebody may be given the first of them."""

    def __init__(self, availability: Availability, may_be_given: Callable[[Audience, Channel], bool]) -> None:
        self._offered = WaitingLines()
        self._claimable = WaitingLines()
        self._queues = WaitingLines(plain_demand_of)
        self._matchable: set[Spot] = set()
        self._availability = availability
        self._may_be_given = may_be_given
        self._entered: dict[str, _Entered] = {}
        self._newcomer: _Newcomer | None = None

    @property
    def offered(self) -> WaitingLines:
        """Waiting interactions by who is given them without asking."""
        self._line_up()
        return self._offered

    @property
    def claimable(self) -> WaitingLines:
        """Waiting interactions by who may claim them."""
        self._line_up()
        return self._claimable

    @property
    def queues(self) -> WaitingLines:
        """Waiting interactions by their workgroup, those kept for an owner among them: what positions count (C8)."""
        self._line_up()
        return self._queues

    @property
    def matchable(self) -> set[Spot]:
        """Where an interaction waits and somebody may be given it; empty between commands."""
        self._line_up()
        return self._matchable

    def enter(self, interaction: Interaction, is_automatic: Callable[[str], bool], ageing: timedelta | None) -> None:
        """Take in a waiting interaction."""
        self._line_up()
        self._newcomer = _Newcomer(interaction, automatic_audiences(interaction, is_automatic), ageing)

    def _line_up(self) -> None:
        """Put who came last in its lines."""
        if self._newcomer is None:
            return
        interaction, offered, ageing = self._newcomer
        self._newcomer = None
        claimable = audiences(interaction) if interaction.state in WAITING else ()
        queue = (audience(AudienceKind.WORKGROUP, interaction.workgroup_id),) if interaction.state in QUEUED else ()
        # Mostly both are the same: one object of it then.
        claimable = offered if claimable == offered else claimable
        self._entered[interaction.interaction_id] = _Entered(interaction, offered, claimable, queue)
        self._offered.add(interaction, offered, ageing)
        self._claimable.add(interaction, claimable, ageing)
        self._queues.add(interaction, queue, ageing)
        self._meet_interaction(interaction, offered)

    def leave(self, interaction_id: str) -> None:
        """Let go of a waiting interaction."""
        if self._newcomer is not None and self._newcomer.interaction.interaction_id == interaction_id:
            self._newcomer = None
            return
        interaction, offered, claimable, queue = self._entered.pop(interaction_id)
        self._offered.discard(interaction, offered)
        self._claimable.discard(interaction, claimable)
        self._queues.discard(interaction, queue)
        self._meet_interaction(interaction, offered)

    def first(self, now: datetime) -> Turn | None:
        """The next to be served of all interactions that somebody may be given (C6, C7)."""
        newcomer = self._turn_of(self._newcomer, now) if self._newcomer is not None else None
        if not self._matchable:
            return newcomer
        turns = [newcomer, *(self._offered.first(spot, now) for spot in self._matchable)]
        return min((turn for turn in turns if turn is not None), default=None)

    def _turn_of(self, newcomer: _Newcomer, now: datetime) -> Turn | None:
        """The turn of who came last, if somebody may be given it."""
        interaction, offered, ageing = newcomer
        for whom in offered:
            if self._is_anybody_at(whom, self._offered.demand(interaction, whom.kind)):
                counted = counted_priority(interaction.priority, interaction.arrived_at, ageing, now)
                return (-counted, *place_of(interaction))
        return None

    def meet_agent(self, agent_id: str) -> None:
        """An agent may be given other things than before."""
        if not self._offered:
            return
        for workgroup_id in self._availability.workgroups_of(agent_id):
            self.meet_workgroup(workgroup_id)
        self.meet(audience(AudienceKind.AGENT, agent_id))

    def meet_agent_online_or_not(self, agent_id: str) -> None:
        """The slots of an agent, who need not be online, changed."""
        if not self._offered:
            return
        self.meet(audience(AudienceKind.EXCLUSIVE, agent_id))
        self.meet(audience(AudienceKind.LAST_AGENT, agent_id))

    def meet_workgroup(self, workgroup_id: str) -> None:
        """The members of a workgroup may be given other things than before."""
        self.meet(audience(AudienceKind.WORKGROUP, workgroup_id))
        self.meet(audience(AudienceKind.TEAM, workgroup_id))
        self.meet(audience(AudienceKind.OVERFLOW, workgroup_id))

    def meet(self, whom: Audience) -> None:
        """Note at which spots somebody of an audience may be given what is offered to it."""
        for demand in self._offered.demands_of(whom):
            self._note((whom, demand))

    def _meet_interaction(self, interaction: Interaction, offered: Iterable[Audience]) -> None:
        for whom in offered:
            self._note((whom, self._offered.demand(interaction, whom.kind)))

    def _note(self, spot: Spot) -> None:
        if spot in self._offered and self._is_anybody_at(*spot):
            self._matchable.add(spot)
        else:
            self._matchable.discard(spot)

    def _is_anybody_at(self, whom: Audience, demand: Demand) -> bool:
        if whom.kind is AudienceKind.WORKGROUP:
            return bool(self._availability.ready(whom.id, demand.channel, demand.skills))
        if whom.kind is AudienceKind.OVERFLOW:
            ready = self._availability.ready(whom.id, demand.channel, demand.skills)
            return bool(self._availability.who_are_there(whom.id, demand.channel, ready))
        return self._may_be_given(whom, demand.channel)
