"""The engine: takes commands, has them decided and committed, and delivers what happened."""

import asyncio
import threading
from asyncio import AbstractEventLoop, Future, Task
from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import datetime
from typing import NamedTuple, TypeVar

from cartera.core.explanation import Explanation
from cartera.core.state import State
from cartera.engine.batch import BatchRunner
from cartera.engine.census import Census, Counting
from cartera.engine.clock import Clock, SystemClock
from cartera.engine.committer import Committer
from cartera.engine.database import Database
from cartera.engine.explaining import Explainer, Inquiry
from cartera.engine.feed import Feed
from cartera.engine.gate import Gate
from cartera.engine.holds import Holds
from cartera.engine.lookout import ASKING, READING, WRITING, Lookout, LookoutLimits
from cartera.engine.notifier import Notifier
from cartera.engine.observer import Observer
from cartera.engine.retention import Retention, RetentionLimits
from cartera.engine.shards import Bounds, Shards
from cartera.engine.submission import Bookmark, Delivery, Submission
from cartera.engine.timers import Timers, ahead
from cartera.engine.work import Work
from cartera.origin import ORIGIN
from cartera.store.store import Condition, Store

Reply = TypeVar("Reply")


class EngineLimits(NamedTuple):
    """How much the engine takes on, and how often it looks around. Times are in seconds."""

    batch: int = 256
    """Commands in one transaction."""
    queue: int = 4096
    """Commands of one tenant that wait."""
    bounds: Bounds = Bounds()
    """What is kept in memory."""
    poll_seconds: float = 1.0
    """Between looks at what has fallen due, and at what others have written."""
    quiet_seconds: float = 10.0
    """After which a quiet stream gets a bookmark."""
    lookout: LookoutLimits = LookoutLimits()
    """How soon the database is taken to be away."""
    retention: RetentionLimits = RetentionLimits()
    """How long what is kept."""
    statement_per_tenant: bool = False
    """Write each tenant of a batch with a statement of its own, for engines that shard by tenant."""


class Engine:
    """One replica's engine. Its methods are for the event loop that started it."""

    def __init__(
        self,
        store: Store,
        clock: Clock | None = None,
        limits: EngineLimits = EngineLimits(),
        observer: Observer = Observer(),
    ) -> None:
        clock = clock or SystemClock()
        self._store = store
        self.lookout = Lookout(store, limits.lookout)
        self._database = Database(store)
        self._holds = Holds(store, clock.now, limits.retention.changes_kept, limits.retention.longest_hold)
        self.now = clock.now
        """What time it is."""
        self._feed = Feed(
            store,
            self._holds,
            clock.now,
            quiet_seconds=limits.quiet_seconds,
            poll_seconds=limits.poll_seconds,
            observer=observer,
        )
        self._notifier = Notifier(store)
        self._explainer = Explainer(store)
        self._retention = Retention(store, clock.now, limits.retention, observer)
        shards = Shards(store, limits.bounds, clock, ahead(limits.poll_seconds), observer=observer)
        self._committer = Committer(
            self._database,
            shards,
            clock,
            BatchRunner(
                self._database,
                shards,
                clock.now,
                self._publish,
                statement_per_tenant=limits.statement_per_tenant,
                answers_kept=limits.retention.answers_kept,
                observer=observer,
            ),
            Timers(store, shards, clock, limits.poll_seconds),
            lookout=self.lookout,
            batch_limit=limits.batch,
            queue_limit=limits.queue,
            poll_seconds=limits.poll_seconds,
            observer=observer,
        )
        self._counting = Counting(shards, store)
        self._loop: AbstractEventLoop | None = None
        self._polling: Task[None] | None = None
        self._stop_listening = threading.Event()

    async def start(self) -> None:
        """Begin to take commands and to do what falls due."""
        self._loop = asyncio.get_running_loop()
        self.lookout.start()
        self._polling = asyncio.create_task(self._feed.poll())
        self._committer.start()
        self._notifier.start()
        self._retention.start()
        listener = threading.Thread(
            target=self._store.listen, args=(self._hear, self._stop_listening), name="listener", daemon=True
        )
        listener.start()

    async def stop(self) -> None:
        """Finish what waits, end the streams, then end. Nothing more is taken."""
        self.end_streams()
        self.lookout.leave()
        self._stop_listening.set()
        self._retention.leave()
        await self._committer.stop()
        await self._retention.stop()
        await self._holds.stop()
        await asyncio.to_thread(self._notifier.stop)
        await asyncio.to_thread(self._explainer.close)
        await asyncio.to_thread(self._database.close)
        await self.lookout.stop()
        if self._polling:
            await self._polling

    def end_streams(self) -> None:
        """End every stream, each with a last bookmark, and what takes as long as a stream may."""
        self._feed.close()
        self._explainer.stop()

    async def submit(self, submission: Submission) -> bytes:
        """Have a command decided and committed. Returns the response once it is durable (G6).

        Raises:
            Rejected: it is refused; nothing has changed.
            EngineError: there is no answer; see each.

        """
        future: Future[bytes] = asyncio.get_running_loop().create_future()
        # The caller may leave; what it asked is done all the same, and stands under its request id.
        work = Work(submission.tenant_id, submission=submission, future=future, origin=ORIGIN.get())
        return await self._reply_to(work, future, WRITING)

    async def query(
        self, tenant_id: str, question: Callable[[State, datetime], Reply], deadline: float | None = None
    ) -> Reply:
        """Ask something of a tenant's state in memory, known to be the latest."""
        future: Future[Reply] = asyncio.get_running_loop().create_future()
        work = Work(tenant_id, question=question, future=future, deadline=deadline, origin=ORIGIN.get())
        return await self._reply_to(work, future, ASKING)

    async def _reply_to(self, work: Work, future: Future[Reply], given_up_when: frozenset[Condition]) -> Reply:
        with self.lookout.waiting(given_up_when):
            self._committer.put(work)
            try:
                return await future
            except asyncio.CancelledError:
                work.abandoned = not self.lookout.is_well
                raise

    async def explain(self, inquiry: Inquiry) -> Explanation:
        """Why a decision in the log was made; see `Explainer.explain`."""
        with self.lookout.waiting(READING):
            return await self._explainer.explain(inquiry)

    def watch(
        self, tenant_id: str, start_after_revision: int | None, occurred_at: datetime | None = None
    ) -> AsyncGenerator[Delivery | Bookmark, None]:
        """Every change of a tenant after a revision, or from now on; see `Feed.watch`."""
        self.lookout.require(READING)
        return self._feed.watch(tenant_id, start_after_revision, occurred_at)

    def revisions(self, tenant_id: str, pause: Callable[[], float]) -> AsyncGenerator[int, None]:
        """How far a tenant has come, whenever it has come further; see `Feed.revisions`."""
        return self._feed.revisions(tenant_id, pause)

    async def census(self) -> Census:
        """What there is in memory, counted."""
        return await self._counting.census()

    @property
    def gate(self) -> Gate:
        """Where calls wait for each other while many call. Who doesn't is answered as well, at a higher price."""
        return self._committer.gate

    def watchers(self) -> int:
        """How many follow what happens: those of events, and of the monitoring table."""
        return self._feed.watchers()

    def waiting(self) -> int:
        """How many commands and questions wait for the next batch."""
        return self._committer.waiting()

    async def sweep(self) -> None:
        """Do all that has fallen due by the clock. It is done anyway within the poll time; this is for who has moved
        the clock.
        """
        await self._committer.sweep()

    async def tend(self) -> None:
        """Take the checkpoints that are due, and drop what has been kept long enough, by the clock. It is done anyway
        from time to time; this is for who has moved the clock.
        """
        await self._retention.tend()

    def _publish(self, committed: dict[str, list[Delivery]]) -> None:
        """Pass on what has been committed, here and by others."""
        moved = {each: deliveries[-1].change.revision for each, deliveries in committed.items() if deliveries}
        if moved:
            self._notifier.tell(moved)
            self._feed.publish(committed)

    def _hear(self, revisions: Mapping[str, int]) -> None:
        """From the listening thread: another replica says how far tenants have come."""
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._feed.advance, dict(revisions))
