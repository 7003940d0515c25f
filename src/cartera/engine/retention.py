"""Retention: what has been kept long enough is dropped, in small steps, beside the calls (G2, W1).

Before a part of the log goes, a checkpoint stands where that part ends: the log that is left begins right after a
complete checkpoint, so that it can be folded from there (`verify`, `rebuild`, explanations). All replicas look around;
what one has done the others find done. Tenants are not loaded for it.
"""

import asyncio
import contextlib
import random
from asyncio import Task
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from cartera.engine.checkpoints import Checkpoints, TakenOver, complete
from cartera.engine.observer import Kept as Dropped
from cartera.engine.observer import Observer
from cartera.engine.pace import Pace, Stopped
from cartera.store.kept import Checkpoint, Kept
from cartera.store.store import Store, StoreError

TENANTS = 500
"""How many tenants are looked at with one statement."""

CHECKPOINTS = 3
"""How many checkpoints are taken in the time that changes are kept."""

SKEW = timedelta(hours=1)
"""How far the clocks of replicas may be apart: an answer that one remembers, no other has dropped."""

SOON = 60.0
"""Seconds after which a replica looks around first, at most."""

_LOG = structlog.get_logger()


class RetentionLimits(NamedTuple):
    """How long what is kept, and how it goes."""

    changes_kept: timedelta = timedelta(days=90)
    """Zero: for ever."""
    answers_kept: timedelta = timedelta(hours=24)
    """Zero: for ever."""
    every: float = 3600.0
    """Seconds between two looks at each tenant."""
    rows: int = 1000
    """Rows in one step."""
    pause: float = 0.02
    """Seconds between two steps."""
    longest_hold: float = 3600.0
    """Seconds for which a watcher may keep changes from being dropped."""


class Retention:
    """One replica's part in it: a thread that looks around."""

    def __init__(
        self, store: Store, now: Callable[[], datetime], limits: RetentionLimits, observer: Observer = Observer()
    ) -> None:
        self._store = store
        self._observer = observer
        self._now = now
        self._limits = limits
        self._thread = ThreadPoolExecutor(1, "retention")
        self._pace = Pace(limits.pause)
        self._checkpoints = Checkpoints(store, now, self._pace)
        self._task: Task[None] | None = None

    def start(self) -> None:
        """Begin to look around, from time to time."""
        if self._limits.changes_kept or self._limits.answers_kept:
            self._task = asyncio.create_task(self._run(), name="retention")

    def leave(self) -> None:
        """Begin nothing more after the step that is under way."""
        self._pace.stop()

    async def stop(self) -> None:
        """Finish the step that is under way, then end."""
        self.leave()
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await asyncio.to_thread(self._thread.shutdown)

    async def tend(self) -> None:
        """Do all that is due by the clock. It is done anyway from time to time; this is for who has moved the clock."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._look_around)

    async def _run(self) -> None:
        """At times of its own: replicas that were started together don't all do the same at once."""
        wait = min(SOON, self._limits.every)
        while True:
            await asyncio.sleep(random.uniform(0.5, 1.0) * wait)  # noqa: S311 - nobody is to be kept from guessing it
            await self.tend()
            wait = self._limits.every

    # In the thread

    def _look_around(self) -> None:
        after = ""
        with contextlib.suppress(Stopped):
            while tenants := self._look(after):
                for kept in tenants:
                    self._tend(kept)
                after = tenants[-1].tenant_id

    def _look(self, after: str) -> list[Kept]:
        try:
            return self._store.look(after, TENANTS)
        except Exception as error:  # noqa: BLE001 - it looks around for as long as the service runs
            _LOG.warning("what is kept could not be looked at; it is, next time", error=str(error))
            return []

    def _tend(self, kept: Kept) -> None:
        try:
            if self._limits.changes_kept:
                self._tend_log(kept)
            if self._limits.answers_kept:
                self._tend_answers(kept)
        except Stopped:
            raise
        except (StoreError, TakenOver) as error:
            _LOG.warning("pruning broke off; it goes on next time", tenant_id=kept.tenant_id, error=str(error))
        except Exception:  # noqa: BLE001 - what is wrong with one tenant is nothing to the others
            _LOG.exception("pruning failed", tenant_id=kept.tenant_id)

    # The log

    def _tend_log(self, kept: Kept) -> None:
        if kept.oldest_revision is None or kept.oldest_at is None:
            return
        is_going = kept.oldest_revision <= kept.pruned_revision
        if not is_going and self._now() - kept.oldest_at < self._between_checkpoints:
            return
        checkpoints = complete(self._store, kept.tenant_id)
        if self._is_checkpoint_due(kept, checkpoints):
            self._checkpoints.take(kept.tenant_id)
            checkpoints = complete(self._store, kept.tenant_id)
        until = max([kept.pruned_revision, *(each.revision for each in checkpoints if self._is_old(each))])
        if kept.oldest_revision <= until:
            self._prune(kept, kept.oldest_revision - 1, until)

    @property
    def _between_checkpoints(self) -> timedelta:
        return self._limits.changes_kept / CHECKPOINTS

    def _is_old(self, checkpoint: Checkpoint) -> bool:
        """Whether all changes up to it have been kept long enough."""
        return checkpoint.last_event_at <= self._now() - self._limits.changes_kept

    def _is_checkpoint_due(self, kept: Kept, checkpoints: list[Checkpoint]) -> bool:
        if not checkpoints:
            return True
        last = checkpoints[-1]
        return kept.revision > last.revision and self._now() - last.taken_at >= self._between_checkpoints

    def _prune(self, kept: Kept, after: int, until: int) -> None:
        """Drop changes, oldest first, but none that a watcher was promised.

        The order is what keeps the promise: pruning is announced before it is seen what is held, and a watcher holds
        before it sees what is announced. So one of the two sees the other.
        """
        tenant_id, first = kept.tenant_id, after
        self._store.announce_pruning(tenant_id, until)
        while after < until:
            held = self._store.held_revision(tenant_id)
            step = min(after + self._limits.rows, until, until if held is None else held)
            if step <= after:
                break
            self._store.prune_changes(tenant_id, after, step)
            self._observer.pruned(step - after, Dropped.CHANGES)
            after = step
            self._pace.pause()
        if after == until:
            self._checkpoints.drop(tenant_id, until)
            self._store.drop_lapsed(tenant_id)
        if after > first:
            _LOG.info("log pruned", tenant_id=tenant_id, first=first + 1, last=after, held=after < until)

    # The answers

    def _tend_answers(self, kept: Kept) -> None:
        """Look through all of them once in the time that they are kept: without an index of their times, which every
        call would pay for, half of what is looked at is dropped.
        """
        now = self._now()
        if not self._has_old_answers(kept, now):
            return
        before, after, pruned = now - self._limits.answers_kept - SKEW, "", 0
        while True:
            page = self._store.prune_answers(kept.tenant_id, after, self._limits.rows, before)
            pruned += page.pruned
            if not page.last:
                break
            after = page.last
            self._pace.pause()
        self._store.note_answers_pruned(kept.tenant_id, now)
        if pruned:
            self._observer.pruned(pruned, Dropped.ANSWERS)
            _LOG.info("answers pruned", tenant_id=kept.tenant_id, answers=pruned)

    def _has_old_answers(self, kept: Kept, now: datetime) -> bool:
        if kept.last_event_at is None:
            return False
        longest = self._limits.answers_kept + SKEW
        if kept.answers_pruned_at is None:
            return now - (kept.oldest_at or kept.last_event_at) >= longest
        is_time = now - kept.answers_pruned_at >= self._limits.answers_kept
        return is_time and kept.last_event_at >= kept.answers_pruned_at - longest
