"""`cartera backup` and `cartera restore`: nothing is written over, and nothing restored that can't be served."""

import sqlite3

import pytest

from tests.command_line.served import cartera

pytestmark = pytest.mark.req("G6")


@pytest.fixture
def backup(sqlite_url, tmp_path):
    """A backup of a database."""
    file = tmp_path / "backup.db"
    assert cartera("backup", str(file), "--database-url", sqlite_url).returncode == 0
    return file


def restored(file, path):
    return cartera("restore", str(file), "--database-url", f"sqlite:///{path}")


def refused(ran):
    assert (ran.returncode, ran.stdout, len(ran.stderr.splitlines())) == (1, "", 1), ran.stderr
    return ran.stderr


def test_a_backup_is_one_file_of_its_owner(backup):
    """Nobody else reads it, and there is nothing beside it that could be left behind."""
    assert backup.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in backup.parent.glob("backup*")] == [backup.name]


def test_a_backup_is_not_written_over(backup, sqlite_url):
    """Nor is a database that is there restored over, or what was left of one: it may be the only one."""
    content = backup.read_bytes()
    assert "there is something already" in refused(cartera("backup", str(backup), "--database-url", sqlite_url))
    assert "there is something already" in refused(restored(backup, backup))
    assert backup.read_bytes() == content
    path = backup.with_name("cartera-2.db")
    path.with_name(f"{path.name}-wal").write_bytes(b"of another database")
    assert "cartera-2.db-wal: there is something already" in refused(restored(backup, path))


@pytest.mark.parametrize("damage", ["cut", "garbage", "of something else", "of a later version"])
def test_what_cannot_be_served_is_not_restored(backup, damage):
    """A backup is looked through before it takes a database's place."""
    if damage == "cut":
        backup.write_bytes(backup.read_bytes()[:20_000])
    elif damage == "garbage":
        backup.write_bytes(b"garbage" * 1000)
    else:
        change = {
            "of something else": "DROP TABLE alembic_version",
            "of a later version": "UPDATE alembic_version SET version_num = '9999_needs_9999'",
        }[damage]
        with sqlite3.connect(backup) as connection:
            connection.execute(change)
    path = backup.with_name("new.db")
    assert "is damaged, or no database that this version" in refused(restored(backup, path))
    assert not path.exists()


def test_what_is_not_there_is_not_copied(tmp_path):
    """Neither a database nor a backup is made out of nothing; where a copy fails, there is none."""
    none, new = tmp_path / "none.db", tmp_path / "new.db"
    assert "there is no database" in refused(cartera("backup", str(new), "--database-url", f"sqlite:///{none}"))
    assert "there is no backup" in refused(restored(none, new))
    none.write_bytes(b"garbage" * 1000)
    assert "not a database" in refused(cartera("backup", str(new), "--database-url", f"sqlite:///{none}"))
    assert [path.name for path in tmp_path.iterdir()] == ["none.db"]


def test_what_could_not_be_restored_is_not_backed_up(tmp_path):
    """A backup of something else, or of what was never served, would be found out when it is needed."""
    other, new = tmp_path / "other.db", tmp_path / "new.db"
    for statements in ("", "CREATE TABLE agents (name TEXT)"):
        with sqlite3.connect(other) as connection:
            connection.executescript(statements)
        said = refused(cartera("backup", str(new), "--database-url", f"sqlite:///{other}"))
        assert f"{other} is no database of Cartera" in said
        assert not new.exists()


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_url_of_no_database_is_said(command):
    """It isn't taken for PostgreSQL's."""
    said = refused(cartera(command, "x", "--database-url", "cartera.db"))
    assert "A database URL is sqlite:///FILE or postgresql://" in said


def test_postgres_has_its_own_tools():
    """Which they are is said."""
    assert "pg_dump" in refused(cartera("backup", "x", "--database-url", "postgresql://cartera@db/cartera"))
    assert "pg_restore" in refused(cartera("restore", "x", "--database-url", "postgresql://cartera@db/cartera"))
