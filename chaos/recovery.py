"""How soon service was back: from the moment when a fault was healed to the first good answer after it, of every
replica that it had touched.
"""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from chaos.history import read_lines

WITHIN = 15.0
"""Seconds within which service must return by itself."""


class Inflicted(NamedTuple):
    """A fault that came to pass."""

    name: str
    touched: frozenset[str]
    """The addresses of replicas."""
    began: float
    ended: float


class Recovery(NamedTuple):
    """What followed a fault at one replica."""

    fault: str
    address: str
    seconds: float | None
    """None where nothing more was answered, though it was asked."""

    @property
    def is_late(self) -> bool:
        return self.seconds is None or self.seconds > WITHIN


Calls = Sequence[tuple[float, float, bool]]
"""When they began and ended, and whether they were answered well; in order."""


def recoveries(directory: Path) -> list[Recovery]:
    """Of each fault that came to pass and was healed before the end."""
    faults = list(inflicted(directory))
    calls = _calls(directory)
    found = (_recovery(fault, address, faults, calls[address]) for fault in faults for address in sorted(fault.touched))
    return [each for each in found if each is not None]


def inflicted(directory: Path) -> Iterator[Inflicted]:
    addresses = json.loads((directory / "run.json").read_text())["addresses"]
    with (directory / "faults.jsonl").open() as file:
        for line in file:
            fault = json.loads(line)
            if fault["detail"]["happened"]:
                touched = [addresses[name] for name in fault["replicas"]]
                yield Inflicted(fault["fault"], frozenset(touched), fault["began"], fault["ended"])


def _recovery(fault: Inflicted, address: str, faults: Sequence[Inflicted], calls: Calls) -> Recovery | None:
    """Measured from a moment on that no other fault disturbs."""
    others = [other for other in faults if address in other.touched and other is not fault]
    healed = fault.ended
    while True:
        first = next((ended for _, ended, is_good in calls[bisect_left(calls, (healed,)) :] if is_good), None)
        until = healed if first is None else first
        later = [other.ended for other in others if other.began <= until and other.ended > healed]
        if not later:
            break
        healed = max(later)
    if first is None and bisect_left(calls, (healed,)) == len(calls):
        return None
    return Recovery(fault.name, address, None if first is None else first - healed)


def _calls(directory: Path) -> dict[str, list[tuple[float, float, bool]]]:
    calls = defaultdict(list)
    for path in directory.glob("calls-*.jsonl"):
        for _, call in read_lines(path):
            calls[call["replica"]].append((call["began"], call["ended"], call["code"] == "OK"))
    return defaultdict(list, {address: sorted(found) for address, found in calls.items()})
