"""Bringing a database to the schema that this version needs (G8).

Migrations go forward only, in two steps around a release: what new code needs is added before it runs, what old code
needed goes once none of it runs any more.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, text
from sqlalchemy.exc import DBAPIError

from cartera.store.engines import engine_of
from cartera.store.store import StoreUnavailable

MIGRATION_LOCK = 0x6361727465726101
"""PostgreSQL's advisory lock that lets one migrate at a time: "cartera" and a one."""


def migrate(url: str, *, until: str = "head") -> None:
    """Apply the migrations that the database lacks, up to one. Several may call it at once: one works, the others wait.

    Raises StoreUnavailable.
    """
    with _connected(url, begin="BEGIN IMMEDIATE") as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        configuration = _configuration()
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, until)


def current(url: str) -> str | None:
    """The last migration that the database has; None for an empty one."""
    with _connected(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def latest() -> str | None:
    """The last migration that there is."""
    return ScriptDirectory.from_config(_configuration()).get_current_head()


def is_current(url: str) -> bool:
    """Whether the database has all migrations."""
    return current(url) == latest()


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(resources.files("cartera.store") / "migrations"))
    return configuration


@contextmanager
def _connected(url: str, begin: str = "BEGIN") -> Iterator[Connection]:
    """Open a transaction. Raises StoreUnavailable for what goes wrong in it."""
    engine = engine_of(url, begin=begin, poolclass=NullPool)
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise StoreUnavailable(str(error.orig)) from error
