"""Audiences: who may be given a waiting interaction."""

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from cartera.core.records import Interaction
from cartera.core.vocabulary import InteractionState

WAITING = frozenset({InteractionState.WAITING_FOR_OWNER, InteractionState.QUEUED, InteractionState.UNASSIGNED})
"""The states of an interaction that waits for an agent."""

QUEUED = frozenset({InteractionState.WAITING_FOR_OWNER, InteractionState.QUEUED})
"""The states of an interaction that stands in a queue."""

OPEN = WAITING | {InteractionState.RECEIVED, InteractionState.ASSIGNED}
"""The states of an interaction that has not ended."""


class AudienceKind(IntEnum):
    """What an audience is made of."""

    WORKGROUP = 1
    AGENT = 2
    EXCLUSIVE = 3


class Audience(NamedTuple):
    """The members of a workgroup, one agent, or an exclusive agent (who counts whether online or not, E1)."""

    kind: AudienceKind
    id: str


def _owners(interaction: Interaction) -> Iterator[Audience]:
    for agent_id in interaction.owner_agent_ids:
        yield Audience(AudienceKind.AGENT, agent_id)
    for workgroup_id in interaction.owner_workgroup_ids:
        yield Audience(AudienceKind.WORKGROUP, workgroup_id)


def audiences(interaction: Interaction) -> list[Audience]:
    """Who may have a waiting interaction: its exclusive agent alone (E1); during the owner wait its owners alone (K2);
    otherwise its workgroup, and its owners still.
    """
    if interaction.exclusive_agent_id:
        return [Audience(AudienceKind.EXCLUSIVE, interaction.exclusive_agent_id)]
    owners = list(_owners(interaction))
    if interaction.owner_wait_until is not None:
        return owners
    workgroup = Audience(AudienceKind.WORKGROUP, interaction.workgroup_id)
    return [workgroup, *(owner for owner in owners if owner != workgroup)]


def automatic_audiences(interaction: Interaction, *, automatic: bool) -> list[Audience]:
    """Who is given it without asking: nobody while it is unassigned (M3), nor in a MANUAL workgroup (M7), except its
    exclusive agent, who comes ahead of every other rule (E1).
    """
    if interaction.state is InteractionState.UNASSIGNED:
        return []
    if not automatic and not interaction.exclusive_agent_id:
        return []
    return audiences(interaction)
