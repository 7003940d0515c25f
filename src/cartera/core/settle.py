"""Settle: what follows of itself, one step at a time, each step evolved before the next is sought.

After every command it holds that nothing is overdue, that no waiting interaction and available agent who fit each other
are left unmatched (C7), and that every interaction is placed.
"""

from datetime import datetime

from cartera.core.assignment import assign, choose_agent
from cartera.core.belonging import belong_anew
from cartera.core.deadlines import Deadline, DeadlineKind
from cartera.core.events import (
    AgentSessionAlerted,
    AgentStatusChanged,
    Event,
    InteractionKeptForOwner,
    InteractionOwnerWaitEnded,
    InteractionQueued,
    InteractionRerouted,
    InteractionUnassigned,
)
from cartera.core.line import Turn
from cartera.core.methods import METHODS
from cartera.core.records import AgentPresence, Interaction, Workgroup
from cartera.core.state import State
from cartera.core.vocabulary import RoutingReason


def next_step(state: State, now: datetime) -> list[Event]:
    """The next thing that follows: the earliest deadline that has passed, else the rerouting of what has lost whom it
    belonged to, else the next match, else the placing of what waits. Empty once all is settled.
    """
    deadline = state.deadlines.first()
    if deadline and deadline[0] <= now:
        return [_fall_due(state, deadline, now)]
    if state.displaced:
        displaced = _interaction(state, min(state.displaced, key=lambda each: _interaction(state, each).sequence))
        return [InteractionRerouted(belong_anew(state, displaced, now))]
    turn = state.first_match(now)
    if turn:
        return _match(state, turn, now)
    if state.unplaced:
        return [_place(state, min(state.unplaced, key=lambda each: _interaction(state, each).sequence))]
    return []


def _fall_due(state: State, deadline: Deadline, now: datetime) -> Event:
    due_at, kind, identifier = deadline
    if kind is DeadlineKind.OWNER_WAIT:
        return InteractionOwnerWaitEnded(identifier, _interaction(state, identifier).workgroup_id)
    presence = state.get(AgentPresence, identifier)
    assert presence is not None, "only an agent with a presence has a session"
    if kind is DeadlineKind.SESSION_ALERT:
        return AgentSessionAlerted(identifier, presence.session_ends_at or due_at)
    offline = AgentPresence(identifier, status_since=now, last_assigned_at=presence.last_assigned_at)
    return AgentStatusChanged(offline, presence.status, session_limit_reached=True)


def _match(state: State, turn: Turn, now: datetime) -> list[Event]:
    interaction = _interaction(state, turn[3])
    agent_id, reason = choose_agent(state, interaction)
    return assign(state, interaction, agent_id, reason, now)


def _place(state: State, interaction_id: str) -> Event:
    """How an interaction waits for which nobody is available."""
    interaction = _interaction(state, interaction_id)
    workgroup_id = interaction.workgroup_id
    if interaction.exclusive_agent_id:
        return InteractionQueued(interaction_id, workgroup_id, RoutingReason.EXCLUSIVE_AGENT_FULL)
    if interaction.owner_wait_until is not None:
        return InteractionKeptForOwner(interaction_id, workgroup_id, interaction.owner_wait_until)
    workgroup = state.get(Workgroup, workgroup_id)
    if workgroup is None or not METHODS[workgroup.method].automatic:
        return InteractionQueued(interaction_id, workgroup_id, RoutingReason.MANUAL)
    if state.availability.is_anybody_online(workgroup_id, interaction.channel):
        return InteractionQueued(interaction_id, workgroup_id, RoutingReason.NO_AGENT_AVAILABLE)
    if workgroup.queue_when_nobody_online:
        return InteractionQueued(interaction_id, workgroup_id, RoutingReason.NOBODY_ONLINE)
    return InteractionUnassigned(interaction_id, workgroup_id)


def _interaction(state: State, interaction_id: str) -> Interaction:
    interaction = state.get(Interaction, interaction_id)
    assert interaction is not None, f"an index names an interaction that is not there: {interaction_id}"
    return interaction
