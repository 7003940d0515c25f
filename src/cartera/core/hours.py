"""Business hours: when something is open, by the clock on the wall of its time zone (C12, Z2)."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cartera.core.records import BusinessHours, HoursCondition, OpeningHours

LOOK_AHEAD = timedelta(days=400)
"""How far the next opening is looked for: a year, and holidays around its end."""

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


def is_open(hours: BusinessHours | HoursCondition, at: datetime) -> bool:
    """Whether it is open at a time. An hour that the clock goes through twice counts twice, one that it skips never
    comes; holidays are days on that clock too.
    """
    here = at.astimezone(ZoneInfo(hours.time_zone))
    if here.date().isoformat() in _holidays(hours):
        return False
    clock = f"{here:%H:%M}"
    return any(each.opens <= clock < each.closes for each in _opening_hours(hours, here.date()))


def next_opening(hours: BusinessHours, at: datetime) -> datetime | None:
    """The first time from `at` on at which it is open; None where there is none within `LOOK_AHEAD`."""
    if is_open(hours, at):
        return at
    zone, holidays = ZoneInfo(hours.time_zone), _holidays(hours)
    first = at.astimezone(zone).date()
    for number in range(LOOK_AHEAD // _DAY):
        day = first + number * _DAY
        if day.isoformat() in holidays or not _opening_hours(hours, day):
            continue
        opening = min(
            (each for each in _moments(hours, day, zone) if each >= at and is_open(hours, each)), default=None
        )
        if opening:
            return opening
    return None


def _holidays(hours: BusinessHours | HoursCondition) -> frozenset[str]:
    return frozenset(each.date for each in hours.holidays) if isinstance(hours, BusinessHours) else frozenset()


def _opening_hours(hours: BusinessHours | HoursCondition, day: date) -> list[OpeningHours]:
    return [each for each in hours.opening_hours if each.day == day.isoweekday()]


def _moments(hours: BusinessHours, day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """The moments of a day at which it may open: those that its hours name, each as often as the clock shows it, and
    when the clock is put forward or back, which may leave out what they name.
    """
    for each in _opening_hours(hours, day):
        for fold in (0, 1):
            yield datetime.combine(day, time.fromisoformat(each.opens), zone).replace(fold=fold).astimezone(UTC)
    yield from _clock_changes(day, zone)


def _clock_changes(day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """When the clock is put forward or back on a day, if it is."""
    midnight, ends = (datetime.combine(each, time(), zone).astimezone(UTC) for each in (day, day + _DAY))
    begins = midnight - _MINUTE  # midnight itself may be left out
    before = begins.astimezone(zone).utcoffset()
    if ends.astimezone(zone).utcoffset() == before:
        return
    minutes = range((ends - begins) // _MINUTE)
    changed = bisect_left(
        minutes, 1, key=lambda minute: (begins + minute * _MINUTE).astimezone(zone).utcoffset() != before
    )
    yield begins + changed * _MINUTE
