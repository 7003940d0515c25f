"""The feed: what is committed, delivered to watchers in order (W1).

The table of changes is the truth. What this replica commits or replays is passed on from memory to who has come that
far; a notice from another replica, or a poll, only says how far there is to read.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime

from cartera.contract import decode_change
from cartera.core.rejection import reject
from cartera.core.vocabulary import ErrorReason
from cartera.engine.errors import RevisionInTheFuture, RevisionPruned, RevisionReplaced
from cartera.engine.holds import Holds, Position
from cartera.engine.observer import Observer
from cartera.engine.submission import Bookmark, Delivery
from cartera.store.store import Head, LoggedChange, Store, StoreUnavailable

TAIL = 1024
"""How many of a watched tenant's last changes stay in memory."""

READ = 500
"""How many changes a watcher reads at a time."""

PATIENCE = 10.0
AGAIN = 0.25
"""How long a stream waits for a database that is away, and how often it asks, in seconds. Not longer than from one
bookmark to the next.
"""


class _Watched:
    """A tenant that somebody watches."""

    def __init__(self) -> None:
        self.watchers = 0
        self.revision = 0
        """The last revision that is known to be committed."""
        self.tail: deque[Delivery] = deque(maxlen=TAIL)
        self.moved = asyncio.Event()
        self.positions: set[Position] = set()
        """Of the watchers of changes."""

    def move(self, revision: int) -> None:
        if revision > self.revision:
            self.revision = revision
            self.moved.set()
            self.moved = asyncio.Event()

    def extend(self, deliveries: Iterable[Delivery]) -> None:
        """Take in changes that follow the tail; a gap before them begins the tail anew."""
        for delivery in deliveries:
            revision = delivery.change.revision
            if self.tail and revision <= self.tail[-1].change.revision:
                continue
            if self.tail and revision != self.tail[-1].change.revision + 1:
                self.tail.clear()
            self.tail.append(delivery)
            self.move(revision)

    def after(self, revision: int) -> list[Delivery] | None:
        """The changes after a revision, as far as the tail has them; None where it has not the very next one: it
        begins later, or others have told of changes that have not come here yet.
        """
        if not self.tail or not self.tail[0].change.revision <= revision + 1 <= self.tail[-1].change.revision:
            return None
        first = revision + 1 - self.tail[0].change.revision
        return [self.tail[index] for index in range(first, len(self.tail))]


class Feed:
    """Watchers, by tenant. All of it runs in one event loop."""

    def __init__(
        self,
        store: Store,
        holds: Holds,
        now: Callable[[], datetime],
        *,
        quiet_seconds: float,
        poll_seconds: float,
        observer: Observer = Observer(),
    ) -> None:
        self._store = store
        self._holds = holds
        self._now = now
        self._observer = observer
        self._quiet_seconds = quiet_seconds
        self._poll_seconds = poll_seconds
        self._watched: dict[str, _Watched] = {}
        self._closing = asyncio.Event()

    def publish(self, committed: Mapping[str, list[Delivery]]) -> None:
        """Take in what has been committed."""
        for tenant_id, deliveries in committed.items():
            watched = self._watched.get(tenant_id)
            if watched is not None:
                watched.extend(deliveries)

    def advance(self, revisions: Mapping[str, int]) -> None:
        """Take in how far tenants have come, as others say."""
        for tenant_id, revision in revisions.items():
            watched = self._watched.get(tenant_id)
            if watched is not None:
                watched.move(revision)

    async def poll(self) -> None:
        """Ask how far the watched tenants have come, again and again: a notice may be lost."""
        while not self._closing.is_set():
            if self._watched:
                await self._ask(list(self._watched))
                await self._hold_what_is_old()
            await _first_of(self._closing.wait(), seconds=self._poll_seconds)

    async def _ask(self, tenant_ids: list[str]) -> None:
        try:
            heads = await asyncio.to_thread(self._store.heads, tenant_ids)
        except Exception:  # noqa: BLE001 - the next poll asks again; the writer reports the database
            return
        self.advance({tenant_id: head.revision for tenant_id, head in heads.items()})

    async def _hold_what_is_old(self) -> None:
        """For who came near what is pruned while it was served from memory."""
        for tenant_id, watched in list(self._watched.items()):
            for position in list(watched.positions):
                if position.revision < watched.revision and self._holds.is_needed(position):
                    with suppress(Exception):  # the next poll tries again
                        await self._holds.hold(tenant_id, position, watched.revision)

    def close(self) -> None:
        """End every stream, each with a last bookmark."""
        self._closing.set()
        for watched in self._watched.values():
            watched.moved.set()

    def watchers(self) -> int:
        """How many watch, of all tenants."""
        return sum(watched.watchers for watched in self._watched.values())

    async def watch(
        self, tenant_id: str, start_after: int | None, occurred_at: datetime | None = None
    ) -> AsyncGenerator[Delivery | Bookmark, None]:
        """Every change after a revision, or from now on, whole and in order; a bookmark at the beginning and whenever
        the stream has been quiet. Who saw the change of that revision says when it happened.

        Raises:
            Rejected: TENANT_NOT_FOUND.
            RevisionInTheFuture: the revision has not been reached.
            RevisionPruned: what follows the revision is no longer kept.
            RevisionReplaced: the change of that revision happened at another time.

        """
        with self._watching(tenant_id) as watched:
            position = await self._start(tenant_id, watched, start_after, occurred_at)
            watched.positions.add(position)
            try:
                yield Bookmark(position.revision, position.at)
                async for step in self._follow(tenant_id, watched, position):
                    yield step
            finally:
                watched.positions.discard(position)
                self._holds.let_go(tenant_id, position)

    async def revisions(self, tenant_id: str, pause: Callable[[], float]) -> AsyncGenerator[int, None]:
        """How far a tenant has come: at once, then whenever it has come further or the stream has been quiet, each time
        after a pause of so many seconds. For who wants what is, not what happened.

        Raises:
            Rejected: TENANT_NOT_FOUND.

        """
        with self._watching(tenant_id) as watched:
            position = (await self._start(tenant_id, watched)).revision
            while not self._closing.is_set():
                yield position
                await _first_of(self._closing.wait(), seconds=pause())
                moved = watched.moved
                if position >= watched.revision and not self._closing.is_set():
                    await _first_of(moved.wait(), seconds=self._quiet_seconds)
                position = watched.revision

    @contextmanager
    def _watching(self, tenant_id: str) -> Iterator[_Watched]:
        """A tenant is watched for as long as anybody does."""
        watched = self._watched.setdefault(tenant_id, _Watched())
        watched.watchers += 1
        try:
            yield watched
        finally:
            watched.watchers -= 1
            if not watched.watchers and self._watched.get(tenant_id) is watched:
                del self._watched[tenant_id]

    async def _start(
        self, tenant_id: str, watched: _Watched, start_after: int | None = None, occurred_at: datetime | None = None
    ) -> Position:
        heads = await asyncio.to_thread(self._store.heads, [tenant_id])
        head: Head | None = heads.get(tenant_id)
        if head is None:
            raise reject(ErrorReason.TENANT_NOT_FOUND, "tenant")
        watched.move(head.revision)
        position = Position(head.revision if start_after is None else start_after)
        if position.revision > head.revision:
            raise RevisionInTheFuture(await self._oldest(tenant_id), head.revision)
        if position.revision == head.revision:
            position.at = head.last_event_at
        elif occurred_at:
            position.at = await self._moment_of(tenant_id, watched, position.revision)
        if occurred_at and position.at and occurred_at != position.at:
            raise RevisionReplaced(await self._oldest(tenant_id), head.revision)
        return position

    async def _oldest(self, tenant_id: str) -> int:
        return await asyncio.to_thread(self._store.oldest_revision, tenant_id)

    async def _moment_of(self, tenant_id: str, watched: _Watched, revision: int) -> datetime | None:
        """When a change happened. None where it isn't kept; of what is, the first may be the one after it."""
        for delivery in watched.after(revision - 1) or ():
            return delivery.change.occurred_at
        logged = await asyncio.to_thread(self._store.changes_since, tenant_id, revision - 1, 1)
        return logged[0].occurred_at if logged and logged[0].revision == revision else None

    async def _follow(
        self, tenant_id: str, watched: _Watched, position: Position
    ) -> AsyncIterator[Delivery | Bookmark]:
        keeps_up = False
        while not self._closing.is_set():
            moved = watched.moved
            if position.revision >= watched.revision:
                keeps_up = True
                await _first_of(moved.wait(), seconds=self._quiet_seconds)
                if position.revision >= watched.revision:
                    yield Bookmark(position.revision, position.at)
                continue
            deliveries = watched.after(position.revision)
            if deliveries is None:
                deliveries = await self._read_patiently(tenant_id, position, watched.revision)
            for delivery in deliveries:
                yield delivery
                position.revision, position.at = delivery.change.revision, delivery.change.occurred_at
                if keeps_up:  # what somebody who resumes has missed isn't late
                    self._observer.delivered((self._now() - position.at).total_seconds())

    async def _read_patiently(self, tenant_id: str, position: Position, current: int) -> list[Delivery]:
        """Read on. A database that is away for a moment ends no stream; one that stays away does."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        while not self._closing.is_set():
            try:
                return await self._read(tenant_id, position, current)
            except StoreUnavailable:
                if loop.time() > end:
                    raise
            await _first_of(self._closing.wait(), seconds=AGAIN)
        return []

    async def _read(self, tenant_id: str, position: Position, current: int) -> list[Delivery]:
        logged = await asyncio.to_thread(self._store.changes_since, tenant_id, position.revision, READ)
        if not logged or logged[0].revision != position.revision + 1:
            raise RevisionPruned(await self._oldest(tenant_id), current)
        position.at = logged[0].occurred_at
        if self._holds.is_needed(position):
            await self._holds.hold(tenant_id, position, current)
        return [_delivery(each) for each in logged]


def _delivery(logged: LoggedChange) -> Delivery:
    return Delivery(logged.payload, decode_change(logged.payload))


async def _first_of(awaited: Awaitable[object], *, seconds: float) -> None:
    """Wait for something, or so long."""
    try:
        await asyncio.wait_for(awaited, seconds)
    except TimeoutError:
        return
