"""Figures that are counted as things happen: plain numbers, since every call adds to some of them.

They are added to in the event loop, and read there too.
"""

from bisect import bisect_left
from collections import defaultdict

Labels = tuple[str, ...]


class Count:
    """How often something happened, by the values of its labels."""

    __slots__ = ("numbers",)

    def __init__(self) -> None:
        self.numbers: defaultdict[Labels, float] = defaultdict(float)

    def add(self, *labels: str, by: float = 1) -> None:
        """It has happened again."""
        self.numbers[labels] += by


class Distribution:
    """How often something measured so much."""

    __slots__ = ("_numbers", "bounds", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.total = 0.0
        self._numbers = [0] * (len(bounds) + 1)

    def add(self, measured: float) -> None:
        """It has been measured again."""
        self._numbers[bisect_left(self.bounds, measured)] += 1
        self.total += measured

    def cumulative(self) -> list[int]:
        """How many measured at most each of the bounds; last, how many there were."""
        numbers, sums = 0, []
        for number in self._numbers:
            numbers += number
            sums.append(numbers)
        return sums
