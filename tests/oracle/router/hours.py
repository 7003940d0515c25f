"""Business hours (C12), looked up minute by minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.oracle.router.configuration import Hours

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""What 0 seconds are."""

DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
MINUTES_OF_TWO_WEEKS = 14 * 24 * 60


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
    """When a closed campaign opens next. Hours begin at whole minutes."""
    minute = now - now % 60
    for each in range(1, MINUTES_OF_TWO_WEEKS):
        if is_open(hours, minute + 60 * each):
            return minute + 60 * each
    return None
