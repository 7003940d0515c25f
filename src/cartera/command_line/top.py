"""`cartera top`."""

import time
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console, RenderableType
from rich.live import Live

from cartera.client import CarteraError, MonitorWatch
from cartera.client.position import MonitorFilters
from cartera.command_line.board import Size, board
from cartera.command_line.connection import Connection, connected
from cartera.command_line.failure import Failed
from cartera.command_line.output import as_dictionary, console, print_json
from cartera.routing.v1.monitor_service_pb2 import GetMonitorResponse, WatchMonitorResponse

PATIENCE = 5.0
"""The seconds without the service after which the table is too old to be looked at; a restart takes less."""

REFRESHES_PER_SECOND = 2

Answer = GetMonitorResponse | WatchMonitorResponse


def register(application: typer.Typer) -> None:
    application.command("top")(connected(top))


def top(
    connection: Connection,
    *,
    once: Annotated[bool, typer.Option("--once", help="Show one table, and end.")] = False,
    interval: Annotated[
        float, typer.Option(min=0.2, max=60.0, metavar="SECONDS", help="The least time between two tables.")
    ] = 1.0,
    workgroup: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this workgroup and its members; repeat for more.")
    ] = None,
    agent: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this agent and its workgroups; repeat for more.")
    ] = None,
) -> None:
    """Show how the floor stands, agents and workgroups, until Ctrl-C. Long waits are in colour.

    Where the output is no terminal, one table follows another. With --json each is a line.

    **Examples**

    `cartera top --tenant demo`

    `cartera top --tenant demo --workgroup ventas --once`
    """
    filters: MonitorFilters = {"workgroup_ids": workgroup or [], "agent_ids": agent or []}
    with connection.client() as client:
        shown = Shown(client.monitor.GetMonitor(**filters), as_json=connection.output.as_json)
        if once:
            shown.print()
            return
        pace = timedelta(seconds=interval)
        with client.watch_monitor(give_up_after=PATIENCE, interval=pace, **filters) as tables:
            try:
                follow(tables, shown)
            except KeyboardInterrupt:
                return  # it is how one leaves
            except CarteraError as error:
                raise Failed(f"the service does not answer any more: {error}; {shown.age()}") from error


def follow(tables: MonitorWatch, shown: "Shown") -> None:
    terminal = console()
    if shown.as_json or not terminal.is_terminal or terminal.is_dumb_terminal:
        for answer in tables:
            shown.take(answer)
            shown.print()
        return
    live = Live(
        console=terminal,
        screen=True,
        get_renderable=lambda: shown.board(terminal, terminal.height),
        refresh_per_second=REFRESHES_PER_SECOND,
    )
    with live:
        for answer in tables:
            shown.take(answer)
            live.refresh()


class Shown:
    """The last table, and how old it is: times go on between two of them."""

    def __init__(self, answer: Answer, *, as_json: bool) -> None:
        self.as_json = as_json
        self.take(answer)

    def take(self, answer: Answer) -> None:
        self._last = (answer, time.monotonic())  # one value, because another thread draws it

    def print(self) -> None:
        if self.as_json:
            print_json(as_dictionary(self._last[0]), indent=None)
        else:
            terminal = console()
            terminal.print(self.board(terminal))
            terminal.print()

    def board(self, terminal: Console, height: int | None = None) -> RenderableType:
        answer, taken_at = self._last
        elapsed = timedelta(seconds=time.monotonic() - taken_at)
        return board(f"revision {answer.revision}", answer.monitor, Size(terminal.width, height), elapsed)

    def age(self) -> str:
        """When the last table was made."""
        as_of = self._last[0].monitor.as_of
        return f"the last table is of {as_of.ToDatetime():%H:%M:%S} UTC"
