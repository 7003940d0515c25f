"""Rewriting a tenant's rows, offline: in one transaction, while no service uses the database."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, NullPool, delete, event, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from cartera.core.records import TABLES, Key, Record
from cartera.store.engines import engine_of
from cartera.store.kept import Checkpoint, CheckpointBlock
from cartera.store.nested import to_plain
from cartera.store.reads import READERS
from cartera.store.rows import Kind, fields_of
from cartera.store.store import Head, LoggedChange, StoreError, StoreUnavailable
from cartera.store.tables import KEYS, table_of

SERVICES = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'cartera' AND pid <> pg_backend_pid()
"""

LOCK = "SELECT revision FROM heads WHERE tenant_id = :tenant_id FOR UPDATE"

PATIENCE = 2.0
"""Seconds to wait for connections that are just being closed."""


class InUse(StoreError):  # noqa: N818 - names what happened
    """A service uses the database: what it has in memory would be written over what is rewritten."""

    def __init__(self) -> None:
        super().__init__("a service uses the database: stop all of them first")


class Rewriting:
    """A tenant's rows, in a transaction in which nobody else writes them."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def head(self) -> Head | None:
        """How far the tenant has come, as the rows have it."""
        found = self._all(Head)
        return Head(*found[0]) if found else None

    def last_revision(self) -> int:
        """The last change in the log; 0 where there is none."""
        revision = table_of(LoggedChange).c.revision
        statement = select(revision).where(self._of_tenant(LoggedChange)).order_by(revision.desc()).limit(1)
        return self._connection.execute(statement).scalar() or 0

    def records(self) -> Iterator[Record]:
        """Every record."""
        for record_type in TABLES:
            yield from READERS[record_type](self._all(record_type))

    def put_head(self, head: Head) -> None:
        """Set how far the tenant has come."""
        self._connection.execute(delete(table_of(Head)).where(self._of_tenant(Head)))
        self._connection.execute(table_of(Head).insert(), head._asdict())

    def put(self, record: Record) -> None:
        """Put a record in the place of what is there."""
        self.remove(type(record), tuple(getattr(record, name) for name in KEYS[type(record)]))
        record_type: type = type(record)
        row = {field.name: _plain(field, getattr(record, field.name)) for field in fields_of(record_type)}
        self._connection.execute(table_of(record_type).insert(), {"tenant_id": self._tenant_id, **row})

    def remove(self, record_type: type, key: Key) -> None:
        """Remove a record."""
        table = table_of(record_type)
        is_it = [table.c[name] == value for name, value in zip(KEYS[record_type], key, strict=True)]
        self._connection.execute(delete(table).where(self._of_tenant(record_type), *is_it))

    def drop_checkpoints(self, revisions: Iterable[int]) -> None:
        """Drop checkpoints."""
        for revision in revisions:
            for each in (Checkpoint, CheckpointBlock):
                is_it = table_of(each).c.revision == revision
                self._connection.execute(delete(table_of(each)).where(self._of_tenant(each), is_it))

    def _all(self, record_type: Any) -> list[Any]:
        table = table_of(record_type)
        columns = [table.c[name] for name in record_type._fields]
        return list(self._connection.execute(select(*columns).where(self._of_tenant(record_type))).all())

    def _of_tenant(self, record_type: type) -> Any:
        return table_of(record_type).c.tenant_id == self._tenant_id


def _plain(field: Any, value: Any) -> Any:
    """A value as the tables' columns take it."""
    if field.kind is Kind.CODE and value is not None:
        return int(value)
    if field.kind is not Kind.NESTED:
        return value
    convert = to_plain(field.hint)
    return value if convert is None or value is None else convert(value)


@contextmanager
def rewriting(url: str, tenant_id: str) -> Iterator[Rewriting]:
    """Open a tenant's rows to be rewritten; at the end all of it is there, or where anything was raised nothing.

    Raises InUse and StoreUnavailable.
    """
    engine = engine_of(url, begin="BEGIN EXCLUSIVE", poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _have_the_file_alone)
    try:
        with engine.begin() as connection:
            _refuse_if_used(connection, PATIENCE)
            if connection.dialect.name == "postgresql":
                connection.execute(text(LOCK), {"tenant_id": tenant_id})
            yield Rewriting(connection, tenant_id)
            _refuse_if_used(connection, 0)
    except OperationalError as error:
        if "locked" in str(error.orig) and engine.dialect.name == "sqlite":
            raise InUse from error
        raise StoreUnavailable(str(error.orig)) from error
    except DBAPIError as error:
        raise StoreUnavailable(str(error.orig)) from error


def _refuse_if_used(connection: Connection, patience: float) -> None:
    """At the end too: whoever has started meanwhile has read what was there before."""
    if connection.dialect.name != "postgresql":
        return
    until = time.monotonic() + patience
    while _services(connection):
        if time.monotonic() >= until:
            raise InUse
        time.sleep(patience / 20)


def _services(connection: Connection) -> int:
    connection.execute(text("SELECT pg_stat_clear_snapshot()"))
    return connection.execute(text(SERVICES)).scalar() or 0


def _have_the_file_alone(connection: Any, _: Any) -> None:
    """Whoever has the file open keeps it from being locked whole, even while idle."""
    connection.execute(f"PRAGMA busy_timeout = {round(PATIENCE * 1000)}")
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
