"""Business hours (C12)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.oracle.router.configuration import Hours

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""What 0 seconds are."""

DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


def is_open(hours: Hours | None, now: int) -> bool:
    """Whether a campaign is open at a time. Without hours it always is."""
    if hours is None:
        return True
    here = (START + timedelta(seconds=now)).astimezone(ZoneInfo(hours.time_zone))
    if here.date().isoformat() in hours.holidays:
        return False
    clock = here.strftime("%H:%M")
    return any(day == DAYS[here.weekday()] and opens <= clock < closes for day, opens, closes in hours.opening_hours)


def opening(hours: Hours, now: int) -> int | None:
    """When a closed campaign opens next."""
    zone = ZoneInfo(hours.time_zone)
    today = (START + timedelta(seconds=now)).astimezone(zone)
    days = [today + timedelta(days=each) for each in range(15)]
    opens = [at(day, clock) for day in days for name, clock, _ in hours.opening_hours if name == DAYS[day.weekday()]]
    seconds = [round((each - START).total_seconds()) for each in opens]
    return min((each for each in seconds if each > now and is_open(hours, each)), default=None)


def at(day: datetime, clock: str) -> datetime:
    """A time of a day: "09:00"."""
    hour, minute = clock.split(":")
    return day.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
