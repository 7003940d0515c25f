"""The committing thread: while one batch commits, the next one gathers."""

import threading
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable
from datetime import datetime

import structlog

from cartera.core.commands import DeleteResource
from cartera.engine.batch import BatchRunner
from cartera.engine.clock import Clock
from cartera.engine.errors import Draining, QueueFull
from cartera.engine.shards import Shards
from cartera.engine.work import Work
from cartera.store.store import Store, StoreError

_LOG = structlog.get_logger()

DUE_TENANTS = 1000
"""How many tenants that are due are looked up at a time."""


class Committer:
    """One thread that decides and commits all that this replica is asked, and what falls due."""

    def __init__(
        self,
        store: Store,
        shards: Shards,
        clock: Clock,
        runner: BatchRunner,
        *,
        batch_limit: int,
        queue_limit: int,
        poll_seconds: float,
    ) -> None:
        self._store = store
        self._shards = shards
        self._clock = clock
        self._runner = runner
        self._batch_limit = batch_limit
        self._queue_limit = queue_limit
        self._poll_seconds = poll_seconds
        self._pending: dict[str, deque[Work]] = {}
        self._changed = threading.Condition()
        self._stopping = False
        self._swept: list[Callable[[], object]] = []
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what waits, then end. Nothing more is taken."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def put(self, work: Work) -> None:
        """Queue a work.

        Raises:
            Draining: the service is shutting down.
            QueueFull: too many of the tenant's calls wait.

        """
        with self._changed:
            if self._stopping:
                raise Draining
            queue = self._pending.setdefault(work.tenant_id, deque())
            if len(queue) >= self._queue_limit:
                raise QueueFull(retry_after=1.0)
            queue.append(work)
            self._changed.notify()

    def sweep(self, swept: Callable[[], object]) -> None:
        """Do all that has fallen due, then call back; for who moves the clock and doesn't wait for it."""
        with self._changed:
            self._swept.append(swept)
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._pending and not self._swept and not self._stopping:
                    self._changed.wait(self._seconds_to_wait())
                works, swept = self._take(), self._swept
                self._swept = []
                finished = self._stopping and not works
            if works:
                self._commit(works)
            if swept or not works:
                self._fall_due(exhaustively=bool(swept))
            for call_back in swept:
                call_back()
            if finished:
                return

    def _seconds_to_wait(self) -> float:
        due_at = self._shards.next_due_at()
        if due_at is None:
            return self._poll_seconds
        return min(self._poll_seconds, max((due_at - self._clock.now()).total_seconds(), 0))

    def _take(self) -> dict[str, list[Work]]:
        """The next batch: of every tenant that waits its share, so that none waits behind another's flood."""
        share = max(1, self._batch_limit // max(1, len(self._pending)))
        batch = {}
        for tenant_id in list(self._pending)[: self._batch_limit]:
            queue = self._pending.pop(tenant_id)
            batch[tenant_id] = _take_from(queue, share)
            if queue:
                self._pending[tenant_id] = queue
        return batch

    def _fall_due(self, *, exhaustively: bool) -> None:
        """Bring about what has fallen due, of the tenants in memory and of all others."""
        while due := self._due(self._clock.now()):
            self._commit({tenant_id: [Work(tenant_id)] for tenant_id in due})
            if not exhaustively:
                return

    def _due(self, now: datetime) -> list[str]:
        try:
            elsewhere = [head.tenant_id for head in self._store.due_tenants(now, DUE_TENANTS)]
        except StoreError as error:
            _LOG.warning("timers could not be read", error=str(error))
            return []
        return sorted({*elsewhere, *self._shards.due(now)})

    def _commit(self, works: dict[str, list[Work]]) -> None:
        try:
            self._runner.run(works)
        except StoreError as error:
            _LOG.warning("batch failed", error=str(error), tenants=len(works))
        except Exception:  # noqa: BLE001 - the thread lives on, and the callers have been told
            _LOG.exception("batch failed", tenants=len(works))
        self._shards.trim()
        _resolve([work for of_tenant in works.values() for work in of_tenant])


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


def _resolve(works: list[Work]) -> None:
    """Give the replies to those who wait, each event loop woken once."""
    by_loop: dict[AbstractEventLoop, list[Work]] = {}
    for work in works:
        if work.loop is not None:
            by_loop.setdefault(work.loop, []).append(work)
    for loop, of_loop in by_loop.items():
        loop.call_soon_threadsafe(_resolve_all, of_loop)


def _resolve_all(works: list[Work]) -> None:
    for work in works:
        work.resolve()
