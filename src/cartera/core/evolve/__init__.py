"""Evolve: how each event changes the state. The same function applies what was just decided, what another replica
wrote, and a log that is folded from its beginning.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cartera.core import events
from cartera.core.change import Change
from cartera.core.counting import counted_status
from cartera.core.events import Event
from cartera.core.evolve.ending import ENDING
from cartera.core.evolve.giving import GIVING
from cartera.core.evolve.shared import day, presence_of
from cartera.core.evolve.waiting import WAITING
from cartera.core.records import (
    Agent,
    AgentPresence,
    Campaign,
    Contact,
    ContactActivity,
    ExclusiveAgent,
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
    if former is None or activity is None or event.workgroup.member_ids == former.member_ids:
        return
    kept = activity._replace(
        turn_agent_id=_turn_kept(former, event.workgroup, activity.turn_agent_id),
        channel_turns=tuple(
            turn._replace(agent_id=_turn_kept(former, event.workgroup, turn.agent_id))
            for turn in activity.channel_turns
        ),
    )
    if kept != activity:
        state.put(kept)


def _turn_kept(former: Workgroup, workgroup: Workgroup, turn_agent_id: str) -> str:
    """Who counts as having had the last turn: who had, or once that member is gone the nearest before it who is still
    a member.
    """
    if turn_agent_id in workgroup.member_ids:
        return turn_agent_id
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
    state.put(presence_of(state, event.agent_id)._replace(session_alert_at=None))


def _cool_down_ended(state: State, event: events.AgentCoolDownEnded, _at: datetime) -> None:
    state.put(presence_of(state, event.agent_id)._replace(cool_down_until=None))


def _presence_replaced(
    state: State, event: events.AgentStatusChanged | events.AgentSessionExtended, at: datetime
) -> None:
    """Events carry the presence without what is counted, which goes on from before (W2)."""
    former = presence_of(state, event.presence.agent_id)
    state.put(counted_status(former, event.presence, at, day(state, at)))


def _nothing(_state: State, _event: Any, _at: datetime) -> None:
    """What happened changes no record."""


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
    events.ContactDeleted: _remove(Contact, ContactActivity),
    events.ContactAssignedToPortfolio: _put_only_field,
    events.ContactRemovedFromPortfolio: _contact_removed,
    events.ExclusiveAgentSet: _put_only_field,
    events.ExclusiveAgentRemoved: _exclusive_removed,
    events.AgentStatusChanged: _presence_replaced,
    events.AgentSessionAlerted: _session_alerted,
    events.AgentSessionExtended: _presence_replaced,
    events.AgentCoolDownEnded: _cool_down_ended,
    events.OwnershipChanged: _put_only_field,
    events.MessageDeliveryChanged: _nothing,
    **WAITING,
    **GIVING,
    **ENDING,
}
