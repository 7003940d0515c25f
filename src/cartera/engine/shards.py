"""The shards of a replica: tenants come into memory when they are named, and those unused longest leave it."""

import gc
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from heapq import heappop, heappush

from cartera.engine.shard import Shard
from cartera.store.store import Store

LARGE = 10_000
"""Records from which on a tenant is kept out of the garbage collector's sight."""


class Shards:
    """The tenants in memory, at most so many, each with at most so many contacts without an open interaction."""

    def __init__(self, store: Store, tenants_kept: int, contacts_kept: int) -> None:
        self.contacts_kept = contacts_kept
        self._store = store
        self._tenants_kept = tenants_kept
        self._shards: OrderedDict[str, Shard] = OrderedDict()
        self._due: list[tuple[datetime, str]] = []
        self._due_at: dict[str, datetime] = {}

    def has_all(self, tenant_ids: Iterable[str]) -> bool:
        """Whether `of` would have nothing to load."""
        return all((shard := self._shards.get(each)) and shard.state.revision for each in tenant_ids)

    def of(self, tenant_ids: Iterable[str]) -> dict[str, Shard]:
        """The shards of some tenants, loaded where need be. A tenant that doesn't exist has an empty one."""
        return {tenant_id: self._shard(tenant_id) for tenant_id in tenant_ids}

    def _shard(self, tenant_id: str) -> Shard:
        shard = self._shards.get(tenant_id)
        if shard is None or shard.state.revision == 0:
            shard = self._shards[tenant_id] = self._load(tenant_id)
        self._shards.move_to_end(tenant_id)
        return shard

    def _load(self, tenant_id: str) -> Shard:
        """A tenant out of the database. The collector waits meanwhile, since looking through what only grows doubles
        the time; what is large is then out of its sight.
        """
        gc.disable()
        try:
            loaded = self._store.load_tenant(tenant_id)
            if loaded is None:
                return Shard(tenant_id)
            shard = Shard(tenant_id, loaded.head, loaded.records)
            if len(loaded.records) >= LARGE:
                gc.freeze()
            return shard
        finally:
            gc.enable()

    def drop(self, tenant_ids: Iterable[str]) -> None:
        """Let go of tenants: they are read again when they are named."""
        for tenant_id in tenant_ids:
            self._shards.pop(tenant_id, None)
            self._due_at.pop(tenant_id, None)

    def trim(self) -> None:
        """Let go of the tenants unused longest, beyond the number that is kept."""
        while len(self._shards) > self._tenants_kept:
            self.drop([next(iter(self._shards))])

    def note_due(self, tenant_ids: Iterable[str]) -> None:
        """Take in when something falls due next of tenants that may have changed."""
        for tenant_id in tenant_ids:
            shard = self._shards.get(tenant_id)
            due_at = shard.next_due_at() if shard else None
            if due_at is None:
                self._due_at.pop(tenant_id, None)
            elif due_at != self._due_at.get(tenant_id):
                self._due_at[tenant_id] = due_at
                heappush(self._due, (due_at, tenant_id))

    def due(self, now: datetime) -> list[str]:
        """The tenants in memory of whom something has fallen due. Each is named once until it is noted again."""
        due = []
        while (first := self.next_due_at()) and first <= now:
            _, tenant_id = heappop(self._due)
            del self._due_at[tenant_id]
            due.append(tenant_id)
        return due

    def next_due_at(self) -> datetime | None:
        """When something falls due next, of the tenants in memory."""
        while self._due and self._due_at.get(self._due[0][1]) != self._due[0][0]:
            heappop(self._due)  # it is due at another time by now
        return self._due[0][0] if self._due else None
