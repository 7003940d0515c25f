"""`cartera backup` and `cartera restore`: of SQLite, which has no tools of its own installed."""

from pathlib import Path
from typing import Annotated

import typer

from cartera.command_line.database import DatabaseOption, database_failures, database_of, file_of
from cartera.command_line.failure import Failed
from cartera.command_line.output import console

WITH_POSTGRES = 'PostgreSQL has its own tools for that: pg_dump and pg_restore (docs/operations.md, "Backup")'


def register(application: typer.Typer) -> None:
    application.command("backup")(backup)
    application.command("restore")(restore)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; there must be nothing yet.")],
    database_url: DatabaseOption = None,
) -> None:
    """Copy a SQLite database to a file, as it is at one moment. The service may go on.

    **Example**

    `cartera backup /backups/cartera-2026-01-31.db`
    """
    from cartera.store.backup import back_up  # noqa: PLC0415, slow to import

    database = sqlite_file(database_url)
    with database_failures(), console(stderr=True).status("Copying"):
        back_up(database, file)
    typer.echo(f"copied {database} to {file}")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `cartera backup` made.")],
    database_url: DatabaseOption = None,
) -> None:
    """Put a backup where no SQLite database is. Stop the service, and move what is left of the database away first.

    **Example**

    `cartera restore /backups/cartera-2026-01-31.db --database-url sqlite:////var/lib/cartera/cartera.db`
    """
    from cartera.store import backup  # noqa: PLC0415, slow to import

    database = sqlite_file(database_url)
    with database_failures(), console(stderr=True).status("Copying"):
        name = backup.restore(file, database)
    typer.echo(f"restored {database} from {file}, at {name}; before it is served: cartera verify")


def sqlite_file(database_url: str | None) -> Path:
    from cartera.store.open import backend_of  # noqa: PLC0415, slow to import

    url = database_of(database_url)
    with database_failures():
        backend_of(url)
    file = file_of(url)
    if not file:
        raise Failed(WITH_POSTGRES)
    return Path(file)
