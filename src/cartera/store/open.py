"""From a database's URL to the store that keeps tenants in it."""

from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from cartera.store.engines import conninfo_of
from cartera.store.postgres import PostgresStore
from cartera.store.reads import Reads
from cartera.store.sqlite import SqliteStore
from cartera.store.store import Store, Timeouts

SQLITE = "sqlite"
POSTGRES = ("postgresql", "postgres")


def open_store(url: str, *, timeouts: Timeouts | None = None) -> Store:
    """Open the store at `sqlite:///FILE` or `postgresql://...`; it connects when it is first asked something.

    Raises ValueError for a URL that names neither.
    """
    timeouts = timeouts or Timeouts()
    if backend_of(url) == SQLITE:
        return SqliteStore(Path(make_url(url).database or ""), timeouts)
    return PostgresStore(conninfo_of(url), timeouts)


def open_reads(url: str, *, timeouts: Timeouts | None = None) -> Reads:
    """Open snapshot reads on the same database. Raises ValueError as `open_store` does."""
    backend_of(url)
    return Reads(url, timeouts or Timeouts())


def backend_of(url: str) -> str:
    """Which database a URL names: "sqlite" or "postgresql". Raises ValueError for any other."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ValueError("A database URL is sqlite:///FILE or postgresql://...") from error
    backend = parsed.get_backend_name()
    if backend in POSTGRES:
        return "postgresql"
    if backend == SQLITE and parsed.database and parsed.database != ":memory:":
        return SQLITE
    raise ValueError(f"A database URL is sqlite:///FILE or postgresql://..., not {backend}:...")
