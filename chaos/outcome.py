"""The outcome of a run, for people: what was broken, how soon service was back, and what was promised in vain."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from chaos.recovery import WITHIN, Recovery, recoveries

SHOWN = 30


class Outcome(NamedTuple):
    """What is to be said of a run."""

    calls: int
    answered: int
    faults: Counter[str]
    restarts: int
    recoveries: list[Recovery]
    violations: list[str]

    def lines(self) -> Iterator[str]:
        """For people; the last one sums up."""
        for name, number in sorted(self.faults.items()):
            seconds = [each.seconds for each in self.recoveries if each.fault == name and each.seconds is not None]
            slowest = f", service was back within {max(seconds):.2f} s" if seconds else ""
            yield f"{name}: {number}{slowest}"
        yield from self.violations[:SHOWN]
        if len(self.violations) > SHOWN:
            yield f"and {len(self.violations) - SHOWN} more, in verdict.json"
        yield (
            f"{self.calls} calls, {self.answered} answered; {self.faults.total()} faults, {self.restarts} restarts; "
            f"{len(self.violations)} violations"
        )


def outcome_of(directory: Path, judged: list[str]) -> Outcome:
    """The outcome, with what the judge has found."""
    found = recoveries(directory)
    replicas = json.loads((directory / "replicas.json").read_text())
    violations = [*judged, *_not_back(found), *_not_drained(replicas, directory)]
    calls, answered = _calls(directory)
    faults = Counter(fault["fault"] for fault in faults_of(directory) if fault["detail"]["happened"])
    return Outcome(calls, answered, faults, replicas["restarts"], found, violations)


def _not_back(found: list[Recovery]) -> Iterator[str]:
    for each in found:
        if each.is_late:
            when = "not at all" if each.seconds is None else f"after {each.seconds:.1f} s"
            yield f"returns by itself: after {each.fault} {each.address} was back {when}, not within {WITHIN:g} s"


def _not_drained(replicas: dict[str, Any], directory: Path) -> Iterator[str]:
    statuses = list(replicas["exit_statuses"])
    for fault in faults_of(directory):
        statuses += fault["detail"].get("exit_statuses", [])
    for status in statuses:
        if status != 0:
            yield f"drains: a replica that was told to end did so with {status}, not with 0"


def faults_of(directory: Path) -> list[dict[str, Any]]:
    with (directory / "faults.jsonl").open() as file:
        return [json.loads(line) for line in file]


def _calls(directory: Path) -> tuple[int, int]:
    calls = answered = 0
    for path in directory.glob("calls-*.jsonl"):
        with path.open() as file:
            for line in file:
                calls += 1
                answered += '"code":"OK"' in line
    return calls, answered
