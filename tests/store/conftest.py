"""The suite runs on SQLite, on the embedded PostgreSQL and, where there is one, on a PostgreSQL of another version."""

from collections.abc import Iterator
from itertools import count

import pytest

from cartera.store.open import open_reads, open_store
from cartera.store.reads import Reads
from cartera.store.store import Store
from tests.fixtures.databases import MakeDatabase, Servers

EVERY_DATABASE = ["sqlite", "postgres", "other_postgres"]
EVERY_POSTGRES = ["postgres", "other_postgres"]


@pytest.fixture
def other_postgres_url(postgres_servers: Servers) -> Iterator[str]:
    with postgres_servers.other().lend() as url:
        yield url


@pytest.fixture(params=EVERY_DATABASE)
def url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = open_store(url)
    yield store
    store.close()


@pytest.fixture
def replica(url: str) -> Iterator[Store]:
    """Another process's store on the same database."""
    store = open_store(url)
    yield store
    store.close()


@pytest.fixture
def reads(url: str) -> Iterator[Reads]:
    reads = open_reads(url)
    yield reads
    reads.close()


@pytest.fixture(params=EVERY_DATABASE)
def make_empty_database(request: pytest.FixtureRequest, tmp_path) -> MakeDatabase:
    """Makes a database without tables."""
    if request.param == "sqlite":
        numbers = count(1)
        return lambda: f"sqlite:///{tmp_path / f'empty {next(numbers)}.db'}"
    servers: Servers = request.getfixturevalue("postgres_servers")
    return (servers.embedded() if request.param == "postgres" else servers.other()).make_empty
