"""How the state changes when interactions are given to agents, and when offers come to nothing."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cartera.core import events
from cartera.core.counting import answered, counted_assignment, service_level_target
from cartera.core.evolve.shared import activity_of, day, interaction_of, note_released, presence_of
from cartera.core.methods import method_of
from cartera.core.records import (
    AgentPresence,
    ChannelTurn,
    ContactActivity,
    Interaction,
    PortfolioActivity,
    Workgroup,
    WorkgroupActivity,
)
from cartera.core.state import State
from cartera.core.vocabulary import Channel, InteractionState, RoutingReason

_ASKED_FOR = frozenset(
    {RoutingReason.CLAIMED, RoutingReason.ASSIGNED_BY_ADMINISTRATOR, RoutingReason.TRANSFERRED},
)
"""The reasons for which an agent has an interaction because somebody asked for it: others are the router's doing."""


def _offered(state: State, event: events.InteractionOffered, at: datetime) -> None:
    interaction = interaction_of(state, event.interaction_id)
    _note_turn(state, interaction, event)
    state.put(
        interaction._replace(
            state=InteractionState.OFFERED,
            reason=event.reason,
            state_since=at,
            agent_id=event.agent_id,
            assigned_at=None,
            state_until=event.offer_until,
        ),
    )
    presence = presence_of(state, event.agent_id)._replace(last_assigned_at=at, idle_since=at)
    state.put(_paced(state, interaction, presence, at))


def _assigned(state: State, event: events.InteractionAssigned, at: datetime) -> None:
    """An agent has it: given at once, or after an offer, whose giving was noted then."""
    interaction = interaction_of(state, event.interaction_id)
    state.put(_held(interaction, event, event.reason, at))
    today = day(state, at)
    presence = _busy(state, event.agent_id, at, today)
    if interaction.state is InteractionState.OFFERED:
        presence = presence._replace(misses=0)
    elif event.reason not in _ASKED_FOR:
        _note_turn(state, interaction, event)
        presence = _paced(state, interaction, presence, at)
    state.put(presence)
    state.put(ContactActivity(interaction.contact_id, event.agent_id, at))
    _note_answered(state, interaction, at, today)


def _transferred_to_agent(state: State, event: events.InteractionTransferredToAgent, at: datetime) -> None:
    interaction = _held(interaction_of(state, event.interaction_id), event, RoutingReason.TRANSFERRED, at)
    state.put(interaction._replace(disposition=event.disposition, notes=(*interaction.notes, event.note)))
    state.put(_busy(state, event.agent_id, at, day(state, at)))
    state.put(ContactActivity(interaction.contact_id, event.agent_id, at))
    note_released(state, event.from_agent_id, at)


def _held(
    interaction: Interaction,
    event: events.InteractionAssigned | events.InteractionTransferredToAgent,
    reason: RoutingReason,
    at: datetime,
) -> Interaction:
    return interaction._replace(
        state=InteractionState.ASSIGNED,
        reason=reason,
        state_since=at,
        owner_wait_until=None,
        agent_id=event.agent_id,
        assigned_at=at,
        comment=event.comment,
        script_id=event.script_id,
        state_until=None,
    )


def _busy(state: State, agent_id: str, at: datetime, today: datetime) -> AgentPresence:
    """The presence of who has an interaction from now on, which counts for the day."""
    return counted_assignment(presence_of(state, agent_id), today, last_assigned_at=at, idle_since=at)


def _paced(state: State, interaction: Interaction, presence: AgentPresence, at: datetime) -> AgentPresence:
    """The presence of who was given something by the router: it rests for its workgroup's pacing (C14)."""
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    if workgroup is None or not workgroup.pacing:
        return presence
    return presence._replace(cool_down_until=max(at + workgroup.pacing, presence.cool_down_until or at))


def _note_turn(
    state: State,
    interaction: Interaction,
    event: events.InteractionAssigned | events.InteractionOffered,
) -> None:
    """Whose turn it was: in the rotation of the workgroup whose method chose, or of the portfolio's owners."""
    if event.chosen_in_workgroup_id:
        workgroup = state.get(Workgroup, event.chosen_in_workgroup_id)
        if workgroup and method_of(workgroup).rotates:
            activity = activity_of(state, event.chosen_in_workgroup_id)
            per_channel = method_of(workgroup).turn_per_channel
            state.put(_with_turn(activity, event.agent_id, interaction.channel if per_channel else None))
    elif event.portfolio_id:
        state.put(PortfolioActivity(event.portfolio_id, event.agent_id))


def _with_turn(activity: WorkgroupActivity, agent_id: str, channel: Channel | None) -> WorkgroupActivity:
    if channel is None:
        return activity._replace(turn_agent_id=agent_id)
    others = (turn for turn in activity.channel_turns if turn.channel is not channel)
    return activity._replace(channel_turns=tuple(sorted((*others, ChannelTurn(channel, agent_id)))))


def _note_answered(state: State, interaction: Interaction, at: datetime, today: datetime) -> None:
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    waited = at - min(interaction.waiting_since or interaction.arrived_at, at)
    activity = activity_of(state, interaction.workgroup_id)
    state.put(answered(activity, waited, service_level_target(workgroup), today))


def _offer_rejected(state: State, event: events.InteractionOfferRejected, at: datetime) -> None:
    _take_back(state, event.interaction_id, at)
    _cool_down(state, event.agent_id, event.cool_down_until, at)


def _offer_missed(state: State, event: events.InteractionOfferMissed, at: datetime) -> None:
    _take_back(state, event.interaction_id, at)
    _cool_down(state, event.agent_id, event.cool_down_until, at)
    state.put(presence_of(state, event.agent_id)._replace(misses=event.misses))


def _offer_withdrawn(state: State, event: events.InteractionOfferWithdrawn, at: datetime) -> None:
    _take_back(state, event.interaction_id, at)
    note_released(state, event.agent_id, at)


def _take_back(state: State, interaction_id: str, at: datetime) -> None:
    """It looks for an agent again, in its place."""
    interaction = interaction_of(state, interaction_id)
    state.put(
        interaction._replace(
            state=InteractionState.RECEIVED,
            reason=RoutingReason.UNSPECIFIED,
            state_since=at,
            agent_id="",
            state_until=None,
        ),
    )


def _cool_down(state: State, agent_id: str, until: datetime, at: datetime) -> None:
    presence = presence_of(state, agent_id)
    later = max(until, presence.cool_down_until or until)
    state.put(presence._replace(cool_down_until=later, idle_since=at))


GIVING: dict[type, Callable[[State, Any, datetime], None]] = {
    events.InteractionOffered: _offered,
    events.InteractionAssigned: _assigned,
    events.InteractionTransferredToAgent: _transferred_to_agent,
    events.InteractionOfferRejected: _offer_rejected,
    events.InteractionOfferMissed: _offer_missed,
    events.InteractionOfferWithdrawn: _offer_withdrawn,
}
"""How each of these events does."""
