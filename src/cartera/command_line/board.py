"""The monitoring table as people read it: as many columns and rows as there is room for, long waits in colour."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cartera.command_line.plain import plain
from cartera.command_line.words import word
from cartera.routing.v1.agent_pb2 import AGENT_STATUS_OFFLINE, AGENT_STATUS_ONLINE, AGENT_STATUS_PAUSED, AgentStatus
from cartera.routing.v1.monitor_pb2 import AgentMonitor, Monitor, WorkgroupMonitor

GAP = 2
MUCH_TOO_LONG = 3
"""Of so many times the target a wait is red; beyond the target itself it is yellow."""

STATUS_STYLES = {AGENT_STATUS_ONLINE: "green", AGENT_STATUS_PAUSED: "yellow", AGENT_STATUS_OFFLINE: "dim"}
STATUS_ORDER = (AGENT_STATUS_ONLINE, AGENT_STATUS_PAUSED, AGENT_STATUS_OFFLINE)


class Column(NamedTuple):
    """A column: its title, and how early it gives way where there is no room; 0 never does."""

    title: str
    gives_way: int
    justify: str = "right"


WORKGROUP_COLUMNS = (
    Column("workgroup", 0, "left"),
    Column("name", 9, "left"),
    Column("waiting", 1),
    Column("longest", 2),
    Column("for owner", 8),
    Column("unassigned", 7),
    Column("offered", 10),
    Column("level", 4),
    Column("answered", 5),
    Column("abandoned", 6),
    Column("online", 3),
    Column("free", 11),
    Column("fairness", 12),
)
AGENT_COLUMNS = (
    Column("agent", 0, "left"),
    Column("name", 9, "left"),
    Column("status", 1, "left"),
    Column("since", 3),
    Column("load", 2),
    Column("offered", 8),
    Column("wrap-up", 7),
    Column("today", 4),
    Column("online", 5),
    Column("workgroups", 6, "left"),
)

Row = Sequence[Text]


class Size(NamedTuple):
    """The room there is, in characters. No height is as much as it takes."""

    width: int
    height: int | None = None


def board(title: str, monitor: Monitor, size: Size, elapsed: timedelta = timedelta()) -> RenderableType:
    """The table, with the times as they are so long after it was made."""
    at = monitor.as_of.ToDatetime() + elapsed
    head = Text(f"{title}  {at:%H:%M:%S} UTC", style="bold", no_wrap=True, overflow="ellipsis")
    workgroups = [workgroup_row(each, elapsed) for each in monitor.workgroups]
    agents = [agent_row(each, monitor, elapsed) for each in in_order(monitor.agents)]
    room = shared(size.height, len(workgroups), len(agents))
    return Group(
        head,
        Text(),
        table(WORKGROUP_COLUMNS, workgroups, size.width, room[0]),
        Text(),
        table(AGENT_COLUMNS, agents, size.width, room[1]),
    )


def in_order(agents: Iterable[AgentMonitor]) -> list[AgentMonitor]:
    """Who is online first, then who pauses: those who are not there give way where there is no room."""
    return sorted(agents, key=lambda each: STATUS_ORDER.index(each.status) if each.status in STATUS_ORDER else -1)


def shared(height: int | None, workgroups: int, agents: int) -> tuple[int | None, int | None]:
    """How many rows of each there is room for, beside the title, two blank lines and two heads."""
    if height is None:
        return None, None
    rows = max(height - 5, 2)
    for_workgroups = min(workgroups, max(rows - agents, rows // 2))
    return for_workgroups, rows - for_workgroups


def table(columns: Sequence[Column], rows: Sequence[Row], width: int, room: int | None) -> Table:
    """The rows that there is room for, with the columns that fit; the last line says how many rows are left out."""
    shown = fitting(columns, rows, width)
    made = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for index in shown:
        column = columns[index]
        # Rich's own type of justification is a literal, which a named tuple's field is not.
        made.add_column(column.title, justify=column.justify, no_wrap=True, overflow="ellipsis")  # type: ignore[arg-type]
    kept = rows if room is None or len(rows) <= room else rows[: max(room - 1, 0)]
    for row in kept:
        made.add_row(*(row[index] for index in shown))
    if len(kept) < len(rows):
        made.add_row(Text(f"and {len(rows) - len(kept)} more", style="dim"))
    return made


def fitting(columns: Sequence[Column], rows: Sequence[Row], width: int) -> list[int]:
    """The columns that fit beside each other; the others gave way, those with the highest number first."""
    widths = [
        max([cell_len(column.title), *(row[index].cell_len for row in rows)]) + GAP
        for index, column in enumerate(columns)
    ]
    shown = list(range(len(columns)))
    while len(shown) > 1 and sum(widths[index] for index in shown) - GAP > width:
        shown.remove(max(shown, key=lambda index: columns[index].gives_way))
    return shown


def workgroup_row(row: WorkgroupMonitor, elapsed: timedelta) -> Row:
    waiting = row.waiting_for_owner + row.queued + row.unassigned + row.offered
    wait = row.longest_wait.ToTimedelta() + elapsed if row.HasField("longest_wait") else None
    return (
        Text(plain(row.workgroup_id)),
        Text(plain(row.name)),
        count(waiting),
        Text(span(wait), style=urgency(wait, row.service_level_target.ToTimedelta())),
        count(row.waiting_for_owner),
        count(row.unassigned),
        count(row.offered),
        Text(f"{row.service_level:.0%}" if row.HasField("service_level") else ""),
        count(row.assigned_today),
        count(row.abandoned_today),
        count(row.agents_online),
        count(row.agents_available),
        Text(f"{row.fairness:.2f}" if row.HasField("fairness") else ""),
    )


def agent_row(row: AgentMonitor, monitor: Monitor, elapsed: timedelta) -> Row:
    style = STATUS_STYLES.get(row.status, "")
    reason = f" ({row.reason_code})" if row.reason_code else ""
    online = time_of(row.online_today) + elapsed if row.status == AGENT_STATUS_ONLINE else time_of(row.online_today)
    return (
        Text(plain(row.agent_id), style=style),
        Text(plain(row.name), style=style),
        Text(plain(word(AgentStatus.DESCRIPTOR, row.status) + reason), style=style),
        Text(span(between(row.status_since, monitor.as_of) + elapsed) if row.HasField("status_since") else ""),
        Text(f"{row.units_in_use}/{row.capacity}", style="" if row.units_in_use < row.capacity else "bold"),
        count(row.offered),
        count(row.wrap_up),
        count(row.assigned_today),
        Text(span(online) if row.HasField("online_today") else ""),
        Text(plain(", ".join(row.workgroup_ids))),
    )


def count(number: int) -> Text:
    """A number; none is dim, so that the others stand out."""
    return Text(str(number), style="" if number else "dim")


def urgency(wait: timedelta | None, target: timedelta) -> str:
    """The colour of a wait, by the time within which interactions should be answered."""
    if wait is None or wait <= target:
        return ""
    return "bold red" if wait > MUCH_TOO_LONG * target else "yellow"


def span(time: timedelta | None) -> str:
    """A time as people say it, in two units at most."""
    if time is None:
        return ""
    minutes, seconds = divmod(max(int(time.total_seconds()), 0), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d{hours:02}h"
    if hours:
        return f"{hours}h{minutes:02}m"
    return f"{minutes}m{seconds:02}s" if minutes else f"{seconds}s"


def time_of(duration: Duration) -> timedelta:
    return duration.ToTimedelta()


def between(since: Timestamp, until: Timestamp) -> timedelta:
    return until.ToDatetime() - since.ToDatetime()
