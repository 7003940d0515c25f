"""The shards of a replica: tenants come into memory when they are named, and those unused longest leave it."""

import gc
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime

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

    def trim(self) -> None:
        """Let go of the tenants unused longest, beyond the number that is kept."""
        while len(self._shards) > self._tenants_kept:
            self._shards.popitem(last=False)

    def due(self, now: datetime) -> list[str]:
        """The tenants in memory of whom something has fallen due."""
        return [each for each, shard in self._shards.items() if (due_at := shard.next_due_at()) and due_at <= now]

    def next_due_at(self) -> datetime | None:
        """When something falls due next, of the tenants in memory."""
        return min((due_at for shard in self._shards.values() if (due_at := shard.next_due_at())), default=None)
