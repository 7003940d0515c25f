"""Settle: what follows of itself, one step at a time, each step evolved before the next is sought.

After every command it holds that nothing is overdue, that no waiting interaction and available agent who fit each other
are left unmatched (C7), and that every interaction is placed.
"""

from datetime import datetime

from cartera.core.assignment import give
from cartera.core.belonging import belong_anew
from cartera.core.events import (
    Event,
    InteractionKeptForOwner,
    InteractionQueued,
    InteractionRerouted,
    InteractionUnassigned,
)
from cartera.core.falling_due import fall_due
from cartera.core.line import Turn
from cartera.core.methods import method_of
from cartera.core.records import Interaction, Workgroup
from cartera.core.selection import choose_agent
from cartera.core.state import State
from cartera.core.vocabulary import RoutingReason


def next_step(state: State, now: datetime) -> list[Event]:
    """The next thing that follows: the earliest deadline that has passed, else the rerouting of what has lost whom it
    belonged to, else the next match, else the placing of what waits. Empty once all is settled.
    """
    deadline = state.deadlines.first()
    if deadline and deadline[0] <= now:
        return fall_due(state, deadline, now)
    if state.displaced:
        displaced = _interaction(state, min(state.displaced, key=lambda each: _interaction(state, each).sequence))
        return [InteractionRerouted(belong_anew(state, displaced, now))]
    turn = state.first_match(now)
    if turn:
        return _match(state, turn, now)
    if state.unplaced:
        return [_place(state, min(state.unplaced, key=lambda each: _interaction(state, each).sequence))]
    return []


def _match(state: State, turn: Turn, now: datetime) -> list[Event]:
    interaction = _interaction(state, turn[3])
    choice = choose_agent(state, interaction)
    assert choice is not None, f"somebody may be given what is matched: {interaction.interaction_id}"
    return give(state, interaction, choice, now)


def _place(state: State, interaction_id: str) -> Event:
    """How an interaction waits for which nobody is available."""
    interaction = _interaction(state, interaction_id)
    workgroup_id = interaction.workgroup_id
    if interaction.state_until is not None:
        return InteractionQueued(interaction_id, workgroup_id, RoutingReason.OUTSIDE_HOURS)
    if interaction.exclusive_agent_id:
        return InteractionQueued(interaction_id, workgroup_id, RoutingReason.EXCLUSIVE_AGENT_FULL)
    if interaction.owner_wait_until is not None:
        return InteractionKeptForOwner(interaction_id, workgroup_id, interaction.owner_wait_until)
    return _place_in_queue(state, interaction)


def _place_in_queue(state: State, interaction: Interaction) -> Event:
    interaction_id, workgroup_id = interaction.interaction_id, interaction.workgroup_id
    workgroup = state.get(Workgroup, workgroup_id)
    if workgroup is None or not method_of(workgroup).automatic:
        return InteractionQueued(interaction_id, workgroup_id, RoutingReason.MANUAL)
    if method_of(workgroup).chosen or _is_anybody_online(state, interaction):
        return InteractionQueued(interaction_id, workgroup_id, RoutingReason.NO_AGENT_AVAILABLE)
    if workgroup.queue_when_nobody_online:
        return InteractionQueued(interaction_id, workgroup_id, RoutingReason.NOBODY_ONLINE)
    return InteractionUnassigned(interaction_id, workgroup_id)


def _is_anybody_online(state: State, interaction: Interaction) -> bool:
    """Whether any member of the workgroup, or of one that overflow added, is online for the channel (M3)."""
    serving = (interaction.workgroup_id, *interaction.overflow_workgroup_ids)
    return any(state.availability.is_anybody_online(each, interaction.channel) for each in serving)


def _interaction(state: State, interaction_id: str) -> Interaction:
    interaction = state.get(Interaction, interaction_id)
    assert interaction is not None, f"an index names an interaction that is not there: {interaction_id}"
    return interaction
