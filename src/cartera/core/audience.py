"""Audiences: who may be given a waiting interaction."""

from collections.abc import Callable
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from cartera.core.records import Interaction
from cartera.core.vocabulary import InteractionState

WAITING = frozenset({InteractionState.WAITING_FOR_OWNER, InteractionState.QUEUED, InteractionState.UNASSIGNED})
"""The states of an interaction that waits for an agent."""

QUEUED = frozenset({InteractionState.WAITING_FOR_OWNER, InteractionState.QUEUED})
"""The states of an interaction that stands in a queue."""

HELD = frozenset({InteractionState.OFFERED, InteractionState.ASSIGNED, InteractionState.WRAP_UP})
"""The states of an interaction that takes a slot of an agent (C1)."""

OPEN = WAITING | HELD | {InteractionState.RECEIVED}
"""The states of an interaction that has not ended."""


class AudienceKind(IntEnum):
    """What an audience is made of."""

    WORKGROUP = 1
    """The members of a workgroup, as its method may choose them."""
    AGENT = 2
    """An agent, where it is available."""
    EXCLUSIVE = 3
    """An agent, online or not, on any channel (E1)."""
    LAST_AGENT = 4
    """An agent, online or not, on the channels it handles (M4)."""
    TEAM = 5
    """The members of a workgroup who are available, whatever their skills: owners (P6)."""
    OVERFLOW = 6
    """The members of a workgroup that overflow added, as its method may choose them, who are available (C11)."""


OF_MEMBERS = frozenset({AudienceKind.WORKGROUP, AudienceKind.OVERFLOW})
"""The audiences whose members are chosen by a workgroup's method."""


class Audience(NamedTuple):
    """The members of a workgroup, or one agent."""

    kind: AudienceKind
    id: str


@lru_cache(maxsize=100_000)
def audience(kind: AudienceKind, identifier: str) -> Audience:
    """That audience: one object of each, however many interactions wait for it."""
    return Audience(kind, identifier)


def _owners(interaction: Interaction) -> tuple[Audience, ...]:
    if not interaction.portfolio_id:
        return ()
    owners = [audience(AudienceKind.AGENT, each) for each in interaction.owner_agent_ids]
    owners += [audience(AudienceKind.TEAM, each) for each in interaction.owner_workgroup_ids]
    owners += [audience(AudienceKind.AGENT, each) for each in interaction.backup_agent_ids]
    return tuple(dict.fromkeys(owners))


def audiences(interaction: Interaction) -> tuple[Audience, ...]:
    """Who may have a waiting interaction: its exclusive agent alone (E1); during the owner wait its owners alone (K2),
    or its last agent (M4); otherwise its workgroup, those that overflow added (C11), and its owners and last agent
    still.
    """
    if interaction.exclusive_agent_id:
        return (audience(AudienceKind.EXCLUSIVE, interaction.exclusive_agent_id),)
    owners = _owners(interaction)
    last = (audience(AudienceKind.LAST_AGENT, interaction.last_agent_id),) if interaction.last_agent_id else ()
    if interaction.owner_wait_until is not None and interaction.state_until is None:
        return owners or last
    added = [audience(AudienceKind.OVERFLOW, each) for each in interaction.overflow_workgroup_ids]
    return (audience(AudienceKind.WORKGROUP, interaction.workgroup_id), *added, *owners, *last)


def automatic_audiences(interaction: Interaction, is_automatic: Callable[[str], bool]) -> tuple[Audience, ...]:
    """Who is given it without asking: nobody while it is unassigned (M3) or its campaign is closed (C12). A MANUAL
    workgroup gives nothing, to owners neither (M7); its exclusive agent comes ahead of every other rule (E1).
    """
    if interaction.state is InteractionState.UNASSIGNED or interaction.state_until is not None:
        return ()
    whole = audiences(interaction)
    if interaction.exclusive_agent_id:
        return whole
    automatic = is_automatic(interaction.workgroup_id)
    if not interaction.overflow_workgroup_ids:
        return whole if automatic else ()
    if not automatic:
        whole = tuple(each for each in whole if each.kind is AudienceKind.OVERFLOW)
    return tuple(each for each in whole if each.kind not in OF_MEMBERS or is_automatic(each.id))
