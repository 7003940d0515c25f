"""How many calls at once, and the end of taking any."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from cartera.engine.errors import Draining, TooManyStreams

_RETRY_AFTER = 5.0


class UnaryCalls:
    """Calls beyond the limit wait their turn, unless their deadline comes first."""

    def __init__(self, limit: int) -> None:
        self._free = asyncio.Semaphore(limit)
        self._under_way = 0
        self._closed = False
        self._idle = asyncio.Event()

    async def __aenter__(self) -> None:
        if self._closed:
            raise Draining
        self._under_way += 1
        try:
            await self._free.acquire()
        except asyncio.CancelledError:
            self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._free.release()
        self._leave()

    def _leave(self) -> None:
        self._under_way -= 1
        if self._closed and not self._under_way:
            self._idle.set()

    async def finish(self) -> None:
        """Take no more, and wait for those under way."""
        self._closed = True
        if self._under_way:
            await self._idle.wait()


class Streams:
    """Streams beyond the limit are refused: waiting for one to end could take for ever."""

    def __init__(self, limit: int) -> None:
        self._free = limit

    @contextmanager
    def one(self) -> Iterator[None]:
        """Room for one stream."""
        if self._free <= 0:
            raise TooManyStreams(_RETRY_AFTER)
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1
