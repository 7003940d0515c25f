"""How long a statement and its wait for locks may take, by how long its callers still wait."""

from typing import NamedTuple

from cartera.store.store import Timeouts

STEPS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
"""The seconds that are told to a database. They are few, so that it needn't be told others for every batch."""


class Patience(NamedTuple):
    """In seconds."""

    statement: float
    lock: float


def patience_of(timeouts: Timeouts, seconds: float | None) -> Patience:
    """What fits callers who wait for so long; None is for ever. It is never more than the time-outs.

    A statement may take until nobody waits for it any more. The wait for a lock ends a step earlier, so that who waits
    still hears of it.
    """
    if seconds is None:
        return Patience(timeouts.statement, timeouts.lock)
    later = next((step for step in STEPS if step >= seconds), seconds)
    sooner = max((step for step in STEPS if step <= seconds), default=STEPS[0])
    return Patience(min(later, timeouts.statement), min(sooner, timeouts.lock))
