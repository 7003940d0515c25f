"""A batch: works of many tenants, decided in memory and committed in one transaction."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from cartera.core.handle import needs
from cartera.core.records import Interaction
from cartera.engine.attempt import Attempt
from cartera.engine.errors import DatabaseUnavailable, DeadlinePassed
from cartera.engine.shard import Shard
from cartera.engine.shards import Shards
from cartera.engine.submission import Delivery
from cartera.engine.work import Work
from cartera.store.store import DuplicateRequest, Store, StoreError, StoreRefused

RACES = 16
"""How often a batch is decided again because another replica was first, before its callers are asked to retry."""

PATIENCE = 3
"""How many races are lost before the tenants are held while the batch is decided."""

REPLAYED = 1000
"""How many changes of other replicas are read at a time."""

Publish = Callable[[dict[str, list[Delivery]]], None]
"""Told, by tenant, what has been committed here or by others."""


class BatchRunner:
    """Runs batches, in the committing thread."""

    def __init__(self, store: Store, shards: Shards, now: Callable[[], datetime], publish: Publish) -> None:
        self._store = store
        self._shards = shards
        self._now = now
        self._publish = publish

    def run(self, works: dict[str, list[Work]]) -> None:
        """Run the works of each tenant; afterwards each has its reply."""
        pending = {tenant_id: in_time for tenant_id, each in works.items() if (in_time := _in_time(each))}
        try:
            self._run(pending)
        except StoreRefused as refused:
            self._part(pending, refused)
        except StoreError:
            self._give_up(pending, DatabaseUnavailable())
            raise
        except Exception as fault:
            self._give_up(pending, fault)
            raise

    def _part(self, pending: dict[str, list[Work]], refused: StoreRefused) -> None:
        """The database refuses what one of the works would write: run each alone, so that only its own caller hears of
        it.
        """
        self._shards.drop(pending)
        alone = [work for works in pending.values() for work in works]
        if len(alone) == 1:
            alone[0].reply = refused
            raise refused
        for work in alone:
            with suppress(StoreRefused):
                self.run({work.tenant_id: [work]})

    def _give_up(self, pending: dict[str, list[Work]], reason: Exception) -> None:
        """Nothing is known of these works' outcome: what is in memory is dropped, and callers are to retry under the
        same request ids.
        """
        self._shards.drop(pending)
        for works in pending.values():
            for work in works:
                work.reply = reason

    def _run(self, works: dict[str, list[Work]]) -> None:
        """Run the works; those that are done are taken out."""
        for race in range(RACES):
            if not works:
                return
            held = race >= PATIENCE
            with self._store.holding(works if held else ()):
                shards = self._shards.of(works)
                if held:
                    for shard in shards.values():
                        self._catch_up(shard)
                committed = self._attempt(shards, works)
            self._publish(committed)
            for tenant_id in committed:
                del works[tenant_id]
        self._give_up(works, DatabaseUnavailable())

    def _attempt(self, shards: dict[str, Shard], works: dict[str, list[Work]]) -> dict[str, list[Delivery]]:
        """Decide and write once. Returns the tenants that are done, with what was committed of each."""
        self._load(shards, works)
        attempts = {each: Attempt(shards[each], works[each]) for each in sorted(works)}
        for attempt in attempts.values():
            attempt.decide(self._now())
        return self._commit(attempts)

    def _load(self, shards: dict[str, Shard], works: dict[str, list[Work]]) -> None:
        """Load what the commands name and is not in memory."""
        contacts: dict[str, set[str]] = {}
        interactions: dict[str, set[str]] = {}
        for tenant_id, shard in shards.items():
            wanted = set(shard.state.unloaded_contacts)
            for work in works[tenant_id]:
                if work.submission is not None:
                    named = needs(work.submission.command)
                    wanted.update(named.contact_ids)
                    interactions.setdefault(tenant_id, set()).update(named.interaction_ids)
                    for reference in named.referrers:
                        wanted.update(self._store.contacts_naming(tenant_id, *reference, 1))
            contacts[tenant_id] = wanted
        self._load_contacts(shards, contacts)
        self._load_interactions(shards, interactions)

    def _load_contacts(self, shards: dict[str, Shard], wanted: dict[str, set[str]]) -> None:
        missing = {
            tenant_id: [each for each in contact_ids if not shards[tenant_id].state.is_contact_loaded(each)]
            for tenant_id, contact_ids in wanted.items()
        }
        missing = {tenant_id: contact_ids for tenant_id, contact_ids in missing.items() if contact_ids}
        if missing:
            found = self._store.load_contacts(missing)
            for tenant_id, contact_ids in missing.items():
                shards[tenant_id].state.load_contacts(contact_ids, found.get(tenant_id, ()))

    def _load_interactions(self, shards: dict[str, Shard], wanted: dict[str, set[str]]) -> None:
        missing = {
            tenant_id: [each for each in interaction_ids if shards[tenant_id].state.get(Interaction, each) is None]
            for tenant_id, interaction_ids in wanted.items()
        }
        missing = {tenant_id: interaction_ids for tenant_id, interaction_ids in missing.items() if interaction_ids}
        if missing:
            for tenant_id, found in self._store.load_interactions(missing).items():
                shards[tenant_id].state.load(found)

    def _commit(self, attempts: dict[str, Attempt]) -> dict[str, list[Delivery]]:
        """Write what was decided. The tenants that lost a race have been brought up to date."""
        self._prove(attempts)
        writes = {tenant_id: attempt.write() for tenant_id, attempt in attempts.items()}
        checks = {each: attempts[each].base_revision for each, write in writes.items() if write is None}
        try:
            won = self._store.append([write for write in writes.values() if write is not None], checks)
        except DuplicateRequest:
            self._adopt_answers(attempts)
            return {}
        committed = {}
        for tenant_id, attempt in attempts.items():
            if tenant_id in won:
                attempt.accept(self._shards.contacts_kept)
                committed[tenant_id] = attempt.deliveries
            else:
                attempt.rollback()
                self._catch_up(attempt.shard)
        return committed

    def _prove(self, attempts: dict[str, Attempt]) -> None:
        """Before a request is refused: was it answered before, by another replica or in another life?"""
        unproven = {tenant_id: attempt.unproven() for tenant_id, attempt in attempts.items()}
        unproven = {tenant_id: request_ids for tenant_id, request_ids in unproven.items() if request_ids}
        if not unproven:
            return
        found = self._store.find_answers(unproven)
        for tenant_id in unproven:
            attempts[tenant_id].prove(
                {request: each for (tenant, request), each in found.items() if tenant == tenant_id}
            )

    def _adopt_answers(self, attempts: dict[str, Attempt]) -> None:
        """A request id of the batch was answered before: take all back, and know it from now on."""
        asked = {
            tenant_id: [work.request_id for work in attempt.works if work.request_id]
            for tenant_id, attempt in attempts.items()
        }
        for attempt in attempts.values():
            attempt.rollback()
            self._catch_up(attempt.shard)
        for (tenant_id, _), answer in self._store.find_answers(asked).items():
            attempts[tenant_id].shard.remember([answer])

    def _catch_up(self, shard: Shard) -> None:
        """Read and apply what other replicas have written since."""
        while logged := self._store.changes_since(shard.tenant_id, shard.state.revision, REPLAYED):
            if logged[0].revision != shard.state.revision + 1:
                self._shards.drop([shard.tenant_id])
                return
            self._publish({shard.tenant_id: shard.follow(logged)})
            shard.state.forget(self._shards.contacts_kept)


def _in_time(works: Sequence[Work]) -> list[Work]:
    """The works whose callers still wait; the others are refused unrun."""
    now = time.monotonic()
    waited_for = []
    for work in works:
        deadline = work.submission.deadline if work.submission else None
        if deadline is not None and deadline < now:
            work.reply = DeadlinePassed()
        else:
            waited_for.append(work)
    return waited_for
