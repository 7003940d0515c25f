"""Gathering: where many call at once, a batch begins when those who were answered last are back.

A batch has costs of its own, and one of twenty takes hardly longer than one of ten. Where few call, nobody waits.
"""

import asyncio
import math
from asyncio import Event
from collections.abc import Callable

from cartera.engine.gate import Gate

MANY = 12
"""How many callers, those answered just now and those who wait, make a batch gather for a while."""

GATHERED_EACH, GATHERED_LEAST, GATHERED_MOST = 0.0003, 0.008, 0.02
"""How long that is at most, in seconds: for each who is expected what a call and an answer take, within two limits."""

BACK_SOON = 0.05
"""For so many seconds those answered last are expected back: to send all their answers may take half of it."""


class Gathering:
    """Counts who waits for the next batch, and knows who is expected. `came` is told of each who comes."""

    def __init__(self, came: Callable[[], None]) -> None:
        self.gate = Gate(self._note)
        """Where calls wait that nothing has been done for yet."""
        self.waiting = 0
        """How many works wait for the next batch."""
        self._came = came
        self._expected = 0
        self._answered_at = -math.inf
        self._all_here = Event()

    def add(self, works: int) -> None:
        """So many more works wait."""
        self.waiting += works
        self._note()

    def _note(self) -> None:
        self._came()
        if self._here() >= self._expected:
            self._all_here.set()

    def _here(self) -> int:
        return self.waiting + self.gate.waiting

    async def gather(self) -> None:
        """Return when all are here who are expected, or have had the time to come, and wait as works."""
        if self._expected >= MANY and self._here() < self._expected and self._is_soon():
            self._all_here.clear()
            longest = min(max(self._expected * GATHERED_EACH, GATHERED_LEAST), GATHERED_MOST)
            timer = asyncio.get_running_loop().call_later(longest, self._all_here.set)
            await self._all_here.wait()
            timer.cancel()
        if self.gate.is_closed:
            self.gate.open()
            await asyncio.sleep(0)  # meanwhile each who was let in comes as far as to its work

    def begin(self, works: int) -> None:
        """A batch of so many works begins. Where there are many, who comes from now on waits for the next one."""
        self.waiting -= works
        if works and max(works, self._expected) >= MANY:
            self.gate.close()

    def answered(self, works: int) -> None:
        """A batch has ended. Who was answered mostly calls again at once, and of those before some are still on their
        way.
        """
        here = works + self._here()
        self._expected = max(here, self._expected // 2) if self._is_soon() else here
        self._answered_at = asyncio.get_running_loop().time()

    def _is_soon(self) -> bool:
        """Whether who was answered last may still be on its way."""
        return asyncio.get_running_loop().time() - self._answered_at < BACK_SOON
