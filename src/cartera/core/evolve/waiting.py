"""How the state changes when interactions arrive and wait."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cartera.core import events
from cartera.core.evolve.shared import interaction_of
from cartera.core.state import State
from cartera.core.vocabulary import InteractionState, RoutingReason


def _put_interaction(state: State, event: Any, _at: datetime) -> None:
    state.put(event.interaction)


def _message_joined(state: State, event: events.InteractionMessageJoined, _at: datetime) -> None:
    state.put(interaction_of(state, event.interaction_id)._replace(messages=event.messages))


def _kept_for_owner(state: State, event: events.InteractionKeptForOwner, at: datetime) -> None:
    owned = interaction_of(state, event.interaction_id).portfolio_id
    reason = RoutingReason.OWNER_NOT_AVAILABLE if owned else RoutingReason.LAST_AGENT_FULL
    _wait(state, event.interaction_id, InteractionState.WAITING_FOR_OWNER, reason, at)


def _queued(state: State, event: events.InteractionQueued, at: datetime) -> None:
    _wait(state, event.interaction_id, InteractionState.QUEUED, event.reason, at)


def _unassigned(state: State, event: events.InteractionUnassigned, at: datetime) -> None:
    _wait(state, event.interaction_id, InteractionState.UNASSIGNED, RoutingReason.NOBODY_ONLINE, at)


def _wait(state: State, interaction_id: str, to: InteractionState, reason: RoutingReason, at: datetime) -> None:
    interaction = interaction_of(state, interaction_id)
    state.put(interaction._replace(state=to, reason=reason, state_since=at))


def _owner_wait_ended(state: State, event: events.InteractionOwnerWaitEnded, at: datetime) -> None:
    interaction = interaction_of(state, event.interaction_id)
    state.put(interaction._replace(state=InteractionState.RECEIVED, state_since=at, owner_wait_until=None))


def _hours_began(state: State, event: events.InteractionHoursBegan, at: datetime) -> None:
    interaction = interaction_of(state, event.interaction_id)
    state.put(interaction._replace(state=InteractionState.RECEIVED, state_since=at, state_until=None))


def _overflowed(state: State, event: events.InteractionOverflowed, at: datetime) -> None:
    interaction = interaction_of(state, event.interaction_id)
    step = event.step
    serving = (interaction.workgroup_id, *interaction.overflow_workgroup_ids)
    added = () if not step.add_workgroup_id or step.add_workgroup_id in serving else (step.add_workgroup_id,)
    interaction = interaction._replace(
        overflow_workgroup_ids=(*interaction.overflow_workgroup_ids, *added),
        skills=tuple(each for each in interaction.skills if each.skill != step.drop_skill),
        priority=max(interaction.priority, step.priority),
        overflow_steps_taken=interaction.overflow_steps_taken + 1,
    )
    if interaction.state is InteractionState.UNASSIGNED:
        interaction = interaction._replace(state=InteractionState.RECEIVED, state_since=at)
    state.put(interaction)


def _skill_dropped(state: State, event: events.InteractionSkillDropped, _at: datetime) -> None:
    interaction = interaction_of(state, event.interaction_id)
    skills = tuple(each for each in interaction.skills if each.skill != event.skill)
    state.put(interaction._replace(skills=skills))


def _told_unattended(state: State, event: events.InteractionUnattended, _at: datetime) -> None:
    state.put(interaction_of(state, event.interaction_id)._replace(unattended_at=None))


WAITING: dict[type, Callable[[State, Any, datetime], None]] = {
    events.InteractionArrived: _put_interaction,
    events.InteractionRerouted: _put_interaction,
    events.InteractionMessageJoined: _message_joined,
    events.InteractionKeptForOwner: _kept_for_owner,
    events.InteractionQueued: _queued,
    events.InteractionUnassigned: _unassigned,
    events.InteractionOwnerWaitEnded: _owner_wait_ended,
    events.InteractionHoursBegan: _hours_began,
    events.InteractionOverflowed: _overflowed,
    events.InteractionSkillDropped: _skill_dropped,
    events.InteractionUnattended: _told_unattended,
}
"""How each of these events does."""
