"""Gathering: where many call at once, a batch begins when those who were answered last are back.

A batch has costs of its own, and one of twenty takes hardly longer than one of ten. Where few call, nobody waits; where
those who call are others each time, not for long.
"""

import asyncio
import math
import time
from asyncio import Event
from collections.abc import Callable

from cartera.engine.gate import Gate

MANY = 12
"""How many callers, those answered just now and those who wait, make a batch gather for a while."""

GATHERED_EACH, GATHERED_LEAST, GATHERED_MOST = 0.0003, 0.008, 0.02
"""How long that is at most, in seconds, where others may come next: for each who is expected, within two limits."""

TIMES, LONGEST = 2.0, 0.05
"""How long where those who are answered call again, so that all come back: for each so many times what an answer and a
call take this thread, since they take their callers as long, and a limit in seconds. On a slow machine that is longer.
"""

AT_FIRST = 0.0004
"""What an answer and a call are taken to take before any were seen, in seconds."""

BACK_SOON = 0.1
"""For so many seconds those answered last are expected back: to send all their answers may take half of it."""

OTHERS = 1 / 5
"""Where all have come back, hardly anybody is left to come while their batch is decided and written. Where more come
than that part of it, they are others.
"""

TRIES, REST, LONGEST_REST = 4, 3.0, 60.0
"""So many batches in a row wait for all in vain before the next ones don't, for so many seconds; then they try again.
At its first try a batch doesn't know of all who are on their way. Each time that all tries are in vain the rest is
doubled: those who call then gain nothing by waiting.
"""


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
        self._stayed = 0
        """How many were here when the last were answered."""
        self._computed = 0.0
        """For how long this thread had computed by then, in seconds."""
        self._each = AT_FIRST
        """What an answer and a call take this thread, in seconds."""
        self._waited_for_all = False
        """Whether the batch that is on its way did."""
        self._in_vain = 0
        """How many did in vain, one after the other."""
        self._rest = REST
        self._rests_until = -math.inf
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
        self._waited_for_all = False
        if self._expected >= MANY and self._here() < self._expected and self._is_soon():
            self._waited_for_all = self._time() >= self._rests_until
            self._all_here.clear()
            timer = asyncio.get_running_loop().call_later(self._longest(), self._all_here.set)
            await self._all_here.wait()
            timer.cancel()
            self._note_what_each_takes()
        if self.gate.is_closed:
            self.gate.open()
            await asyncio.sleep(0)  # meanwhile each who was let in comes as far as to its work

    def _longest(self) -> float:
        if self._waited_for_all:
            return min(max(self._expected * self._each * TIMES, GATHERED_LEAST), LONGEST)
        return min(max(self._expected * GATHERED_EACH, GATHERED_LEAST), GATHERED_MOST)

    def _note_what_each_takes(self) -> None:
        """What this thread did since the last were answered was mostly to send the answers and to read the calls."""
        came = self._here() - self._stayed
        if came >= MANY:
            self._each = (self._each + (time.thread_time() - self._computed) / came) / 2

    def begin(self, works: int) -> None:
        """A batch of so many works begins. Where there are many, who comes from now on waits for the next one."""
        self.waiting -= works
        if works and max(works, self._expected) >= MANY:
            self.gate.close()

    def answered(self, works: int) -> None:
        """A batch has ended. Who was answered mostly calls again at once, and of those before some are still on their
        way.
        """
        self._stayed, self._computed = self._here(), time.thread_time()
        here = works + self._stayed
        self._expected = max(here, self._expected // 2) if self._is_soon() else here
        self._answered_at = self._time()
        if self._waited_for_all:
            self._judge(works)

    def _judge(self, works: int) -> None:
        """Whether it was of use to wait for all of these."""
        if self._stayed <= works * OTHERS:
            self._in_vain, self._rest = 0, REST
            return
        self._in_vain += 1
        if self._in_vain == TRIES:
            self._rests_until = self._answered_at + self._rest
            self._in_vain, self._rest = 0, min(2 * self._rest, LONGEST_REST)

    def _is_soon(self) -> bool:
        """Whether who was answered last may still be on its way."""
        return self._time() - self._answered_at < BACK_SOON

    def _time(self) -> float:
        return asyncio.get_running_loop().time()
