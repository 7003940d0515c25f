"""Deadlines: everything that falls due."""

from bisect import bisect_left, insort
from datetime import datetime
from enum import IntEnum


class DeadlineKind(IntEnum):
    """What falls due. At one instant, in this order."""

    OWNER_WAIT = 1
    SESSION_ALERT = 2
    SESSION_END = 3
    OFFER = 4
    WRAP_UP = 5
    RETURN = 6
    OVERFLOW = 7
    SKILL_DROP = 8
    EXPIRY = 9
    UNATTENDED = 10
    OPENING = 11
    COOL_DOWN = 12


Deadline = tuple[datetime, DeadlineKind, str]
"""When, what, and the id of the interaction or agent that it concerns."""


class Deadlines:
    """All deadlines of a tenant, the earliest first."""

    def __init__(self) -> None:
        self._deadlines: list[Deadline] = []

    def move(self, kind: DeadlineKind, identifier: str, old: datetime | None, new: datetime | None) -> None:
        """Set, move or (with None) clear a deadline."""
        if old == new:
            return
        if old is not None:
            index = bisect_left(self._deadlines, (old, kind, identifier))
            del self._deadlines[index]
        if new is not None:
            insort(self._deadlines, (new, kind, identifier))

    def first(self) -> Deadline | None:
        """The earliest."""
        return self._deadlines[0] if self._deadlines else None
