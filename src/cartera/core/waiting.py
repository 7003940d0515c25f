"""The index of waiting interactions, by who may have them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from cartera.core.audience import Audience
from cartera.core.line import Line, Place, Turn
from cartera.core.records import Interaction
from cartera.core.vocabulary import Channel

Spot = tuple[Audience, Channel]
"""Where waiting interactions and available agents meet."""


_NO_LINES: Mapping[str, Line] = {}


def place_of(interaction: Interaction) -> Place:
    """An interaction's place among those of its priority: by arrival, which transfers and waits keep (K2)."""
    return (interaction.arrived_at, interaction.sequence, interaction.interaction_id)


class WaitingLines:
    """Lines of waiting interactions, one for each audience, channel and workgroup of the interactions."""

    def __init__(self) -> None:
        self._lines: dict[Audience, dict[Channel, dict[str, Line]]] = {}

    def add(self, interaction: Interaction, audiences: Iterable[Audience], ageing: timedelta | None) -> None:
        """Put an interaction in the lines of its audiences."""
        for audience in audiences:
            lines = self._lines.setdefault(audience, {}).setdefault(interaction.channel, {})
            line = lines.get(interaction.workgroup_id)
            if line is None:
                line = lines[interaction.workgroup_id] = Line(ageing)
            line.add(interaction.priority, place_of(interaction))

    def discard(self, interaction: Interaction, audiences: Iterable[Audience]) -> None:
        """Take an interaction out of the lines of its audiences."""
        for audience in audiences:
            channels = self._lines[audience]
            lines = channels[interaction.channel]
            line = lines[interaction.workgroup_id]
            line.discard(interaction.priority, place_of(interaction))
            if not line:
                del lines[interaction.workgroup_id]
            if not lines:
                del channels[interaction.channel]
            if not channels:
                del self._lines[audience]

    def channels_of(self, audience: Audience) -> Collection[Channel]:
        """The channels in which anything waits for an audience."""
        return self._lines.get(audience, {}).keys()

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

    def _at(self, spot: Spot) -> Mapping[str, Line]:
        audience, channel = spot
        channels = self._lines.get(audience)
        return channels.get(channel, _NO_LINES) if channels else _NO_LINES
