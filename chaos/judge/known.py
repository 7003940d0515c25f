"""What was known when: the highest revision that anybody had been told of, at any time of a run."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple


class Told(NamedTuple):
    """Somebody was told of a revision."""

    at: float
    revision: int
    by: object
    """The call or the stream, for people."""


class Known:
    """The highest revision told of, as it grew."""

    def __init__(self, told: Iterable[Told]) -> None:
        self._steps: list[Told] = []
        highest = 0
        for each in sorted(told, key=lambda each: each.at):
            if each.revision > highest:
                highest = each.revision
                self._steps.append(each)
        self._times = [each.at for each in self._steps]

    def before(self, time: float) -> Told | None:
        """The highest that had been told of before a time."""
        place = bisect_left(self._times, time)
        return self._steps[place - 1] if place else None

    @property
    def highest(self) -> Told | None:
        """The highest of all."""
        return self._steps[-1] if self._steps else None
