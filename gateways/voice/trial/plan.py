"""Who calls, and what the agents do with the calls that they are given."""

import random
from dataclasses import dataclass

SALES = "+34910000100"
PRIORITY = "+34910000911"
NOBODY_THERE = "+34910000200"
VIP = "+34611000001"
VIP_OWNER = "ana"

CAPACITIES = {
    "ana": 1,
    "carlos": 1,
    "lucia": 1,
    "mateo": 1,
    "valentina": 1,
    "bruno": 1,
    "clara": 1,
    "diego": 2,
}

UNLUCKY = {"carlos": {3: "ignore"}, "diego": {5: "ignore"}} | {
    agent: {2: "decline"} for agent in ("ana", "lucia", "mateo", "bruno", "clara", "valentina")
}
"""What agents do with their n-th call, instead of answering it."""

BEHAVIOURS = 120
"""More than any agent is rung."""


@dataclass(frozen=True)
class Group:
    """Callers of one kind, who have a SIPp of their own."""

    name: str
    scenario: str
    calls: tuple[tuple[str, str], ...]
    """The number called, and the caller's."""
    rate: int
    """Calls in a second."""
    doubled: bool = False
    """Whether their network delivers each packet twice."""


def groups() -> tuple[Group, ...]:
    """200 calls."""
    mixed = [SALES] * 110 + [PRIORITY] * 20 + [VIP] * 10
    random.Random(2).shuffle(mixed)  # noqa: S311, the same each time
    patient = tuple((SALES, VIP) if kind == VIP else (kind, _caller(1, n)) for n, kind in enumerate(mixed))
    return (
        Group("patient", "caller", patient, rate=20),
        Group("doubled", "caller", _called(SALES, 2, 20), rate=4, doubled=True),
        Group("impatient", "impatient", _called(SALES, 3, 20), rate=4),
        Group("unattended", "impatient", _called(NOBODY_THERE, 4, 20), rate=10),
    )


def behaviours(agent: str) -> list[str]:
    """An agent answers; every fourth time it is also the one who hangs up."""
    usual = ("answer", "answer", "answer", "hang_up")
    return [UNLUCKY[agent].get(n, usual[n % len(usual)]) for n in range(1, BEHAVIOURS + 1)]


def _called(number: str, series: int, calls: int) -> tuple[tuple[str, str], ...]:
    return tuple((number, _caller(series, n)) for n in range(calls))


def _caller(series: int, n: int) -> str:
    return f"+3460{series}{n:06d}"
