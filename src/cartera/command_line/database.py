"""`cartera migrate` and `cartera verify`: the commands that work on the database itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cartera.command_line.connection import ConnectionOptions, TenantOption
from cartera.command_line.failure import Failed
from cartera.command_line.output import JsonOption, console, print_json
from cartera.command_line.settings import settings_of

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="URL",
        help="sqlite:///FILE or postgresql://USER@HOST/DATABASE. [env var: CARTERA_DATABASE_URL]",
    ),
]


def register(application: typer.Typer) -> None:
    application.command("migrate")(migrate)
    application.command("verify")(verify)


def migrate(database_url: DatabaseOption = None) -> None:
    """Bring the database to this version's schema. SQLite is migrated by `cartera serve` itself.

    **Example**

    `cartera migrate --database-url postgresql://cartera@database/cartera`
    """
    from cartera.store.migrate import latest, migrate  # noqa: PLC0415, slow to import

    url = database_of(database_url)
    with database_failures(), console(stderr=True).status("Migrating"):
        migrate(url)
    typer.echo(f"the database is at {latest()}")


def verify(
    context: typer.Context,
    database_url: DatabaseOption = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fold the log of a tenant, or of all, and compare with the rows; exit status 1 where they differ.

    It reads only, and may run beside the service.

    **Examples**

    `cartera verify`

    `cartera verify --tenant demo --database-url sqlite:///cartera.db`
    """
    given = ConnectionOptions(tenant=tenant).over(context.obj or ConnectionOptions()).tenant
    with database_failures(), opened(database_of(database_url)) as store:
        tenants = wanted(store.tenant_ids(), given)
        found = [(tenant_id, each) for tenant_id in tenants for each in compared(store, tenant_id)]
    if as_json:
        print_json([as_record(tenant_id, each) for tenant_id, each in found])
    if found:
        raise Failed(
            f"{counted(len(found), 'difference')} between the log and the rows",
            *(f"  {tenant_id}: {as_line(each)}" for tenant_id, each in found if not as_json),
        )
    if not as_json:
        typer.echo(f"verified {counted(len(tenants), 'tenant')}: the rows are the fold of the log")


def database_of(given: str | None) -> str:
    """Whatever else is set for the service says nothing here."""
    return settings_of(database_url=given, listen="127.0.0.1:0").database_url


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def wanted(all_tenants: list[str], given: str | None) -> list[str]:
    if given and given not in all_tenants:
        raise Failed(f"there is no tenant {given} in the database")
    return [given] if given else all_tenants


@contextmanager
def database_failures() -> Iterator[None]:
    """Whatever is wrong with the database is one line; a driver's own text goes on for pages."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415, slow to import

    from cartera.store.store import StoreError  # noqa: PLC0415, slow to import

    try:
        yield
    except (SQLAlchemyError, StoreError, ValueError) as error:
        raise Failed(f"the database cannot be used: {str(error).splitlines()[0]}") from error


def file_of(url: str) -> str:
    """The file of an SQLite URL; empty for any other."""
    return url.partition("sqlite:///")[2].partition("?")[0]


@contextmanager
def opened(url: str) -> Iterator[Any]:
    from cartera.store.open import open_store  # noqa: PLC0415, slow to import

    file = file_of(url)
    if file and not Path(file).exists():  # SQLite would make an empty one
        raise Failed(f"there is no database at {file}")
    store = open_store(url)
    try:
        yield store
    finally:
        store.close()


def compared(store: Any, tenant_id: str) -> list[Any]:
    from cartera.engine.verify import verify as differences_of  # noqa: PLC0415, slow to import

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    terminal = console(stderr=True)
    with Progress(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as progress:
        task = progress.add_task(tenant_id, total=None)
        return list(differences_of(store, tenant_id, lambda done, of: progress.update(task, completed=done, total=of)))


def as_line(difference: Any) -> str:
    key = "/".join(difference.key)
    return f"{difference.record_type} {key}: log {difference.from_log!r}, rows {difference.in_rows!r}"


def as_record(tenant_id: str, difference: Any) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "record_type": difference.record_type,
        "key": list(difference.key),
        "from_log": repr(difference.from_log),
        "in_rows": repr(difference.in_rows),
    }
