"""Many tenants on one replica: who is in memory, who leaves it, and the timers of those who aren't there."""

import asyncio
import gc
import weakref
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import chain
from threading import Event
from typing import Any

import pytest

from cartera.core.commands import RouteInteraction
from cartera.core.handle import handle
from cartera.core.records import Contact
from cartera.core.vocabulary import Channel
from cartera.engine import committer
from cartera.engine.agenda import SPARE, Agenda
from cartera.engine.answers import EACH, Answers
from cartera.engine.shards import Bounds, Shards
from cartera.engine.timers import BEHIND, LOST, UNDONE, Timers, ahead
from cartera.engine.verify import verify
from cartera.engine.work import Work
from cartera.store.open import open_store
from cartera.store.store import Answer, Loaded, Store, Write
from tests.engine.floor import ADMINISTRATOR, TENANT, HeldClock, Replica, replica

PATIENCE = 20.0
"""How long to wait for what must come, in seconds."""

POLL = 0.02
SESSION = 12 * 3600
"""After how many seconds an agent is disconnected."""


class Name(str):
    """A text of which it can be known whether it is still in memory."""

    __slots__ = ("__weakref__",)


class WatchedStore:
    """A store that notes what is loaded and written, and that can be told to wait before it loads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.loaded: list[list[str]] = []
        self.written: list[list[str]] = []
        self.may_load = Event()
        self.may_load.set()

    def load_tenants(self, tenant_ids: Collection[str]) -> dict[str, Loaded]:
        self.loaded.append(list(tenant_ids))
        assert self.may_load.wait(PATIENCE)
        return self._store.load_tenants(tenant_ids)

    def append(self, writes: Sequence[Write], checks: Any) -> set[str]:
        if writes:
            self.written.append([write.tenant_id for write in writes])
        return self._store.append(writes, checks)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@contextmanager
def opened(url: str) -> Iterator[Store]:
    store = open_store(url)
    yield store
    store.close()


async def copies(url: str, tenant_ids: Iterable[str]) -> None:
    """Tenants as the floor's, with Ana online; written at once, and with no log of their own."""
    async with replica(url) as engine:
        await engine.prepare("ana")
    with opened(url) as store:
        loaded = store.load_tenant(TENANT)
        assert loaded is not None
        assert loaded.head.last_event_at is not None
        upserts: dict[type, list] = {}
        for record in loaded.records:
            upserts.setdefault(type(record), []).append(record)
        _, revision, then, due_at = loaded.head
        store.append([Write(each, 0, revision, then, due_at, [], upserts, {}, []) for each in tenant_ids], {})


async def is_anybody_online(engine: Replica, tenant_id: str) -> bool:
    return await engine.engine.query(
        tenant_id, lambda state, _now: state.availability.is_anybody_online("ventas", Channel.VOICE)
    )


async def has_been_written(url: str, tenant_ids: Collection[str], revision: int) -> None:
    """Return when each of the tenants is at a revision."""
    with opened(url) as store:
        async with asyncio.timeout(PATIENCE):
            while any(head.revision < revision for head in store.heads(tenant_ids).values()):  # noqa: ASYNC110
                await asyncio.sleep(POLL)


def in_memory(engine: Replica) -> Shards:
    return engine.engine._committer._shards


@pytest.mark.req("G5")
async def test_idle_tenants_leave_memory(sqlite_url: str) -> None:
    """A tenant that is used stays; one that isn't leaves when its time is over, with its timers."""
    await copies(sqlite_url, ["used", "idle"])
    now = 0.0
    with opened(sqlite_url) as store:
        shards = Shards(store, Bounds(idle_seconds=60), HeldClock(), timedelta(seconds=1), lambda: now)
        shards.take_in(shards.load(["used", "idle"]))
        for now in (30.0, 59.0, 61.0):  # noqa: B007 - it is the time that the shards are told
            shards.settle({"used": [Work("used", future=asyncio.get_running_loop().create_future())]})
        assert [each for each in ("used", "idle") if each in shards] == ["used"]
        assert shards.agenda.take_due(datetime.max.replace(tzinfo=HeldClock().now().tzinfo), 10) == ["used"]


@pytest.mark.req("G5")
@pytest.mark.parametrize("bound", [{"tenants": 4}, {"records": 40}])
async def test_memory_is_bounded_while_many_tenants_call(database_url: str, bound: dict[str, int]) -> None:
    """However many tenants call, at once or in turn, no more stay than the bound allows, and each gets its answers."""
    tenant_ids = [f"t{each}" for each in range(12)]
    await copies(database_url, tenant_ids)
    async with replica(database_url, **bound) as engine:
        for each in tenant_ids:
            await engine.route(tenant_id=each)
            assert len(in_memory(engine)) <= 4
        routed = await asyncio.gather(*(engine.route(tenant_id=each) for each in tenant_ids))
        found = [await engine.interaction(*each) for each in zip(routed, tenant_ids, strict=True)]
        assert [each.agent_id for each in found if each] == ["ana"] * 12
        assert 0 < len(in_memory(engine)) <= 4


@pytest.mark.req("G5")
async def test_a_tenant_that_leaves_memory_is_gone_at_once(sqlite_url: str) -> None:
    """Nothing of a state holds on to it: it goes without the collector, out of whose sight it may have been taken."""
    await copies(sqlite_url, ["t1"])
    with opened(sqlite_url) as store:
        shards = Shards(store, Bounds(), HeldClock(), timedelta(seconds=1))
        shards.take_in(shards.load(["t1"]))
        state = shards._called["t1"].state
        handle(state, RouteInteraction("web", "luis", Channel.VOICE), ADMINISTRATOR, HeldClock().now())
        name = Name("Marta")
        trace = weakref.ref(name)
        state.put(Contact("marta", name=name))
        gc.disable()
        try:
            del state, name
            shards.drop(["t1"])
            assert trace() is None
        finally:
            gc.enable()


@pytest.mark.req("G5")
async def test_a_tenant_that_takes_long_to_load_holds_up_nobody_else(database_url: str) -> None:
    await copies(database_url, ["large"])
    watched = WatchedStore(open_store(database_url))
    async with replica(database_url, store=watched) as engine:
        await engine.route()
        watched.may_load.clear()
        waits = asyncio.create_task(engine.route(tenant_id="large"))
        async with asyncio.timeout(PATIENCE):
            held = [await engine.route() for _ in range(3)]
            assert not waits.done()
            watched.may_load.set()
            await waits
    assert len(set(held)) == 3
    assert watched.loaded == [[TENANT], ["large"]]


@pytest.mark.req("C4", "G5")
async def test_timers_of_tenants_that_are_not_in_memory_come_at_their_time(database_url: str) -> None:
    """Nobody calls: sessions end when they should, not before; then the tenants, who came for that only, leave."""
    clock, tenant_ids = HeldClock(), ["t1", "t2", "t3"]
    await copies(database_url, tenant_ids)
    async with replica(database_url, clock, poll_seconds=POLL) as engine:
        clock.advance(SESSION - 1)
        await has_been_written(database_url, tenant_ids, 3)  # the alert half an hour before
        clock.advance(1)
        await has_been_written(database_url, tenant_ids, 4)
        await engine.engine.query("t1", lambda _state, _now: None)
        assert [each for each in (TENANT, *tenant_ids) if each in in_memory(engine)] == ["t1"]
        assert not any([await is_anybody_online(engine, each) for each in tenant_ids])
    with opened(database_url) as store:
        assert verify(store, TENANT) == []


@pytest.mark.req("C4", "G5")
async def test_timers_come_while_others_call_without_end(sqlite_url: str) -> None:
    """A tenant's timers don't wait until no other tenant calls."""
    clock, stop = HeldClock(), asyncio.Event()
    await copies(sqlite_url, ["quiet"])
    async with replica(sqlite_url, clock, poll_seconds=POLL) as engine:

        async def call_without_end() -> None:
            while not stop.is_set():
                await engine.route(campaign_id="counter")

        callers = [asyncio.create_task(call_without_end()) for _ in range(4)]
        clock.advance(SESSION)
        await has_been_written(sqlite_url, ["quiet"], 3)
        stop.set()
        await asyncio.gather(*callers)


@pytest.mark.req("C4", "K2", "G6")
async def test_calls_are_served_while_hundreds_are_due(database_url: str) -> None:
    """After a stop everything is overdue. A batch has few timers where somebody calls, and some more where nobody does:
    the calls are answered long before all timers are done, and all timers are done.
    """
    clock, tenant_ids = HeldClock(), [f"t{each:03}" for each in range(300)]
    await copies(database_url, [*tenant_ids, "caller"])
    clock.advance(SESSION)
    watched = WatchedStore(open_store(database_url))
    async with replica(database_url, clock, watched, poll_seconds=POLL) as engine:
        for number in range(5):
            await engine.route(tenant_id="caller", campaign_id="counter")
            written = watched.written
            assert len(set(chain.from_iterable(written))) < 40 + (number + 2) * committer.DUE_TENANTS
        await has_been_written(database_url, tenant_ids, 3)
        assert max(map(len, written)) <= committer.DUE_TENANTS
        assert max(len(batch) for batch in written if "caller" in batch) <= committer.DUE_BESIDE_CALLS + 1
        assert max(map(len, watched.loaded)) < len(tenant_ids) / 2
        assert not await is_anybody_online(engine, "t299")


class Brought:
    """Notes who is to be brought into memory."""

    def __init__(self) -> None:
        self.tenant_ids: list[str] = []

    def bring_for_timers(self, tenant_ids: Iterable[str]) -> None:
        self.tenant_ids = sorted(tenant_ids)


@pytest.mark.req("C4", "G5")
async def test_a_replica_whose_timers_others_do_keeps_behind_until_they_stay_undone(sqlite_url: str) -> None:
    await copies(sqlite_url, ["t1"])
    clock, brought = HeldClock(), Brought()
    with opened(sqlite_url) as store:
        shards = Shards(store, Bounds(), clock, ahead(1.0))
        timers = Timers(store, shards, clock, 1.0)
        clock.advance(SESSION - 1800)
        await timers.look(brought)
        assert brought.tenant_ids == [TENANT, "t1"]

        shards.take_in(shards.load(["t1"]), for_timer=True)
        in_vain = Work("t1")
        in_vain.reply = False
        for _ in range(LOST):
            timers.learn({"t1": [in_vain]})
        shards.drop(["t1"])
        await timers.look(brought)
        assert brought.tenant_ids == []

        clock.advance(BEHIND[1])
        for _ in range(UNDONE):
            await timers.look(brought)
            assert brought.tenant_ids == [TENANT, "t1"]
        assert not timers._behind


@pytest.mark.req("C4")
def test_an_agenda_keeps_no_more_than_it_has_to() -> None:
    """A deadline that is set and lifted again and again leaves nothing behind."""
    agenda, begun = Agenda(), HeldClock().now()
    for number in range(10 * SPARE):
        agenda.note("t1", begun + timedelta(hours=12, microseconds=number))
        agenda.note("t1", begun + timedelta(seconds=30))
    assert len(agenda._entries) < 2 * SPARE
    assert agenda.next_due_at() == begun + timedelta(seconds=30)
    assert agenda.take_due(begun + timedelta(days=1), 10) == ["t1"]
    assert agenda.next_due_at() is None


@pytest.mark.req("G2")
def test_answers_are_kept_up_to_a_number_of_bytes() -> None:
    answers, response = Answers(10 * (EACH + 100)), bytes(100)
    for number in range(20):
        answers.add("t1", Answer(f"r{number}", b"", response, number, HeldClock().now()))
        answers.add("t1", Answer("r0", b"", response, number, HeldClock().now()))
    kept = [number for number in range(20) if answers.get("t1", f"r{number}")]
    assert kept == [0, *range(11, 20)]
    assert answers.get("t2", "r0") is None
