"""The shards of a replica: tenants come into memory when they are named, and leave it when they are not any more."""

import gc
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from cartera.engine.agenda import Agenda
from cartera.engine.answers import Answers
from cartera.engine.clock import Clock
from cartera.engine.garbage import SIGHT
from cartera.engine.observer import Leaving, Observer
from cartera.engine.shard import Shard
from cartera.engine.work import Work
from cartera.store.store import Loaded, Store


class Bounds(NamedTuple):
    """What is kept in memory. What goes beyond leaves it: who came for a timer only, then who was unused longest."""

    tenants: int = 10_000
    records: int = 500_000
    """Of all tenants together."""
    contacts: int = 50_000
    """Of one tenant, without an open interaction."""
    idle_seconds: float = 600.0
    """After which an unused tenant leaves, whatever room there is."""


class Shards:
    """The tenants in memory.

    Those that came for a timer stand apart from those that are called for: they are needed only while something of
    them falls due soon. Loading may be done in any thread, all else is for the event loop.
    """

    def __init__(
        self,
        store: Store,
        bounds: Bounds,
        clock: Clock,
        ahead: timedelta,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        observer: Observer = Observer(),
    ) -> None:
        self.contacts_kept = bounds.contacts
        self.agenda = Agenda()
        self._store = store
        self._bounds = bounds
        self._clock = clock
        self._ahead = ahead
        self._monotonic = monotonic
        self._observer = observer
        self._answers = Answers()
        self._called: OrderedDict[str, Shard] = OrderedDict()
        self._for_timers: OrderedDict[str, Shard] = OrderedDict()
        self._records = 0

    def __len__(self) -> int:
        return len(self._called) + len(self._for_timers)

    def __contains__(self, tenant_id: str) -> bool:
        return tenant_id in self._called or tenant_id in self._for_timers

    def get(self, tenant_id: str) -> Shard | None:
        """A tenant that is in memory."""
        return self._called.get(tenant_id) or self._for_timers.get(tenant_id)

    def called(self) -> int:
        """How many tenants are in memory because somebody called."""
        return len(self._called)

    def all(self) -> list[Shard]:
        """The tenants in memory, as they are now."""
        return [*self._called.values(), *self._for_timers.values()]

    def records(self) -> int:
        """How many records are in memory, of all tenants."""
        return self._records

    def came_for_timer(self, tenant_id: str) -> bool:
        """Whether a tenant is in memory because something falls due, and not because anybody called."""
        return tenant_id in self._for_timers

    def forget_answers(self, before: datetime) -> None:
        """Know nothing any more of what was answered before a time."""
        self._answers.forget(before)

    def missing(self, tenant_ids: Iterable[str]) -> list[str]:
        """Those who are not in memory."""
        return [each for each in tenant_ids if each not in self]

    def load(self, tenant_ids: Collection[str]) -> dict[str, Shard]:
        """Read tenants out of the database; one that doesn't exist has an empty shard. They are not in memory before
        they are taken in.

        The collector waits meanwhile, since looking through what only grows doubles the time.
        """
        gc.disable()
        try:
            found = self._store.load_tenants(tenant_ids)
            shards = {each: self._shard(each, found.get(each)) for each in tenant_ids}
            SIGHT.loaded(sum(len(loaded.records) for loaded in found.values()))
        finally:
            gc.enable()
        return shards

    def _shard(self, tenant_id: str, loaded: Loaded | None) -> Shard:
        if loaded is None:
            return Shard(tenant_id, answers=self._answers)
        return Shard(tenant_id, loaded.head, loaded.records, self._answers)

    def take_in(self, loaded: Mapping[str, Shard], *, for_timer: bool = False) -> None:
        """Have tenants in memory. Who is there already stays as it is."""
        for tenant_id, shard in loaded.items():
            if tenant_id not in self and not (for_timer and self._is_due_later(shard)):
                shard.used_at = self._monotonic()
                (self._for_timers if for_timer else self._called)[tenant_id] = shard
                self._weigh(shard)
                self.agenda.note(tenant_id, shard.next_due_at())

    def drop(self, tenant_ids: Iterable[str], why: Leaving = Leaving.FAILED) -> None:
        """Let go of tenants: they are read again when they are named."""
        number = len(self)
        for tenant_id in tenant_ids:
            shard = self._called.pop(tenant_id, None) or self._for_timers.pop(tenant_id, None)
            if shard:
                self._records -= shard.weight
            self.agenda.forget(tenant_id)
        self._observer.tenants_left(number - len(self), why)

    def drop_for_timers(self) -> None:
        """Let go of the tenants that came for a timer only."""
        self.drop(list(self._for_timers), Leaving.OVERTAKEN)

    def settle(self, works: Mapping[str, Sequence[Work]]) -> None:
        """After a batch: take in what its tenants have become, and let go of who isn't needed."""
        for tenant_id, of_tenant in works.items():
            shard = self.get(tenant_id)
            if shard:
                self._weigh(shard)
                self._note_due(shard, of_tenant)
                if any(work.future for work in of_tenant):
                    self._use(shard)
                if not self._is_needed(shard):
                    self.drop([tenant_id], Leaving.DONE)
        self.trim()

    def _note_due(self, shard: Shard, works: Sequence[Work]) -> None:
        """A timer that didn't do what is due isn't set to try it again at once: who looks for timers does later."""
        due_at = shard.next_due_at()
        in_vain = all(work.reply is False for work in works)
        if due_at is None or due_at > self._clock.now() or not in_vain:
            self.agenda.note(shard.tenant_id, due_at)

    def _is_needed(self, shard: Shard) -> bool:
        """A tenant that doesn't exist isn't: should it be there soon, it is to be read."""
        return shard.state.revision > 0 and not (self.came_for_timer(shard.tenant_id) and self._is_due_later(shard))

    def _is_due_later(self, shard: Shard) -> bool:
        due_at = shard.next_due_at()
        return due_at is None or due_at > self._clock.now() + self._ahead

    def trim(self) -> None:
        """Let go of who was idle too long, and of whatever is beyond the bounds."""
        idle_since = self._monotonic() - self._bounds.idle_seconds
        for shards in (self._for_timers, self._called):
            while shards and (first := next(iter(shards.values()))).used_at <= idle_since:
                self.drop([first.tenant_id], Leaving.IDLE)
        while self._is_too_much():
            self.drop([next(iter(self._for_timers or self._called))], Leaving.BOUNDS)

    def _is_too_much(self) -> bool:
        number = len(self)
        return number > self._bounds.tenants or (self._records > self._bounds.records and number > 1)

    def _use(self, shard: Shard) -> None:
        shard.used_at = self._monotonic()
        self._for_timers.pop(shard.tenant_id, None)
        self._called[shard.tenant_id] = shard
        self._called.move_to_end(shard.tenant_id)

    def _weigh(self, shard: Shard) -> None:
        weight = shard.state.number_of_records()
        self._records += weight - shard.weight
        shard.weight = weight
