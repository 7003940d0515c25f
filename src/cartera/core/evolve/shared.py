"""What several events look up and note as they change the state."""

from datetime import datetime

from cartera.core.day import day_of
from cartera.core.records import (
    AgentPresence,
    Interaction,
    WorkgroupActivity,
)
from cartera.core.state import State


def day(state: State, at: datetime) -> datetime:
    """When the tenant's day began."""
    tenant = state.tenant()
    return day_of(tenant.time_zone if tenant else "", at)


def presence_of(state: State, agent_id: str) -> AgentPresence:
    """What an agent is doing."""
    return state.get(AgentPresence, agent_id) or AgentPresence(agent_id)


def interaction_of(state: State, interaction_id: str) -> Interaction:
    interaction = state.get(Interaction, interaction_id)
    assert interaction is not None, f"the log speaks of an interaction that it does not hold: {interaction_id}"
    return interaction


def activity_of(state: State, workgroup_id: str) -> WorkgroupActivity:
    return state.get(WorkgroupActivity, workgroup_id) or WorkgroupActivity(workgroup_id)


def note_released(state: State, agent_id: str, at: datetime) -> None:
    """An agent is idle from now on, which is noted where any workgroup goes by that (M8)."""
    if state.by_idleness:
        state.put(presence_of(state, agent_id)._replace(idle_since=at))
