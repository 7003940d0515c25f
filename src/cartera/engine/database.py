"""The database thread: the store is asked in one thread, while the event loop goes on with calls.

What is decided is decided in the event loop: two threads that both compute only take the interpreter's lock from each
other, which cost more than twice the time that deciding takes.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import ParamSpec, TypeVar

from cartera.store.store import Revisions, Store, Write

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Database:
    """A store, and the one thread that asks it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")

    async def run(
        self, function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Result:
        """Run something in the thread. It is finished even if who waits for it is not there any more."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(function, *args, **kwargs))

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
        self._thread.shutdown()


def _seconds_until(deadline: float | None) -> float | None:
    return None if deadline is None else deadline - time.monotonic()
