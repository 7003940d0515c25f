"""Who waits, waits no longer than is of use; who falls silent holds up nobody; who is cut gets out."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise

import psycopg
import pytest
from sqlalchemy import text

from cartera.core.records import Agent
from cartera.store.open import open_reads, open_store
from cartera.store.patience import STEPS, Patience, patience_of
from cartera.store.postgres import PostgresStore
from cartera.store.sqlite import SqliteStore
from cartera.store.store import Condition, OutcomeUnknown, StoreError, StoreUnavailable, Timeouts
from tests.store.conftest import EVERY_POSTGRES
from tests.store.examples import answer, write

PATIENCE = 30
"""How long to wait for what must come, in seconds."""

SOON = 2.0
"""Seconds, where nothing would come for much longer if it didn't come at once."""


@pytest.fixture(params=EVERY_POSTGRES)
def postgres(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as thread:
        yield thread


@pytest.mark.req("G5")
def test_a_replica_that_falls_silent_loses_what_it_holds(postgres: str) -> None:
    """Another's write goes through, and the first one's fails, though it wakes up and goes on as if nothing was."""
    silent = open_store(postgres, timeouts=Timeouts(held=0.2))
    with closing(silent), closing(open_store(postgres)) as other:
        silent.append([write("t1", 0)], {})
        with pytest.raises(StoreError), silent.holding(["t1"]):  # noqa: PT012 - it is the last line that raises
            assert other.append([write("t1", 1)], {}) == {"t1"}
            silent.append([write("t1", 1, Agent("ana"), answers=[answer("r1", 2)])], {})
        assert silent.find_answers({"t1": ["r1"]}) == {}
        assert silent.append([write("t1", 1)], {}) == set()
        assert silent.append([write("t1", 2)], {}) == {"t1"}


@pytest.mark.req("G5")
def test_who_says_that_deciding_takes_long_may_be_silent_for_longer(postgres_url: str) -> None:
    timeouts = Timeouts(held=0.05)
    with closing(open_store(postgres_url, timeouts=timeouts)) as store:
        store.append([write("t1", 0)], {})
        with store.holding(["t1"], long=True):
            time.sleep(4 * timeouts.held)  # the silence itself: it is the server that counts it, by its own clock
            assert store.append([write("t1", 1)], {}) == {"t1"}


@pytest.mark.req("G6")
def test_the_wait_for_a_lock_ends_before_the_callers_leave(url: str, thread: ThreadPoolExecutor) -> None:
    """The time-out is ten seconds, but they wait for half of one."""
    with closing(open_store(url, timeouts=Timeouts(lock=10))) as store, closing(open_store(url)) as holder:
        store.append([write("t1", 0)], {})
        with holder.holding(["t1"]):
            store.limit(0.5)
            began = time.monotonic()
            late: Future[set[str]] = thread.submit(store.append, [write("t1", 1)], {})
            with pytest.raises(StoreUnavailable):
                late.result(PATIENCE)
            assert time.monotonic() - began < SOON
        assert store.append([write("t1", 1)], {}) == {"t1"}


def test_patience_lasts_until_nobody_waits_and_for_a_lock_a_step_less() -> None:
    timeouts = Timeouts(statement=20, lock=8)
    for sooner, later in pairwise(each for each in STEPS if each <= timeouts.lock):
        between = (sooner + later) / 2
        assert patience_of(timeouts, between) == Patience(later, sooner)
    assert patience_of(timeouts, -1) == Patience(STEPS[0], STEPS[0])
    assert patience_of(timeouts, 1_000) == patience_of(timeouts, None) == Patience(20, 8)


def test_the_server_is_told_of_another_patience_only(postgres_url: str) -> None:
    with closing(open_store(postgres_url)) as store:
        told = []
        for revision, seconds in enumerate((9.9, 9.1, 1.5, 1.4)):
            store.limit(seconds)
            store.append([write("t1", revision)], {})
            assert isinstance(store, PostgresStore)
            assert store._writer is not None
            told.append(store._writer.told)
        assert told[0] is told[1] is not told[2] is told[3]


@pytest.mark.req("G6")
def test_a_read_ends_when_its_caller_leaves(postgres_url: str) -> None:
    with closing(open_reads(postgres_url)) as reads:
        began = time.monotonic()
        with pytest.raises(StoreUnavailable), reads.snapshot("t1", 0.1) as snapshot:
            snapshot._one(text("SELECT pg_sleep(10)"))
        assert time.monotonic() - began < SOON
        with reads.snapshot("t1", 10) as snapshot:
            assert snapshot._one(text("SELECT 1 FROM pg_sleep(0.3)")) == 1


@pytest.mark.req("G6")
def test_what_waits_for_the_server_can_be_cut(postgres_url: str, thread: ThreadPoolExecutor) -> None:
    """At first all but the append, whose outcome nobody would know then; and what comes later connects anew."""
    with closing(open_store(postgres_url)) as store, closing(open_store(postgres_url)) as holder:
        store.append([write("t1", 0)], {})
        with holder.holding(["t1"]):
            append: Future[set[str]] = thread.submit(store.append, [write("t1", 1)], {})
            while store.condition() is not Condition.HELD_UP:
                assert not append.done()
            with pytest.raises(StoreUnavailable), store.connected() as connection:  # noqa: PT012 - cut in the middle
                store.cut()
                connection.execute("SELECT 1")
            assert store.condition() is Condition.HELD_UP
            store.cut(appending=True)
            with pytest.raises(OutcomeUnknown):
                append.result(SOON)
        assert store.condition() is Condition.GOOD
        # The server may finish what was cut. Whichever of the two is first, the other one loses.
        won = store.append([write("t1", 1)], {})
        assert store.append([write("t1", 1 + len(store.changes_since("t1", 1, 9)))], {}) == {"t1"}
        assert won in ({"t1"}, set())


@pytest.mark.req("G6")
def test_a_full_disk_is_no_fault_of_what_is_written(sqlite_url: str) -> None:
    with closing(open_store(sqlite_url)) as store:
        store.append([write("t1", 0)], {})
        assert isinstance(store, SqliteStore)
        assert store._writer is not None
        pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
        store._writer.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreUnavailable):
            store.append([write("t1", 1, *(Agent(f"agent-{number}") for number in range(10_000)))], {})
        assert store.heads(["t1"])["t1"].revision == 1
        store._writer.execute(f"PRAGMA max_page_count = {100 * pages}")
        assert store.append([write("t1", 1)], {}) == {"t1"}


@pytest.mark.req("G6")
def test_a_full_disk_of_the_server_is_no_fault_of_what_is_written(postgres_url: str) -> None:
    with closing(open_store(postgres_url)) as store:
        with psycopg.connect(postgres_url) as connection:
            connection.execute(
                "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = 'disk_full'; END $$"
            )
            connection.execute("CREATE TRIGGER t BEFORE INSERT ON agents FOR EACH ROW EXECUTE FUNCTION f()")
        try:
            with pytest.raises(StoreUnavailable):
                store.append([write("t1", 0, Agent("ana"))], {})
        finally:
            with psycopg.connect(postgres_url) as connection:
                connection.execute("DROP FUNCTION f CASCADE")
        assert store.append([write("t1", 0, Agent("ana"))], {}) == {"t1"}
