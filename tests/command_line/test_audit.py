"""`cartera audit`: who did what, in the terminal."""

import json

import pytest

pytestmark = pytest.mark.req("G7")

WORKGROUP = """
workgroups: [{workgroup_id: ventas, member_ids: [ana, carlos], method: round_robin, queue_when_nobody_online: true}]
"""


def audited(command_line, *options):
    """The rows of the table, without when and the revision."""
    _, *rows = command_line.succeeds("audit", *options).splitlines()
    return [tuple(cell.strip() for cell in row[30:].split("  ") if cell.strip()) for row in rows]


def test_it_lists_who_did_what_and_why(command_line):
    """The newest first, a row for each event; as JSON the answer whole."""
    command_line.succeeds("apply", "-f", "-", "--why", "Lucía se va", "--subject", "root", given=WORKGROUP)
    command_line.succeeds("agent", "status", "ana", "online")
    newest, *before = audited(command_line)
    assert newest == ("administrator root", "workgroup ventas saved", "Lucía se va")
    assert ("agent ana saved",) in before
    assert [row[1] for row in audited(command_line, "--object", "workgroup/ventas", "--by", "root")] == [newest[1]]
    assert audited(command_line, "--until", "2020-01-01") == audited(command_line, "--by-role", "gateway") == []
    answer = json.loads(command_line.succeeds("audit", "--json", "--limit", "1"))
    assert [each["why"] for each in answer["changes"]] == ["Lucía se va"]


def test_a_kind_that_there_is_not_is_named(command_line):
    """In one line, with those that there are."""
    assert "--object: 'team' is none of tenant, agent" in command_line.fails("audit", "--object", "team", status=2)
