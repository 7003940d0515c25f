"""Releases: copies of the code, each with two migrations more than the one before: one for before it is brought in, one
for after.
"""

import shutil
from pathlib import Path
from typing import NamedTuple

import cartera
from cartera.store.migrate import Migrations, migration_of
from chaos.processes import Nursery

ADDED = '''"""Adds a column that only new code knows."""

import sqlalchemy
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    op.add_column("interactions", sqlalchemy.Column("{column}", sqlalchemy.Text, nullable=True))
'''

REMOVED = '''"""Removes what only code of before needed."""

from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    op.drop_column("interactions", "{column}")
'''


class Release(NamedTuple):
    """A version of the code, ready to run."""

    name: str
    nursery: Nursery


class Releases:
    """Makes them ahead of time: to load the code takes seconds."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._code = Path(cartera.__file__).parent
        self._last_migration = Migrations().latest.name
        self._number = 0
        self._next: Release | None = None
        self._made: list[Release] = []

    def prepare(self) -> None:
        """Begin to make the next."""
        self._number += 1
        code = self._directory / str(self._number) / "cartera"
        shutil.copytree(self._code, code)
        versions = code / "store" / "migrations" / "versions"
        before = self._last_migration
        number = migration_of(before).number + 1
        added, removed = f"{number:04}", f"{number + 1:04}_needs_{number:04}"
        _write(versions, ADDED, revision=added, before=before, column=f"chaos_{number}")
        _write(versions, REMOVED, revision=removed, before=added, column=f"chaos_{number}")
        self._code, self._last_migration = code, removed
        self._next = Release(str(self._number), Nursery(code.parent))
        self._made.append(self._next)

    def close(self) -> None:
        for release in self._made:
            release.nursery.close()

    def is_ready(self) -> bool:
        """Whether the next can be taken."""
        if self._next is None:
            self.prepare()
        return self._next is not None and self._next.nursery.is_ready

    def take(self) -> Release:
        """The next, which is ready."""
        assert self._next is not None
        taken, self._next = self._next, None
        return taken


def _write(versions: Path, migration: str, **names: str) -> None:
    (versions / f"{names['revision']}_chaos.py").write_text(migration.format(**names))
