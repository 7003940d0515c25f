"""The index of waiting interactions, by who may have them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from cartera.core.audience import Audience
from cartera.core.line import Line, Place, Turn
from cartera.core.records import Interaction
from cartera.core.vocabulary import Channel

Spot = tuple[Audience, Channel]
"""Where waiting interactions and available agents meet."""


def place_of(interaction: Interaction) -> Place:
    """An interaction's place among those of its priority: by arrival, which transfers and waits keep (K2)."""
    return (interaction.arrived_at, interaction.sequence, interaction.interaction_id)


class WaitingLines:
    """Lines of waiting interactions, one for each audience, channel and workgroup of the interactions."""

    def __init__(self) -> None:
        self._lines: dict[Spot, dict[str, Line]] = {}

    def add(self, interaction: Interaction, audiences: Iterable[Audience], ageing: timedelta | None) -> None:
        """Put an interaction in the lines of its audiences."""
        for audience in audiences:
            lines = self._lines.setdefault((audience, interaction.channel), {})
            line = lines.get(interaction.workgroup_id)
            if line is None:
                line = lines[interaction.workgroup_id] = Line(ageing)
            line.add(interaction.priority, place_of(interaction))

    def discard(self, interaction: Interaction, audiences: Iterable[Audience]) -> None:
        """Take an interaction out of the lines of its audiences."""
        for audience in audiences:
            spot = (audience, interaction.channel)
            lines = self._lines[spot]
            line = lines[interaction.workgroup_id]
            line.discard(interaction.priority, place_of(interaction))
            if not line:
                del lines[interaction.workgroup_id]
                if not lines:
                    del self._lines[spot]

    def __contains__(self, spot: Spot) -> bool:
        return spot in self._lines

    def first(self, spot: Spot, now: datetime) -> Turn | None:
        """The next to be served at a spot."""
        turns = (line.first(now) for line in self._lines.get(spot, {}).values())
        return min((turn for turn in turns if turn is not None), default=None)

    def ahead_of(self, interaction: Interaction, spot: Spot, now: datetime) -> int:
        """How many of the interaction's workgroup are served before it at a spot."""
        line = self._lines.get(spot, {}).get(interaction.workgroup_id)
        return line.ahead_of(interaction.priority, place_of(interaction), now) if line else 0
