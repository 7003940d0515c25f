"""The monitoring table on a terminal of any size."""

import io
from datetime import timedelta

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console

from cartera.command_line.board import AGENT_COLUMNS, WORKGROUP_COLUMNS, Size, board, span, urgency
from cartera.routing.v1.agent_pb2 import AGENT_STATUS_OFFLINE, AGENT_STATUS_ONLINE, AGENT_STATUS_PAUSED
from cartera.routing.v1.monitor_pb2 import AgentMonitor, Monitor, WorkgroupMonitor

pytestmark = pytest.mark.req("W2")

MINUTE = timedelta(minutes=1)
AT = Timestamp(seconds=1_772_442_000)  # 2026-03-02 09:00 UTC


def monitor(*, agents=1, workgroups=1):
    return Monitor(
        as_of=AT,
        workgroups=[
            WorkgroupMonitor(
                workgroup_id=f"ventas-{number}",
                name="Ventas de España",
                waiting_for_owner=1,
                queued=2,
                longest_wait=Duration(seconds=90),
                service_level_target=Duration(seconds=20),
                service_level=0.8,
                fairness=0.95,
                assigned_today=40,
                abandoned_today=3,
                agents_online=5,
            )
            for number in range(workgroups)
        ],
        agents=[
            AgentMonitor(
                agent_id=f"agente-{number}",
                name="José Núñez",
                status=AGENT_STATUS_ONLINE if number % 2 else AGENT_STATUS_OFFLINE,
                status_since=Timestamp(seconds=AT.seconds - 600),
                online_today=Duration(seconds=3600),
                units_in_use=1,
                capacity=3,
                assigned_today=12,
                workgroup_ids=["ventas-0"],
            )
            for number in range(agents)
        ],
    )


def drawn(table, width=200, height=None, elapsed=timedelta()):
    """The lines of a board on a terminal of that size."""
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False)
    console.print(board("revision 7", table, Size(width, height), elapsed))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_a_wide_terminal_shows_every_column():
    """Where there is room nothing is left out."""
    lines = drawn(monitor())
    assert lines[0] == "revision 7  09:00:00 UTC"
    assert all(column.title in lines[2] for column in WORKGROUP_COLUMNS)
    assert all(column.title in lines[5] for column in AGENT_COLUMNS)
    assert " ".join(lines[3].split()) == "ventas-0 Ventas de España 3 1m30s 1 0 0 80% 40 3 5 0 0.95"
    assert " ".join(lines[6].split()) == "agente-0 José Núñez offline 10m00s 1/3 0 0 12 1h00m ventas-0"


@pytest.mark.parametrize("width", range(1, 140, 3))
def test_a_narrow_terminal_breaks_no_line(width):
    """However narrow it is, a row stays one line, and no line is longer than the terminal is wide."""
    lines = drawn(monitor(agents=2, workgroups=2), width)
    assert len(lines) == 9 if width > 1 else len(lines) >= 9
    assert all(len(line) <= width for line in lines)


def test_the_most_important_columns_stay():
    """On a narrow terminal who waits and who is there are the last to go."""
    lines = drawn(monitor(), 40)
    assert lines[2].split() == ["workgroup", "waiting", "longest", "online"]
    assert lines[5].split() == ["agent", "status", "since", "load", "today"]


@pytest.mark.parametrize("height", range(7, 60, 4))
@pytest.mark.parametrize(("agents", "workgroups"), [(100, 2), (3, 100), (100, 100), (1, 1), (0, 0)])
def test_a_low_terminal_is_not_overrun(height, agents, workgroups):
    """What has no room is counted in a line of its own, and the table is no higher than the terminal."""
    lines = drawn(monitor(agents=agents, workgroups=workgroups), height=height)
    assert len(lines) <= height
    shown = sum("agente-" in line for line in lines)
    left_out = sum(int(line.split()[1]) for line in lines if line.startswith("and "))
    assert shown + sum("Ventas" in line for line in lines) + left_out == agents + workgroups


def test_who_is_there_comes_first():
    """Agents who are online stand above those who are not, who are left out first."""
    lines = drawn(monitor(agents=20), height=12)
    assert [line.split()[0] for line in lines if "agente" in line] == [f"agente-{number}" for number in (1, 3, 5, 7, 9)]
    assert lines[-1] == "and 15 more"


def test_times_go_on_between_two_tables():
    """Waits, and the times of who is online, are as long as they are now, not as when the table was made."""
    lines = drawn(monitor(agents=2), elapsed=timedelta(seconds=61))
    assert lines[0].endswith("09:01:01 UTC")
    assert "2m31s" in lines[3]
    online, offline = lines[6].split(), lines[7].split()
    assert online[4:] == ["11m01s", "1/3", "0", "0", "12", "1h01m", "ventas-0"]
    assert offline[4:] == ["11m01s", "1/3", "0", "0", "12", "1h00m", "ventas-0"]


def test_a_pause_says_why():
    """The reason of a pause stands beside the status."""
    table = monitor()
    table.agents[0].status, table.agents[0].reason_code = AGENT_STATUS_PAUSED, "almuerzo"
    assert "paused (almuerzo)" in drawn(table)[6]


def test_what_is_unset_is_empty():
    """Where there is no figure there is no zero either."""
    table = Monitor(as_of=AT, workgroups=[WorkgroupMonitor(workgroup_id="v")], agents=[AgentMonitor(agent_id="a")])
    lines = drawn(table)
    assert lines[3].split() == ["v", *["0"] * 8]
    assert lines[6].split() == ["a", "unspecified", "0/0", "0", "0", "0"]


@pytest.mark.parametrize(
    ("wait", "style"),
    [(None, ""), (MINUTE, ""), (1.01 * MINUTE, "yellow"), (3 * MINUTE, "yellow"), (3.01 * MINUTE, "bold red")],
)
def test_long_waits_are_in_colour(wait, style):
    """A wait beyond the target is yellow, one of more than three times the target red."""
    assert urgency(wait, MINUTE) == style


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59.9, "59s"), (60, "1m00s"), (3599, "59m59s"), (3600, "1h00m"), (86_399, "23h59m"), (90_000, "1d01h")],
)
def test_times_are_said_in_two_units(seconds, text):
    """Seconds, minutes and seconds, hours and minutes, days and hours."""
    assert span(timedelta(seconds=seconds)) == text


def test_no_time_is_no_text():
    """Nothing waits: nothing is said."""
    assert span(None) == ""
