"""The index of what nobody has answered yet: how many wait in each workgroup, and since when (W2).

It is kept as interactions come and go, so that a look at a workgroup costs the same however many wait.
"""

from bisect import bisect_left, insort
from datetime import datetime
from typing import NamedTuple

from cartera.core.audience import WAITING
from cartera.core.records import Interaction
from cartera.core.vocabulary import InteractionState

UNANSWERED = WAITING | {InteractionState.OFFERED}
"""The states of an interaction whose contact waits for an answer."""

Since = tuple[datetime, int, str]
"""Since when an interaction waits, its sequence and id."""

_NONE = (0,) * len(InteractionState)


class Wait(NamedTuple):
    """How many wait in a workgroup, and since when the one does that has waited longest."""

    workgroup_id: str
    number: int
    since: datetime


class Unanswered:
    """What waits or is offered, by workgroup."""

    def __init__(self) -> None:
        self._numbers: dict[str, list[int]] = {}
        self._since: dict[str, list[Since]] = {}

    def number(self, workgroup_id: str, state: InteractionState) -> int:
        """How many are in a state."""
        return self._numbers.get(workgroup_id, _NONE)[state]

    def oldest(self, workgroup_id: str) -> datetime | None:
        """Since when the one waits that has waited longest; None where there is none."""
        since = self._since.get(workgroup_id)
        return since[0][0] if since else None

    def waits(self) -> list[Wait]:
        """The workgroups in which anything waits. From a list: it may be asked while a thread changes the index."""
        return [Wait(each, len(since), since[0][0]) for each, since in list(self._since.items()) if since]

    def add(self, interaction: Interaction) -> None:
        """Take in an interaction, if its contact waits."""
        if interaction.state in UNANSWERED:
            numbers = self._numbers.setdefault(interaction.workgroup_id, list(_NONE))
            numbers[interaction.state] += 1
            insort(self._since.setdefault(interaction.workgroup_id, []), _since(interaction))

    def discard(self, interaction: Interaction) -> None:
        """Let go of an interaction as it was added."""
        if interaction.state in UNANSWERED:
            workgroup_id = interaction.workgroup_id
            self._numbers[workgroup_id][interaction.state] -= 1
            since = self._since[workgroup_id]
            del since[bisect_left(since, _since(interaction))]
            if not since:
                del self._since[workgroup_id], self._numbers[workgroup_id]


def _since(interaction: Interaction) -> Since:
    return (interaction.waiting_since or interaction.arrived_at, interaction.sequence, interaction.interaction_id)
