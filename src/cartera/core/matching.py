"""Matching: where waiting interactions and the agents who may be given them meet."""

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
from cartera.core.line import Turn
from cartera.core.records import Interaction
from cartera.core.vocabulary import Channel
from cartera.core.waiting import Demand, Spot, WaitingLines, plain_demand_of


class _Entered(NamedTuple):
    """The lines in which a waiting interaction stands."""

    interaction: Interaction
    offered: Sequence[Audience]
    claimable: Sequence[Audience]
    queue: Sequence[Audience]


class Matching:
    """The lines of what waits, and at which spots somebody may be given the first of them."""

    def __init__(self, availability: Availability, may_be_given: Callable[[Audience, Channel], bool]) -> None:
        self.offered = WaitingLines()
        """Waiting interactions by who is given them without asking."""
        self.claimable = WaitingLines()
        """Waiting interactions by who may claim them."""
        self.queues = WaitingLines(plain_demand_of)
        """Waiting interactions by their workgroup, those kept for an owner among them: what positions count (C8)."""
        self.matchable: set[Spot] = set()
        """Where an interaction waits and somebody may be given it; empty between commands."""
        self._availability = availability
        self._may_be_given = may_be_given
        self._entered: dict[str, _Entered] = {}

    def enter(self, interaction: Interaction, is_automatic: Callable[[str], bool], ageing: timedelta | None) -> None:
        """Put a waiting interaction in its lines."""
        offered = automatic_audiences(interaction, is_automatic)
        claimable = audiences(interaction) if interaction.state in WAITING else ()
        queue = (audience(AudienceKind.WORKGROUP, interaction.workgroup_id),) if interaction.state in QUEUED else ()
        # Mostly both are the same: one object of it then.
        claimable = offered if claimable == offered else claimable
        self._entered[interaction.interaction_id] = _Entered(interaction, offered, claimable, queue)
        self.offered.add(interaction, offered, ageing)
        self.claimable.add(interaction, claimable, ageing)
        self.queues.add(interaction, queue, ageing)
        self._meet_interaction(interaction, offered)

    def leave(self, interaction_id: str) -> None:
        """Take an interaction out of its lines."""
        interaction, offered, claimable, queue = self._entered.pop(interaction_id)
        self.offered.discard(interaction, offered)
        self.claimable.discard(interaction, claimable)
        self.queues.discard(interaction, queue)
        self._meet_interaction(interaction, offered)

    def first(self, now: datetime) -> Turn | None:
        """The next to be served of all interactions that somebody may be given (C6, C7)."""
        turns = (self.offered.first(spot, now) for spot in self.matchable)
        return min((turn for turn in turns if turn is not None), default=None)

    def meet_agent(self, agent_id: str) -> None:
        """An agent may be given other things than before."""
        for workgroup_id in self._availability.workgroups_of(agent_id):
            self.meet_workgroup(workgroup_id)
        self.meet(audience(AudienceKind.AGENT, agent_id))

    def meet_agent_online_or_not(self, agent_id: str) -> None:
        """The slots of an agent, who need not be online, changed."""
        self.meet(audience(AudienceKind.EXCLUSIVE, agent_id))
        self.meet(audience(AudienceKind.LAST_AGENT, agent_id))

    def meet_workgroup(self, workgroup_id: str) -> None:
        """The members of a workgroup may be given other things than before."""
        self.meet(audience(AudienceKind.WORKGROUP, workgroup_id))
        self.meet(audience(AudienceKind.TEAM, workgroup_id))
        self.meet(audience(AudienceKind.OVERFLOW, workgroup_id))

    def meet(self, whom: Audience) -> None:
        """Note at which spots somebody of an audience may be given what is offered to it."""
        for demand in self.offered.demands_of(whom):
            self._note((whom, demand))

    def _meet_interaction(self, interaction: Interaction, offered: Iterable[Audience]) -> None:
        for whom in offered:
            self._note((whom, self.offered.demand(interaction, whom.kind)))

    def _note(self, spot: Spot) -> None:
        if spot in self.offered and self._is_anybody_at(*spot):
            self.matchable.add(spot)
        else:
            self.matchable.discard(spot)

    def _is_anybody_at(self, whom: Audience, demand: Demand) -> bool:
        if whom.kind is AudienceKind.WORKGROUP:
            return bool(self._availability.ready(whom.id, demand.channel, demand.skills))
        if whom.kind is AudienceKind.OVERFLOW:
            ready = self._availability.ready(whom.id, demand.channel, demand.skills)
            return bool(self._availability.who_are_there(whom.id, demand.channel, ready))
        return self._may_be_given(whom, demand.channel)
