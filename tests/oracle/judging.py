"""A subject is held to the oracle: after every step both show the same picture, and refuse for the same reasons."""

from collections.abc import Iterable
from typing import Any, Protocol

from tests.oracle.random_steps import Step
from tests.oracle.router import commands
from tests.oracle.router.configuration import Configuration
from tests.oracle.router.oracle import Oracle

Picture = dict[str, tuple[Any, ...]]


class Subject(Protocol):
    """What is judged: told what the oracle is told, it shows the same picture."""

    async def configure(self, configuration: Configuration) -> None: ...
    async def advance(self, seconds: int) -> None: ...
    async def do(self, command: commands.Command) -> set[str]: ...
    async def picture(self) -> Picture: ...


class DisagreementError(AssertionError):
    """The oracle and the subject differ; told with all that was done."""


async def judge(subject: Subject, configuration: Configuration, steps: Iterable[Step]) -> None:
    """Take every step with both."""
    oracle, told = Oracle(configuration), [""]
    await subject.configure(configuration)
    for step in steps:
        now = oracle.world.now + step.after
        await pass_time(oracle, subject, now, late=step.jump)
        told.append(f"{now:5} s{' (late)' * step.jump}: time has passed")
        compare(oracle.picture(), await subject.picture(), told)
        if command := step.resolved(oracle):
            told[-1] = f"{now:5} s{' (late)' * step.jump}: {command!r}"
            expected, answered = oracle.do(command), await subject.do(command)
            compare({"refused": tuple(sorted(expected))}, {"refused": tuple(sorted(answered))}, told)
            told[-1] += f" -> {', '.join(expected) or 'done'}"
            compare(oracle.picture(), await subject.picture(), told)


async def pass_time(oracle: Oracle, subject: Subject, now: int, *, late: bool) -> None:
    """Time passes for both: each deadline is met when it is due, or all of them late."""
    while not late and (due := oracle.next_due()) is not None and due < now:
        oracle.advance(due)
        await subject.advance(due)
    oracle.advance(now)
    await subject.advance(now)


def compare(expected: Picture, shown: Picture, told: list[str]) -> None:
    """Both show the same."""
    names = [each for each in sorted({*expected, *shown}) if expected.get(each) != shown.get(each)]
    if names:
        differing = [f"{each}: oracle {expected.get(each)}, subject {shown.get(each)}" for each in names]
        raise DisagreementError("\n".join([*told, *differing]))
