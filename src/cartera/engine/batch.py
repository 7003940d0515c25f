"""A batch: works of many tenants, decided in memory and committed in one transaction."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from cartera.core.commands import ApplyConfiguration
from cartera.core.handle import needs
from cartera.core.records import Interaction
from cartera.core.state import State
from cartera.engine.answers import EVER
from cartera.engine.attempt import Attempt
from cartera.engine.database import Database
from cartera.engine.errors import DatabaseUnavailable, DeadlinePassed
from cartera.engine.observer import Coming, Leaving, Observer
from cartera.engine.shard import Shard
from cartera.engine.shards import Shards
from cartera.engine.submission import Delivery
from cartera.engine.work import Work
from cartera.store.store import DuplicateRequest, StoreError, StoreRefused, StoreUnavailable

RACES = 16
"""How often a batch is decided again because another replica was first, before its callers are asked to retry."""

PATIENCE = 3
"""How many races are lost before the tenants are held while the batch is decided."""

REPLAYED = 1000
"""How many changes of other replicas are read at a time."""

Works = dict[str, list[Work]]
"""Works by tenant."""

Deliveries = dict[str, list[Delivery]]
"""Changes by tenant."""


class BatchRunner:
    """Runs batches, one at a time."""

    def __init__(
        self,
        database: Database,
        shards: Shards,
        now: Callable[[], datetime],
        publish: Callable[[Deliveries], None],
        *,
        statement_per_tenant: bool = False,
        answers_kept: timedelta = timedelta(hours=24),
        observer: Observer = Observer(),
    ) -> None:
        self._database = database
        self._store = database.store
        self._shards = shards
        self._now = now
        self._publish = publish
        self._statement_per_tenant = statement_per_tenant
        self._answers_kept = answers_kept
        self._observer = observer

    async def run(self, works: Works, answered: Callable[[int], None]) -> None:
        """Run the works of each tenant; afterwards each has its reply. Those that are committed are answered at once,
        and `answered` is told how many calls were: what nobody waits for comes after that.
        """
        if self._statement_per_tenant and len(works) > 1:
            await self._run_apart(works, answered)
            return
        self._shards.forget_answers(self._now() - self._answers_kept if self._answers_kept else EVER)
        pending = {tenant_id: in_time for tenant_id, each in works.items() if (in_time := _in_time(each))}
        try:
            await self._run(pending, answered)
        except StoreRefused as refused:
            await self._part(pending, refused, answered)
        except StoreUnavailable:
            _refuse(pending, DatabaseUnavailable())
            raise
        except StoreError:
            self._give_up(pending, DatabaseUnavailable())
            raise
        except Exception as fault:
            self._give_up(pending, fault)
            raise

    async def _run_apart(self, works: Works, answered: Callable[[int], None]) -> None:
        """A batch for each tenant: where tenants are spread over nodes, each is committed by its own. What goes wrong
        with one concerns its own callers, and who is done is answered, whatever comes of the others.
        """
        fault: Exception | None = None
        calls: list[int] = []
        for tenant_id, of_tenant in works.items():
            try:
                await self.run({tenant_id: of_tenant}, calls.append)
            except Exception as error:  # noqa: BLE001 - its callers have their reply; one is told for the log
                fault = error
            for work in of_tenant:
                work.resolve()
        answered(sum(calls))
        if fault is not None:
            raise fault

    async def _part(self, pending: Works, refused: StoreRefused, answered: Callable[[int], None]) -> None:
        """The database refuses what one of the works would write: run each alone, so that only its own caller hears of
        it.
        """
        self._shards.drop(pending)
        _refuse(pending, DatabaseUnavailable())  # what they were answered is not written; each gets a reply of its own
        alone = [work for works in pending.values() for work in works]
        if len(alone) == 1:
            alone[0].reply = refused
            raise refused
        calls: list[int] = []
        for work in alone:
            with suppress(StoreRefused):
                await self.run({work.tenant_id: [work]}, calls.append)
        answered(sum(calls))

    def _give_up(self, pending: Works, reason: Exception) -> None:
        """Nothing is known of these works' outcome: what is in memory is dropped, and callers are to retry under the
        same request ids.
        """
        self._shards.drop(pending)
        _refuse(pending, reason)

    async def _run(self, works: Works, answered: Callable[[int], None]) -> None:
        """Run the works; those that are done are taken out."""
        for race in range(RACES):
            if not works:
                return
            held = race >= PATIENCE
            shards = await self._shards_of(works)
            long = any(map(_takes_long, works.values()))
            async with self._database.holding(list(works) if held else (), _deadline(works), long=long):
                if held:
                    await self._catch_up(shards.values())
                attempts = await self._decided(shards, works)
                won = await self._append(attempts, _deadline(works))
            # Not before: what holds the tenants is only now committed.
            answered(_answer(works, won))
            await asyncio.sleep(0)  # meanwhile those who waited hear of it
            committed = self._accept(attempts, won)
            self._publish(committed)
            for tenant_id in committed:
                del works[tenant_id]
            await self._catch_up(shards[tenant_id] for tenant_id in works)
        self._give_up(works, DatabaseUnavailable())

    async def _shards_of(self, works: Works) -> dict[str, Shard]:
        if missing := self._shards.missing(works):
            began = time.perf_counter()
            loaded = await self._database.run(self._shards.load, missing)
            self._shards.take_in(loaded)
            self._observer.tenants_loaded(len(missing), time.perf_counter() - began, Coming.CALL)
        return {each: shard for each in works if (shard := self._shards.get(each))}

    async def _decided(self, shards: dict[str, Shard], works: Works) -> dict[str, Attempt]:
        """Decide once."""
        await self._load(shards, works)
        attempts = {each: Attempt(shards[each], works[each]) for each in sorted(works)}
        if any(map(_takes_long, works.values())):
            await self._database.run(_decide, attempts, self._now())
        else:
            _decide(attempts, self._now())
        return attempts

    async def _load(self, shards: dict[str, Shard], works: Works) -> None:
        """Load what the commands name and is not in memory."""
        missing = {tenant_id: _missing(shard.state, works[tenant_id]) for tenant_id, shard in shards.items()}
        contacts = {tenant_id: each.contact_ids for tenant_id, each in missing.items() if each.contact_ids}
        interactions = {tenant_id: each.interaction_ids for tenant_id, each in missing.items() if each.interaction_ids}
        for tenant_id, each in missing.items():
            for reference in each.referrers:
                found = await self._database.run(self._store.contacts_naming, tenant_id, *reference, 1)
                contacts.setdefault(tenant_id, set()).update(found)
        if contacts:
            of_contacts = await self._database.run(self._store.load_contacts, contacts)
            for tenant_id, contact_ids in contacts.items():
                shards[tenant_id].state.load_contacts(contact_ids, of_contacts.get(tenant_id, ()))
        if interactions:
            ended = await self._database.run(self._store.load_interactions, interactions)
            for tenant_id, records in ended.items():
                shards[tenant_id].state.load(records)

    def _accept(self, attempts: dict[str, Attempt], won: set[str]) -> Deliveries:
        """Take in what is committed."""
        for tenant_id in won:
            attempts[tenant_id].accept(self._shards.contacts_kept)
            for late in attempts[tenant_id].late:
                self._observer.timer_was_late(late.total_seconds())
        return {tenant_id: attempts[tenant_id].deliveries for tenant_id in won}

    async def _append(self, attempts: dict[str, Attempt], deadline: float | None) -> set[str]:
        """Write what was decided. Returns the tenants where nobody was first; the others are as they were, and have to
        learn what happened meanwhile.
        """
        try:
            await self._prove(attempts)
            writes = {tenant_id: attempt.write() for tenant_id, attempt in attempts.items()}
            checks = {each: attempts[each].base_revision for each, write in writes.items() if write is None}
            to_write = [write for write in writes.values() if write is not None]
            began = time.perf_counter()
            won = await self._database.append(to_write, checks, deadline)
            if to_write:
                self._observer.committed(time.perf_counter() - began, len(attempts), lost=len(attempts) - len(won))
        except DuplicateRequest:
            _take_back(attempts.values())
            await self._adopt_answers(attempts)
            return set()
        except StoreUnavailable:
            # Rather than dropped: a large tenant isn't to be read anew for a moment in which the database is away.
            _take_back(attempts.values())
            raise
        _take_back(attempt for tenant_id, attempt in attempts.items() if tenant_id not in won)
        return won

    async def _prove(self, attempts: dict[str, Attempt]) -> None:
        """Before a request is refused: was it answered before, by another replica or in another life?"""
        unproven = {each: ids for each, attempt in attempts.items() if (ids := attempt.unproven())}
        if not unproven:
            return
        answers = await self._database.run(self._store.find_answers, unproven)
        for (tenant_id, request_id), answer in answers.items():
            attempts[tenant_id].prove({request_id: answer})

    async def _adopt_answers(self, attempts: dict[str, Attempt]) -> None:
        """A request id of the batch was answered before: know it from now on."""
        await self._catch_up(attempt.shard for attempt in attempts.values())
        asked = {each: ids for each, attempt in attempts.items() if (ids := attempt.request_ids())}
        answers = await self._database.run(self._store.find_answers, asked)
        for (tenant_id, _), answer in answers.items():
            attempts[tenant_id].shard.adopt(answer)

    async def _catch_up(self, shards: Iterable[Shard]) -> None:
        """Read and apply what other replicas have written since, and pass it on."""
        for shard in shards:
            deliveries = await self._database.run(self._replay, shard)
            if deliveries is None:
                self._shards.drop([shard.tenant_id], Leaving.PRUNED)
            else:
                self._publish({shard.tenant_id: deliveries})

    def _replay(self, shard: Shard) -> list[Delivery] | None:
        """None: what others have written is pruned already, and the tenant is to be read anew."""
        deliveries: list[Delivery] = []
        while logged := self._store.changes_since(shard.tenant_id, shard.state.revision, REPLAYED):
            if logged[0].revision != shard.state.revision + 1:
                return None
            deliveries += shard.follow(logged)
            shard.state.forget(self._shards.contacts_kept)
        return deliveries if deliveries or not self._is_behind(shard) else None

    def _is_behind(self, shard: Shard) -> bool:
        head = self._store.heads([shard.tenant_id]).get(shard.tenant_id)
        return head is not None and head.revision != shard.state.revision


class _Missing(NamedTuple):
    """What the works of a tenant need and its state hasn't."""

    contact_ids: set[str]
    interaction_ids: set[str]
    referrers: set[tuple[type, str, str]]


def _missing(state: State, works: Sequence[Work]) -> _Missing:
    missing = _Missing(set(state.unloaded_contacts), set(), set())
    for work in works:
        if work.submission is not None:
            named = needs(work.submission.command)
            for each in named.contact_ids:
                if not state.is_contact_loaded(each):
                    missing.contact_ids.add(each)
            for each in named.interaction_ids:
                if not state.get(Interaction, each):
                    missing.interaction_ids.add(each)
            missing.referrers.update(named.referrers)
    return missing


def _decide(attempts: dict[str, Attempt], now: datetime) -> None:
    for attempt in attempts.values():
        attempt.decide(now)
    for attempt in attempts.values():
        attempt.encode(now)


def _answer(works: Works, tenant_ids: Iterable[str]) -> int:
    """Answer what was asked of these tenants. Returns how many calls that were."""
    calls = 0
    for tenant_id in tenant_ids:
        for work in works[tenant_id]:
            work.resolve()
            calls += work.future is not None
    return calls


def _take_back(attempts: Iterable[Attempt]) -> None:
    for attempt in attempts:
        attempt.rollback()


def _takes_long(works: Sequence[Work]) -> bool:
    """Whether deciding would keep the event loop from its calls: a whole configuration may name 100,000 agents."""
    return any(work.submission and isinstance(work.submission.command, ApplyConfiguration) for work in works)


def _deadline(works: Works) -> float | None:
    """When the last of the callers stops waiting, in seconds of `time.monotonic`; None where one waits for ever."""
    deadlines = [work.deadline for of_tenant in works.values() for work in of_tenant if work.future]
    return None if None in deadlines else max(filter(None, deadlines), default=None)


def _refuse(works: Works, reason: Exception) -> None:
    for of_tenant in works.values():
        for work in of_tenant:
            work.reply = reason


def _in_time(works: Sequence[Work]) -> list[Work]:
    """The works whose callers still wait; the others are refused unrun."""
    now = time.monotonic()
    waited_for = []
    for work in works:
        if work.deadline is not None and work.deadline < now:
            work.reply = DeadlinePassed()
        elif not work.abandoned:
            waited_for.append(work)
    return waited_for
