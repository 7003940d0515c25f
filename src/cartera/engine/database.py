"""The database thread: the store is asked in one thread, while the event loop goes on with calls.

What is decided is decided in the event loop: two threads that both compute only take the interpreter's lock from each
other, which cost more than twice the time that deciding takes.
"""

import asyncio
import time
from asyncio import AbstractEventLoop, Future
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, NamedTuple, ParamSpec, TypeVar

from cartera.store.store import Revisions, Store, Write

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class _Errand(NamedTuple):
    """What is to be run in the thread, and who waits for what comes of it."""

    run: Callable[[], Any]
    loop: AbstractEventLoop
    future: Future[Any]


class Database:
    """A store, and the one thread that asks it.

    Not an executor's: every batch goes there and back, and an executor's future takes as long as that itself.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._errands: SimpleQueue[_Errand | None] = SimpleQueue()
        self._closing = Lock()
        """Held to ask and to close: nothing is asked behind the end, where it would wait for ever."""
        self._closed = False
        self._thread = Thread(target=_run_errands, args=(self._errands,), name="database", daemon=True)
        self._thread.start()

    async def run(
        self, function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Result:
        """Run something in the thread. It is finished even if who waits for it is not there any more.

        Raises:
            RuntimeError: it is closed.

        """
        loop = asyncio.get_running_loop()
        future: Future[Result] = loop.create_future()
        with self._closing:
            if self._closed:
                raise RuntimeError("the database thread is closed")
            self._errands.put(_Errand(partial(function, *args, **kwargs), loop, future))
        return await future

    async def append(self, writes: Sequence[Write], checks: Revisions, deadline: float | None) -> set[str]:
        """See `Store.append`. It takes no longer than its callers wait, until a time of `time.monotonic`."""

        def append() -> set[str]:
            self.store.limit(_seconds_until(deadline))
            return self.store.append(writes, checks)

        return await self.run(append)

    @asynccontextmanager
    async def holding(
        self, tenant_ids: Collection[str], deadline: float | None = None, *, long: bool = False
    ) -> AsyncIterator[None]:
        """See `Store.holding`. To begin takes no longer than callers wait."""
        if not tenant_ids:
            yield
            return
        held = self.store.holding(tenant_ids, long=long)

        def enter() -> None:
            self.store.limit(_seconds_until(deadline))
            held.__enter__()

        await self.run(enter)
        try:
            yield
        except BaseException as error:
            await self.run(held.__exit__, type(error), error, error.__traceback__)
            raise
        await self.run(held.__exit__, None, None, None)

    def close(self) -> None:
        """Finish, and end the thread."""
        with self._closing:
            self._closed = True
            self._errands.put(None)
        self._thread.join()


def _run_errands(errands: "SimpleQueue[_Errand | None]") -> None:
    while errand := errands.get():
        tell = _told_of(errand.run)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            errand.loop.call_soon_threadsafe(tell, errand.future)
        del errand, tell  # what they were about may be large, and the next errand far


def _told_of(run: Callable[[], Any]) -> Callable[[Future[Any]], None]:
    """Run something. Returns what tells a future of the outcome."""
    try:
        return partial(_succeed, run())
    except BaseException as error:  # noqa: BLE001 - it is told to who waits
        return partial(_fail, error)


def _succeed(result: object, future: Future[Any]) -> None:
    if not future.done():
        future.set_result(result)


def _fail(error: BaseException, future: Future[Any]) -> None:
    if not future.done():
        future.set_exception(error)


def _seconds_until(deadline: float | None) -> float | None:
    return None if deadline is None else deadline - time.monotonic()
