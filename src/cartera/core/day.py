"""Days: when a tenant's day began, by its own clock on the wall."""

from datetime import UTC, datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

_zone = cache(ZoneInfo)
"""A zone is read from the machine's files once; how many there are is bounded by the names that were accepted."""


def day_start(time_zone: str, at: datetime) -> datetime:
    """When the day of `at` began in the time zone ("" is UTC): its first moment, even where summer time skips midnight
    or goes through it twice.
    """
    here = at.astimezone(_zone(time_zone) if time_zone else UTC)
    return here.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)


@lru_cache(maxsize=256)  # all that a batch changes has the same moment
def day_of(time_zone: str, at: datetime) -> datetime:
    """The same, remembered by quarters of an hour: no day begins within one."""
    return _day_of(time_zone, at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0))


_day_of = lru_cache(maxsize=4096)(day_start)
