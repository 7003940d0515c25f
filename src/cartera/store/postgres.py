"""The store on PostgreSQL: any number of replicas on one database."""

import select
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from threading import Event
from typing import Any, ClassVar

import psycopg
from psycopg import errors
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.types.string import TextLoader
from sqlalchemy import ARRAY, Dialect, Text, bindparam, func
from sqlalchemy.dialects import registry

from cartera.store.connections import Connections
from cartera.store.in_flight import InFlight
from cartera.store.notices import CHANNEL, RECONNECT_AFTER, notices_of, revisions_of
from cartera.store.patience import patience_of
from cartera.store.postgres_arrays import register
from cartera.store.postgres_clauses import Append
from cartera.store.postgres_connection import (
    Connection,
    Lines,
    connection_parameters,
    in_server,
    limit_holding,
    limit_waiting,
    set_session,
)
from cartera.store.postgres_prober import Prober
from cartera.store.postgres_statement import append_of
from cartera.store.queries import Queries, Query
from cartera.store.reading import Parameters
from cartera.store.rows import POSTGRES
from cartera.store.store import (
    Condition,
    DuplicateRequest,
    OutcomeUnknown,
    Revisions,
    StoreError,
    StoreRefused,
    StoreUnavailable,
    Timeouts,
    Write,
)
from cartera.store.upkeep import Upkeep
from cartera.store.upkeep_statements import POSTGRES_WORDING

ATTEMPTS = 5
"""How often a batch is tried that the database gave up in favour of another's."""

HOLD = """
    SELECT revision FROM heads WHERE tenant_id = ANY(%(tenant_ids)s) ORDER BY tenant_id FOR UPDATE
"""
"""Locks heads, in an order that is everybody's."""

HOLD_LONG = "SELECT set_config('idle_in_transaction_session_timeout', %s, true)"
"""Lets the server be patient in this transaction, where it takes long to decide what is written in it."""

ANSWERS_KEY = "pk_answers"

REFUSED = ("22", "23", "42")
"""The classes of errors that say that the same statement would fail again: data, constraints, the schema."""

GIVEN_UP = "40"
"""The class of errors that say that the batch gave way to another's: a deadlock, or what other engines have for it."""

UNKNOWN = "40003"
"""The database doesn't know itself: statement_completion_unknown."""

READ_ONLY = "25006"
"""The server has become a standby: the next connection may find the one that took over."""

PROMPTLY = 1.0
"""Seconds for the prober to connect: it tries again and again, and one of the next attempts finds the way that is open
again.
"""

BLOCK = 250
"""How many rows are read at a time where they may be very many; the interpreter is held meanwhile."""

STOP_CHECKED_EVERY = 0.5
"""How often a listener looks whether it should stop, in seconds."""


class GivenUp(Exception):  # noqa: N818
    """The batch gave way to another's; nothing of it was written."""


SESSION = {
    "default_transaction_isolation": "read committed",
    "timezone": "UTC",
    "jit": "off",
}
"""What every connection sets."""

WRITER_SESSION = {
    # The statements are few and their plans the same for every batch: planning one costs as much as running it.
    "plan_cache_mode": "force_generic_plan",
    # The heads are few when the plan is made; an index is right for them when they have grown.
    "enable_seqscan": "off",
}
"""What the connection that appends sets besides."""

LOADER_SESSION = {
    # Of few tenants all is found by their ids in indexes, however many there are: no other plan is right for long.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
"""What the connections that load tenants set besides."""

LOADERS = 2
"""How many connections load tenants at once."""


def connect_to_write(url: str, timeouts: Timeouts, lines: Lines | None = None) -> Connection:
    """Open the connection that appends."""
    connection = connect(url, timeouts, lines)
    set_session(connection, WRITER_SESSION)
    limit_holding(connection, timeouts)
    connection.prepare_threshold = 0
    register(connection.adapters)
    return connection


def connect_to_load(url: str, timeouts: Timeouts, lines: Lines | None = None) -> Connection:
    """Open a connection that loads tenants, with the same statements again and again."""
    connection = connect(url, timeouts, lines)
    set_session(connection, LOADER_SESSION)
    connection.prepare_threshold = 0
    return connection


def connect(url: str, timeouts: Timeouts, lines: Lines | None = None) -> Connection:
    """Open a connection whose statements each are a transaction, planned anew each time: tables grow."""
    parameters = make_conninfo(url, **connection_parameters(url, timeouts))
    connection = Connection.connect(parameters, autocommit=True, prepare_threshold=None)
    if lines is not None:
        lines.add(connection)
    # Nested values come as text: most rows have the same few, and each is made a value once (rows.py).
    connection.adapters.register_loader("jsonb", TextLoader)
    limit_waiting(connection, patience_of(timeouts, None))
    set_session(connection, SESSION)
    return connection


def alive(connection: Connection) -> bool:
    """Whether the server has kept an idle connection. It says nothing unasked, but when it closes one."""
    if connection.closed or connection.info.transaction_status != TransactionStatus.IDLE:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)


def _dialect() -> Dialect:
    dialect: type[Dialect] = registry.load("postgresql.psycopg")
    return dialect()


def _wanted() -> Any:
    words = ARRAY(Text)
    pairs = func.unnest(bindparam("tenant_ids", type_=words), bindparam("ids", type_=words))
    return pairs.table_valued("tenant_id", "id").render_derived(name="wanted")


class PostgresStore(Upkeep[Connection]):
    """Keeps tenants in a PostgreSQL database."""

    queries: ClassVar = Queries(_dialect(), POSTGRES, _wanted())
    begin_snapshot: ClassVar = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    wording: ClassVar = POSTGRES_WORDING

    def __init__(self, url: str, timeouts: Timeouts, *, readers: int = 8) -> None:
        self._url = url
        self._timeouts = timeouts
        self._writer: Connection | None = None
        self._holds = False
        self._patience = patience_of(timeouts, None)
        self._lines = lines = Lines()
        self._in_flight = InFlight[Connection]()
        promptly = timeouts._replace(connect=min(PROMPTLY, timeouts.connect))
        self._prober = Prober(lambda: connect(url, promptly, lines), self._in_flight)
        self._readers = Connections(lambda: connect(url, timeouts, lines), alive=alive, limit=readers)
        self._loaders = Connections(lambda: connect_to_load(url, timeouts, lines), alive=alive, limit=LOADERS)

    def append(self, writes: Sequence[Write], checks: Revisions) -> set[str]:
        if not writes:
            return self._fresh_now(checks)
        append = append_of(writes, checks)
        for _ in range(1 if self._holds else ATTEMPTS):
            with suppress(GivenUp):
                return self._append(self._writing(), append)
        raise StoreUnavailable(f"The database gave up the batch {ATTEMPTS} times in favour of others.")

    @contextmanager
    def holding(self, tenant_ids: Collection[str], *, long: bool = False) -> Iterator[None]:
        if not tenant_ids:
            yield
            return
        connection = self._writing()
        try:
            with translated(), self._in_flight.on(connection):
                connection.execute("BEGIN")
                if long:
                    connection.execute(HOLD_LONG, (in_server(self._timeouts.statement),))
                connection.execute(HOLD, {"tenant_ids": sorted(tenant_ids)})
            self._holds = True
            yield
        except BaseException:
            self._forget_writer()  # which takes back what was not committed
            raise
        else:
            self._commit(connection)
        finally:
            self._holds = False

    def _commit(self, connection: Connection) -> None:
        try:
            with self._in_flight.on(connection):
                connection.execute("COMMIT")
        except (psycopg.Error, OSError) as error:
            self._forget_writer()
            raise OutcomeUnknown(str(error)) from error
        self._require_standby(connection)

    def limit(self, seconds: float | None) -> None:
        self._patience = patience_of(self._timeouts, seconds)

    def condition(self) -> Condition:
        with translated():
            return self._prober.look()

    def cut(self, *, appending: bool = False) -> None:
        sent = self._in_flight.sent
        self._lines.cut(sparing=None if appending or sent is None else sent.connection)

    def notify(self, revisions: Revisions) -> None:
        with self.connected() as connection:
            for notice in notices_of(revisions):
                connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, notice))

    def listen(self, callback: Callable[[Revisions], None], stop: Event) -> None:
        while not stop.is_set():
            try:
                self._listen(callback, stop)
            except (psycopg.Error, OSError):
                stop.wait(RECONNECT_AFTER)

    def close(self) -> None:
        self._forget_writer()
        self._prober.forget()
        self._readers.close()
        self._loaders.close()

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        with self.connected() as connection, connection.transaction():
            yield connection

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        with translated(), self._readers.lend() as connection:
            yield connection

    @contextmanager
    def loading(self, queries: Sequence[Query], parameters: Parameters) -> Iterator[Iterator[list[tuple[Any, ...]]]]:
        """See `Reading.loading`. All is asked at once: the way there and back is longer than finding a small tenant."""
        with translated(), self._loaders.lend() as connection:
            with connection.pipeline():
                connection.execute(self.begin_snapshot)
                asked = [connection.execute(each.text, {**each.constants, **parameters}) for each in queries]
                connection.execute("COMMIT")
            asked.reverse()
            yield (asked.pop().fetchall() for _ in queries)

    def moment(self, moment: datetime) -> datetime:
        return moment

    def wanted(self, pairs: Sequence[tuple[str, str]]) -> Parameters:
        return {"tenant_ids": [tenant_id for tenant_id, _ in pairs], "ids": [each for _, each in pairs]}

    def stream(self, connection: Connection, query: Query, parameters: Parameters) -> Iterator[list[tuple[Any, ...]]]:
        with connection.cursor(name="everything") as cursor:
            cursor.execute(query.text, {**query.constants, **parameters})
            while rows := cursor.fetchmany(BLOCK):
                yield rows

    def _writing(self) -> Connection:
        """The connection that writes; a new one where the server has closed it in an idle moment."""
        if self._holds and self._writer is not None:
            return self._writer
        if self._writer is None or not alive(self._writer):
            self._forget_writer()
            with translated():
                self._writer = connect_to_write(self._url, self._timeouts, self._lines)
        if self._writer.told != self._patience:
            with translated(), self._in_flight.on(self._writer):
                limit_waiting(self._writer, self._patience)
        return self._writer

    def _forget_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _append(self, connection: Connection, append: Append) -> set[str]:
        try:
            cursor = psycopg.RawCursor(connection)
            with self._in_flight.on(connection, sum(map(len, append.parameters))):
                found = cursor.execute(append.statement, append.parameters, prepare=append.keeps_plan).fetchall()
        except psycopg.Error as error:
            if connection.broken or error.sqlstate == READ_ONLY:
                self._forget_writer()
            if connection.broken or error.sqlstate == UNKNOWN:
                raise OutcomeUnknown(str(error)) from error
            if (error.sqlstate or "").startswith(GIVEN_UP):
                raise GivenUp from error
            raise _store_error(error) from error
        except OSError as error:  # from waiting for what was sent: the process has no descriptor left for it
            self._forget_writer()
            raise OutcomeUnknown(str(error)) from error
        self._require_standby(connection)
        return {tenant_id for (tenant_id,) in found}

    def _require_standby(self, connection: Connection) -> None:
        """Somebody may have told a commit not to wait for the standby. It is done then, but a failover may lose it."""
        if connection.lacks_standby:
            self._forget_writer()
            raise OutcomeUnknown("The synchronous standby may lack the commit.")

    def _fresh_now(self, checks: Revisions) -> set[str]:
        heads = self.heads(checks)
        found = {tenant_id: head.revision for tenant_id, head in heads.items()}
        return {tenant_id for tenant_id, revision in checks.items() if found.get(tenant_id, 0) == revision}

    def _listen(self, callback: Callable[[Revisions], None], stop: Event) -> None:
        with connect(self._url, self._timeouts, self._lines) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            callback({})
            while not stop.is_set():
                for notice in connection.notifies(timeout=STOP_CHECKED_EVERY, stop_after=1):
                    callback(revisions_of(notice.payload))


@contextmanager
def translated() -> Iterator[None]:
    """Raise what the driver raises as a StoreError, where nothing is being written."""
    try:
        yield
    except psycopg.Error as error:
        raise _store_error(error) from error


def _store_error(error: psycopg.Error) -> StoreError:
    if isinstance(error, errors.UniqueViolation) and error.diag.constraint_name == ANSWERS_KEY:
        return DuplicateRequest(str(error))
    refused = (error.sqlstate or "").startswith(REFUSED) or isinstance(error, psycopg.DataError)
    # What is refused isn't quoted: it may be what people wrote, and errors are logged.
    return StoreRefused(f"{type(error).__name__} {error.sqlstate}") if refused else StoreUnavailable(str(error))
