"""The committer: while one batch commits, the next one gathers."""

import asyncio
import time
from asyncio import Event, Future, Task
from collections import deque
from collections.abc import Iterable
from datetime import datetime

import structlog

from cartera.core.commands import DeleteResource
from cartera.engine.batch import BatchRunner, Works
from cartera.engine.clock import Clock
from cartera.engine.database import Database
from cartera.engine.errors import Draining, QueueFull
from cartera.engine.garbage import SIGHT
from cartera.engine.gate import Gate
from cartera.engine.gathering import Gathering
from cartera.engine.loader import Loader
from cartera.engine.lookout import Lookout
from cartera.engine.observer import Observer
from cartera.engine.shards import Shards
from cartera.engine.timers import Timers
from cartera.engine.work import Work
from cartera.store.store import StoreError

_LOG = structlog.get_logger()

DUE_TENANTS, DUE_BESIDE_CALLS = 64, 16
"""How many tenants that are due are attended in one batch, where nobody calls and where somebody does: however many are
due, calls wait no longer for them.
"""

QUIET = 0.25
"""For how many seconds nobody has come where it is quiet."""


class Committer:
    """The one writer of a replica: it decides and commits all that is asked, and what falls due.

    A task of its own, which no caller's leaving cancels.
    """

    def __init__(
        self,
        database: Database,
        shards: Shards,
        clock: Clock,
        runner: BatchRunner,
        timers: Timers,
        *,
        lookout: Lookout,
        batch_limit: int,
        queue_limit: int,
        poll_seconds: float,
        observer: Observer = Observer(),
    ) -> None:
        self._database = database
        self._shards = shards
        self._clock = clock
        self._runner = runner
        self._timers = timers
        self._lookout = lookout
        self._observer = observer
        self._loader = Loader(shards, self._let_in, observer)
        self._batch_limit = batch_limit
        self._queue_limit = queue_limit
        self._poll_seconds = poll_seconds
        self._pending: dict[str, deque[Work]] = {}
        self._cold: dict[str, deque[Work]] = {}
        """What waits for its tenant to be loaded."""
        self._sweeps: list[Future[None]] = []
        self._changed = Event()
        self._gathering = Gathering(self._changed.set)
        self._answered_at: float | None = None
        """When the calls of this batch were answered last, in seconds of `time.perf_counter`."""
        self._stopping = False
        self._task: Task[None] | None = None

    @property
    def gate(self) -> Gate:
        """Where calls wait for each other while many call."""
        return self._gathering.gate

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="committer")
        self._timers.start(self._loader, self._changed.set)

    async def stop(self) -> None:
        """Finish what waits, then end. Nothing more is taken."""
        self._stopping = True
        self._changed.set()
        await self._timers.stop()
        if self._task:
            await self._task
        self.gate.open()
        await self._loader.close()

    def put(self, work: Work) -> None:
        """Queue a work.

        Raises:
            Draining: the service is shutting down.
            QueueFull: too many of the tenant's calls wait.

        """
        if self._stopping:
            raise Draining
        is_cold = work.tenant_id in self._cold or work.tenant_id not in self._shards
        queue = (self._cold if is_cold else self._pending).setdefault(work.tenant_id, deque())
        if len(queue) >= self._queue_limit:
            raise QueueFull(retry_after=1.0)
        queue.append(work)
        if is_cold:
            self._loader.bring(work.tenant_id)
        else:
            self._gathering.add(1)

    def _let_in(self, tenant_ids: Iterable[str]) -> None:
        """Tenants have been loaded: what was asked of them can be done."""
        for tenant_id in tenant_ids:
            queue = self._cold.pop(tenant_id, ())
            if queue:
                self._pending.setdefault(tenant_id, deque()).extend(queue)
                self._gathering.add(len(queue))
        self._changed.set()

    def waiting(self) -> int:
        """How many works wait: for the next batch, or for their tenants to be loaded."""
        return self._gathering.waiting + sum(map(len, self._cold.values()))

    async def sweep(self) -> None:
        """Do all that has fallen due; for who moves the clock and doesn't wait for it."""
        swept: Future[None] = asyncio.get_running_loop().create_future()
        self._sweeps.append(swept)
        self._changed.set()
        await swept

    async def _run(self) -> None:
        while await self._is_database_well():
            quiet = self._is_idle() and await self._wait()
            SIGHT.widen(quiet=quiet)
            await self._gathering.gather()
            works, sweeps, self._sweeps = self._take(), self._sweeps, []
            if batch := {**self._ticks(DUE_BESIDE_CALLS if works else DUE_TENANTS), **works}:
                await self._commit(batch)
            if sweeps:
                await self._fall_due()
            for swept in sweeps:
                swept.set_result(None)
            if self._is_done() and not works:
                return

    async def _is_database_well(self) -> bool:
        """Wait until it is. It isn't where the service ends before; who waited has been told by then."""
        await self._lookout.wait_until_well(lambda: self._stopping)
        return self._lookout.is_well

    def _ticks(self, limit: int) -> Works:
        """Timers of tenants of whom something has fallen due. A tenant that is called does what is due by itself."""
        due = self._shards.agenda.take_due(self._clock.now(), limit)
        return {tenant_id: [Work(tenant_id)] for tenant_id in due}

    def _is_idle(self) -> bool:
        return not (self._pending or self.gate.waiting or self._sweeps or self._is_done())

    def _is_done(self) -> bool:
        return self._stopping and not self._pending and not self._cold

    async def _wait(self) -> bool:
        """Until there is something to do, or something falls due. Returns whether it was quiet, and still is."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        timer = loop.call_later(self._seconds_to_wait(), self._changed.set)
        await self._changed.wait()
        timer.cancel()
        return self._is_idle() and loop.time() - began > QUIET

    def _seconds_to_wait(self) -> float:
        due_at = self._shards.agenda.next_due_at()
        if due_at is None:
            return self._poll_seconds
        return min(self._poll_seconds, max((due_at - self._clock.now()).total_seconds(), 0))

    def _take(self) -> Works:
        """The next batch: of every tenant that waits its share, so that none waits behind another's flood."""
        self._changed.clear()
        share = max(1, self._batch_limit // max(1, len(self._pending)))
        batch = {}
        for tenant_id in list(self._pending)[: self._batch_limit]:
            queue = self._pending.pop(tenant_id)
            batch[tenant_id] = _take_from(queue, share)
            if queue:
                self._pending[tenant_id] = queue
        self._gathering.begin(_number_of(batch))
        return batch

    async def _fall_due(self) -> None:
        """Bring about all that has fallen due, of whatever tenant."""
        while due := await self._due(self._clock.now()):
            await self._commit({tenant_id: [Work(tenant_id)] for tenant_id in due})

    async def _due(self, now: datetime) -> list[str]:
        try:
            heads = await self._database.run(self._database.store.due_tenants, now, DUE_TENANTS)
        except Exception as error:  # noqa: BLE001 - the next look finds them; a writer that dies would answer nobody
            _LOG.warning("timers could not be read", error=str(error))
            return []
        return sorted({*(head.tenant_id for head in heads), *self._shards.agenda.take_due(now, DUE_TENANTS)})

    async def _commit(self, works: Works) -> None:
        failed, began, self._answered_at = True, time.perf_counter(), None
        self._observer.batch_begins(works)
        try:
            await self._runner.run(works, self._note_answered)
            failed = False
        except StoreError as error:
            _LOG.warning("batch failed", error=str(error), tenants=len(works))
        except Exception as fault:  # noqa: BLE001 - the writer lives on, and the callers are told
            _LOG.exception("batch failed", tenants=len(works))
            _tell(works, fault)
        self._observer.batch_ended(works, (self._answered_at or time.perf_counter()) - began, failed=failed)
        self._timers.learn(works)
        self._shards.settle(works)
        if failed:  # what is due is tried again when it is looked up next, and not at once, over and over
            for tenant_id in works:
                self._shards.agenda.forget(tenant_id)
        for of_tenant in works.values():
            for work in of_tenant:
                work.resolve()

    def _note_answered(self, calls: int) -> None:
        if calls:
            self._gathering.answered(calls)
            self._answered_at = time.perf_counter()


def _number_of(works: Works) -> int:
    return sum(map(len, works.values()))


def _tell(works: Works, fault: Exception) -> None:
    """Nobody is answered with nothing, wherever it was that the batch failed."""
    for of_tenant in works.values():
        for work in of_tenant:
            if work.reply is None:
                work.reply = fault


def _take_from(queue: deque[Work], share: int) -> list[Work]:
    """The next of a tenant's works. A deletion goes alone: whether anything refers to the resource is looked up in the
    database, which doesn't know yet what a batch is about to write.
    """
    taken: list[Work] = []
    while queue and len(taken) < share:
        if _is_deletion(queue[0]):
            return taken or [queue.popleft()]
        taken.append(queue.popleft())
    return taken


def _is_deletion(work: Work) -> bool:
    return work.submission is not None and isinstance(work.submission.command, DeleteResource)
