"""Where a waiting interaction stands in the queue that the router itself uses, and how long it may wait (C8)."""

from datetime import datetime

from cartera.core.audience import QUEUED, Audience, AudienceKind
from cartera.core.availability import ALL_CHANNELS
from cartera.core.records import Interaction, QueuePosition, WorkgroupActivity
from cartera.core.state import State


def queue_position(state: State, interaction: Interaction, now: datetime) -> QueuePosition | None:
    """The interaction's position among all that wait in its workgroup, and the estimated wait. None where it doesn't
    wait in a queue: assigned, unassigned or ended.
    """
    if interaction.state not in QUEUED:
        return None
    audience = Audience(AudienceKind.WORKGROUP, interaction.workgroup_id)
    ahead = sum(state.queues.ahead_of(interaction, (audience, channel), now) for channel in ALL_CHANNELS)
    return _estimated(state, interaction.workgroup_id, ahead + 1)


def _estimated(state: State, workgroup_id: str, position: int) -> QueuePosition:
    """Each of the members' units comes free once in a mean handling time."""
    activity = state.get(WorkgroupActivity, workgroup_id)
    units = state.availability.capacity_online(workgroup_id)
    if activity is None or activity.mean_handling is None or not units:
        return QueuePosition(position)
    return QueuePosition(position, activity.mean_handling * position // units)
