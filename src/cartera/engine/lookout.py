"""The lookout: whether the database is there. When it isn't, all who wait for it hear so at once, and not one by one
when their time is up.

It asks again and again, on a connection of its own, and takes a silence for an absence. Work may take long as long as
the database answers beside it: how long a batch takes says nothing.
"""

import asyncio
from asyncio import Event, Future, Task
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, NamedTuple

import structlog

from cartera.engine.errors import DatabaseUnavailable
from cartera.store.store import Condition, Store, StoreError

_LOG = structlog.get_logger()

STEP = 0.1
"""In seconds: silence is counted in steps, each one turn of the event loop at least. So when it is this process that
stands still, by a signal or for want of a processor, the database isn't blamed for it.
"""

READING = frozenset({Condition.AWAY})
WRITING = frozenset({Condition.AWAY, Condition.COMMITS_HANG})
ASKING = frozenset({Condition.AWAY, Condition.COMMITS_HANG, Condition.HELD_UP})
"""In which conditions it is of no use to wait: for what is read from the database, for what is written to it, and for
what is asked of the state in memory, which isn't known to be the latest before what stands in front of it is written.
"""


class LookoutLimits(NamedTuple):
    """Times in seconds."""

    pause: float = 0.25
    """Between two looks."""
    silence: float = 0.7
    """After which a database that doesn't answer is away."""


class Waiting:
    """One who waits; as a context manager, since a generator costs each call several times as much."""

    __slots__ = ("_given_up", "_given_up_when", "_task", "_waiting")

    def __init__(
        self,
        waiting: dict[Task[Any], frozenset[Condition]],
        given_up: set[Task[Any]],
        given_up_when: frozenset[Condition],
    ) -> None:
        self._waiting = waiting
        self._given_up = given_up
        self._given_up_when = given_up_when

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None, "it is for coroutines"
        self._task = task
        self._waiting[task] = self._given_up_when

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        self._waiting.pop(self._task, None)
        if self._task not in self._given_up:
            return
        self._given_up.discard(self._task)
        if isinstance(error, asyncio.CancelledError) and not self._task.uncancel():
            raise DatabaseUnavailable from None


class Lookout:
    """Looks at the database from a thread of its own. All else of it runs in the event loop."""

    def __init__(self, store: Store, limits: LookoutLimits = LookoutLimits()) -> None:
        self._store = store
        self._limits = limits
        self._condition = Condition.GOOD
        self._cuts: list[Callable[[], None]] = []
        self._waiting: dict[Task[Any], frozenset[Condition]] = {}
        self._given_up: set[Task[Any]] = set()
        self._has_seen = False
        """Whether it has been answered at all. The first time it connects, and may take longer."""
        self._looked = Event()
        self._closing = Event()
        self._leaving = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lookout")
        self._task: Task[None] | None = None

    @property
    def is_well(self) -> bool:
        """Whether the database answers, and finishes commits."""
        return self._condition not in WRITING

    async def wait_until_well(self, stop: Callable[[], bool]) -> None:
        """Return when the database is well, or when there is nothing to be waited for any more."""
        while not self.is_well and not stop():
            await self._looked.wait()

    def require(self, given_up_when: frozenset[Condition]) -> None:
        """Raise DatabaseUnavailable where the database is in one of those conditions."""
        if self._condition in given_up_when:
            raise DatabaseUnavailable

    def waiting(self, given_up_when: frozenset[Condition]) -> "Waiting":
        """Whoever waits inside for what the database has to do waits no longer than is of use.

        Raises:
            DatabaseUnavailable: the database is in one of those conditions, or comes to be. That a write is held up is
                told to those only who wait at the next look: it may be over by now.

        """
        if self._condition is not Condition.GOOD:
            self.require(given_up_when & WRITING)
        return Waiting(self._waiting, self._given_up, given_up_when)

    def cut_too(self, cut: Callable[[], None]) -> None:
        """Have others' connections to the same database cut as well, when it is away."""
        self._cuts.append(cut)

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="lookout")

    def leave(self) -> None:
        """The service ends: from now on, what the database doesn't finish is not waited for."""
        self._leaving = True

    async def stop(self) -> None:
        """End, and have all that still waits for the database fail."""
        self._closing.set()
        if self._task is not None:
            await self._task
        self._cut()
        self._thread.shutdown(wait=False)

    async def _run(self) -> None:
        while not self._closing.is_set():
            self._note(await self._look())
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._limits.pause if self.is_well else STEP)

    async def _look(self) -> Condition:
        looking = asyncio.get_running_loop().run_in_executor(self._thread, self._store.condition)
        steps = 0
        while not await _is_done_within_a_step(looking):
            steps += 1
            if self._closing.is_set() or (self._has_seen and steps * STEP >= self._limits.silence):
                self._note(Condition.AWAY)  # again and again: some connect anew meanwhile, and are to be cut too
        try:
            condition = looking.result()
        except StoreError:
            return Condition.AWAY
        except Exception as fault:  # noqa: BLE001 - a lookout that ends would leave things as they seem for ever
            if self.is_well:
                _LOG.warning("it can't be seen whether the database is there", error=str(fault))
            return Condition.AWAY
        self._has_seen = True
        return condition

    def _note(self, condition: Condition) -> None:
        before, self._condition = self._condition, condition
        if condition is not before and Condition.HELD_UP not in (condition, before):
            _LOG.warning("the database", condition=condition.name.lower(), before=before.name.lower())
        if condition is Condition.AWAY or (self._leaving and condition is not Condition.GOOD):
            self._cut()
        self._give_up(condition)
        self._looked.set()
        self._looked.clear()

    def _cut(self) -> None:
        self._store.cut(appending=self._leaving)
        for cut in self._cuts:
            cut()

    def _give_up(self, condition: Condition) -> None:
        for task, given_up_when in self._waiting.items():
            if condition in given_up_when and task not in self._given_up:
                self._given_up.add(task)
                task.cancel()


async def _is_done_within_a_step(awaited: Future[Condition]) -> bool:
    done, _ = await asyncio.wait({awaited}, timeout=STEP)
    return bool(done)
