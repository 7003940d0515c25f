"""Counters of the day, and when a day begins."""

from datetime import UTC, datetime, timedelta

import pytest

from cartera.core.counting import (
    SERVICE_LEVEL_TARGET,
    abandoned,
    activity_today,
    answered,
    counted_assignment,
    counted_status,
    online_until,
    service_level_target,
    today,
    uncounted,
)
from cartera.core.day import day_start
from cartera.core.records import AgentPresence, Workgroup, WorkgroupActivity
from cartera.core.vocabulary import AgentStatus

DAY = datetime(2026, 3, 2, tzinfo=UTC)
NEXT_DAY = DAY + timedelta(days=1)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.req("W2")


def at(hour, minute=0, day=DAY):
    return day + timedelta(hours=hour, minutes=minute)


def online(since, **fields):
    return AgentPresence("ana", AgentStatus.ONLINE, status_since=since, **fields)


def paused(since, **fields):
    return AgentPresence("ana", AgentStatus.PAUSED, status_since=since, **fields)


# When a day begins


@pytest.mark.parametrize(
    ("time_zone", "moment", "began"),
    [
        ("", datetime(2026, 3, 2, 23, 59, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)),
        ("Europe/Madrid", datetime(2026, 3, 1, 23, 30, tzinfo=UTC), datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("America/Bogota", datetime(2026, 3, 2, 4, 59, tzinfo=UTC), datetime(2026, 3, 1, 5, tzinfo=UTC)),
        ("America/Bogota", datetime(2026, 3, 2, 5, tzinfo=UTC), datetime(2026, 3, 2, 5, tzinfo=UTC)),
    ],
    ids=["utc", "madrid", "before-midnight", "at-midnight"],
)
def test_day_begins_at_local_midnight(time_zone, moment, began):
    """A day begins at midnight of the time zone, and at midnight itself it has begun."""
    assert day_start(time_zone, moment) == began


def test_day_without_midnight_begins_with_its_first_moment():
    """In Santiago the clock goes from 24:00 to 01:00 when summer time begins: that day begins then."""
    assert day_start("America/Santiago", datetime(2025, 9, 7, 12, tzinfo=UTC)) == datetime(2025, 9, 7, 4, tzinfo=UTC)


def test_day_with_two_midnights_begins_with_the_first():
    """In Havana the clock goes from 01:00 back to 00:00 when summer time ends: the day began an hour before."""
    for hour in (4, 5, 12):
        moment = datetime(2025, 11, 2, hour, 30, tzinfo=UTC)
        assert day_start("America/Havana", moment) == datetime(2025, 11, 2, 4, tzinfo=UTC)


def test_day_start_is_in_utc():
    """The beginning of a day is told in UTC, as every time of a record is."""
    assert day_start("Europe/Madrid", at(12)).utcoffset() == timedelta()


# Agents


def test_an_assignment_counts_for_the_day():
    """Each assignment adds one to its day."""
    presence = counted_assignment(counted_assignment(online(at(9)), DAY), DAY)
    assert (presence.day_started_at, presence.assigned_today) == (DAY, 2)


def test_the_first_assignment_of_a_day_begins_anew():
    """What was counted on another day is gone with the first that counts on this one."""
    yesterday = online(at(9), day_started_at=DAY, assigned_today=7, online_today=3 * HOUR)
    presence = counted_assignment(yesterday, NEXT_DAY)
    assert (presence.day_started_at, presence.assigned_today, presence.online_today) == (NEXT_DAY, 1, None)


def test_time_online_is_added_when_it_ends():
    """A status ONLINE that ends adds its time to the day; the others add none."""
    presence = counted_status(online(at(9)), paused(at(11)), at(11), DAY)
    assert presence.online_today == 2 * HOUR
    again = counted_status(presence, online(at(12)), at(12), DAY)
    assert again.online_today == 2 * HOUR
    assert counted_status(again, paused(at(13)), at(13), DAY).online_today == 3 * HOUR


def test_a_status_keeps_what_was_counted():
    """A new presence, which an event carries without counters, has those of the one before."""
    before = online(at(9), day_started_at=DAY, assigned_today=4, online_today=HOUR)
    after = counted_status(before, uncounted(paused(at(10))), at(10), DAY)
    assert after == paused(at(10), day_started_at=DAY, assigned_today=4, online_today=2 * HOUR)


def test_a_status_that_goes_on_adds_nothing():
    """A session that is begun anew within a status doesn't count the status twice."""
    before = online(at(9), day_started_at=DAY, online_today=HOUR)
    extended = counted_status(before, uncounted(before)._replace(session_ends_at=at(23)), at(10), DAY)
    assert extended.online_today == HOUR
    assert online_until(extended, at(11), DAY) == 3 * HOUR


def test_only_the_time_after_midnight_counts():
    """Of a time online that goes through midnight only what came after it counts for the new day."""
    night = online(at(22), day_started_at=DAY, assigned_today=5, online_today=6 * HOUR)
    presence = counted_status(night, paused(at(1, day=NEXT_DAY)), at(1, day=NEXT_DAY), NEXT_DAY)
    assert (presence.day_started_at, presence.assigned_today, presence.online_today) == (NEXT_DAY, 0, HOUR)


def test_time_online_runs():
    """The time online of a day is what has ended and what goes on."""
    presence = online(at(12), day_started_at=DAY, online_today=2 * HOUR)
    assert online_until(presence, at(13, 30), DAY) == 3.5 * HOUR


def test_time_online_runs_from_midnight():
    """For who came online yesterday the running time begins with the day, though nothing was counted on it yet."""
    presence = online(at(22), day_started_at=DAY, online_today=2 * HOUR)
    assert online_until(presence, at(3, day=NEXT_DAY), NEXT_DAY) == 3 * HOUR


def test_who_was_never_online_has_no_time_online():
    """Who is paused or offline and was not online on the day has none, which is not the same as no time."""
    assert online_until(AgentPresence("ana"), at(12), DAY) is None
    assert online_until(paused(at(9)), at(12), DAY) is None
    assert online_until(online(at(12)), at(12), DAY) == timedelta()


def test_yesterdays_counters_are_not_todays():
    """Who reads the counters before anything was counted on a day finds none."""
    presence = today(online(at(9), day_started_at=DAY, assigned_today=7, online_today=HOUR), NEXT_DAY)
    assert (presence.assigned_today, presence.online_today) == (0, None)


# Workgroups


def test_an_answer_in_time_is_within_the_target():
    """An interaction that waited as long as the target, or less, is within it."""
    activity = WorkgroupActivity("ventas")
    for seconds in (0, 20, 21):
        activity = answered(activity, seconds * SECOND, SERVICE_LEVEL_TARGET, DAY)
    assert (activity.assigned_today, activity.within_target_today) == (3, 2)


def test_who_left_is_counted():
    """Each that ended before anybody answered adds one to its day."""
    activity = abandoned(abandoned(WorkgroupActivity("ventas"), DAY), DAY)
    assert (activity.day_started_at, activity.abandoned_today) == (DAY, 2)


def test_a_workgroup_begins_anew_each_day():
    """The first that counts on a day begins all counters anew, and leaves what is of no day."""
    yesterday = WorkgroupActivity("ventas", "ana", 9, SECOND, (), DAY, 8, 7, 6)
    assert answered(yesterday, SECOND, SECOND, NEXT_DAY) == WorkgroupActivity(
        "ventas", "ana", 9, SECOND, (), NEXT_DAY, 1, 1, 0
    )
    assert abandoned(yesterday, NEXT_DAY)[5:] == (NEXT_DAY, 0, 0, 1)
    assert activity_today(yesterday, NEXT_DAY)[5:] == (NEXT_DAY, 0, 0, 0)


def test_the_target_is_twenty_seconds_unless_the_workgroup_says_otherwise():
    """A workgroup that sets no target has 20 seconds; one that sets it has its own, none included."""
    assert service_level_target(None) == service_level_target(Workgroup("ventas")) == 20 * SECOND
    assert service_level_target(Workgroup("ventas", service_level_target=5 * SECOND)) == 5 * SECOND
    assert service_level_target(Workgroup("ventas", service_level_target=timedelta())) == timedelta()
