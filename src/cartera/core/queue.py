"""Where a waiting interaction stands in the queue that the router itself uses, and how long it may wait (C8, P8)."""

from datetime import datetime, timedelta

from cartera.core.audience import QUEUED, Audience, AudienceKind
from cartera.core.availability import channels_online
from cartera.core.owners import owner_agents
from cartera.core.records import (
    Agent,
    AgentPresence,
    Interaction,
    OwnerEstimate,
    QueuePosition,
    WorkgroupActivity,
)
from cartera.core.skills import need_of
from cartera.core.slots import ALL_CHANNELS
from cartera.core.state import State
from cartera.core.vocabulary import InteractionState
from cartera.core.waiting import Demand


def queue_position(state: State, interaction: Interaction, now: datetime) -> QueuePosition | None:
    """The interaction's position among all that wait in its workgroup, and the estimated wait. None where it doesn't
    wait in a queue: assigned, unassigned or ended.
    """
    if interaction.state not in QUEUED:
        return None
    audience = Audience(AudienceKind.WORKGROUP, interaction.workgroup_id)
    ahead = sum(state.queues.ahead_of(interaction, (audience, Demand(channel)), now) for channel in ALL_CHANNELS)
    return _estimated(state, interaction.workgroup_id, ahead + 1)


def _estimated(state: State, workgroup_id: str, position: int) -> QueuePosition:
    """Each of the members' units comes free once in a mean handling time."""
    activity = state.get(WorkgroupActivity, workgroup_id)
    units = state.availability.capacity_online(workgroup_id)
    if activity is None or activity.mean_handling is None or not units:
        return QueuePosition(position)
    return QueuePosition(position, activity.mean_handling * position // units)


def owner_estimate(state: State, interaction: Interaction, now: datetime) -> OwnerEstimate | None:
    """For an interaction that is kept for its owner: how long until one is likely to be free, and until the next agent
    of the workgroup is (P8).
    """
    if interaction.state is not InteractionState.WAITING_FOR_OWNER:
        return None
    owners = owner_agents(state, interaction) or [interaction.last_agent_id]
    free_in = (_free_in(state, agent_id, interaction, now) for agent_id in owners)
    owner_free_in = min((each for each in free_in if each is not None), default=None)
    return OwnerEstimate(owner_free_in, _next_agent_in(state, interaction, now))


def _free_in(state: State, agent_id: str, interaction: Interaction, now: datetime) -> timedelta | None:
    """When an agent who is online and full is done with what it has held longest, if that takes as long as the
    workgroup's interactions do in the mean.
    """
    agent = state.get(Agent, agent_id)
    activity = state.get(WorkgroupActivity, interaction.workgroup_id)
    if agent is None or activity is None or activity.mean_handling is None:
        return None
    online = channels_online(agent, state.get(AgentPresence, agent_id))
    held = state.held_by(agent_id)
    if interaction.channel not in online or not held or state.has_free_slot(agent_id, interaction.channel):
        return None
    held_for = now - (held[0].assigned_at or held[0].state_since)
    return max(activity.mean_handling - held_for, timedelta())


def _next_agent_in(state: State, interaction: Interaction, now: datetime) -> timedelta | None:
    need = need_of(interaction.skills)
    if any(state.availability.ready(interaction.workgroup_id, interaction.channel, need)):
        return timedelta()
    position = queue_position(state, interaction, now)
    return position.estimated_wait if position else None
