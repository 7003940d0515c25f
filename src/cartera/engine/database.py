"""The database thread: the store is asked in one thread, while the event loop goes on with calls.

What is decided is decided in the event loop: two threads that both compute only take the interpreter's lock from each
other, which cost more than twice the time that deciding takes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import ParamSpec, TypeVar

from cartera.store.store import Store

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

    @asynccontextmanager
    async def holding(self, tenant_ids: Collection[str]) -> AsyncIterator[None]:
        """See `Store.holding`."""
        if not tenant_ids:
            yield
            return
        held = self.store.holding(tenant_ids)
        await self.run(held.__enter__)
        try:
            yield
        except BaseException as error:
            await self.run(held.__exit__, type(error), error, error.__traceback__)
            raise
        await self.run(held.__exit__, None, None, None)

    def close(self) -> None:
        """Finish, and end the thread."""
        self._thread.shutdown()
