"""Disturbances: the times when a fault was done to the service, and a while after."""

from bisect import bisect_right
from pathlib import Path
from typing import Self

from chaos.history import read_lines

AFTERMATH_SECONDS = 5.0
"""How long after a fault its effects are looked over."""


class Disturbances:
    """The times of the faults of a run, joined where they overlap."""

    def __init__(self, times: list[tuple[float, float]]) -> None:
        self._times: list[tuple[float, float]] = []
        for began, ended in sorted(times):
            if self._times and began <= self._times[-1][1]:
                self._times[-1] = (self._times[-1][0], max(ended, self._times[-1][1]))
            else:
                self._times.append((began, ended))

    @classmethod
    def read(cls, path: Path) -> Self:
        if not path.exists():
            return cls([])
        faults = (line for _, line in read_lines(path))
        return cls([(each["began"], (each["ended"] or float("inf")) + AFTERMATH_SECONDS) for each in faults])

    def disturb(self, began: float, ended: float) -> bool:
        """Whether anything was done to the service between these times."""
        place = bisect_right(self._times, (ended, float("inf"))) - 1
        return place >= 0 and self._times[place][1] >= began
