"""`cartera top`, on a terminal and off it, against a real service."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import termios
import time
from contextlib import contextmanager

import pytest

from tests.command_line.served import cartera, environment, served
from tests.fixtures.nursery import Process

pytestmark = pytest.mark.req("W2")

PATIENCE = 60
ENTERED, LEFT, CURSOR_SHOWN = "\x1b[?1049h", "\x1b[?1049l", "\x1b[?25h"
"""What a program writes to have a screen of its own, to give the old one back, and to show the cursor."""


class Terminal:
    """A program on a terminal of its own, with what it has written to it so far."""

    def __init__(self, process, master):
        self.process, self._master, self.written = process, master, ""

    def shows(self, text):
        """The text comes."""
        end = time.monotonic() + PATIENCE
        while text not in self.written:
            assert time.monotonic() < end, self.written
            assert self._read(end), self.written

    def ends(self):
        """The program ends by itself; answers its status."""
        end = time.monotonic() + PATIENCE
        while self._read(end):
            pass
        return self.process.wait(timeout=PATIENCE)

    def _read(self, end):
        """Whether there was something to read before the terminal was closed."""
        ready, _, _ = select.select([self._master], [], [], max(end - time.monotonic(), 0))
        try:
            data = os.read(self._master, 65_536) if ready else b""
        except OSError:  # what Linux says when nobody has the terminal open any more
            return False
        self.written += data.decode()
        return bool(data)


@contextmanager
def terminal(*arguments, variables, columns=120, lines=30):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    with Process(list(arguments), environment(**variables, TERM="xterm-256color"), terminal=slave) as process:
        os.close(slave)
        yield Terminal(process, master)
    os.close(master)


def test_top_shows_one_table(command_line):
    """With --once: workgroups with what waits, agents with what they do, and the end."""
    command_line.succeeds("agent", "status", "ana", "online")
    for number in range(2):
        command_line.succeeds("route", "--campaign", "voz", "--contact", f"+3460{number}", "--channel", "voice")
    lines = command_line.succeeds("top", "--once").splitlines()
    assert lines[0].startswith("revision 4  ")
    assert lines[2].split()[:3] == ["workgroup", "name", "waiting"]
    (ventas,) = [line.split() for line in lines if line.startswith("ventas ")]
    assert ventas[1] == "1", "one waits"
    (ana,) = [line.split() for line in lines if line.startswith("ana ")]
    assert (ana[2], ana[4]) == ("online", "1/1")
    assert sum("offline" in line for line in lines) == 2


def test_top_filters(command_line):
    """Only the workgroup and its members, only the agent."""
    listed = command_line.succeeds("top", "--once", "--agent", "carlos")
    assert "carlos" in listed
    assert "lucia" not in listed
    assert "ventas" not in command_line.succeeds("top", "--once", "--workgroup", "no-such")


def test_top_as_json(command_line):
    """Scripts get the answer whole, as a line."""
    (line,) = command_line.succeeds("top", "--once", "--json").splitlines()
    answer = json.loads(line)
    assert answer["revision"] == "1"
    assert [each["agent_id"] for each in answer["monitor"]["agents"]] == ["ana", "carlos", "lucia"]


def test_top_follows_what_changes(command_line):
    """Off a terminal one table follows another, as things happen."""
    arguments = ["top", "--json", "--interval", "0.2"]
    with Process(arguments, environment(**command_line.variables)) as following:
        assert json.loads(following.stdout.readline())["revision"] == "1"
        command_line.succeeds("agent", "status", "ana", "online")
        statuses = (json.loads(line)["monitor"]["agents"][0]["status"] for line in following.stdout)
        assert "AGENT_STATUS_ONLINE" in statuses
        following.send_signal(signal.SIGINT)
        assert following.wait(timeout=PATIENCE) == 0


def test_top_on_a_terminal(command_line):
    """On a terminal the table has the screen, follows what changes, and gives the screen back on Ctrl-C."""
    with terminal("top", "--interval", "0.2", variables=command_line.variables) as screen:
        screen.shows(ENTERED)
        screen.shows("carlos")
        command_line.succeeds("agent", "status", "carlos", "paused", "--reason", "lunch")
        screen.shows("paused (lunch)")
        screen.process.send_signal(signal.SIGINT)
        assert screen.ends() == 0
    assert LEFT in screen.written
    assert CURSOR_SHOWN in screen.written
    assert "Traceback" not in screen.written


@pytest.mark.parametrize(("columns", "lines"), [(20, 5), (1, 1), (60, 200)])
def test_top_on_a_terminal_of_any_size(command_line, columns, lines):
    """A terminal that is small, or odd, breaks nothing."""
    with terminal("top", variables=command_line.variables, columns=columns, lines=lines) as screen:
        screen.shows(ENTERED)
        command_line.succeeds("agent", "status", "ana", "online")
        screen.process.send_signal(signal.SIGINT)
        assert screen.ends() == 0
    assert "Traceback" not in screen.written


def test_top_ends_with_one_line_when_the_service_is_gone(tmp_path):
    """A connection that is lost and doesn't come back ends it, with the screen given back and one line that says so."""
    with served(tmp_path) as service:
        variables = {"CARTERA_ADDRESS": service.address, "CARTERA_TENANT": "aurora"}
        applied = tmp_path / "tenant.yaml"
        applied.write_text("tenant: {name: Aurora}\nagents: [{agent_id: ana, name: Ana, capacity: 1}]\n")
        assert cartera("apply", "-f", str(applied), **variables).returncode == 0
        with terminal("top", variables=variables) as screen:
            screen.shows("offline")
            service.stop()
            assert screen.ends() == 1
    left, line = screen.written.split(LEFT)
    assert ENTERED in left
    told = [each for each in line.replace(CURSOR_SHOWN, "").splitlines() if each.strip()]
    assert len(told) == 1
    assert told[0].startswith("cartera: the service does not answer any more: ")
    assert "the last table is of " in told[0]


def test_top_without_a_service_is_one_line(tmp_path):
    """A service that isn't there is said at once."""
    ran = cartera("top", "--tenant", "t", "--address", "127.0.0.1:1")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("cartera: the service does not answer: ")
    assert len(ran.stderr.splitlines()) == 1


def test_top_is_not_for_agents(command_line):
    """Who may not see the table is told so, in one line."""
    assert "PERMISSION_DENIED" in command_line.fails("top", "--role", "agent", "--subject", "ana")
