"""Bringing a database to the schema that this version needs, without downtime (G8).

Migrations go forward only, in two steps around a release. What new code needs is added before it runs, so that code of
before runs on it too: that is `migrate`. What only old code needed goes once none of it runs any more: that is
`migrate` with `finish`.

The name of a migration says which code can run on what it leaves: `0006_needs_0005` is the sixth, and whoever runs on
it must know the fifth. One without such an ending leaves it as it was: any code that there is. The database has the
name of its last migration, so code of before can tell of a newer database whether it may still run on it.

The name of a migration's file begins with the migration's. So it takes no Alembic to see which there are, and a service
that finds nothing to apply never loads it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, NullPool, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from cartera.store.engines import engine_of
from cartera.store.store import StoreUnavailable

MIGRATION_LOCK = 0x6361727465726101
"""PostgreSQL's advisory lock that lets one migrate at a time: "cartera" and a one."""

MIGRATIONS = str(resources.files("cartera.store") / "migrations")

CONNECT_SECONDS = "10"
"""For how long a server that says nothing is waited for."""

VERSION_TABLE, VERSION = "alembic_version", "SELECT version_num FROM alembic_version"
"""Where a database has the name of its last migration."""

_NAME = re.compile(r"\d+(_needs_\d+)?")


class Migration(NamedTuple):
    """A migration, by its name."""

    name: str
    number: int
    least: int
    """The number of the migration that code must know to run on what this one leaves."""


def migration_of(name: str) -> Migration:
    """What a migration's name says."""
    number, _, least = name.partition("_needs_")
    return Migration(name, int(number), int(least or 0))


class Migrations:
    """The migrations that a version of the code knows, in their order."""

    def __init__(self, directory: str = MIGRATIONS) -> None:
        self._directory = directory
        names = [_NAME.match(path.name) for path in (Path(directory) / "versions").glob("*.py")]
        self.all = sorted((migration_of(name[0]) for name in names if name), key=lambda each: each.number)

    @property
    def latest(self) -> Migration:
        """The last one."""
        return self.all[-1]

    def runs_on(self, name: str | None) -> bool:
        """Whether this code runs on a database whose last migration that is.

        On an older one, if only what removes is lacking; on a newer one, if nothing was removed that this code needs.
        """
        if name is None:
            return False
        at = migration_of(name)
        if at.number > self.latest.number:
            return at.least <= self.latest.number
        return all(map(self.removes, self._after(name)))

    def removes(self, migration: Migration) -> bool:
        """Whether code of before can't run on what it leaves."""
        before = [each.least for each in self.all if each.number < migration.number]
        return migration.least > max(before, default=0)

    def harmless(self, name: str | None) -> str | None:
        """The last migration that may be applied while code of before runs: those until the first that removes.

        Nobody runs on a database without tables. None where there is nothing to apply.
        """
        following = self._after(name)
        if name is not None:
            following = list(takewhile(lambda each: not self.removes(each), following))
        return following[-1].name if following else None

    def _after(self, name: str | None) -> list[Migration]:
        number = 0 if name is None else migration_of(name).number
        return [each for each in self.all if each.number > number]

    def apply(self, connection: Connection, until: str) -> None:
        """Apply those that the database lacks, up to one."""
        from alembic import command  # noqa: PLC0415, slow to import
        from alembic.config import Config  # noqa: PLC0415

        configuration = Config(attributes={"connection": connection})
        configuration.set_main_option("script_location", self._directory)
        command.upgrade(configuration, until)


def migrate(url: str, *, until: str = "", finish: bool = True, directory: str = MIGRATIONS) -> str:
    """Apply the migrations that the database lacks: up to one, or all, or unless it is to be finished those that code
    of before can live with. Says which is the last that it has then.

    Several may call it at once: one works, the others wait. Raises StoreUnavailable.
    """
    migrations = Migrations(directory)
    with _connected(url, begin="BEGIN IMMEDIATE") as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        at = _current(connection)
        if at is None or migration_of(at).number <= migrations.latest.number:
            wanted = until or (migrations.latest.name if finish else migrations.harmless(at))
            if wanted and wanted != at:
                migrations.apply(connection, wanted)
        return _current(connection) or ""


def current(url: str) -> str | None:
    """The last migration that the database has; None for an empty one."""
    with _connected(url) as connection:
        return _current(connection)


def latest() -> str:
    """The last migration that there is."""
    return Migrations().latest.name


def is_usable(url: str, *, directory: str = MIGRATIONS) -> bool:
    """Whether this code runs on the database as it is."""
    return Migrations(directory).runs_on(current(url))


def is_current(url: str) -> bool:
    """Whether the database has all migrations."""
    return current(url) == latest()


def _current(connection: Connection) -> str | None:
    return connection.scalar(text(VERSION)) if inspect(connection).has_table(VERSION_TABLE) else None


def _patience(url: str) -> dict[str, str]:
    """A server that says nothing isn't waited for without end, where the URL doesn't say how long."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" or "connect_timeout" in parsed.query:
        return {}
    return {"connect_timeout": CONNECT_SECONDS}


@contextmanager
def _connected(url: str, begin: str = "BEGIN") -> Iterator[Connection]:
    """Open a transaction. Raises StoreUnavailable for what goes wrong in it."""
    engine = engine_of(url, begin=begin, poolclass=NullPool, connect_args=_patience(url))
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise StoreUnavailable(str(error.orig)) from error
