"""SQLAlchemy's engines, for what isn't on the path of a write: reads and migrations."""

import sqlite3
from typing import Any

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url

from cartera.store.patience import patience_of
from cartera.store.postgres_connection import Connection as PostgresConnection
from cartera.store.postgres_connection import Lines, connection_parameters, limit_waiting
from cartera.store.store import Timeouts


def sqlalchemy_url(url: str) -> URL:
    """The database's URL as SQLAlchemy takes it: with the driver."""
    parsed = make_url(url)
    if parsed.get_backend_name() in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def engine_of(url: str, *, begin: str = "BEGIN", **options: Any) -> Engine:
    """An engine; on SQLite each of its transactions begins with the given statement."""
    engine = create_engine(sqlalchemy_url(url), **options)
    if engine.dialect.name == "sqlite":
        _begin_with(engine, begin)
    return engine


def conninfo_of(url: str) -> str:
    """What PostgreSQL's own client connects with. Not a URL: SQLAlchemy writes some characters otherwise than libpq
    reads them, spaces for one.
    """
    asked = sqlalchemy_url(url)
    _, parameters = asked.get_dialect()().create_connect_args(asked)
    return make_conninfo(**parameters)


def pooled_engine_of(url: str, timeouts: Timeouts, connections: int, lines: Lines) -> Engine:
    """An engine that keeps connections, and doesn't wait for ever: neither for one of them nor for the database.

    Those to PostgreSQL are among the lines.
    """
    pool: dict[str, Any] = {
        "pool_size": connections,
        "max_overflow": 0,
        "pool_timeout": timeouts.connect,
        "pool_pre_ping": True,
    }
    if make_url(url).get_backend_name() == "sqlite":
        return engine_of(url, **pool, connect_args={"timeout": timeouts.lock})
    asked = conninfo_of(url)
    parameters = make_conninfo(asked, **connection_parameters(asked, timeouts))

    def connect() -> PostgresConnection:
        connection = PostgresConnection.connect(parameters)
        lines.add(connection)
        limit_waiting(connection, patience_of(timeouts, None))
        return connection

    return engine_of(url, **pool, creator=connect)


def _begin_with(engine: Engine, statement: str) -> None:
    """Open transactions here: the driver by itself opens none at a SELECT, and a snapshot would be none."""

    @event.listens_for(engine, "connect")
    def leave_transactions_to_us(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)
