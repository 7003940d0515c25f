"""What is told to a replica's process from outside while it runs: the time it believes in, and where it is to break.

A few bytes in a file that both sides have in memory, so that it costs a replica nothing to look.
"""

import mmap
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

SIZE = 4 * 8
"""The clock's offset, the point, the action, and how many batches pass before."""


class Point(IntEnum):
    """An instant in the life of a batch."""

    NOWHERE = 0
    BEFORE_APPEND = 1
    BEFORE_COMMIT = 2
    """The batch is written and its heads are locked; the transaction is open."""
    BEFORE_ANSWER = 3
    """The batch is committed, and nobody knows."""


class Action(IntEnum):
    """What happens there."""

    KILL = 0
    PAUSE = 1


class Orders(NamedTuple):
    """What a replica is told."""

    clock_offset: float = 0.0
    """Seconds that its clock is ahead of the machine's."""
    point: Point = Point.NOWHERE
    action: Action = Action.KILL
    passed_before: int = 0
    """How many batches go by the point unharmed."""


class Control:
    """Both ends of it. Each number is written by itself and at once: the other end may be looking."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(SIZE))
        with path.open("r+b") as file:
            memory = memoryview(mmap.mmap(file.fileno(), SIZE))
        self._seconds = memory.cast("d")
        self._numbers = memory.cast("q")

    def read(self) -> Orders:
        _, point, action, passed_before = self._numbers
        return Orders(self.clock_offset, Point(point), Action(action), passed_before)

    @property
    def clock_offset(self) -> float:
        """Seconds that the replica's clock is ahead of the machine's."""
        return self._seconds[0]

    def set_clock(self, offset: float) -> None:
        """Move the replica's clock."""
        self._seconds[0] = offset

    def arm(self, point: Point, action: Action, passed_before: int = 0) -> None:
        """Have the replica break at a point, after so many batches that go by unharmed."""
        self._numbers[2] = action
        self._numbers[3] = passed_before
        self._numbers[1] = point

    def disarm(self) -> None:
        self._numbers[1] = Point.NOWHERE
