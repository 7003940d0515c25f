"""A stream that the service can end."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

Item = TypeVar("Item")


class OpenStream:
    """Ends while it waits for its next item, and never while it sends one.

    A task per item that waits for either would cost a tenth of what it takes to deliver the item.
    """

    def __init__(self) -> None:
        self.ended = False
        """Whether the service ended it."""
        self._task: asyncio.Task[object] | None = None
        self._waiting = False

    async def items(self, source: AsyncIterator[Item]) -> AsyncIterator[Item]:
        """The items of the source, until it has no more or the stream is ended."""
        self._task = asyncio.current_task()
        while not self.ended:
            try:
                item = await self._next(source)
            except StopAsyncIteration:
                return
            except asyncio.CancelledError:
                if self._task is None or not self.ended or self._task.uncancel() > 0:
                    raise  # the caller left, or the loop ends
                return
            yield item

    async def _next(self, source: AsyncIterator[Item]) -> Item:
        self._waiting = True
        try:
            return await anext(source)
        finally:
            self._waiting = False

    def end(self) -> None:
        if self.ended:
            return
        self.ended = True
        if self._waiting and self._task is not None:
            self._task.cancel()
