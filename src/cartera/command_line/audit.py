"""`cartera audit`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from cartera.client import Client
from cartera.command_line.choices import chosen
from cartera.command_line.connection import Connection, connected
from cartera.command_line.explanation import actor_of
from cartera.command_line.lines import line_of
from cartera.routing.v1.access_pb2 import Role
from cartera.routing.v1.event_pb2 import Change
from cartera.routing.v1.event_service_pb2 import AuditedObject, ListAuditResponse

COLUMNS = ("When", "Revision", "Who", "What", "Why")

MOST = 1000
"""How many changes a page may have."""

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


def register(application: typer.Typer) -> None:
    application.command("audit")(connected(audit))


def audit(
    connection: Connection,
    *,
    by: Annotated[str, typer.Option(metavar="ID", help="Only what was done by who has this id.")] = "",
    by_role: Annotated[
        str | None, typer.Option(metavar="ROLE", help="Only what was done by this role, such as supervisor.")
    ] = None,
    thing: Annotated[
        str,
        typer.Option(
            "--object",
            metavar="KIND[/ID]",
            help="Only what was done to such things, or to this one: workgroup, agent/ana, contact/+34600111222.",
        ),
    ] = "",
    since: Annotated[
        datetime | None,
        typer.Option(formats=FORMATS, metavar="TIME", help="Only what was done then or later, in UTC."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=FORMATS, metavar="TIME", help="Only what was done before then, in UTC."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="How many changes at most.")] = 100,
) -> None:
    """List who did what to configuration, ownership and assignment, when and why; the newest first.

    It goes back as far as the log is kept.

    **Examples**

    `cartera audit --tenant demo --since 2026-03-01`

    `cartera audit --tenant demo --by sofia --object workgroup/ventas`
    """
    kind, _, identifier = thing.partition("/")
    asked: dict[str, Any] = {
        "actor_role": chosen(Role, "--by-role", by_role),
        "actor_id": by,
        "object_type": chosen(AuditedObject, "--object", kind),
        "object_id": identifier,
        "start_time": since and since.replace(tzinfo=UTC),
        "end_time": until and until.replace(tzinfo=UTC),
    }
    with connection.client() as client:
        answer = found(client, asked, limit)
    rows = (row for change in answer.changes for row in rows_of(change))
    connection.output.table(answer, COLUMNS, rows)


def found(client: Client, asked: dict[str, Any], limit: int) -> ListAuditResponse:
    """The changes of as many pages as it takes, in one answer."""
    whole, token = ListAuditResponse(), ""
    while len(whole.changes) < limit:
        size = min(limit - len(whole.changes), MOST)
        page = client.events.ListAudit(**asked, page_size=size, page_token=token)
        whole.revision = whole.revision or page.revision
        whole.changes.extend(page.changes)
        token = whole.next_page_token = page.next_page_token
        if not token:
            break
    return whole


def rows_of(change: Change) -> Iterator[tuple[str, ...]]:
    """A row for each event; when, who and why stand in the first."""
    head = (
        change.occurred_at.ToDatetime().strftime("%Y-%m-%d %H:%M:%S"),
        str(change.revision),
        actor_of(change.actor),
    )
    for number, event in enumerate(change.events):
        yield (*(head if number == 0 else ("", "", "")), line_of(event), change.why if number == 0 else "")
