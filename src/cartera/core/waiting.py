"""The index of waiting interactions, by who may have them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from cartera.core.audience import OF_MEMBERS, Audience, AudienceKind
from cartera.core.line import Line, Place, Turn
from cartera.core.records import Interaction
from cartera.core.skills import Need, need_of
from cartera.core.vocabulary import Channel


class Demand(NamedTuple):
    """What an interaction asks of an agent."""

    channel: Channel
    skills: Need = ()


Spot = tuple[Audience, Demand]
"""Where waiting interactions and available agents meet."""

_PLAIN = {channel: Demand(channel) for channel in Channel}


_NO_LINES: Mapping[str, Line] = {}


def place_of(interaction: Interaction) -> Place:
    """An interaction's place among those of its priority: by arrival, which transfers and waits keep (K2)."""
    return (interaction.arrived_at, interaction.sequence, interaction.interaction_id)


def demand_of(interaction: Interaction, kind: AudienceKind) -> Demand:
    """What an interaction asks of an audience: its skills bind the members of workgroups only (M8)."""
    if not interaction.skills or kind not in OF_MEMBERS:
        return _PLAIN[interaction.channel]
    return Demand(interaction.channel, need_of(interaction.skills))


def plain_demand_of(interaction: Interaction, _kind: AudienceKind) -> Demand:
    """What an interaction asks, its skills left aside."""
    return _PLAIN[interaction.channel]


class WaitingLines:
    """Lines of waiting interactions, one for each audience, demand and workgroup of the interactions."""

    def __init__(self, demand: Callable[[Interaction, AudienceKind], Demand] = demand_of) -> None:
        self.demand = demand
        """What an interaction asks of a kind of audience."""
        self._lines: dict[Audience, dict[Demand, dict[str, Line]]] = {}

    def add(self, interaction: Interaction, audiences: Iterable[Audience], ageing: timedelta | None) -> None:
        """Put an interaction in the lines of its audiences."""
        for audience in audiences:
            demand = self.demand(interaction, audience.kind)
            lines = self._lines.setdefault(audience, {}).setdefault(demand, {})
            line = lines.get(interaction.workgroup_id)
            if line is None:
                line = lines[interaction.workgroup_id] = Line(ageing)
            line.add(interaction.priority, place_of(interaction))

    def discard(self, interaction: Interaction, audiences: Iterable[Audience]) -> None:
        """Take an interaction out of the lines of its audiences."""
        for audience in audiences:
            demand = self.demand(interaction, audience.kind)
            demands = self._lines[audience]
            lines = demands[demand]
            line = lines[interaction.workgroup_id]
            line.discard(interaction.priority, place_of(interaction))
            if not line:
                del lines[interaction.workgroup_id]
            if not lines:
                del demands[demand]
            if not demands:
                del self._lines[audience]

    def demands_of(self, audience: Audience) -> Collection[Demand]:
        """What anything that waits for an audience asks."""
        return self._lines.get(audience, {}).keys()

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._lines)

    def __contains__(self, spot: Spot) -> bool:
        return bool(self._at(spot))

    def first(self, spot: Spot, now: datetime) -> Turn | None:
        """The next to be served at a spot."""
        lines = self._at(spot)
        if len(lines) == 1:
            (line,) = lines.values()
            return line.first(now)
        turns = (line.first(now) for line in lines.values())
        return min((turn for turn in turns if turn is not None), default=None)

    def ahead_of(self, interaction: Interaction, spot: Spot, now: datetime) -> int:
        """How many of the interaction's workgroup are served before it at a spot."""
        line = self._at(spot).get(interaction.workgroup_id)
        return line.ahead_of(interaction.priority, place_of(interaction), now) if line else 0

    def number_at(self, spot: Spot) -> int:
        """How many wait at a spot."""
        return sum(map(len, self._at(spot).values()))

    def _at(self, spot: Spot) -> Mapping[str, Line]:
        audience, demand = spot
        demands = self._lines.get(audience)
        return demands.get(demand, _NO_LINES) if demands else _NO_LINES
