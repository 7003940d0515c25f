"""The store on SQLite: one file, nothing to install, one writer at a time."""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any, ClassVar

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects import sqlite

from cartera.core.records import TABLES
from cartera.store.batch import Rows, puts, removals
from cartera.store.columns import microseconds_of_moment
from cartera.store.connections import Connections
from cartera.store.queries import Queries, Query
from cartera.store.reading import Parameters, Reading
from cartera.store.rows import SQLITE, writer
from cartera.store.store import (
    Answer,
    DuplicateRequest,
    Head,
    OutcomeUnknown,
    Revisions,
    StoreError,
    StoreRefused,
    StoreUnavailable,
    Write,
)
from cartera.store.tables import KEYS, ROW_TYPES, table_of

BUSY_TIMEOUT = 5.0
"""How long to wait for another process's transaction, in seconds."""

CACHE_KIBIBYTES = 65_536

BLOCK = 1_000
"""How many rows are read at a time where they may be very many."""

REFUSED = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG}
"""The result codes that say that the same statement would fail again."""


def _wanted() -> Any:
    pair = func.json_each(bindparam("wanted")).table_valued("value").c.value
    tenant_id, each = func.json_extract(pair, "$[0]"), func.json_extract(pair, "$[1]")
    return select(tenant_id.label("tenant_id"), each.label("id")).subquery("wanted")


def _put_statement(record_type: type) -> str:
    """Inserts rows; over those that are there, except in the log and among the answers, which are never rewritten."""
    table = table_of(record_type)
    statement = sqlite.insert(table)
    if record_type in TABLES:
        keys = list(table.primary_key.columns)
        changing = {column.name: statement.excluded[column.name] for column in table.columns if column not in keys}
        statement = statement.on_conflict_do_update(index_elements=keys, set_=changing)
    return str(statement.compile(dialect=sqlite.dialect(paramstyle="qmark")))


def _removal_statement(record_type: type) -> str:
    table = table_of(record_type)
    is_meant = [table.c[name] == bindparam(name) for name in ("tenant_id", *KEYS[record_type])]
    return str(table.delete().where(*is_meant).compile(dialect=sqlite.dialect(paramstyle="qmark")))


PUTS = {record_type: _put_statement(record_type) for record_type in ROW_TYPES if record_type is not Head}
REMOVALS = {record_type: _removal_statement(record_type) for record_type in TABLES}
COLUMNS = {record_type: writer(record_type, SQLITE) for record_type in PUTS}

CREATE_HEAD = "INSERT INTO heads VALUES (:tenant_id, :revision, :last_event_at, :next_due_at) ON CONFLICT DO NOTHING"
MOVE_HEAD = """
    UPDATE heads SET revision = :revision, last_event_at = :last_event_at, next_due_at = :next_due_at
    WHERE tenant_id = :tenant_id AND revision = :base_revision
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open the file, created where it is missing: write-ahead log, and each commit on the disk before it is answered."""
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    connection.execute("PRAGMA query_only = ON")
    return connection


class SqliteStore(Reading[sqlite3.Connection]):
    """Keeps tenants in one file."""

    queries: ClassVar = Queries(sqlite.dialect(paramstyle="named"), SQLITE, _wanted())
    begin_snapshot: ClassVar = "BEGIN"

    def __init__(self, path: Path, *, readers: int = 8) -> None:
        self._path = path
        self._writer: sqlite3.Connection | None = None
        self._readers = Connections(lambda: connect_to_read(path), alive=lambda _: True, limit=readers)

    def append(self, writes: Sequence[Write], checks: Revisions) -> set[str]:
        if not writes:
            return self._fresh_now(checks)
        with translated():
            connection = self._writing()
            try:
                connection.execute("BEGIN IMMEDIATE")
                won = [write for write in writes if _moved_head(connection, write)]
                _write_rows(connection, won)
                fresh = self._fresh(connection, checks)
            except BaseException:
                self._roll_back(connection)
                raise
            self._commit(connection)
        return fresh.union(write.tenant_id for write in won)

    def notify(self, revisions: Revisions) -> None:
        """Do nothing: SQLite can't."""

    def listen(self, callback: Callable[[Revisions], None], stop: Event) -> None:
        """Return at once: SQLite can't."""

    def close(self) -> None:
        self._forget_writer()
        self._readers.close()

    @contextmanager
    def connected(self) -> Iterator[sqlite3.Connection]:
        with translated(), self._readers.lend() as connection:
            yield connection

    def moment(self, moment: datetime) -> int:
        return microseconds_of_moment(moment)

    def wanted(self, pairs: Sequence[tuple[str, str]]) -> Parameters:
        return {"wanted": json.dumps(pairs)}

    def stream(
        self, connection: sqlite3.Connection, query: Query, parameters: Parameters
    ) -> Iterator[list[tuple[Any, ...]]]:
        cursor = connection.execute(query.text, {**query.constants, **parameters})
        while rows := cursor.fetchmany(BLOCK):
            yield rows

    def _writing(self) -> sqlite3.Connection:
        if self._writer is None:
            self._writer = connect(self._path)
        return self._writer

    def _forget_writer(self) -> None:
        """Close the connection, which takes back what it had not committed."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _roll_back(self, connection: sqlite3.Connection) -> None:
        try:
            connection.rollback()
        except sqlite3.Error:
            self._forget_writer()

    def _commit(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            # The log file may or may not hold the commit by now; the next to open the file finds out.
            self._forget_writer()
            raise OutcomeUnknown(str(error)) from error

    def _fresh_now(self, checks: Revisions) -> set[str]:
        with self.connected() as connection:
            return self._fresh(connection, checks)

    def _fresh(self, connection: sqlite3.Connection, checks: Revisions) -> set[str]:
        revisions = _revisions(connection, checks)
        return {tenant_id for tenant_id, revision in checks.items() if revisions.get(tenant_id, 0) == revision}


def _revisions(connection: sqlite3.Connection, tenant_ids: Collection[str]) -> dict[str, int]:
    if not tenant_ids:
        return {}
    statement = "SELECT tenant_id, revision FROM heads WHERE tenant_id IN (SELECT value FROM json_each(?))"
    return dict(connection.execute(statement, (json.dumps(list(tenant_ids)),)).fetchall())


def _moved_head(connection: sqlite3.Connection, write: Write) -> bool:
    """Compare and set: False where somebody else was first."""
    due_at = write.next_due_at
    head = {
        "tenant_id": write.tenant_id,
        "base_revision": write.base_revision,
        "revision": write.revision,
        "last_event_at": microseconds_of_moment(write.last_event_at),
        "next_due_at": None if due_at is None else microseconds_of_moment(due_at),
    }
    statement = MOVE_HEAD if write.base_revision else CREATE_HEAD
    return connection.execute(statement, head).rowcount == 1


def _write_rows(connection: sqlite3.Connection, writes: Sequence[Write]) -> None:
    for removed in removals(writes):
        keys = zip(removed.tenant_ids, *zip(*removed.values, strict=True), strict=True)
        connection.executemany(REMOVALS[removed.record_type], keys)
    for put in puts(writes):
        _put(connection, put)


def _put(connection: sqlite3.Connection, put: Rows) -> None:
    columns = COLUMNS[put.record_type](put.values)
    try:
        connection.executemany(PUTS[put.record_type], zip(put.tenant_ids, *columns, strict=True))
    except sqlite3.IntegrityError as error:
        if put.record_type is Answer:
            raise DuplicateRequest(str(error)) from error
        raise


@contextmanager
def translated() -> Iterator[None]:
    """Raise what the driver raises as a StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        raise _store_error(error) from error


def _store_error(error: sqlite3.Error) -> StoreError:
    primary_code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return StoreRefused(str(error)) if primary_code in REFUSED else StoreUnavailable(str(error))
