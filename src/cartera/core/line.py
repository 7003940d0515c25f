"""Lines: waiting interactions in the order in which they are served (C6)."""

from bisect import bisect_left, insort
from datetime import datetime, timedelta

from cartera.core.vocabulary import Priority

Place = tuple[datetime, int, str]
"""A waiting interaction's time of arrival, sequence and id."""

Turn = tuple[int, datetime, int, str]
"""A waiting interaction's place in the order of service: the negative of the priority it counts as, then its place."""


_HIGHEST_FIRST = tuple(sorted(map(int, Priority), reverse=True))
_LEVELS = range(len(Priority))


def counted_priority(priority: int, arrived_at: datetime, ageing_interval: timedelta | None, now: datetime) -> int:
    """The priority that an interaction counts as: one higher for each whole ageing interval waited, URGENT at most."""
    if not ageing_interval or priority >= Priority.URGENT:
        return priority
    return min(Priority.URGENT, priority + max(now - arrived_at, timedelta()) // ageing_interval)


class Line:
    """The waiting interactions of one workgroup and channel. Within a priority, who arrived first counts highest, so
    only the first of each priority is looked at.
    """

    __slots__ = ("_places", "ageing_interval")

    def __init__(self, ageing_interval: timedelta | None) -> None:
        self.ageing_interval = ageing_interval
        self._places: tuple[list[Place], ...] = tuple([[] for _ in _LEVELS])

    def __bool__(self) -> bool:
        return any(self._places)

    def __len__(self) -> int:
        return sum(map(len, self._places))

    def add(self, priority: Priority, place: Place) -> None:
        """Put an interaction in its place."""
        insort(self._places[priority], place)

    def discard(self, priority: Priority, place: Place) -> None:
        """Take an interaction out."""
        places = self._places[priority]
        index = bisect_left(places, place)
        if index < len(places) and places[index] == place:
            del places[index]

    def first(self, now: datetime) -> Turn | None:
        """The next to be served."""
        if self.ageing_interval is None:
            return next(((-level, *self._places[level][0]) for level in _HIGHEST_FIRST if self._places[level]), None)
        turns = (self._turn(level, places[0], now) for level, places in enumerate(self._places) if places)
        return min(turns, default=None)

    def ahead_of(self, priority: Priority, place: Place, now: datetime) -> int:
        """How many are served before one that stands, or would stand, at this place."""
        mine = self._turn(priority, place, now)
        return sum(
            bisect_left(places, mine, key=lambda each, level=level: self._turn(level, each, now))  # type: ignore[misc]
            for level, places in enumerate(self._places)
        )

    def _turn(self, priority: int, place: Place, now: datetime) -> Turn:
        return (-counted_priority(priority, place[0], self.ageing_interval, now), *place)
