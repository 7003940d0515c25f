"""Holds: what a live watcher was promised is not pruned under it (W1).

Changes are kept for long, so almost no watcher needs one. Who is so far behind that pruning is near, holds what follows
its position: all such watchers of a tenant on this replica together, in one row that lapses unless it is renewed.
"""

import asyncio
import contextlib
import time
from asyncio import Task
from collections.abc import Callable
from contextvars import Context
from datetime import datetime, timedelta
from uuid import uuid4

import structlog

from cartera.engine.errors import RevisionPruned
from cartera.store.store import Store, StoreError

LEASE = 60.0
"""Seconds after which a hold lapses, where its replica is gone."""

RENEWED = 10.0
"""Seconds between two renewals."""

NEAR = timedelta(hours=1)
"""How long before they may be pruned changes are held, at least; a tenth of the time that they are kept, if longer."""

_LOG = structlog.get_logger()


class Position:
    """How far one watcher has come."""

    __slots__ = ("at", "held_since", "revision")

    def __init__(self, revision: int) -> None:
        self.revision = revision
        self.at: datetime | None = None
        """When the change happened that it was given last, or is about to be given."""
        self.held_since: float | None = None
        """Since when what follows is held, or was until that took too long; None where it wasn't needed lately."""


class Holds:
    """The watchers of this replica that may be near what is pruned. All of it runs in one event loop."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        kept: timedelta,
        longest: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._now = now
        self._near = kept - max(NEAR, kept / 10) if kept else None
        self._longest = longest
        self._monotonic = monotonic
        self._holder = uuid4().hex
        self._held: dict[str, set[Position]] = {}
        self._one_at_a_time = asyncio.Lock()
        self._task: Task[None] | None = None

    def is_needed(self, position: Position) -> bool:
        """Whether what a watcher is to be given next may be pruned soon."""
        if self._near is None or position.at is None or position.held_since is not None:
            return False
        return position.at <= self._now() - self._near

    async def hold(self, tenant_id: str, position: Position, current: int) -> None:
        """Hold what follows a watcher's position, from now on.

        It is written before it is read what is being pruned, and who prunes does it the other way round: one of the
        two sees the other.

        Raises:
            RevisionPruned: it is gone, or going.
            StoreError: the database can't be reached.

        """
        async with self._one_at_a_time:
            self._held.setdefault(tenant_id, set()).add(position)
            await self._write(tenant_id)
            oldest = await asyncio.to_thread(self._store.oldest_revision, tenant_id)
            if position.revision + 1 < oldest:
                self._held[tenant_id].discard(position)
                await self._write(tenant_id)
                raise RevisionPruned(oldest, current)
        position.held_since = self._monotonic()
        if self._task is None:
            self._task = asyncio.create_task(self._renew(), name="holds", context=Context())

    def let_go(self, tenant_id: str, position: Position) -> None:
        """The watcher is gone, or needs nothing old any more. What it held lapses at the next renewal."""
        self._held.get(tenant_id, set()).discard(position)

    async def stop(self) -> None:
        """Let go of everything."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._held = {tenant_id: set() for tenant_id in self._held}
        with contextlib.suppress(StoreError):
            await self.renew()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEWED)
            try:
                await self.renew()
            except StoreError as error:
                _LOG.warning("what watchers hold could not be renewed", error=str(error))

    async def renew(self) -> None:
        """Say anew what is held. Done from time to time; this is also for who doesn't wait for it."""
        async with self._one_at_a_time:
            for tenant_id, positions in list(self._held.items()):
                self._let_go_of_some(positions)
                await self._write(tenant_id)

    def _let_go_of_some(self, positions: set[Position]) -> None:
        """Of those who are at what is young by now, and of those who have held for too long."""
        latest = self._monotonic() - self._longest
        for position in list(positions):
            if self._is_young(position):
                position.held_since = None
                positions.discard(position)
            elif position.held_since is None or position.held_since <= latest:
                positions.discard(position)

    def _is_young(self, position: Position) -> bool:
        return self._near is None or position.at is None or position.at > self._now() - self._near

    async def _write(self, tenant_id: str) -> None:
        positions = self._held[tenant_id]
        if positions:
            least = min(position.revision for position in positions)
            await asyncio.to_thread(self._store.hold, tenant_id, self._holder, least, LEASE)
        else:
            del self._held[tenant_id]
            await asyncio.to_thread(self._store.release, tenant_id, self._holder)
