"""What only PostgreSQL has: connections that are lost, locks, deadlocks, plans and notices."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import Queue
from threading import Event, Thread
from time import monotonic
from typing import Any

import psycopg
import pytest
from sqlalchemy import and_, select

from cartera.core.records import Agent, Contact, ExclusiveAgent, Interaction, Portfolio, PortfolioContact
from cartera.store.engines import engine_of
from cartera.store.open import open_reads, open_store
from cartera.store.postgres import PostgresStore, connect, connect_to_load, connect_to_write
from cartera.store.postgres_statement import append_of
from cartera.store.reads import Reads
from cartera.store.store import OutcomeUnknown, Revisions, Store, StoreRefused, StoreUnavailable, Timeouts
from cartera.store.tables import KEYS, table_of
from tests.fixtures.databases import Databases, Servers
from tests.store.conftest import EVERY_POSTGRES
from tests.store.examples import FULL, LATER, NOW, answer, grown_write, write
from tests.store.plans import INDEXES, plans_of

PATIENCE = 30
"""How long to wait for what must come, in seconds."""


@pytest.fixture(params=EVERY_POSTGRES)
def url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def administrator(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


IN_APPEND = "SELECT pid FROM pg_stat_activity WHERE application_name = 'cartera' AND wait_event_type = 'Lock'"
OF_CARTERA = """
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'cartera'
"""
OF_OTHERS = """
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def terminate(administrator: psycopg.Connection, sessions: str = OF_CARTERA) -> int:
    """End sessions; says how many."""
    ended = administrator.execute(sessions).fetchall()
    for process in ended:
        administrator.execute("SELECT pg_terminate_backend(%s, 10000)", process)
    return len(ended)


def eventually(happens: Callable[[], bool]) -> None:
    end = monotonic() + PATIENCE
    while not happens():
        assert monotonic() < end


@contextmanager
def appending_while_locked(url: str, store: Store, administrator: psycopg.Connection) -> Iterator[tuple]:
    """An append to t1 that waits for the lock of its head."""
    store.append([write("t1", 0)], {})
    with psycopg.connect(url) as locker, ThreadPoolExecutor() as threads:
        locker.execute("SET deadlock_timeout = '60s'")
        locker.execute("SELECT FROM heads WHERE tenant_id = 't1' FOR UPDATE")
        batch = [write("t0", 0), write("t1", 1, Agent("ana"), answers=[answer("r1", 2)])]
        future: Future[set[str]] = threads.submit(store.append, batch, {})
        eventually(lambda: administrator.execute(IN_APPEND).rowcount == 1)
        yield locker, future


@pytest.mark.req("G6")
def test_a_connection_lost_in_mid_append_leaves_the_outcome_unknown(url, store, administrator) -> None:
    with appending_while_locked(url, store, administrator) as (_, future):
        assert terminate(administrator, IN_APPEND) == 1
        with pytest.raises(OutcomeUnknown):
            future.result(PATIENCE)
    assert store.heads(["t0", "t1"])["t1"].revision == 1
    assert store.find_answers({"t1": ["r1"]}) == {}
    assert store.append([write("t1", 1)], {}) == {"t1"}


@pytest.mark.req("G6")
def test_a_lock_that_does_not_come_in_time_writes_nothing(url, administrator) -> None:
    store = open_store(url, timeouts=Timeouts(lock=0.2))
    with appending_while_locked(url, store, administrator) as (locker, future):
        with pytest.raises(StoreUnavailable):
            future.result(PATIENCE)
        locker.rollback()
    assert store.heads(["t0", "t1"])["t1"].revision == 1
    assert store.append([write("t1", 1)], {}) == {"t1"}
    store.close()


def test_a_deadlock_is_tried_again(url, store, administrator) -> None:
    store.append([write("t0", 0)], {})
    with psycopg.connect(url) as locker, ThreadPoolExecutor() as threads:
        locker.execute("SET deadlock_timeout = '60s'")
        locker.execute("SELECT FROM heads WHERE tenant_id = 't1' FOR UPDATE")
        store.append([write("t1", 0)], {})
        locker.execute("SELECT FROM heads WHERE tenant_id = 't1' FOR UPDATE")
        future = threads.submit(store.append, [write("t0", 1), write("t1", 1)], {})
        eventually(lambda: administrator.execute(IN_APPEND).rowcount == 1)
        locker.execute("SELECT FROM heads WHERE tenant_id = 't0' FOR UPDATE")  # waits until the append gives up
        locker.commit()
        assert future.result(PATIENCE) == {"t0", "t1"}


def test_a_connection_lost_in_an_idle_moment_is_not_noticed(store: Store, administrator) -> None:
    store.append([write("t1", 0)], {})
    store.heads(["t1"])
    assert terminate(administrator) == 2
    assert store.append([write("t1", 1)], {}) == {"t1"}
    assert store.heads(["t1"])["t1"].revision == 2
    assert terminate(administrator) == 2
    assert [change.revision for change in store.changes_since("t1", 0, 10)] == [1, 2]


def test_reads_survive_a_lost_connection(url: str, store: Store, administrator) -> None:
    store.append([write("t1", 0)], {})
    reads: Reads = open_reads(url)
    for _ in range(2):
        with reads.snapshot("t1") as snapshot:
            assert snapshot.revision == 1
        assert terminate(administrator, OF_OTHERS) >= 1
    reads.close()


def test_a_server_that_cannot_be_reached_is_unavailable() -> None:
    store = open_store("postgresql://nobody@127.0.0.1:1/none")
    for call in (
        lambda: store.append([write("t1", 0)], {}),
        lambda: store.append([], {"t1": 1}),
        lambda: store.load_tenant("t1"),
        lambda: store.notify({"t1": 1}),
    ):
        with pytest.raises(StoreUnavailable):
            call()
    store.close()


def test_data_that_the_database_cannot_hold_is_refused_and_nothing_written(store: Store) -> None:
    with pytest.raises(StoreRefused):
        store.append([write("t1", 0, Agent("ana", "\0")), write("t2", 0)], {})
    assert store.heads(["t1", "t2"]) == {}
    assert store.append([write("t1", 0)], {}) == {"t1"}


def test_an_append_reaches_its_rows_by_indexes(url: str) -> None:
    deletes = {Agent: [("x",)], PortfolioContact: [("x",)]}
    batch = append_of([write("t1", 0, *FULL, answers=[answer("r1", 1)], deletes=deletes)], {"t2": 1})
    with connect_to_write(url, Timeouts()) as connection:
        plan = plan_of(psycopg.RawCursor(connection), batch.statement.decode(), batch.parameters)
    assert plan.count("Scan using pk_heads on heads") + plan.count("Bitmap Index Scan on pk_heads") == 3
    assert "Seq Scan" not in plan


def test_an_append_of_one_call_reaches_its_rows_by_indexes(url: str) -> None:
    batch = append_of([write("t1", 1, *FULL, answers=[answer("r1", 1)])], {})
    with connect_to_write(url, Timeouts()) as connection:
        plan = plan_of(psycopg.RawCursor(connection), batch.statement.decode(), batch.parameters)
    assert "Function Scan" not in plan
    assert "pk_heads" in plan
    assert "Seq Scan" not in plan


ONE, TWO = (Agent("ana"),), (Agent("ana"), Agent("luis"))


@pytest.mark.parametrize("records", [ONE, TWO], ids=["of one call", "of several"])
def test_a_batch_that_only_puts_is_planned_once(store: PostgresStore, records: tuple[Agent, ...]) -> None:
    store.append([write("t1", 0)], {})
    assert store.append([write("t1", 1, *records)], {}) == {"t1"}
    assert store.append([write("t1", 2, *records)], {}) == {"t1"}
    store.append([write("t1", 3, deletes={Agent: [("ana",)]})], {})
    writer = store._writer
    assert writer is not None
    plans = writer.execute("SELECT generic_plans FROM pg_prepared_statements", prepare=False).fetchall()
    assert sorted(plans) == [(1,), (2,)]


def test_a_removal_finds_its_row_by_the_whole_key(url: str, grown: Store) -> None:
    for record_type in (Agent, Contact, ExclusiveAgent, PortfolioContact, Interaction):
        table, names = table_of(record_type).name, KEYS[record_type]
        batch = append_of([write("t1", 1, deletes={record_type: [("x",) * len(names)]})], {})
        assert not batch.keeps_plan
        with connect_to_write(url, Timeouts()) as connection:
            plan = plan_of(psycopg.RawCursor(connection), batch.statement.decode(), batch.parameters)
        [condition] = re.findall(rf"pk_{table}[^\n]*\n\s+Index Cond: ([^\n]+)", plan)
        assert all(f"({name} = " in condition for name in ("tenant_id", *names)), plan


QUERIES = PostgresStore.queries
BY_TENANT = {"tenant_id": "t1"}
BY_ID = {"tenant_ids": ["t1"], "ids": ["x7"]}


LOOKUPS = [
    (QUERIES.head, BY_TENANT, "pk_heads"),
    (QUERIES.heads, BY_ID, "pk_heads"),
    (QUERIES.due, {"now": NOW, "limit": 10}, "ix_heads_due"),
    (QUERIES.changes_since, {**BY_TENANT, "revision": 1, "limit": 10}, "pk_changes"),
    (QUERIES.answers, BY_ID, "pk_answers"),
    (QUERIES.interactions, BY_ID, "pk_interactions"),
    (QUERIES.contacts[0], BY_ID, "pk_contacts"),
]


def test_hot_lookups_use_their_indexes(url: str, grown: Store) -> None:
    for query, parameters, index in LOOKUPS:
        with connect(url, Timeouts()) as connection:
            plan = plan_of(connection.cursor(), query.text, {**query.constants, **parameters})
        assert index in plan, plan


@pytest.fixture(params=["embedded", "other"])
def new_url(request: pytest.FixtureRequest, postgres_servers: Servers) -> str:
    """A database that knows nothing of its tables yet: what other tests had in one that is lent, it remembers."""
    databases: Databases = getattr(postgres_servers, request.param)()
    return databases.make()


def test_a_tenant_is_loaded_by_indexes_before_anything_is_known_of_the_tables(new_url: str) -> None:
    """With the plans that are kept, made when there was next to nothing in the tables."""
    with connect_to_load(new_url, Timeouts()) as connection:
        for query in QUERIES.kept_in_memory:
            assert "Seq Scan" not in plan_of(connection.cursor(), query.text, BY_ID)
        for query in (QUERIES.open_interactions, *QUERIES.contacts_in_open):
            plan = plan_of(connection.cursor(), query.text, BY_ID)
            assert "Seq Scan" not in plan
            assert "ix_interactions_not_ended" in plan, plan


def test_pages_of_interactions_use_indexes_that_have_their_order(url: str, grown: Store) -> None:
    table = table_of(Interaction)
    for field in ("agent_id", "contact_id", "workgroup_id"):
        older = and_(table.c.tenant_id == "t1", table.c[field] == "x7", table.c.sequence < 900)
        statement = select(table).where(older).order_by(table.c.sequence.desc()).limit(101)
        engine = engine_of(url)
        with engine.connect() as connection:
            text = statement.compile(connection, compile_kwargs={"literal_binds": True})
            plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) {text}").scalars())
        engine.dispose()
        assert f"Backward using ix_interactions_{field.removesuffix('_id')}" in plan, plan
        assert "Sort" not in plan


@pytest.mark.usefixtures("grown")
def test_reads_look_in_indexes_for_a_tenant(reads: Reads) -> None:
    for read, indexes in INDEXES.items():
        plans = plans_of(reads, read, "EXPLAIN (COSTS OFF)")
        assert len(plans) == len(indexes)
        for plan, index in zip(plans, indexes, strict=True):
            assert index in plan, plan
            assert "Seq Scan" not in plan, plan


@pytest.fixture
def grown(store: Store, administrator) -> Store:
    """A store with enough in it for indexes to pay."""
    store.append([grown_write("t1"), grown_write("t2")], {})
    store.append([write(f"tenant {each}", 0, Portfolio("p1"), due_at=LATER) for each in range(2_000)], {})
    administrator.execute("VACUUM ANALYZE")
    return store


def plan_of(cursor: psycopg.Cursor, statement: str, parameters: Any = ()) -> str:
    return "\n".join(line for (line,) in cursor.execute(f"EXPLAIN (COSTS OFF) {statement}", parameters))


@contextmanager
def listening(store: Store) -> Iterator["Queue[Revisions]"]:
    heard: Queue[Revisions] = Queue()
    stop = Event()
    listener = Thread(target=store.listen, args=(heard.put, stop))
    listener.start()
    try:
        yield heard
    finally:
        stop.set()
        listener.join(PATIENCE)
        assert not listener.is_alive()


@pytest.mark.req("G5")
def test_replicas_hear_what_others_notify(store: Store, replica: Store) -> None:
    with listening(replica) as heard:
        assert heard.get(timeout=PATIENCE) == {}
        store.notify({"t1": 7, "á": 2**40})
        assert heard.get(timeout=PATIENCE) == {"t1": 7, "á": 2**40}


@pytest.mark.req("G5")
def test_many_tenants_are_told_of_in_several_notices(store: Store, replica: Store) -> None:
    revisions = {f"{number:064}": 2**62 for number in range(300)}
    with listening(replica) as heard:
        heard.get(timeout=PATIENCE)
        store.notify(revisions)
        told: dict[str, int] = {}
        while len(told) < len(revisions):
            told.update(heard.get(timeout=PATIENCE))
        assert told == revisions


@pytest.mark.req("G5")
def test_a_listener_that_was_cut_off_says_that_it_may_have_missed_something(store, replica, administrator) -> None:
    with listening(replica) as heard:
        assert heard.get(timeout=PATIENCE) == {}
        assert terminate(administrator) == 1
        assert heard.get(timeout=PATIENCE) == {}
        store.notify({"t1": 8})
        assert heard.get(timeout=PATIENCE) == {"t1": 8}
