"""Observers: who is told what an engine does, for metrics and traces. The engine knows no more of them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from cartera.engine.work import Work


class Coming(StrEnum):
    """Why a tenant is loaded."""

    CALL = "call"
    TIMER = "timer"


class Leaving(StrEnum):
    """Why a tenant leaves memory."""

    IDLE = "idle"
    """It was unused for too long."""
    BOUNDS = "bounds"
    """There was no room for it any more."""
    DONE = "done"
    """Nobody needs it any more: it came for a timer, or there is no such tenant."""
    OVERTAKEN = "overtaken"
    """Other replicas attend to its timers."""
    FAILED = "failed"
    """What came of a write is unknown; it is read anew."""
    PRUNED = "pruned"
    """What others wrote meanwhile is no longer in the log; it is read anew."""


class Kept(StrEnum):
    """What retention drops."""

    CHANGES = "changes"
    ANSWERS = "answers"


class Observer:
    """Who isn't interested. Each method is called after the fact, in the event loop, and must be quick."""

    def batch_begins(self, works: Mapping[str, Sequence[Work]]) -> None:
        """These works, by tenant, are about to be decided and committed; one batch at a time."""

    def batch_ended(self, works: Mapping[str, Sequence[Work]], seconds: float, *, failed: bool) -> None:
        """They are committed, or failed."""

    def committed(self, seconds: float, tenants: int, *, lost: int) -> None:
        """A batch was written, in that time; of its tenants some have lost a race and are decided again."""

    def timer_was_late(self, seconds: float) -> None:
        """What fell due has been done, so long after its time."""

    def delivered(self, seconds: float) -> None:
        """A watcher who keeps up has taken a change, so long after it was made."""

    def tenants_loaded(self, tenants: int, seconds: float, why: Coming) -> None:
        """Tenants were read together, in that time."""

    def tenants_left(self, tenants: int, why: Leaving) -> None:
        """Tenants have left memory."""

    def pruned(self, rows: int, kind: Kept) -> None:
        """Retention has dropped rows. Called in its thread."""


class Observers(Observer):
    """Several observers as one."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def batch_begins(self, works: Mapping[str, Sequence[Work]]) -> None:
        for each in self._observers:
            each.batch_begins(works)

    def batch_ended(self, works: Mapping[str, Sequence[Work]], seconds: float, *, failed: bool) -> None:
        for each in self._observers:
            each.batch_ended(works, seconds, failed=failed)

    def committed(self, seconds: float, tenants: int, *, lost: int) -> None:
        for each in self._observers:
            each.committed(seconds, tenants, lost=lost)

    def timer_was_late(self, seconds: float) -> None:
        for each in self._observers:
            each.timer_was_late(seconds)

    def delivered(self, seconds: float) -> None:
        for each in self._observers:
            each.delivered(seconds)

    def tenants_loaded(self, tenants: int, seconds: float, why: Coming) -> None:
        for each in self._observers:
            each.tenants_loaded(tenants, seconds, why)

    def tenants_left(self, tenants: int, why: Leaving) -> None:
        for each in self._observers:
            each.tenants_left(tenants, why)

    def pruned(self, rows: int, kind: Kept) -> None:
        for each in self._observers:
            each.pruned(rows, kind)
