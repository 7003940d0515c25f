"""Counting: what an agent and a workgroup have done today (W2, C14).

`day` is when the tenant's day began (`day_start`). The first thing that is counted on a day begins the counters anew,
so no timer is needed at midnight. Who reads them looks at the day that they are of.
"""

from datetime import datetime, timedelta
from typing import Any

from cartera.core.records import AgentPresence, Workgroup, WorkgroupActivity
from cartera.core.vocabulary import AgentStatus

SERVICE_LEVEL_TARGET = timedelta(seconds=20)
"""Within what time an interaction should be answered, unless its workgroup says otherwise (W2)."""


def service_level_target(workgroup: Workgroup | None) -> timedelta:
    """Within what time an interaction of the workgroup should be answered (W2)."""
    target = workgroup.service_level_target if workgroup else None
    return SERVICE_LEVEL_TARGET if target is None else target


# Agents


def today(presence: AgentPresence, day: datetime) -> AgentPresence:
    """The presence with the counters of that day: those of another day are gone."""
    if presence.day_started_at == day:
        return presence
    return presence._replace(day_started_at=day, assigned_today=0, online_today=None)


def uncounted(presence: AgentPresence) -> AgentPresence:
    """The presence without counters, as events carry it: `counted_status` puts them back."""
    return presence._replace(day_started_at=None, assigned_today=0, online_today=None)


def counted_assignment(presence: AgentPresence, day: datetime, **changes: Any) -> AgentPresence:
    """The presence of an agent who was just given an interaction, which counts for the day and brings these changes."""
    counted = today(presence, day)
    return counted._replace(assigned_today=counted.assigned_today + 1, **changes)


def counted_status(before: AgentPresence, after: AgentPresence, at: datetime, day: datetime) -> AgentPresence:
    """`after` with the counters of `before`: where a time online ended with it, what of it falls on the day is added.
    For any event that replaces a presence; where `status_since` is the same the status goes on, and nothing is added.
    """
    counted = today(before, day)
    online = counted.online_today
    if before.status_since != after.status_since:
        online = online_until(before, at, day)
    return after._replace(
        day_started_at=counted.day_started_at, assigned_today=counted.assigned_today, online_today=online
    )


def online_until(presence: AgentPresence, at: datetime, day: datetime) -> timedelta | None:
    """How long the agent has been online on the day by `at`, the present status counted in; None where it was not."""
    ended = presence.online_today if presence.day_started_at == day else None
    if presence.status is not AgentStatus.ONLINE or presence.status_since is None:
        return ended
    return (ended or timedelta()) + max(at - max(presence.status_since, day), timedelta())


# Workgroups


def activity_today(activity: WorkgroupActivity, day: datetime) -> WorkgroupActivity:
    """The activity with the counters of that day: those of another day are gone."""
    if activity.day_started_at == day:
        return activity
    return activity._replace(day_started_at=day, assigned_today=0, within_target_today=0, abandoned_today=0)


def answered(activity: WorkgroupActivity, waited: timedelta, target: timedelta, day: datetime) -> WorkgroupActivity:
    """The activity of a workgroup of which an interaction was just assigned, after waiting so long (W2)."""
    counted = activity_today(activity, day)
    return counted._replace(
        assigned_today=counted.assigned_today + 1,
        within_target_today=counted.within_target_today + (waited <= target),
    )


def abandoned(activity: WorkgroupActivity, day: datetime) -> WorkgroupActivity:
    """The activity of a workgroup of which an interaction was just cancelled or expired before anybody answered it."""
    counted = activity_today(activity, day)
    return counted._replace(abandoned_today=counted.abandoned_today + 1)
