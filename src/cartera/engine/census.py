"""The census: what stands in memory, counted for those who look at it from time to time.

Calls are answered while it is taken, and of a tenant that hasn't changed the last count holds: it costs what has
changed since, and a moment for each tenant in memory. A tenant that another replica has changed since isn't counted:
what is known of it here is past, and the other one counts it.
"""

import asyncio
from collections import Counter
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from cartera.core.records import Agent, AgentPresence, Workgroup
from cartera.core.state import State
from cartera.core.unanswered import Wait
from cartera.core.vocabulary import AgentStatus
from cartera.engine.shard import Shard
from cartera.engine.shards import Shards
from cartera.engine.slices import Slices
from cartera.store.store import Store, StoreError

ASKED = 500
"""How many tenants are asked for with one statement, whether they have changed."""

PART = 1000
"""How many agents are counted at a time."""


class AgentCount(NamedTuple):
    """How many agents of a tenant are in each status."""

    online: int = 0
    paused: int = 0
    offline: int = 0


class TenantCount(NamedTuple):
    """What there is of a tenant."""

    tenant_id: str
    waits: tuple[Wait, ...]
    """By workgroup; only where anything waits."""
    quiet: tuple[str, ...]
    """The workgroups where nothing does."""
    agents: AgentCount

    @property
    def since(self) -> datetime | None:
        """Since when its longest wait lasts."""
        return min((wait.since for wait in self.waits), default=None)


class Census(NamedTuple):
    """What there is in memory."""

    tenants: list[TenantCount]
    """Those of whom this replica knows the latest."""
    called: int
    """How many tenants are there because somebody called."""
    for_timers: int
    """How many are there for their timers only."""
    records: int


_Version = tuple[int, datetime | None]
_Known = tuple[_Version, TenantCount]


class Counting:
    """Takes the census, and remembers what it counted."""

    def __init__(self, shards: Shards, store: Store) -> None:
        self._shards = shards
        self._store = store
        self._known: dict[str, _Known] = {}

    async def census(self) -> Census:
        """Count what has changed."""
        shards, slices = self._shards.all(), Slices()
        called = self._shards.called()
        known: dict[str, _Known] = {}
        for shard in shards:
            known[shard.tenant_id] = await self._known_of(shard, slices)
            await slices.rest()
        self._known = known
        passed = await self._passed(list(known))
        counted = [count for tenant_id, (_, count) in known.items() if tenant_id not in passed]
        return Census(counted, called, len(shards) - called, self._shards.records())

    async def _passed(self, tenant_ids: list[str]) -> set[str]:
        """Those who have been changed elsewhere."""
        passed: set[str] = set()
        for first in range(0, len(tenant_ids), ASKED):
            try:
                heads = await asyncio.to_thread(self._store.heads, tenant_ids[first : first + ASKED])
            except StoreError:  # what is known here has to do
                return passed
            passed.update(each for each, head in heads.items() if head.revision > self._known[each][0][0])
        return passed

    async def _known_of(self, shard: Shard, slices: Slices) -> _Known:
        version = (shard.state.revision, shard.state.last_event_at)
        found = self._known.get(shard.tenant_id)
        if found and found[0] == version:
            return found
        return version, await _count(shard.tenant_id, shard.state, slices)


# What is counted is copied first, in one step each: it changes meanwhile, now and then in another thread.


async def _count(tenant_id: str, state: State, slices: Slices) -> TenantCount:
    waits = tuple(state.unanswered.waits())
    busy = {wait.workgroup_id for wait in waits}
    quiet = tuple([each for (each,) in list(state.table(Workgroup)) if each not in busy])
    await slices.rest()
    return TenantCount(tenant_id, waits, quiet, await _agents(state, slices))


async def _agents(state: State, slices: Slices) -> AgentCount:
    """Who has never said anything is offline."""
    statuses: Counter[AgentStatus] = Counter()
    presences = iter(list(state.table(AgentPresence).values()))
    while part := [presence.status for presence in islice(presences, PART)]:
        statuses.update(part)
        await slices.rest()
    online, paused = statuses[AgentStatus.ONLINE], statuses[AgentStatus.PAUSED]
    return AgentCount(online, paused, max(len(state.table(Agent)) - online - paused, 0))
