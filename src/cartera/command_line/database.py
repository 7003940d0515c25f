"""`cartera migrate`, `cartera verify` and `cartera rebuild`: the commands that work on the database itself."""

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


NAMED = 3
"""How many tenants a hint names at most."""


def register(application: typer.Typer) -> None:
    application.command("migrate")(migrate)
    application.command("verify")(verify)
    application.command("rebuild")(rebuild)


def migrate(
    database_url: DatabaseOption = None,
    finish: Annotated[
        bool,
        typer.Option("--finish", help="Remove what only older versions need: once none of them runs any more."),
    ] = False,
) -> None:
    """Bring the database to this version's schema, as far as a running older version can live with it.

    SQLite is migrated by `cartera serve` itself.

    **Examples**

    `cartera migrate --database-url postgresql://cartera@database/cartera`

    `cartera migrate --finish`
    """
    from cartera.store.migrate import Migrations, is_usable, migrate  # noqa: PLC0415, slow to import

    url = database_of(database_url)
    with database_failures(), console(stderr=True).status("Migrating"):
        name = migrate(url, finish=finish)
        usable = is_usable(url)
    typer.echo(f"the database is at {name}")
    if not usable:
        raise Failed(
            "this version does not run on it yet: what it needs comes after something that is removed",
            "stop all replicas of older versions, then run `cartera migrate --finish`",
        )
    if name != Migrations().latest.name and not finish:
        typer.echo("once no older version runs any more: cartera migrate --finish")


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
        tenants = wanted(store, given)
        found = [(tenant_id, each) for tenant_id in tenants for each in compared(store, tenant_id)]
    if as_json:
        print_json([as_record(tenant_id, each) for tenant_id, each in found])
    if found:
        raise Failed(
            f"{counted(len(found), 'difference')} between the log and the rows",
            *(f"  {tenant_id}: {as_line(each)}" for tenant_id, each in found if not as_json),
            f"to make the rows what the log says: stop the service, then run {rebuilds({each for each, _ in found})}",
        )
    if not as_json:
        typer.echo(f"verified {counted(len(tenants), 'tenant')}: the rows are the fold of the log")


def rebuild(
    context: typer.Context,
    database_url: DatabaseOption = None,
    tenant: TenantOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Make the rows of a tenant what its log says, in one transaction. Every replica must be stopped.

    **Example**

    `cartera rebuild --tenant demo`
    """
    from cartera.engine.rebuild import rebuild as rewrite  # noqa: PLC0415, slow to import
    from cartera.store.rewriting import rewriting  # noqa: PLC0415, slow to import

    tenant_id = ConnectionOptions(tenant=tenant).over(context.obj or ConnectionOptions()).tenant
    if not tenant_id:
        raise Failed("say which tenant: --tenant")
    url = database_of(database_url)
    with database_failures():
        with opened(url) as store:
            [tenant_id] = wanted(store, tenant_id)
            found, rebuilding = compared(store, tenant_id), folded_anew(store, tenant_id)
        if not found:
            typer.echo(f"nothing to rebuild: the rows of {tenant_id} are the fold of its log")
            return
        typer.echo("\n".join(as_line(each) for each in found), err=True)
        if not yes:
            typer.confirm(f"Make the rows of {tenant_id} what its log says?", abort=True, err=True)
        done = rewrite(rebuilding, rewriting(url, tenant_id))
    typer.echo(f"rebuilt {tenant_id} at revision {rebuilding.folded.state.revision}: {counted(done.records, 'record')}")


def folded_anew(store: Any, tenant_id: str) -> Any:
    from cartera.engine.folding import LogBroken  # noqa: PLC0415, slow to import
    from cartera.engine.rebuild import fold_anew  # noqa: PLC0415, slow to import

    try:
        return fold_anew(store, tenant_id)
    except LogBroken as broken:
        raise Failed(f"the log of {tenant_id} can't be folded, {broken}: restore a backup") from broken


def rebuilds(tenant_ids: set[str]) -> str:
    return " and ".join(f"`cartera rebuild --tenant {each}`" for each in sorted(tenant_ids)[:NAMED])


def database_of(given: str | None) -> str:
    """Whatever else is set for the service says nothing here."""
    return settings_of(serving=False, database_url=given).database_url


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def wanted(store: Any, given: str | None) -> list[str]:
    """A tenant whose head is gone is one all the same."""
    if given and not store.heads([given]) and not store.changes_since(given, 0, 1):
        raise Failed(f"there is no tenant {given} in the database")
    return [given] if given else list(store.tenant_ids())


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
    where = f"checkpoint {difference.checkpoint}" if difference.checkpoint else "rows"
    return f"{difference.record_type} {key}: log {difference.from_log!r}, {where} {difference.in_rows!r}"


def as_record(tenant_id: str, difference: Any) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "record_type": difference.record_type,
        "key": list(difference.key),
        "from_log": repr(difference.from_log),
        "in_rows": repr(difference.in_rows),
        "checkpoint": difference.checkpoint,
    }
