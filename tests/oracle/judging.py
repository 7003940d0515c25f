"""A subject is held to the oracle: after every step both show the same picture, and refuse for the same reasons."""

from collections.abc import Iterable
from typing import Any, Protocol

from tests.oracle.router import commands
from tests.oracle.router.configuration import Configuration
from tests.oracle.router.oracle import Oracle
from tests.oracle.random_steps import Step


class Subject(Protocol):
    """What is judged."""

    def advance(self, seconds: int, *, jump: bool = False) -> None: ...
    def do(self, command: commands.Command) -> set[str]: ...
    def picture(self) -> dict[str, tuple[Any, ...]]: ...


class Disagreement(AssertionError):
    """The oracle and the subject differ."""


def pass_time(oracle: Oracle, seconds: int, *, jump: bool = False) -> None:
    """Time passes for the oracle: each deadline is met when it is due, or, with a jump, all of them late."""
    while not jump and (due := oracle.next_due()) is not None and due <= seconds:
        oracle.advance(due)
    oracle.advance(seconds)


def judge(subject: Subject, configuration: Configuration, steps: Iterable[Step]) -> None:
    """Every step is taken by both."""
    oracle = Oracle(configuration)
    told: list[str] = []
    for step in steps:
        now = oracle.world.now + step.after
        told.append(f"{now:5} s{' (late)' * step.jump}: ")
        pass_time(oracle, now, jump=step.jump)
        subject.advance(now, jump=step.jump)
        compare(oracle, subject, [*told, "(time has passed)"])
        command = step.resolved(oracle)
        if command is None:
            told.pop()
            continue
        told[-1] += repr(command)
        expected, answered = oracle.do(command), subject.do(command)
        told[-1] += f" -> {', '.join(sorted(expected)) or 'done'}"
        if expected != answered:
            raise Disagreement("\n".join([*told, f"oracle refuses for {expected}, subject for {answered}"]))
        compare(oracle, subject, told)


def compare(oracle: Oracle, subject: Subject, told: list[str]) -> None:
    """Both show the same picture."""
    expected, shown = oracle.picture(), subject.picture()
    if expected != shown:
        names = sorted({*expected, *shown})
        differing = [f"{each}: oracle {expected.get(each)}, subject {shown.get(each)}" for each in names
                     if expected.get(each) != shown.get(each)]
        raise Disagreement("\n".join([*told, *differing]))
