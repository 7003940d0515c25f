"""How the state changes when interactions leave their agents, and when they end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from cartera.core import events
from cartera.core.audience import HELD
from cartera.core.counting import abandoned
from cartera.core.evolve.shared import activity_of, day, interaction_of, note_released
from cartera.core.records import (
    Interaction,
    Note,
)
from cartera.core.state import State
from cartera.core.vocabulary import InteractionState

_SMOOTHING = 8
"""The mean handling time moves towards each new one by one part in this many."""


def _passed_on(state: State, event: Any, at: datetime) -> None:
    """It left its agent, and is routed anew as the event says."""
    state.put(event.interaction)
    note_released(state, event.from_agent_id, at)


def _return_scheduled(state: State, event: events.InteractionReturnScheduled, _at: datetime) -> None:
    state.put(interaction_of(state, event.interaction_id)._replace(state_until=event.return_at))


def _return_cancelled(state: State, event: events.InteractionReturnCancelled, _at: datetime) -> None:
    state.put(interaction_of(state, event.interaction_id)._replace(state_until=None))


def _completed(state: State, event: events.InteractionCompleted, at: datetime) -> None:
    interaction = interaction_of(state, event.interaction_id)
    wraps_up = event.wrap_up_until is not None
    state.put(
        interaction._replace(
            state=InteractionState.WRAP_UP if wraps_up else InteractionState.COMPLETED,
            state_since=at,
            state_until=event.wrap_up_until,
            ended_at=at,
            disposition=event.disposition,
            sub_disposition=event.sub_disposition,
            notes=_with_note(interaction, event.note),
        ),
    )
    activity = activity_of(state, event.workgroup_id)
    mean = _smoothed(activity.mean_handling, event.handling)
    state.put(activity._replace(completed=activity.completed + 1, mean_handling=mean))
    if not wraps_up:
        note_released(state, event.agent_id, at)


def _smoothed(mean: timedelta | None, latest: timedelta) -> timedelta:
    return latest if mean is None else mean + (latest - mean) // _SMOOTHING


def _with_note(interaction: Interaction, note: Note | None) -> tuple[Note, ...]:
    return interaction.notes if note is None else (*interaction.notes, note)


def _wrap_up_ended(state: State, event: events.InteractionWrapUpEnded, at: datetime) -> None:
    interaction = interaction_of(state, event.interaction_id)
    state.put(interaction._replace(state=InteractionState.COMPLETED, state_since=at, state_until=None))
    note_released(state, event.agent_id, at)


def _cancelled(state: State, event: events.InteractionCancelled, at: datetime) -> None:
    former = interaction_of(state, event.interaction_id)
    _end(state, event.interaction_id, InteractionState.CANCELLED, at)
    if former.state is not InteractionState.ASSIGNED:
        state.put(abandoned(activity_of(state, event.workgroup_id), day(state, at)))
    if former.state in HELD:
        note_released(state, event.agent_id, at)


def _expired(state: State, event: events.InteractionExpired, at: datetime) -> None:
    _end(state, event.interaction_id, InteractionState.EXPIRED, at)
    state.put(abandoned(activity_of(state, event.workgroup_id), day(state, at)))


def _end(state: State, interaction_id: str, to: InteractionState, at: datetime) -> None:
    interaction = interaction_of(state, interaction_id)
    state.put(
        interaction._replace(state=to, state_since=at, owner_wait_until=None, state_until=None, ended_at=at),
    )


def _note_written(state: State, event: events.InteractionNoteWritten, _at: datetime) -> None:
    """An interaction that has ended is not always in memory; what writes the note has loaded it."""
    interaction = state.get(Interaction, event.interaction_id)
    if interaction:
        before, after = interaction.notes[: event.position - 1], interaction.notes[event.position :]
        state.put(interaction._replace(notes=(*before, event.note, *after)))


ENDING: dict[type, Callable[[State, Any, datetime], None]] = {
    events.InteractionTransferredToCampaign: _passed_on,
    events.InteractionTransferredToWorkgroup: _passed_on,
    events.InteractionReturned: _passed_on,
    events.InteractionReturnScheduled: _return_scheduled,
    events.InteractionReturnCancelled: _return_cancelled,
    events.InteractionCompleted: _completed,
    events.InteractionWrapUpEnded: _wrap_up_ended,
    events.InteractionCancelled: _cancelled,
    events.InteractionExpired: _expired,
    events.InteractionNoteWritten: _note_written,
}
"""How each of these events does."""
