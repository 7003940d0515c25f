"""The gate: where many call, calls wait here for each other, before anything is done for them.

What is done for a call before it is decided takes twice as long when answers are sent and requests read in between than
right after the same was done for another call: by then the processor has nothing of it at hand.
"""

import asyncio
from asyncio import Future, TimerHandle
from collections.abc import Callable

LONGEST = 0.1
"""After so many seconds those who wait are let in whatever happens: a batch may take long."""


class Gate:
    """Lets everybody in while it is open. `came` is told of each who comes to wait."""

    def __init__(self, came: Callable[[], None] = lambda: None) -> None:
        self.is_closed = False
        self._came = came
        self._waiting: dict[Future[None], None] = {}
        self._timer: TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def close(self) -> None:
        """From now on, who comes is to `wait`."""
        self.is_closed = True

    def open(self) -> None:
        """Let in who waits, in the order in which they came, and whoever comes."""
        self.is_closed = False
        self._let_in()

    async def wait(self) -> None:
        """Return when the gate opens, at the latest when somebody has waited for the longest time."""
        loop = asyncio.get_running_loop()
        let_in: Future[None] = loop.create_future()
        self._waiting[let_in] = None
        if self._timer is None:
            self._timer = loop.call_later(LONGEST, self._let_in)
        self._came()
        try:
            await let_in
        finally:
            self._waiting.pop(let_in, None)

    def _let_in(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, {}
        for let_in in waiting:
            if not let_in.done():
                let_in.set_result(None)
