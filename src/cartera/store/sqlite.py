"""The store on SQLite: one file, nothing to install, one writer at a time."""

import json
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from itertools import chain
from pathlib import Path
from threading import Event
from types import NoneType
from typing import Any, ClassVar

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects import sqlite

from cartera.core.records import Interaction
from cartera.store.batch import puts, removals
from cartera.store.columns import microseconds_of_moment
from cartera.store.connections import Connections
from cartera.store.in_flight import InFlight
from cartera.store.patience import patience_of
from cartera.store.queries import Queries, Query
from cartera.store.reading import Parameters
from cartera.store.rows import SQLITE, writer
from cartera.store.store import (
    Answer,
    Condition,
    DuplicateRequest,
    Head,
    LoggedChange,
    OutcomeUnknown,
    Revisions,
    StoreError,
    StoreRefused,
    StoreUnavailable,
    Timeouts,
    Write,
)
from cartera.store.tables import KEYS, table_of
from cartera.store.upkeep import Upkeep
from cartera.store.upkeep_statements import SQLITE_WORDING

CACHE_KIBIBYTES = 65_536

# The driver asks of every value that is neither number nor text what it should be adapted to, and takes longer to find
# that there is nothing than to write it.
sqlite3.register_adapter(bytes, bytes)
sqlite3.register_adapter(NoneType, lambda nothing: nothing)

ATTEMPTS = 50
PAUSE = 0.02
"""How often, and how far apart in seconds, the write-ahead log is asked for."""

LARGEST_BLOCK = 8
"""How many rows one statement writes at most, a power of two. From 16 on it costs more time than it saves."""

REVISIONS = """
    SELECT json_group_object(tenant_id, revision) FROM heads
    WHERE tenant_id IN (SELECT value FROM json_each(?))
"""

BLOCK = 1_000
"""How many rows are read at a time where they may be very many."""

SUSPICIOUS = 0.5
"""Seconds after which who waits for the file is said to be held up."""

REFUSED = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG}
"""The result codes that say that the same statement would fail again."""


FIXED: dict[type, set[str]] = {Interaction: {"contact_id", "sequence"}}
"""What never changes in a row. An index of such columns is left as it is, where SQLite would write all others anew, the
values being the same or not: it looks only at the names of the columns that a statement sets.
"""


def _wanted() -> Any:
    pair = func.json_each(bindparam("wanted")).table_valued("value").c.value
    tenant_id, each = func.json_extract(pair, "$[0]"), func.json_extract(pair, "$[1]")
    return select(tenant_id.label("tenant_id"), each.label("id")).subquery("wanted")


@cache
def _put_statement(record_type: type, number: int) -> str:
    """Inserts so many rows; over those that are there, but for the log and the answers, which are never rewritten."""
    table = table_of(record_type)
    statement = sqlite.insert(table)
    if record_type not in {LoggedChange, Answer}:
        keys = list(table.primary_key.columns)
        staying = {each.name for each in keys} | FIXED.get(record_type, set())
        changing = {each.name: statement.excluded[each.name] for each in table.columns if each.name not in staying}
        statement = statement.on_conflict_do_update(index_elements=keys, set_=changing)
    one = str(statement.compile(dialect=sqlite.dialect(paramstyle="qmark")))
    values = f"({', '.join('?' for _ in table.columns)})"
    return one.replace(values, ", ".join([values] * number), 1)


@cache
def _removal_statement(record_type: type) -> str:
    table = table_of(record_type)
    is_meant = [table.c[name] == bindparam(name) for name in ("tenant_id", *KEYS[record_type])]
    return str(table.delete().where(*is_meant).compile(dialect=sqlite.dialect(paramstyle="qmark")))


COLUMNS = {record_type: writer(record_type, SQLITE) for record_type in KEYS}


def connect(path: Path, timeouts: Timeouts) -> sqlite3.Connection:
    """Open the file, created where it is missing. A commit is on the disk before it is answered."""
    connection = sqlite3.connect(path, timeout=timeouts.lock, isolation_level=None, check_same_thread=False)
    _use_write_ahead_log(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
    # What a statement may have to take back: otherwise most pages of a batch are written to a file for that first.
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Readers and the writer then don't wait for each other. The file remembers it, so only the first one changes it.

    Of several who change it at once one succeeds, and SQLite tells the others so without the usual wait.
    """
    for _ in range(ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(PAUSE)
        else:
            return


def connect_to_read(path: Path, timeouts: Timeouts) -> sqlite3.Connection:
    connection = connect(path, timeouts)
    connection.execute("PRAGMA query_only = ON")
    return connection


class SqliteStore(Upkeep[sqlite3.Connection]):
    """Keeps tenants in one file."""

    queries: ClassVar = Queries(sqlite.dialect(paramstyle="named"), SQLITE, _wanted())
    begin_snapshot: ClassVar = "BEGIN"
    wording: ClassVar = SQLITE_WORDING

    def __init__(self, path: Path, timeouts: Timeouts, *, readers: int = 8) -> None:
        self._path = path
        self._timeouts = timeouts
        self._writer: sqlite3.Connection | None = None
        self._holds = False
        self._patience = self._told = timeouts.lock
        self._in_flight = InFlight[sqlite3.Connection]()
        self._looker: sqlite3.Connection | None = None
        self._readers = Connections(lambda: connect_to_read(path, timeouts), alive=lambda _: True, limit=readers)
        self._changing = Connections(lambda: connect(path, timeouts), alive=lambda _: True, limit=1)

    def append(self, writes: Sequence[Write], checks: Revisions) -> set[str]:
        if not writes:
            return self._fresh_now(checks)
        with translated(), self._transaction() as connection:
            revisions = _revisions(connection, [*checks, *(write.tenant_id for write in writes)])
            # Nobody else writes before the commit, so what is compared here is still so when it is set.
            won = [write for write in writes if revisions.get(write.tenant_id, 0) == write.base_revision]
            _write(connection, won)
        return _fresh(checks, revisions).union(write.tenant_id for write in won)

    @contextmanager
    def holding(self, tenant_ids: Collection[str], *, long: bool = False) -> Iterator[None]:  # noqa: ARG002 - as others
        if not tenant_ids:
            yield
            return
        with translated(), self._transaction():
            self._holds = True
            try:
                yield
            finally:
                self._holds = False

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """The connection that writes, alone: in a transaction that is committed at the end, or in that of `holding`."""
        connection = self._writing()
        holds = self._holds and connection.in_transaction
        try:
            if not holds:
                with self._in_flight.on(connection):
                    connection.execute("BEGIN IMMEDIATE")
            yield connection
        except BaseException:
            self._roll_back(connection)  # all of it, in a hold too: a statement that fails leaves those before it
            raise
        if connection.in_transaction and not holds:
            self._commit(connection)

    def limit(self, seconds: float | None) -> None:
        self._patience = patience_of(self._timeouts, seconds).lock

    def condition(self) -> Condition:
        with translated():
            if self._looker is None:
                self._looker = connect_to_read(self._path, self._timeouts)
            try:
                _revisions(self._looker, [])
            except BaseException:
                self._forget_looker()
                raise
        sent = self._in_flight.sent
        return Condition.HELD_UP if sent is not None and sent.seconds > SUSPICIOUS else Condition.GOOD

    def cut(self, *, appending: bool = False) -> None:
        """Do nothing: what waits for a lock ends in time, and a file isn't silent."""

    def notify(self, revisions: Revisions) -> None:
        """Do nothing: SQLite can't."""

    def listen(self, callback: Callable[[Revisions], None], stop: Event) -> None:
        """Return at once: SQLite can't."""

    def close(self) -> None:
        self._forget_writer()
        self._forget_looker()
        self._readers.close()
        self._changing.close()

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        with translated(), self._changing.lend() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

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
            self._writer, self._told = connect(self._path, self._timeouts), self._timeouts.lock
        if self._told != self._patience:
            self._writer.execute(f"PRAGMA busy_timeout = {round(self._patience * 1_000)}")
            self._told = self._patience
        return self._writer

    def _forget_looker(self) -> None:
        if self._looker is not None:
            self._looker.close()
            self._looker = None

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
            return _fresh(checks, _revisions(connection, list(checks)))


def _revisions(connection: sqlite3.Connection, tenant_ids: list[str]) -> Revisions:
    """How far those tenants have come that exist. One row, for the reason given at `_put`."""
    [[found]] = connection.execute(REVISIONS, (json.dumps(tenant_ids),))
    revisions: Revisions = json.loads(found)
    return revisions


def _fresh(checks: Revisions, revisions: Revisions) -> set[str]:
    return {tenant_id for tenant_id, revision in checks.items() if revisions.get(tenant_id, 0) == revision}


def _write(connection: sqlite3.Connection, writes: Sequence[Write]) -> None:
    for removed in removals(writes):
        keys = zip(removed.tenant_ids, *zip(*removed.values, strict=True), strict=True)
        connection.executemany(_removal_statement(removed.record_type), keys)
    for put in puts(writes):
        rows = list(zip(put.tenant_ids, *COLUMNS[put.record_type](put.values), strict=True))
        _put(connection, put.record_type, rows)
    _put(connection, Head, [_head_row(write) for write in writes])


def _head_row(write: Write) -> tuple[Any, ...]:
    due_at = write.next_due_at
    return (
        write.tenant_id,
        write.revision,
        microseconds_of_moment(write.last_event_at),
        None if due_at is None else microseconds_of_moment(due_at),
    )


def _put(connection: sqlite3.Connection, record_type: type, rows: list[tuple[Any, ...]]) -> None:
    """Put rows into a table, several with each statement.

    The driver lets other threads run at every statement, and with one for each row there are hundreds in a batch: a
    busy thread beside this one then holds it up at each, for some milliseconds.
    """
    try:
        for block in _blocks(rows):
            connection.execute(_put_statement(record_type, len(block)), list(chain.from_iterable(block)))
    except sqlite3.IntegrityError as error:
        if record_type is Answer:
            raise DuplicateRequest(str(error)) from error
        raise


def _blocks(rows: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """The rows in blocks of few different sizes, the powers of two, so that there are few different statements."""
    first = 0
    while rest := len(rows) - first:
        size = min(1 << (rest.bit_length() - 1), LARGEST_BLOCK)
        yield rows[first : first + size]
        first += size


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
