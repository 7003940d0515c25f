import json

import pytest

from tests.command_line.served import environment
from tests.fixtures.nursery import Process


def watched(command_line, *arguments):
    return command_line.succeeds("watch", *arguments).splitlines()


@pytest.mark.req("W1")
def test_watch_tells_what_happened(command_line):
    """From a revision to a revision, a line for each event."""
    command_line.succeeds("agent", "status", "ana", "online")
    command_line.succeeds("route", "--campaign", "voz", "--contact", "+34600", "--channel", "voice")
    lines = watched(command_line, "--after", "1", "--until", "3")
    assert [line.split(maxsplit=2)[0] for line in lines] == ["2", "3", "3"]
    assert [line.split(maxsplit=2)[2] for line in lines] == [
        "ana is online, was offline",
        "i3 arrived: voice from +34600 in voz, priority normal, workgroup ventas",
        "i3 given to ana: round robin",
    ]


@pytest.mark.req("W1")
def test_watch_filters(command_line):
    """Only what names the agent, only events of the kind."""
    for agent in ("ana", "carlos"):
        command_line.succeeds("agent", "status", agent, "online")
    lines = watched(command_line, "--after", "1", "--until", "3", "--agent", "carlos")
    assert [line.split(maxsplit=2)[2] for line in lines] == ["carlos is online, was offline"]
    lines = watched(command_line, "--after", "0", "--until", "2", "--kind", "agent_status_changed")
    assert [line.split()[0] for line in lines] == ["2"]
    lines = watched(command_line, "--after", "1", "--until", "2", "--agent", "carlos")
    assert lines == []  # it has no step at 2, and its next one is beyond


@pytest.mark.req("W1")
def test_watch_as_json_is_a_line_for_each_step(command_line):
    """Scripts read steps, progress marks included, and know from where to go on."""
    command_line.succeeds("agent", "status", "ana", "online")
    steps = [json.loads(line) for line in watched(command_line, "--after", "1", "--until", "2", "--json")]
    changes = [step["change"] for step in steps if "change" in step]
    assert [change["revision"] for change in changes] == ["2"]
    assert changes[0]["events"][0]["agent_status_changed"]["presence"]["agent_id"] == "ana"


@pytest.mark.req("W1")
def test_watch_follows_what_comes(command_line):
    """Without a revision it begins now, and goes on until it is interrupted."""
    arguments = ["watch", "--after", "1", "--json"]
    with Process(arguments, environment(**command_line.variables)) as watching:
        command_line.succeeds("agent", "status", "ana", "online")
        revisions = (json.loads(line).get("change", {}).get("revision") for line in watching.stdout)
        assert next(each for each in revisions if each) == "2"
        watching.send_signal(2)
        assert watching.wait(timeout=60) == 130


@pytest.mark.req("W1")
def test_watch_ends_where_the_revision_was_never_reached(command_line):
    """A revision of the future is said in one line."""
    assert "REVISION_IN_THE_FUTURE" in command_line.fails("watch", "--after", "1000")
