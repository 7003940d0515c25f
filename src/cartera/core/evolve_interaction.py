"""How the events of interactions change the state: theirs, and with them what agents and workgroups have done."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from cartera.core import events
from cartera.core.audience import HELD
from cartera.core.counting import abandoned, answered, counted_assignment, service_level_target
from cartera.core.day import day_of
from cartera.core.methods import method_of
from cartera.core.records import (
    AgentPresence,
    ChannelTurn,
    ContactActivity,
    Interaction,
    Note,
    PortfolioActivity,
    Workgroup,
    WorkgroupActivity,
)
from cartera.core.state import State
from cartera.core.vocabulary import Channel, InteractionState, RoutingReason

_SMOOTHING = 8
"""The mean handling time moves towards each new one by one part in this many."""

_ASKED_FOR = frozenset(
    {RoutingReason.CLAIMED, RoutingReason.ASSIGNED_BY_ADMINISTRATOR, RoutingReason.TRANSFERRED},
)
"""The reasons for which an agent has an interaction because somebody asked for it: others are the router's doing."""


def day(state: State, at: datetime) -> datetime:
    """When the tenant's day began."""
    tenant = state.tenant()
    return day_of(tenant.time_zone if tenant else "", at)


def presence_of(state: State, agent_id: str) -> AgentPresence:
    """What an agent is doing."""
    return state.get(AgentPresence, agent_id) or AgentPresence(agent_id)


# Arriving


def _put_interaction(state: State, event: Any, _at: datetime) -> None:
    state.put(event.interaction)


def _message_joined(state: State, event: events.InteractionMessageJoined, _at: datetime) -> None:
    state.put(_interaction(state, event.interaction_id)._replace(messages=event.messages))


# Being given


def _offered(state: State, event: events.InteractionOffered, at: datetime) -> None:
    interaction = _interaction(state, event.interaction_id)
    _note_given(state, interaction, event)
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
    state.put(_given_something(state, interaction, event.agent_id, at))


def _assigned(state: State, event: events.InteractionAssigned, at: datetime) -> None:
    """An agent has it: given at once, or after an offer, whose giving was noted then."""
    interaction = _interaction(state, event.interaction_id)
    state.put(_held(interaction, event, event.reason, at))
    if interaction.state is InteractionState.OFFERED:
        presence = presence_of(state, event.agent_id)._replace(last_assigned_at=at, idle_since=at, misses=0)
    elif event.reason in _ASKED_FOR:
        presence = presence_of(state, event.agent_id)._replace(last_assigned_at=at, idle_since=at)
    else:
        _note_given(state, interaction, event)
        presence = _given_something(state, interaction, event.agent_id, at)
    state.put(counted_assignment(presence, day(state, at)))
    state.put(ContactActivity(interaction.contact_id, event.agent_id, at))
    _note_answered(state, interaction, at)


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


def _given_something(state: State, interaction: Interaction, agent_id: str, at: datetime) -> AgentPresence:
    """The presence of who was given something by the router: it rests for its workgroup's pacing (C14)."""
    presence = presence_of(state, agent_id)._replace(last_assigned_at=at, idle_since=at)
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    if workgroup is None or not workgroup.pacing:
        return presence
    return presence._replace(cool_down_until=max(at + workgroup.pacing, presence.cool_down_until or at))


def _note_given(
    state: State,
    interaction: Interaction,
    event: events.InteractionAssigned | events.InteractionOffered,
) -> None:
    """Whose turn it was: in the rotation of the workgroup whose method chose, or of the portfolio's owners."""
    if event.chosen_in_workgroup_id:
        workgroup = state.get(Workgroup, event.chosen_in_workgroup_id)
        if workgroup and method_of(workgroup).rotates:
            activity = _activity(state, event.chosen_in_workgroup_id)
            per_channel = method_of(workgroup).turn_per_channel
            state.put(_with_turn(activity, event.agent_id, interaction.channel if per_channel else None))
    elif event.portfolio_id:
        state.put(PortfolioActivity(event.portfolio_id, event.agent_id))


def _with_turn(activity: WorkgroupActivity, agent_id: str, channel: Channel | None) -> WorkgroupActivity:
    if channel is None:
        return activity._replace(turn_agent_id=agent_id)
    others = (turn for turn in activity.channel_turns if turn.channel is not channel)
    return activity._replace(channel_turns=tuple(sorted((*others, ChannelTurn(channel, agent_id)))))


def _note_answered(state: State, interaction: Interaction, at: datetime) -> None:
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    waited = at - min(interaction.waiting_since or interaction.arrived_at, at)
    activity = _activity(state, interaction.workgroup_id)
    state.put(answered(activity, waited, service_level_target(workgroup), day(state, at)))


# Offers that come to nothing


def _offer_rejected(state: State, event: events.InteractionOfferRejected, at: datetime) -> None:
    _take_back(state, event.interaction_id, at)
    _cool_down(state, event.agent_id, event.cool_down_until, at)


def _offer_missed(state: State, event: events.InteractionOfferMissed, at: datetime) -> None:
    _take_back(state, event.interaction_id, at)
    _cool_down(state, event.agent_id, event.cool_down_until, at)
    state.put(presence_of(state, event.agent_id)._replace(misses=event.misses))


def _offer_withdrawn(state: State, event: events.InteractionOfferWithdrawn, at: datetime) -> None:
    _take_back(state, event.interaction_id, at)
    _note_released(state, event.agent_id, at)


def _take_back(state: State, interaction_id: str, at: datetime) -> None:
    """It looks for an agent again, in its place."""
    interaction = _interaction(state, interaction_id)
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


# Waiting


def _kept_for_owner(state: State, event: events.InteractionKeptForOwner, at: datetime) -> None:
    owned = _interaction(state, event.interaction_id).portfolio_id
    reason = RoutingReason.OWNER_NOT_AVAILABLE if owned else RoutingReason.LAST_AGENT_FULL
    _wait(state, event.interaction_id, InteractionState.WAITING_FOR_OWNER, reason, at)


def _queued(state: State, event: events.InteractionQueued, at: datetime) -> None:
    _wait(state, event.interaction_id, InteractionState.QUEUED, event.reason, at)


def _unassigned(state: State, event: events.InteractionUnassigned, at: datetime) -> None:
    _wait(state, event.interaction_id, InteractionState.UNASSIGNED, RoutingReason.NOBODY_ONLINE, at)


def _wait(state: State, interaction_id: str, to: InteractionState, reason: RoutingReason, at: datetime) -> None:
    interaction = _interaction(state, interaction_id)
    state.put(interaction._replace(state=to, reason=reason, state_since=at))


def _owner_wait_ended(state: State, event: events.InteractionOwnerWaitEnded, at: datetime) -> None:
    interaction = _interaction(state, event.interaction_id)
    state.put(interaction._replace(state=InteractionState.RECEIVED, state_since=at, owner_wait_until=None))


def _hours_began(state: State, event: events.InteractionHoursBegan, at: datetime) -> None:
    interaction = _interaction(state, event.interaction_id)
    state.put(interaction._replace(state=InteractionState.RECEIVED, state_since=at, state_until=None))


def _overflowed(state: State, event: events.InteractionOverflowed, at: datetime) -> None:
    interaction = _interaction(state, event.interaction_id)
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
    interaction = _interaction(state, event.interaction_id)
    skills = tuple(each for each in interaction.skills if each.skill != event.skill)
    state.put(interaction._replace(skills=skills))


def _told_unattended(state: State, event: events.InteractionUnattended, _at: datetime) -> None:
    state.put(_interaction(state, event.interaction_id)._replace(unattended_at=None))


def _expired(state: State, event: events.InteractionExpired, at: datetime) -> None:
    _end(state, event.interaction_id, InteractionState.EXPIRED, at)
    state.put(abandoned(_activity(state, event.workgroup_id), day(state, at)))


# Being passed on


def _transferred_to_agent(state: State, event: events.InteractionTransferredToAgent, at: datetime) -> None:
    interaction = _held(_interaction(state, event.interaction_id), event, RoutingReason.TRANSFERRED, at)
    state.put(interaction._replace(disposition=event.disposition, notes=(*interaction.notes, event.note)))
    presence = presence_of(state, event.agent_id)._replace(last_assigned_at=at, idle_since=at)
    state.put(counted_assignment(presence, day(state, at)))
    state.put(ContactActivity(interaction.contact_id, event.agent_id, at))
    _note_released(state, event.from_agent_id, at)


def _passed_on(state: State, event: Any, at: datetime) -> None:
    """It left its agent, and is routed anew as the event says."""
    state.put(event.interaction)
    _note_released(state, event.from_agent_id, at)


def _return_scheduled(state: State, event: events.InteractionReturnScheduled, _at: datetime) -> None:
    state.put(_interaction(state, event.interaction_id)._replace(state_until=event.return_at))


def _return_cancelled(state: State, event: events.InteractionReturnCancelled, _at: datetime) -> None:
    state.put(_interaction(state, event.interaction_id)._replace(state_until=None))


# Ending


def _completed(state: State, event: events.InteractionCompleted, at: datetime) -> None:
    interaction = _interaction(state, event.interaction_id)
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
    activity = _activity(state, event.workgroup_id)
    mean = _smoothed(activity.mean_handling, event.handling)
    state.put(activity._replace(completed=activity.completed + 1, mean_handling=mean))
    if not wraps_up:
        _note_released(state, event.agent_id, at)


def _smoothed(mean: timedelta | None, latest: timedelta) -> timedelta:
    return latest if mean is None else mean + (latest - mean) // _SMOOTHING


def _with_note(interaction: Interaction, note: Note | None) -> tuple[Note, ...]:
    return interaction.notes if note is None else (*interaction.notes, note)


def _wrap_up_ended(state: State, event: events.InteractionWrapUpEnded, at: datetime) -> None:
    interaction = _interaction(state, event.interaction_id)
    state.put(interaction._replace(state=InteractionState.COMPLETED, state_since=at, state_until=None))
    _note_released(state, event.agent_id, at)


def _cancelled(state: State, event: events.InteractionCancelled, at: datetime) -> None:
    former = _interaction(state, event.interaction_id)
    _end(state, event.interaction_id, InteractionState.CANCELLED, at)
    if former.state is not InteractionState.ASSIGNED:
        state.put(abandoned(_activity(state, event.workgroup_id), day(state, at)))
    if former.state in HELD:
        _note_released(state, event.agent_id, at)


def _end(state: State, interaction_id: str, to: InteractionState, at: datetime) -> None:
    interaction = _interaction(state, interaction_id)
    state.put(
        interaction._replace(state=to, state_since=at, owner_wait_until=None, state_until=None, ended_at=at),
    )


def _note_written(state: State, event: events.InteractionNoteWritten, _at: datetime) -> None:
    """An interaction that has ended is not always in memory; what writes the note has loaded it."""
    interaction = state.get(Interaction, event.interaction_id)
    if interaction:
        before, after = interaction.notes[: event.position - 1], interaction.notes[event.position :]
        state.put(interaction._replace(notes=(*before, event.note, *after)))


def _note_released(state: State, agent_id: str, at: datetime) -> None:
    """An agent is idle from now on, where that matters to any of its workgroups (M8)."""
    workgroups = (state.get(Workgroup, each) for each in state.workgroups_of(agent_id))
    if any(workgroup and method_of(workgroup).by_idleness for workgroup in workgroups):
        state.put(presence_of(state, agent_id)._replace(idle_since=at))


def _interaction(state: State, interaction_id: str) -> Interaction:
    interaction = state.get(Interaction, interaction_id)
    assert interaction is not None, f"the log speaks of an interaction that it does not hold: {interaction_id}"
    return interaction


def _activity(state: State, workgroup_id: str) -> WorkgroupActivity:
    return state.get(WorkgroupActivity, workgroup_id) or WorkgroupActivity(workgroup_id)


EVOLVE_INTERACTION: dict[type, Callable[[State, Any, datetime], None]] = {
    events.InteractionArrived: _put_interaction,
    events.InteractionMessageJoined: _message_joined,
    events.InteractionAssigned: _assigned,
    events.InteractionKeptForOwner: _kept_for_owner,
    events.InteractionQueued: _queued,
    events.InteractionUnassigned: _unassigned,
    events.InteractionOwnerWaitEnded: _owner_wait_ended,
    events.InteractionTransferredToAgent: _transferred_to_agent,
    events.InteractionTransferredToCampaign: _passed_on,
    events.InteractionTransferredToWorkgroup: _passed_on,
    events.InteractionRerouted: _put_interaction,
    events.InteractionCompleted: _completed,
    events.InteractionCancelled: _cancelled,
    events.InteractionOffered: _offered,
    events.InteractionOfferRejected: _offer_rejected,
    events.InteractionOfferMissed: _offer_missed,
    events.InteractionOfferWithdrawn: _offer_withdrawn,
    events.InteractionWrapUpEnded: _wrap_up_ended,
    events.InteractionReturnScheduled: _return_scheduled,
    events.InteractionReturnCancelled: _return_cancelled,
    events.InteractionReturned: _passed_on,
    events.InteractionOverflowed: _overflowed,
    events.InteractionSkillDropped: _skill_dropped,
    events.InteractionExpired: _expired,
    events.InteractionUnattended: _told_unattended,
    events.InteractionHoursBegan: _hours_began,
    events.InteractionNoteWritten: _note_written,
}
"""How each of them does."""
