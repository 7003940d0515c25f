"""The loader: brings tenants into memory before the batch that needs them, while batches of others go on.

So a tenant that is large, or a thousand who are due, don't hold up the calls of those who are in memory.
"""

import asyncio
import time
from asyncio import Task
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context

import structlog

from cartera.engine.observer import Coming, Observer
from cartera.engine.shards import Shards

_LOG = structlog.get_logger()

AT_ONCE = 32
"""How many tenants are read with one set of statements. With more, the first of them waits longer than the last."""

THREADS = 2
"""How many such groups are read at a time."""


class Loader:
    """Those who are called for come first, then those of whom something falls due soon."""

    def __init__(self, shards: Shards, done: Callable[[Iterable[str]], None], observer: Observer = Observer()) -> None:
        self._shards = shards
        self._observer = observer
        self._done = done
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="loader")
        self._called: dict[str, None] = {}
        self._for_timers: dict[str, None] = {}
        self._under_way: set[str] = set()
        self._tasks: set[Task[None]] = set()

    def bring(self, tenant_id: str) -> None:
        """Bring a tenant into memory, as soon as can be; `done` is told when it is there, or can't be read now."""
        if tenant_id not in self._under_way and tenant_id not in self._called:
            self._for_timers.pop(tenant_id, None)
            self._called[tenant_id] = None
            self._begin()

    def bring_for_timers(self, tenant_ids: Iterable[str]) -> None:
        """Bring tenants into memory once nobody else waits for one. Replaces those asked for so before."""
        waiting = self._under_way | self._called.keys()
        self._for_timers = dict.fromkeys(each for each in tenant_ids if each not in waiting)
        self._begin()

    async def close(self) -> None:
        """Finish what is under way, and end."""
        self._called.clear()
        self._for_timers.clear()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await asyncio.to_thread(self._threads.shutdown)

    def _begin(self) -> None:
        while self._called and len(self._tasks) < THREADS:
            self._bring_next(self._called, for_timer=False)
        # For timers nothing is begun while anything else is: whoever calls finds a thread free.
        if self._for_timers and not self._tasks:
            self._bring_next(self._for_timers, for_timer=True)

    def _go_on(self, ended: Task[None]) -> None:
        self._tasks.discard(ended)
        self._begin()

    def _bring_next(self, asked: dict[str, None], *, for_timer: bool) -> None:
        group = list(asked)[:AT_ONCE]
        for tenant_id in group:
            del asked[tenant_id]
        self._under_way.update(group)
        # In a context of its own: it isn't part of the call that it was begun for first.
        task = asyncio.create_task(self._bring(group, for_timer=for_timer), context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._go_on)

    async def _bring(self, group: list[str], *, for_timer: bool) -> None:
        began = time.perf_counter()
        try:
            loaded = await asyncio.get_running_loop().run_in_executor(self._threads, self._shards.load, group)
            self._shards.take_in(loaded, for_timer=for_timer)
            why = Coming.TIMER if for_timer else Coming.CALL
            self._observer.tenants_loaded(len(group), time.perf_counter() - began, why)
        except Exception as error:  # noqa: BLE001 - the batch reads for itself who is not there, and tells the callers
            _LOG.warning("tenants could not be read", error=str(error), tenants=len(group))
        finally:
            self._under_way.difference_update(group)
            self._done(group)
