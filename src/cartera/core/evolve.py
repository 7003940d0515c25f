"""Evolve: how each event changes the state. The same function applies what was just decided, what another replica
wrote, and a log that is folded from its beginning.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from cartera.core import events
from cartera.core.change import Change
from cartera.core.events import Event
from cartera.core.records import (
    Agent,
    AgentPresence,
    Campaign,
    Contact,
    ExclusiveAgent,
    Interaction,
    Note,
    Organization,
    Portfolio,
    PortfolioActivity,
    PortfolioContact,
    Script,
    Trigger,
    Workgroup,
    WorkgroupActivity,
)
from cartera.core.state import State
from cartera.core.vocabulary import InteractionState, RoutingReason

_SMOOTHING = 8
"""The mean handling time moves towards each new one by one part in this many."""


def evolve_change(state: State, change: Change) -> None:
    """Apply a whole change."""
    for event in change.events:
        evolve(state, event, change.occurred_at)
    state.revision = change.revision
    state.last_event_at = change.occurred_at


def evolve(state: State, event: Event, at: datetime) -> None:
    """Apply one event, which happened at that time."""
    _EVOLVE[type(event)](state, event, at)


def _put_only_field(state: State, event: Any, _at: datetime) -> None:
    state.put(event[0])


def _remove(record_type: type, *also: type) -> Callable[[State, Any, datetime], None]:
    def remove(state: State, event: Any, _at: datetime) -> None:
        for each in (record_type, *also):
            state.remove(each, event[0])

    return remove


def _workgroup_saved(state: State, event: events.WorkgroupSaved, _at: datetime) -> None:
    former = state.get(Workgroup, event.workgroup.workgroup_id)
    state.put(event.workgroup)
    activity = state.get(WorkgroupActivity, event.workgroup.workgroup_id)
    if former and activity and activity.turn_agent_id not in event.workgroup.member_ids:
        state.put(activity._replace(turn_agent_id=_turn_kept(former, event.workgroup, activity.turn_agent_id)))


def _turn_kept(former: Workgroup, workgroup: Workgroup, turn_agent_id: str) -> str:
    """Who counts as having had the last turn once that member is gone: the nearest before it who is still a member."""
    if turn_agent_id not in former.member_ids:
        return ""
    before = former.member_ids[: former.member_ids.index(turn_agent_id)]
    remaining = set(workgroup.member_ids)
    return next((agent_id for agent_id in reversed(before) if agent_id in remaining), "")


def _contact_removed(state: State, event: events.ContactRemovedFromPortfolio, _at: datetime) -> None:
    state.remove(PortfolioContact, event.contact_id)


def _exclusive_removed(state: State, event: events.ExclusiveAgentRemoved, _at: datetime) -> None:
    state.remove(ExclusiveAgent, event.exclusive_agent.contact_id, event.exclusive_agent.campaign_id)


def _session_alerted(state: State, event: events.AgentSessionAlerted, _at: datetime) -> None:
    state.put(_presence(state, event.agent_id)._replace(session_alert_at=None))


def _message_joined(state: State, event: events.InteractionMessageJoined, _at: datetime) -> None:
    state.put(_interaction(state, event.interaction_id)._replace(messages=event.messages))


def _assigned(state: State, event: events.InteractionAssigned, at: datetime) -> None:
    interaction = _interaction(state, event.interaction_id)
    state.put(_held(interaction, event, event.reason, at))
    state.put(_presence(state, event.agent_id)._replace(last_assigned_at=at))
    if event.reason is RoutingReason.ROUND_ROBIN:
        state.put(_activity(state, event.workgroup_id)._replace(turn_agent_id=event.agent_id))
    elif event.portfolio_id:
        state.put(PortfolioActivity(event.portfolio_id, event.agent_id))


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
    )


def _kept_for_owner(state: State, event: events.InteractionKeptForOwner, at: datetime) -> None:
    _wait(state, event.interaction_id, InteractionState.WAITING_FOR_OWNER, RoutingReason.OWNER_NOT_AVAILABLE, at)


def _queued(state: State, event: events.InteractionQueued, at: datetime) -> None:
    _wait(state, event.interaction_id, InteractionState.QUEUED, event.reason, at)


def _unassigned(state: State, event: events.InteractionUnassigned, at: datetime) -> None:
    _wait(state, event.interaction_id, InteractionState.UNASSIGNED, RoutingReason.NOBODY_ONLINE, at)


def _owner_wait_ended(state: State, event: events.InteractionOwnerWaitEnded, at: datetime) -> None:
    interaction = _interaction(state, event.interaction_id)
    state.put(interaction._replace(state=InteractionState.RECEIVED, state_since=at, owner_wait_until=None))


def _wait(state: State, interaction_id: str, to: InteractionState, reason: RoutingReason, at: datetime) -> None:
    interaction = _interaction(state, interaction_id)
    state.put(interaction._replace(state=to, reason=reason, state_since=at))


def _transferred_to_agent(state: State, event: events.InteractionTransferredToAgent, at: datetime) -> None:
    interaction = _held(_interaction(state, event.interaction_id), event, RoutingReason.TRANSFERRED, at)
    state.put(interaction._replace(disposition=event.disposition, notes=(*interaction.notes, event.note)))
    state.put(_presence(state, event.agent_id)._replace(last_assigned_at=at))


def _completed(state: State, event: events.InteractionCompleted, at: datetime) -> None:
    interaction = _interaction(state, event.interaction_id)
    state.put(
        interaction._replace(
            state=InteractionState.COMPLETED,
            state_since=at,
            ended_at=at,
            disposition=event.disposition,
            sub_disposition=event.sub_disposition,
            notes=_with_note(interaction, event.note),
        ),
    )
    activity = _activity(state, event.workgroup_id)
    mean = _smoothed(activity.mean_handling, event.handling)
    state.put(activity._replace(completed=activity.completed + 1, mean_handling=mean))


def _smoothed(mean: timedelta | None, latest: timedelta) -> timedelta:
    return latest if mean is None else mean + (latest - mean) // _SMOOTHING


def _with_note(interaction: Interaction, note: Note | None) -> tuple[Note, ...]:
    return interaction.notes if note is None else (*interaction.notes, note)


def _cancelled(state: State, event: events.InteractionCancelled, at: datetime) -> None:
    interaction = _interaction(state, event.interaction_id)
    state.put(
        interaction._replace(state=InteractionState.CANCELLED, state_since=at, owner_wait_until=None, ended_at=at),
    )


def _interaction(state: State, interaction_id: str) -> Interaction:
    interaction = state.get(Interaction, interaction_id)
    assert interaction is not None, f"the log speaks of an interaction that it does not hold: {interaction_id}"
    return interaction


def _presence(state: State, agent_id: str) -> AgentPresence:
    return state.get(AgentPresence, agent_id) or AgentPresence(agent_id)


def _activity(state: State, workgroup_id: str) -> WorkgroupActivity:
    return state.get(WorkgroupActivity, workgroup_id) or WorkgroupActivity(workgroup_id)


_EVOLVE: dict[type, Callable[[State, Any, datetime], None]] = {
    events.TenantSaved: _put_only_field,
    events.AgentSaved: _put_only_field,
    events.WorkgroupSaved: _workgroup_saved,
    events.CampaignSaved: _put_only_field,
    events.TriggerSaved: _put_only_field,
    events.OrganizationSaved: _put_only_field,
    events.ScriptSaved: _put_only_field,
    events.PortfolioSaved: _put_only_field,
    events.ContactSaved: _put_only_field,
    events.AgentDeleted: _remove(Agent, AgentPresence),
    events.WorkgroupDeleted: _remove(Workgroup, WorkgroupActivity),
    events.CampaignDeleted: _remove(Campaign),
    events.TriggerDeleted: _remove(Trigger),
    events.OrganizationDeleted: _remove(Organization),
    events.ScriptDeleted: _remove(Script),
    events.PortfolioDeleted: _remove(Portfolio, PortfolioActivity),
    events.ContactDeleted: _remove(Contact),
    events.ContactAssignedToPortfolio: _put_only_field,
    events.ContactRemovedFromPortfolio: _contact_removed,
    events.ExclusiveAgentSet: _put_only_field,
    events.ExclusiveAgentRemoved: _exclusive_removed,
    events.AgentStatusChanged: _put_only_field,
    events.AgentSessionAlerted: _session_alerted,
    events.AgentSessionExtended: _put_only_field,
    events.InteractionArrived: _put_only_field,
    events.InteractionMessageJoined: _message_joined,
    events.InteractionAssigned: _assigned,
    events.InteractionKeptForOwner: _kept_for_owner,
    events.InteractionQueued: _queued,
    events.InteractionUnassigned: _unassigned,
    events.InteractionOwnerWaitEnded: _owner_wait_ended,
    events.InteractionTransferredToAgent: _transferred_to_agent,
    events.InteractionTransferredToCampaign: _put_only_field,
    events.InteractionRerouted: _put_only_field,
    events.InteractionCompleted: _completed,
    events.InteractionCancelled: _cancelled,
}
