"""`cartera watch`."""

from typing import Annotated

import typer

from cartera.client import CarteraError, Watch
from cartera.client.position import Filters
from cartera.command_line.choices import all_chosen
from cartera.command_line.connection import Connection, connected
from cartera.command_line.failure import Failed
from cartera.command_line.lines import lines_of
from cartera.command_line.output import as_dictionary, print_json
from cartera.command_line.plain import plain
from cartera.routing.v1.event_pb2 import EventKind
from cartera.routing.v1.event_service_pb2 import WatchEventsResponse

PATIENCE = 60.0
"""The seconds without the service after which a person has stopped believing in its return."""


def register(application: typer.Typer) -> None:
    application.command("watch")(connected(watch))


def watch(
    connection: Connection,
    *,
    after: Annotated[
        int | None,
        typer.Option(min=0, metavar="REVISION", help="Begin after this revision; left out, from now on."),
    ] = None,
    until: Annotated[
        int | None, typer.Option(min=0, metavar="REVISION", help="End when this revision is reached.")
    ] = None,
    agent: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only what names this agent.")] = None,
    workgroup: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only what names this workgroup.")] = None,
    interaction: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only what names this interaction.")
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="Only events of this kind, such as interaction_assigned.")
    ] = None,
) -> None:
    """Follow what happens, change by change, until Ctrl-C. After a lost connection it goes on where it was.

    With --json a line is one step of the feed, progress marks included.

    **Examples**

    `cartera watch --tenant demo`

    `cartera watch --tenant demo --after 0 --agent ana --json`
    """
    filters: Filters = {
        "agent_ids": agent or [],
        "workgroup_ids": workgroup or [],
        "interaction_ids": interaction or [],
        "kinds": all_chosen(EventKind, "--kind", kind),
    }
    with connection.client() as client, client.watch(after, give_up_after=PATIENCE, **filters) as steps:
        try:
            follow(steps, until, as_json=connection.output.as_json)
        except CarteraError as error:
            raise Failed(f"{error}; seen up to revision {steps.revision}") from error


def follow(steps: Watch, until: int | None, *, as_json: bool) -> None:
    """Tell of each step, of none beyond a revision: what passes no filter has no step of its own."""
    while until is None or steps.revision < until:
        step = next(steps)
        if until is None or step.change.revision <= until:
            tell(step, as_json=as_json)


def tell(step: WatchEventsResponse, *, as_json: bool) -> None:
    if as_json:
        print_json(as_dictionary(step), indent=None)
        return
    for line in lines_of(step.change):
        typer.echo(plain(line))
