"""What only SQLite has: its pragmas, its one writer, and steps at which the driver lets other threads run."""

import sqlite3
from collections.abc import Iterator
from threading import Event

import pytest

from cartera.core.records import Agent
from cartera.store.open import open_store
from cartera.store.reads import Reads
from cartera.store.sqlite import SqliteStore
from cartera.store.store import Store, StoreUnavailable, Timeouts
from tests.store.examples import answer, grown_write, interaction, write
from tests.store.plans import INDEXES, plans_of


@pytest.fixture
def url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def connection(url: str) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    yield connection
    connection.close()


@pytest.mark.req("G6")
def test_commits_are_on_the_disk_before_they_are_answered(store: SqliteStore, connection: sqlite3.Connection) -> None:
    store.append([write("t1", 0)], {})
    writer = store._writer
    assert writer is not None
    full = 2
    assert writer.execute("PRAGMA synchronous").fetchone() == (full,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.req("G6")
def test_a_file_that_another_keeps_locked_is_unavailable_and_nothing_is_written(url, connection) -> None:
    store = open_store(url, timeouts=Timeouts(lock=0.05))
    store.append([write("t1", 0)], {})
    connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable):
        store.append([write("t1", 1, Agent("ana"), answers=[answer("r1", 2)])], {})
    assert store.heads(["t1"])["t1"].revision == 1
    connection.execute("ROLLBACK")
    assert store.append([write("t1", 1)], {}) == {"t1"}
    store.close()


def test_readers_do_not_wait_for_a_writer(store: Store, connection: sqlite3.Connection) -> None:
    store.append([write("t1", 0, Agent("ana"))], {})
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("DELETE FROM agents")
    loaded = store.load_tenant("t1")
    assert loaded is not None
    assert loaded.records == [Agent("ana")]
    connection.execute("ROLLBACK")


def test_a_batch_takes_few_statements_however_many_rows_it_has(store: SqliteStore) -> None:
    store.append([write("t1", 0)], {})
    writer = store._writer
    assert writer is not None
    statements: list[str] = []
    writer.set_trace_callback(statements.append)
    chats = [interaction(f"i{number}", number) for number in range(400)]
    store.append([write("t1", 1, *chats)], {})
    assert len(statements) < 60


def test_a_directory_that_is_not_there_is_unavailable(tmp_path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'missing' / 'cartera.db'}")
    with pytest.raises(StoreUnavailable):
        store.append([write("t1", 0)], {})
    with pytest.raises(StoreUnavailable):
        store.heads(["t1"])
    store.close()


def test_listening_returns_at_once(store: Store) -> None:
    def hear(_: object) -> None:
        raise AssertionError("SQLite has nobody to hear from")

    store.notify({"t1": 1})
    store.listen(hear, Event())


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("head", "sqlite_autoindex_heads_1"),
        ("heads", "sqlite_autoindex_heads_1"),
        ("due", "ix_heads_due"),
        ("changes_since", "sqlite_autoindex_changes_1"),
        ("answers", "sqlite_autoindex_answers_1"),
        ("open_interactions", "ix_interactions_not_ended"),
        ("interactions", "sqlite_autoindex_interactions_1"),
    ],
)
def test_a_hot_lookup_uses_its_index(connection: sqlite3.Connection, query: str, index: str) -> None:
    asked = getattr(SqliteStore.queries, query)
    given = {"tenant_id": "t1", "wanted": '[["t1","x"]]', "now": 1, "limit": 1, "revision": 1, **asked.constants}
    plan = [row[-1] for row in connection.execute(f"EXPLAIN QUERY PLAN {asked.text}", given)]
    assert any(f"USING INDEX {index} (" in step for step in plan), plan
    assert not [step for step in plan if step.startswith("SCAN") and "VIRTUAL TABLE" not in step]


def test_a_tenant_is_loaded_by_indexes(connection: sqlite3.Connection) -> None:
    queries = SqliteStore.queries
    for asked in (*queries.kept_in_memory, *queries.contacts_in_open):
        given = {"wanted": '[["t1",""]]', **asked.constants}
        plan = [row[-1] for row in connection.execute(f"EXPLAIN QUERY PLAN {asked.text}", given)]
        assert not [step for step in plan if step.startswith("SCAN") and "VIRTUAL" not in step and "named" not in step]


def test_reads_look_in_indexes_for_a_tenant(store: Store, reads: Reads) -> None:
    store.append([grown_write("t1")], {})
    for read, indexes in INDEXES.items():
        plans = plans_of(reads, read, "EXPLAIN QUERY PLAN")
        assert len(plans) == len(indexes)
        for plan, index in zip(plans, indexes, strict=True):
            assert index in plan, plan
            assert not [step for step in plan.splitlines() if step.startswith("SCAN")], plan
