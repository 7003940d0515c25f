"""Slices: work in the event loop that isn't urgent, and that calls must not wait for."""

import asyncio
import time

SLICE = 0.001
"""Seconds of work after which others have their turn."""


class Slices:
    """Work that is done bit by bit."""

    def __init__(self, seconds: float = SLICE) -> None:
        self._seconds = seconds
        self._until = time.perf_counter() + seconds

    async def rest(self) -> None:
        """Between two bits: let others have their turn, if it is time."""
        if time.perf_counter() >= self._until:
            await asyncio.sleep(0)
            self._until = time.perf_counter() + self._seconds
