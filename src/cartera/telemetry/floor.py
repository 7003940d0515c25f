"""The floor, as far as metrics show it: the workgroups where it is waited longest, each with its labels, and the rest
together. Labels are bounded, since each makes a series that is kept for months.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from cartera.engine.census import AgentCount, TenantCount
from cartera.engine.slices import Slices
from cartera.telemetry.catalogue import AGENTS, OLDEST_WAIT, OTHER, WAITING, Metric
from cartera.telemetry.figures import Labels

Reading = tuple[Metric, Labels, float]

Ranked = TypeVar("Ranked", bound=tuple[object, ...])

PART = 100
"""How many workgroups are looked at between two rests."""


class _First(Generic[Ranked]):
    """Keeps the first so many of what is added, by its order, and hands on the rest."""

    def __init__(self, number: int, hand_on: Callable[[Ranked], None]) -> None:
        self._number = number
        self._hand_on = hand_on
        self._kept: list[Ranked] = []

    def add(self, ranked: Ranked) -> None:
        self._kept.append(ranked)
        if len(self._kept) > 2 * self._number + PART:
            self._cut()

    def all(self) -> list[Ranked]:
        self._cut()
        return self._kept

    def _cut(self) -> None:
        self._kept.sort()
        for each in self._kept[self._number :]:
            self._hand_on(each)
        del self._kept[self._number :]


class _Waiting(NamedTuple):
    """A workgroup in which somebody waits; in order, who has waited longest comes first."""

    since: float
    tenant_id: str
    workgroup_id: str
    number: int


class Workgroups:
    """How many wait in each workgroup, and for how long."""

    def __init__(self, labels: int) -> None:
        self._labels = labels
        self._waiting: _First[_Waiting] = _First(labels, self._add_to_others)
        self._quiet: list[tuple[str, str]] = []
        self._others, self._others_waiting, self._others_since = 0, 0, float("inf")

    async def add(self, tenant: TenantCount, slices: Slices) -> None:
        for number, wait in enumerate(tenant.waits):
            self._waiting.add(_Waiting(wait.since.timestamp(), tenant.tenant_id, wait.workgroup_id, wait.number))
            if not number % PART:
                await slices.rest()
        room = self._labels - len(self._quiet)
        self._quiet += [(tenant.tenant_id, workgroup_id) for workgroup_id in tenant.quiet[:room]]
        self._others += len(tenant.quiet[room:])

    def _add_to_others(self, waiting: _Waiting) -> None:
        self._others += 1
        self._others_waiting += waiting.number
        self._others_since = min(self._others_since, waiting.since)

    def readings(self, now: datetime) -> Iterator[Reading]:
        """The longest waits first; then those in which nobody waits, as far as there is room."""
        shown, at = self._waiting.all(), now.timestamp()
        for each in shown:
            yield from _waiting((each.tenant_id, each.workgroup_id), each.number, at - each.since)
        room = self._labels - len(shown)
        for names in self._quiet[:room]:
            yield from _waiting(names, 0, 0.0)
        if self._others or self._quiet[room:]:
            yield from _waiting((OTHER, OTHER), self._others_waiting, at - self._others_since)


def _waiting(names: Labels, number: int, seconds: float) -> Iterator[Reading]:
    yield WAITING, names, number
    yield OLDEST_WAIT, names, max(seconds, 0.0)


_RankedTenant = tuple[float, int, str, AgentCount]


class Agents:
    """How many agents are in which status."""

    def __init__(self, labels: int) -> None:
        self._tenants: _First[_RankedTenant] = _First(labels, self._add_to_others)
        self._others: list[AgentCount] = []

    def add(self, tenant: TenantCount) -> None:
        """Of tenants, those come first where it is waited longest, then those who have most agents."""
        since = tenant.since.timestamp() if tenant.since else float("inf")
        self._tenants.add((since, -sum(tenant.agents), tenant.tenant_id, tenant.agents))

    def _add_to_others(self, tenant: _RankedTenant) -> None:
        self._others.append(tenant[3])

    def readings(self) -> Iterator[Reading]:
        for _, _, tenant_id, agents in self._tenants.all():
            yield from _agents(tenant_id, agents)
        if self._others:
            yield from _agents(OTHER, map(sum, zip(*self._others, strict=True)))


def _agents(tenant_id: str, numbers: Iterable[int]) -> Iterator[Reading]:
    for status, number in zip(AgentCount._fields, numbers, strict=True):
        yield AGENTS, (tenant_id, status), number


async def floor(tenants: Iterable[TenantCount], labels: int, now: datetime, slices: Slices) -> list[Reading]:
    """All that metrics show of the floor."""
    workgroups, agents = Workgroups(labels), Agents(labels)
    for tenant in tenants:
        await workgroups.add(tenant, slices)
        agents.add(tenant)
        await slices.rest()
    return [*workgroups.readings(now), *agents.readings()]
