"""Pace: work beside the calls is done in pieces, with rests: while a thread computes, the event loop waits for the
interpreter.
"""

import threading
import time

WORK, REST = 0.002, 0.001
"""Seconds of work between rests, and of rest."""


class Stopped(Exception):  # noqa: N818 - names what happened
    """What was being done is to be given up."""


class Pace:
    """How one thread works, until it is told to stop."""

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._stopping = threading.Event()
        self._rested_at = 0.0

    def stop(self) -> None:
        """Have it stop at its next pause or rest."""
        self._stopping.set()

    def pause(self) -> None:
        """Between two steps. Raises Stopped."""
        self._wait(self._pause)

    def rest(self) -> None:
        """In the midst of a step: it rests if it has worked for long enough. Raises Stopped."""
        if time.monotonic() - self._rested_at > WORK:
            self._wait(REST)

    def _wait(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise Stopped
        self._rested_at = time.monotonic()
