"""Backups of a SQLite database: copies of its file, made while it is in use, and put where none is.

PostgreSQL has its own tools for that.
"""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from cartera.store.migrate import VERSION, VERSION_TABLE, Migrations
from cartera.store.store import StoreError, StoreUnavailable

BESIDE = ("", "-wal", "-shm", "-journal")
"""What SQLite has beside the file. A log that is left of another database would be taken for this one's."""


class NoBackup(StoreError):  # noqa: N818 - names what it is
    """The file is no backup that this version can run on."""


def back_up(database: Path, backup: Path) -> None:
    """Copy a database, as it is at one moment, to a file that isn't there yet.

    It may be in use: the copy is made in one step, of one snapshot, which keeps nobody from writing. Copied in several
    steps it would have to begin anew whenever somebody has written. Where it fails, there is no file.

    Raises:
        FileExistsError: there is something already.
        FileNotFoundError: there is no database.
        NoBackup: it is not Cartera's, and what came of it could not be restored.
        StoreUnavailable: what SQLite says.

    """
    require_nothing(backup)
    if not database.exists():  # SQLite would make an empty one
        raise FileNotFoundError(2, "there is no database", str(database))
    if not _is_ours(database):
        raise NoBackup(f"{database} is no database of Cartera")
    part = backup.with_name(f"{backup.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL, 0o600))  # contacts are nobody else's business
    try:
        _copy(database, part)
        part.rename(backup)
        _sync(backup.parent)
    finally:
        part.unlink(missing_ok=True)


def restore(backup: Path, database: Path) -> str:
    """Put a copy of a backup where no database is. Says at which migration it is.

    Raises:
        FileExistsError: there is a database, or what was left of one.
        FileNotFoundError: there is no backup.
        NoBackup: the file is damaged, of a version that is too new, or something else.
        StoreUnavailable: what SQLite says.

    """
    require_nothing(database)
    if not backup.exists():
        raise FileNotFoundError(2, "there is no backup", str(backup))
    name = _name_of(backup)
    database.parent.mkdir(parents=True, exist_ok=True)
    back_up(backup, database)
    return name


def require_nothing(path: Path) -> None:
    """Refuse to write over anything.

    Raises:
        FileExistsError: there is something at the path, or what belongs to it.

    """
    for ending in BESIDE:
        there = path.with_name(path.name + ending)
        if there.exists():
            raise FileExistsError(17, "there is something already", str(there))


def _copy(database: Path, copy: Path) -> None:
    try:
        with _reading(database) as source, closing(sqlite3.connect(copy)) as target:
            target.execute("PRAGMA synchronous = FULL")
            source.backup(target)
            # One file, with nothing beside it that could be forgotten.
            target.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise StoreUnavailable(str(error)) from error


def _is_ours(database: Path) -> bool:
    """Whether it has where to say at which migration it is."""
    try:
        with _reading(database) as connection:
            found = connection.execute("SELECT name FROM sqlite_master WHERE name = ?", (VERSION_TABLE,)).fetchall()
    except sqlite3.Error as error:
        raise StoreUnavailable(str(error)) from error
    return bool(found)


def _name_of(backup: Path) -> str:
    """The migration that a backup is at. The file is looked through first: damage is found now, not when it is met."""
    with suppress(sqlite3.DatabaseError), _reading(backup) as connection:
        [[found]] = connection.execute("PRAGMA quick_check(1)").fetchall()
        [[name]] = connection.execute(VERSION).fetchall()
        if found == "ok" and _may_be_migrated(name):
            return str(name)
    raise NoBackup(f"{backup} is damaged, or no database that this version of Cartera can run on")


def _reading(path: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True))


def _may_be_migrated(name: str) -> bool:
    migrations = Migrations()
    return migrations.runs_on(name) or any(each.name == name for each in migrations.all)


def _sync(directory: Path) -> None:
    """See to it that the file's name is on the disk too."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
