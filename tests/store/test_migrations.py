"""The chain of migrations gives the tables that the code has."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from cartera.core.records import Agent, Interaction, Record
from cartera.store.engines import engine_of
from cartera.store.migrate import MIGRATIONS, Migrations, current, is_current, is_usable, latest, migrate
from cartera.store.open import open_store
from cartera.store.store import Head, StoreUnavailable
from cartera.store.tables import METADATA, table_of
from tests.fixtures.databases import MakeDatabase
from tests.store.examples import EMPTY, NOW, row_of, write

pytestmark = pytest.mark.req("G8")

POSTGRES_SCHEMA = """
    SELECT table_name, ordinal_position, column_name, data_type, is_nullable, collation_name, column_default
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
    UNION ALL
    SELECT tablename, 0, indexname, indexdef, '', '', '' FROM pg_indexes
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    ORDER BY 1, 2, 3
"""
SQLITE_SCHEMA = "SELECT type, name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version' ORDER BY name"


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = engine_of(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def schema(connection: Connection) -> list[tuple]:
    """What the database itself says its schema is."""
    if connection.dialect.name == "postgresql":
        return [tuple(row) for row in connection.execute(text(POSTGRES_SCHEMA))]
    return [(*row[:2], " ".join((row[2] or "").split())) for row in connection.execute(text(SQLITE_SCHEMA))]


def test_the_chain_equals_the_tables(url: str) -> None:
    with connected(url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, METADATA) == []


def test_the_chain_gives_what_the_tables_would_create(make_empty_database: MakeDatabase) -> None:
    """To the letter, collations and conditions of indexes among it, which Alembic doesn't compare."""
    migrated = make_empty_database()
    migrate(migrated)
    with connected(make_empty_database()) as connection:
        METADATA.create_all(connection)
        created = schema(connection)
    with connected(migrated) as connection:
        assert schema(connection) == created
    assert len(created) > len(METADATA.tables)


def test_an_empty_database_becomes_current(make_empty_database: MakeDatabase) -> None:
    url = make_empty_database()
    assert current(url) is None
    assert not is_current(url)
    migrate(url)
    assert current(url) == latest()
    assert is_current(url)


def test_migrating_again_changes_nothing(url: str) -> None:
    store = open_store(url)
    store.append([write("t1", 0, Agent("ana"))], {})
    migrate(url)
    assert store.heads(["t1"])["t1"].revision == 1
    store.close()


FIRST = "0001"


def insert_as_of(first: dict[str, list[str]], connection: Connection, tenant_id: str) -> list[Record]:
    """Put in a tenant as code of the first version would, which knows no more than its tables and columns."""
    known = [record for record in EMPTY if table_of(type(record)).name in first]
    for record in known:
        table = table_of(type(record))
        row = {**row_of(record), "tenant_id": tenant_id}
        connection.execute(table.insert(), {name: row[name] for name in first[table.name]})
    head = {"tenant_id": tenant_id, "revision": 1, "last_event_at": NOW}
    connection.execute(table_of(Head).insert(), head)
    return known


def columns(connection: Connection) -> dict[str, list[str]]:
    found = inspect(connection)
    return {table: [each["name"] for each in found.get_columns(table)] for table in found.get_table_names()}


def test_rows_of_before_and_of_code_of_before_load(make_empty_database: MakeDatabase) -> None:
    """What was there before a migration, and what code of before writes after it, has the defaults of what is new."""
    url = make_empty_database()
    migrate(url, until=FIRST)
    with connected(url) as connection:
        first = columns(connection)
        written = insert_as_of(first, connection, "t1")
    migrate(url)
    with connected(url) as connection:
        insert_as_of(first, connection, "t2")
    store = open_store(url)
    for tenant_id in ("t1", "t2"):
        with store.all_records(tenant_id) as (_, records):
            assert sorted(map(repr, records)) == sorted(map(repr, written))
    store.close()


def test_an_index_that_was_built_before_is_left(make_empty_database: MakeDatabase) -> None:
    url = make_empty_database()
    migrate(url, until=FIRST)
    with connected(url) as connection:
        [index] = [each for each in table_of(Interaction).indexes if each.name == "ix_interactions_not_ended"]
        index.create(connection)
    migrate(url)
    assert is_current(url)


def test_of_several_who_migrate_at_once_each_finds_it_done(make_empty_database: MakeDatabase) -> None:
    url = make_empty_database()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(migrate, [url] * 4))
    assert is_current(url)


def test_the_files_have_the_names_of_their_migrations() -> None:
    """And their numbers are in the order that Alembic applies them in."""
    chain = ScriptDirectory(MIGRATIONS).walk_revisions()
    assert [each.name for each in Migrations().all] == [each.revision for each in reversed(list(chain))]


def test_what_has_nothing_to_migrate_does_without_alembic(sqlite_url: str) -> None:
    program = "import sys; from cartera.bootstrap import prepare_database; prepare_database(sys.argv[1]);"
    loaded = [sys.executable, "-c", f"{program} print('alembic' in sys.modules)", sqlite_url]
    assert subprocess.run(loaded, check=True, capture_output=True, text=True).stdout.strip() == "False"


def test_without_a_database_there_is_one_error(tmp_path) -> None:
    with pytest.raises(StoreUnavailable):
        migrate(f"sqlite:///{tmp_path / 'no directory' / 'cartera.db'}")
    with pytest.raises(StoreUnavailable):
        is_current("postgresql://nobody@127.0.0.1:1/none")


ADDS = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "{revision}", "{former}"


def upgrade() -> None:
    op.add_column("agents", sa.Column("{column}", sa.Text(), nullable=True))
"""

REMOVES = """
from alembic import op

revision, down_revision = "{revision}", "{former}"


def upgrade() -> None:
    with op.batch_alter_table("agents") as agents:
        agents.drop_column("{column}")
"""


@pytest.fixture
def later(tmp_path: Path) -> str:
    """The migrations of a later version: something is added, something that code of before it needs is removed, and
    in the version after that something is added again.
    """
    directory = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, directory)
    number = int(latest())
    names = [f"{number + 1:04}", f"{number + 2:04}_needs_{number + 1:04}", f"{number + 3:04}_needs_{number + 1:04}"]
    formers = [latest(), *names]
    for template, column, name, former in zip((ADDS, REMOVES, ADDS), ("a", "name", "b"), names, formers, strict=False):
        text = template.format(revision=name, former=former, column=column)
        (directory / "versions" / f"{name}.py").write_text(text)
    return str(directory)


def test_code_of_before_runs_until_what_it_needs_is_removed(make_empty_database: MakeDatabase, later: str) -> None:
    """`migrate` goes as far as both versions can live with, `migrate --finish` on to where only the new one can."""
    url = make_empty_database()
    migrate(url)
    assert (is_usable(url), is_usable(url, directory=later)) == (True, False)
    added = migrate(url, finish=False, directory=later)
    assert int(added) == int(latest()) + 1
    assert (is_usable(url), is_current(url)) == (True, False)
    assert migrate(url) == migrate(url, finish=False) == added, "code of before leaves a newer database as it is"
    store = open_store(url)
    store.append([write("t1", 0, Agent("ana"))], {})
    store.close()
    assert not is_usable(url, directory=later), "it needs what comes after the removal, of a version in between"
    migrate(url, directory=later)
    assert (is_usable(url), is_usable(url, directory=later)) == (False, True)


def test_new_code_runs_before_what_is_left_is_removed(make_empty_database: MakeDatabase, later: str) -> None:
    (Path(later) / "versions" / f"{Migrations(later).latest.name}.py").unlink()
    url = make_empty_database()
    migrate(url)
    migrate(url, finish=False, directory=later)
    assert is_usable(url, directory=later)
    assert is_usable(url)


def test_nobody_runs_on_a_database_without_tables(make_empty_database: MakeDatabase, later: str) -> None:
    """So all is applied at once."""
    url = make_empty_database()
    assert not is_usable(url)
    assert migrate(url, finish=False, directory=later) == Migrations(later).latest.name
