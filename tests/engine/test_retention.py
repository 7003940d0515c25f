"""Retention: what has been kept long enough goes, and nothing that anybody was promised."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest

from cartera.core.commands import SetAgentStatus
from cartera.core.records import Agent
from cartera.core.vocabulary import AgentStatus
from cartera.engine import feed
from cartera.engine.errors import RevisionInTheFuture, RevisionPruned
from cartera.engine.retention import Retention, RetentionLimits
from cartera.engine.submission import Bookmark, Delivery
from cartera.engine.verify import verify
from cartera.store.blocks import encode_block
from cartera.store.kept import Begun, CheckpointBlock
from cartera.store.open import open_store
from cartera.store.store import Store
from tests.engine.damage import change
from tests.engine.floor import TENANT, HeldClock, Replica, replica

DAY = 86_400.0


def limits(**given: Any) -> RetentionLimits:
    return RetentionLimits(timedelta(days=90), timedelta(hours=24), rows=3, pause=0.0)._replace(**given)


def log_of(store: Store) -> list[int]:
    return [each.revision for each in store.changes_since(TENANT, 0, 1000)]


def checkpoints_of(store: Store) -> list[int]:
    return [each.revision for each in store.checkpoints(TENANT)]


async def work(engine: Replica, number: int = 3) -> int:
    """Some calls come and go; says how far the tenant has come."""
    await engine.do(SetAgentStatus("ana", AgentStatus.ONLINE))
    for _ in range(number):
        last = await engine.complete(await engine.route())
    return last


@pytest.mark.req("W1", "G6")
async def test_the_log_goes_up_to_a_checkpoint_once_it_is_old_enough(database_url: str) -> None:
    """What is left begins right after a complete checkpoint; the rows are its fold, and service goes on."""
    clock, store = HeldClock(), open_store(database_url)
    async with replica(database_url, clock, retention=limits()) as engine:
        await engine.prepare()
        first = await work(engine)
        clock.advance(30 * DAY)
        await engine.engine.tend()
        assert checkpoints_of(store) == [first]
        second = await work(engine)
        clock.advance(59 * DAY)
        await engine.engine.tend()
        assert (log_of(store), checkpoints_of(store)) == ([*range(1, second + 1)], [first, second])
        clock.advance(1 * DAY)
        await engine.engine.tend()
        assert (log_of(store), checkpoints_of(store)) == ([*range(first + 1, second + 1)], [first, second])
        assert verify(store, TENANT) == []
        clock.advance(30 * DAY)
        await engine.engine.tend()
        assert (log_of(store), checkpoints_of(store)) == ([], [second])
        assert verify(store, TENANT) == []
        assert await work(engine) > second
        assert verify(store, TENANT) == []
    store.close()


async def old_log(engine: Replica, clock: HeldClock) -> int:
    """A tenant whose whole log is about to be pruned; says how far it has come."""
    await engine.prepare()
    last = await work(engine)
    clock.advance(31 * DAY)
    await engine.engine.tend()
    clock.advance(60 * DAY)
    return last


async def revisions(feed: AsyncGenerator[Delivery | Bookmark, None], number: int) -> list[int]:
    """The next changes of a feed."""
    read = []
    while len(read) < number:
        item = await anext(feed)
        if isinstance(item, Delivery):
            read.append(item.change.revision)
    return read


@pytest.mark.req("W1")
async def test_a_live_watcher_of_another_replica_keeps_what_it_was_promised(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads every change once, in order, while another replica prunes; what it has read goes."""
    monkeypatch.setattr(feed, "READ", 2)
    clock, store = HeldClock(), open_store(database_url)
    async with (
        replica(database_url, clock, retention=limits()) as pruning,
        replica(database_url, clock, retention=limits()) as watching,
    ):
        last = await old_log(pruning, clock)
        async with aclosing(watching.engine.watch(TENANT, 0)) as stream:
            assert await revisions(stream, 1) == [1]
            await pruning.engine.tend()
            assert log_of(store) == [*range(1, last + 1)]
            assert await revisions(stream, 2) == [2, 3]
            await watching.engine._holds.renew()
            await pruning.engine.tend()
            assert log_of(store) == [*range(3, last + 1)]
            assert await revisions(stream, last - 3) == [*range(4, last + 1)]
        await watching.engine._holds.renew()
        await pruning.engine.tend()
        assert log_of(store) == []
    store.close()


@pytest.mark.req("W1")
async def test_who_comes_too_late_is_told_what_there_is(database_url: str) -> None:
    """With the oldest revision, 1 beyond the last where all is pruned: from right before it one may go on."""
    clock = HeldClock()
    async with replica(database_url, clock, retention=limits()) as engine:
        last = await old_log(engine, clock)
        for oldest in (1, last + 1):
            with pytest.raises(RevisionInTheFuture) as future:
                await revisions(engine.engine.watch(TENANT, last + 5), 1)
            assert (future.value.oldest, future.value.current) == (oldest, last)
            await engine.engine.tend()
        with pytest.raises(RevisionPruned) as pruned:
            await revisions(engine.engine.watch(TENANT, last - 1), 1)
        assert (pruned.value.oldest, pruned.value.current) == (last + 1, last)
        async with aclosing(engine.engine.watch(TENANT, pruned.value.oldest - 1)) as stream:
            await anext(stream)
            assert await work(engine) > last
            assert await revisions(stream, 1) == [last + 1]


@pytest.mark.req("W1")
async def test_a_watcher_holds_for_so_long_and_no_longer(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is cut, and told from where it may go on."""
    monkeypatch.setattr(feed, "READ", 2)
    clock = HeldClock()
    async with replica(database_url, clock, retention=limits(longest_hold=0.0)) as engine:
        last = await old_log(engine, clock)
        async with aclosing(engine.engine.watch(TENANT, 0)) as stream:
            assert await revisions(stream, 1) == [1]
            await engine.engine._holds.renew()
            await engine.engine.tend()
            with pytest.raises(RevisionPruned) as pruned:
                await revisions(stream, last)
            assert (pruned.value.oldest, pruned.value.current) == (last + 1, last)


class Meanwhile:
    """A store in which something else happens between two steps: right before a method is asked."""

    def __init__(self, store: Store, method: str, happens: Callable[[], None]) -> None:
        self._store, self._method, self._happens = store, method, happens

    def __getattr__(self, name: str) -> Any:
        if name == self._method:
            self._method = ""
            self._happens()
        return getattr(self._store, name)


@pytest.mark.req("W1")
@pytest.mark.parametrize("method", ["announce_pruning", "held_revision", "prune_changes"])
async def test_who_begins_to_watch_while_pruning_begins_is_kept_or_refused(database_url: str, method: str) -> None:
    """At whichever step of pruning: it either reads all that was there, or is told at once."""
    clock, store = HeldClock(), open_store(database_url)
    async with replica(database_url, clock, retention=limits()) as watching:
        last = await old_log(watching, clock)
        outcomes: list[Any] = []
        loop = asyncio.get_running_loop()
        stream = watching.engine.watch(TENANT, 0)

        async def begin() -> None:
            try:
                outcomes.append(await revisions(stream, 1))
            except RevisionPruned as pruned:
                outcomes.append(pruned.oldest)

        def happens() -> None:
            asyncio.run_coroutine_threadsafe(begin(), loop).result()

        await Retention(Meanwhile(store, method, happens), clock.now, limits()).tend()
        if outcomes == [[1]]:
            assert await revisions(stream, last - 1) == [*range(2, last + 1)]
        else:
            assert outcomes == [last + 1]
            assert log_of(store) == []
        assert (outcomes == [[1]]) is (method == "announce_pruning")
        await stream.aclose()
    store.close()


@pytest.mark.req("W1")
async def test_who_holds_while_pruning_is_announced_is_told_and_nothing_goes(database_url: str) -> None:
    """Each sees the other: the watcher doesn't begin, and the pruner waits for the next time."""
    clock, opened = HeldClock(), open_store(database_url)
    pruning = Retention(opened, clock.now, limits())
    store = Meanwhile(open_store(database_url), "oldest_revision", pruning._look_around)
    async with replica(database_url, clock, store=store, retention=limits()) as engine:
        last = await old_log(engine, clock)
        with pytest.raises(RevisionPruned) as pruned:
            await revisions(engine.engine.watch(TENANT, 0), 1)
        assert pruned.value.oldest == last + 1
        assert log_of(opened) == [*range(1, last + 1)]
    opened.close()


@pytest.mark.req("G2")
async def test_a_request_id_is_known_to_all_replicas_or_to_none(database_url: str) -> None:
    """For as long as it is kept; what one remembers, no other has forgotten."""
    clock, store = HeldClock(), open_store(database_url)
    async with (
        replica(database_url, clock, retention=limits()) as first,
        replica(database_url, clock, retention=limits()) as second,
    ):
        await first.prepare()
        interaction_id = await first.route(request_id="r1")
        clock.advance(24 * 3600.0)
        await second.engine.tend()
        for each in (second, first, second):
            assert await each.route(request_id="r1") == interaction_id
        clock.advance(3600.0)
        for each in (first, second):
            assert await each.route(request_id="r1") == interaction_id
        clock.advance(1.0)
        await second.engine.tend()
        assert store.find_answers({TENANT: ["r1"]}) == {}
        anew = await first.route(request_id="r1")
        assert anew != interaction_id
        assert await second.route(request_id="r1") == anew
    store.close()


@pytest.mark.req("G6")
async def test_a_replica_that_slept_for_months_reads_a_tenant_anew(database_url: str) -> None:
    """What others wrote meanwhile is pruned: its first call succeeds all the same, and so does a question."""
    clock = HeldClock()
    async with (
        replica(database_url, clock, retention=limits()) as awake,
        replica(database_url, clock, retention=limits()) as asleep,
    ):
        await awake.prepare()
        await asleep.held_by("ana")
        last = await old_log(awake, clock)
        await awake.engine.tend()
        assert await asleep.held_by("ana") == 0
        assert await asleep.do(SetAgentStatus("ana", AgentStatus.ONLINE)) > last
        assert verify(open_store(database_url), TENANT) == []


@pytest.mark.req("G6")
async def test_a_start_reads_no_log(database_url: str) -> None:
    """However long it is: the state comes from the rows, and is there without the log too."""
    async with replica(database_url) as engine:
        await engine.prepare("ana")
        await engine.route()
    change(database_url, "ALTER TABLE changes RENAME TO out_of_sight", "ALTER TABLE answers RENAME TO out_of_sight_too")
    try:
        async with replica(database_url) as engine:
            assert await engine.held_by("ana") == 1
    finally:
        change(
            database_url, "ALTER TABLE out_of_sight RENAME TO changes", "ALTER TABLE out_of_sight_too RENAME TO answers"
        )


@pytest.mark.req("W1", "G6")
async def test_replicas_that_prune_at_once_do_no_harm(database_url: str) -> None:
    """Of two that do the same at the same time each finishes, and nothing is missing or there twice."""
    clock, store = HeldClock(), open_store(database_url)
    async with (
        replica(database_url, clock, retention=limits()) as one,
        replica(database_url, clock, retention=limits()) as other,
    ):
        await one.prepare()
        for days in (31, 31, 31, 31):
            await work(one)
            clock.advance(days * DAY)
            await asyncio.gather(one.engine.tend(), other.engine.tend())
            assert verify(store, TENANT) == []
        assert len(set(checkpoints_of(store))) == len(checkpoints_of(store)) <= 4
        assert log_of(store)[0] == checkpoints_of(store)[0] + 1 > 1
    store.close()


@pytest.mark.req("G6")
async def test_nothing_is_dropped_where_all_is_kept(database_url: str) -> None:
    """Zero: for ever."""
    clock, store = HeldClock(), open_store(database_url)
    off = limits(changes_kept=timedelta(0), answers_kept=timedelta(0))
    async with replica(database_url, clock, retention=off) as engine:
        last = await old_log(engine, clock)
        clock.advance(10_000 * DAY)
        await engine.engine.tend()
        assert (len(log_of(store)), checkpoints_of(store)) == (last, [])
    store.close()


@pytest.mark.req("G6")
async def test_a_checkpoint_whose_writer_died_is_taken_anew(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the same revision too: nothing of the former stays in it, and who only seemed dead gives up."""
    clock, store = HeldClock(), open_store(database_url)
    async with replica(database_url, clock, retention=limits()) as engine:
        await engine.prepare("ana")
        last = await work(engine)
        dead = Begun(last, clock.now(), clock.now(), "dead")
        assert store.begin_checkpoint(TENANT, dead)
        wrong = CheckpointBlock(last, 0, encode_block([Agent("mallory")]))
        assert store.add_block(TENANT, dead, wrong, 1)
        clock.advance(31 * DAY)
        await engine.engine.tend()
        assert [each.complete for each in store.checkpoints(TENANT)] == [False]
        monkeypatch.setattr("cartera.store.upkeep.PATIENCE", -1.0)
        await engine.engine.tend()
        assert not store.add_block(TENANT, dead, wrong._replace(number=1), 1)
        assert [each.complete for each in store.checkpoints(TENANT)] == [True]
        assert verify(store, TENANT) == []
    store.close()
