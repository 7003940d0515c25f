"""Timers: what falls due is done at its time, of tenants that are not in memory too.

Shortly before something of a tenant falls due it is brought into memory; from there on the agenda tells the moment.

Of several replicas any may do what is due, and the database lets one of them. So that not all of them load the same
tenants for it, one that sees that others were first keeps behind them: it looks only for what is overdue; when it finds
something it does that, and if it finds something again it goes ahead. Tenants that it has in memory because of their
calls it attends at their time.
"""

import asyncio
from asyncio import Event, Task
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from random import shuffle, uniform

import structlog

from cartera.engine.clock import Clock
from cartera.engine.loader import Loader
from cartera.engine.shards import Shards
from cartera.engine.work import Work
from cartera.store.store import Head, Store

_LOG = structlog.get_logger()

LOOKED_UP = 1_000
"""How many tenants that are due soon are looked up at a time."""

AGAIN = 0.1
"""How soon is looked again where there were so many, in seconds."""

POLLS_AHEAD = 1.5
"""How far is looked ahead, in polls: there is time to load who is due just after the next look."""

BEHIND = (0.25, 0.75)
"""How far it keeps behind others, in polls: at random, so that one of several goes ahead first. It looks as often."""

LOST = 3
"""How many timers others must have done first, one after the other, before it keeps behind."""

UNDONE = 2
"""How many looks in a row must find something undone, before it goes ahead again."""


def ahead(poll_seconds: float) -> timedelta:
    """How long before something falls due its tenant is brought into memory, or kept there."""
    return timedelta(seconds=POLLS_AHEAD * poll_seconds)


class Timers:
    """Brings tenants into memory in time for what falls due."""

    def __init__(self, store: Store, shards: Shards, clock: Clock, poll_seconds: float) -> None:
        self._store = store
        self._shards = shards
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._behind = timedelta(0)
        """How long it keeps behind other replicas; not at all where it is ahead of them."""
        self._lost = 0
        """How many timers in a row others were first to do."""
        self._undone = 0
        """How many looks in a row found something undone while it kept behind."""
        self._stopping = Event()
        self._task: Task[None] | None = None

    def start(self, loader: Loader, changed: Callable[[], None]) -> None:
        """Begin to look. `changed` is called whenever something may be due."""
        self._task = asyncio.create_task(self._run(loader, changed), name="timers")

    async def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        if self._task:
            await self._task

    def learn(self, works: Mapping[str, Sequence[Work]]) -> None:
        """After a batch: see whether others were first to do what was due."""
        came = [each[0] for tenant_id, each in works.items() if self._shards.came_for_timer(tenant_id)]
        ticks = [work.reply for work in came if work.future is None]
        self._lost = 0 if True in ticks else self._lost + ticks.count(False)
        if self._lost >= LOST:
            self._lost = self._undone = 0
            self._shards.drop_for_timers()  # or they would be done here now and then, and the others fall behind too
            self._behind = timedelta(seconds=uniform(*BEHIND) * self._poll_seconds)  # noqa: S311 - nothing secret

    async def _run(self, loader: Loader, changed: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            try:
                found = await self.look(loader)
            except Exception as error:  # noqa: BLE001 - the next look finds them; with none, timers would stand still
                _LOG.warning("timers could not be read", error=str(error))
                found = 0
            changed()
            await _wait_for(self._stopping, self._pause(found))

    def _pause(self, found: int) -> float:
        if self._behind:
            return BEHIND[0] * self._poll_seconds
        return self._poll_seconds if found < LOOKED_UP else min(AGAIN, self._poll_seconds)

    async def look(self, loader: Loader) -> int:
        """Look up who is due, and see to it that they come into memory. Returns how many are."""
        until = self._clock.now() + (-self._behind if self._behind else ahead(self._poll_seconds))
        heads = await asyncio.to_thread(self._store.due_tenants, until, LOOKED_UP)
        absent = [head.tenant_id for head in heads if not self._is_known(head)]
        if self._behind:
            self._note_undone(found=bool(absent))
            shuffle(absent)  # should others be at it still, they mostly have others in hand
        loader.bring_for_timers(absent)
        return len(heads)

    def _note_undone(self, *, found: bool) -> None:
        """What is found once may be due to a moment's delay elsewhere: it is done, and that is all."""
        self._undone = self._undone + 1 if found else 0
        if self._undone >= UNDONE:
            self._behind = timedelta(0)

    def _is_known(self, head: Head) -> bool:
        """Whether a tenant is in memory. Another replica may have written since when something is due."""
        shard = self._shards.get(head.tenant_id)
        if shard is None:
            return False
        knows = shard.state.revision >= head.revision and head.tenant_id in self._shards.agenda
        if not knows and head.next_due_at is not None:
            self._shards.agenda.note_sooner(head.tenant_id, head.next_due_at)
        return True


async def _wait_for(event: Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
