import json

import pytest

from tests.command_line.conftest import TENANT

WITH_UNKNOWN_NAMES = """
workgroups:
  - workgroup_id: ventas
    member_ids: [ana, nobody]
    method: round_robin
campaigns:
  - campaign_id: nueva
    addresses: [{channel: voice, address: "1"}]
    workgroup_ids: [none]
"""


def declared(**changes):
    text = TENANT.format(method=changes.pop("method", "round_robin"))
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def test_apply_creates_the_tenant_and_says_what_it_made(empty):
    """A tenant that isn't there is created, with everything in the file."""
    said = empty.succeeds("apply", "-f", "-", given=declared()).splitlines()
    assert f"created  tenant {empty.tenant_id}" in said
    assert "created  workgroup ventas" in said
    assert said[-1] == "8 changes made, revision 1"


def test_apply_twice_changes_nothing(command_line):
    """The second time nothing differs, and no revision is made."""
    before = json.loads(command_line.succeeds("agent", "list", "--json"))["revision"]
    assert command_line.succeeds("apply", "-f", "-", given=declared()) == "nothing differs\n"
    assert json.loads(command_line.succeeds("agent", "list", "--json"))["revision"] == before


def test_apply_updates_what_differs_and_names_the_fields(command_line):
    """Only what is different is touched."""
    said = command_line.succeeds("apply", "-f", "-", given=declared(method="least_load", Carlos="Carla"))
    assert said.splitlines()[:2] == ["updated  agent carlos (name)", "updated  workgroup ventas (method)"]


def test_dry_run_says_the_same_and_changes_nothing(command_line):
    """--dry-run answers as if it were done."""
    changed = declared(Carlos="Carla")
    for _ in range(2):
        said = command_line.succeeds("apply", "-f", "-", "--dry-run", given=changed)
        assert said.splitlines() == ["updated  agent carlos (name)", "1 change would be made"]


def test_dry_run_of_a_new_tenant(empty):
    """What would be created can be seen before there is anything."""
    said = empty.succeeds("apply", "-f", "-", "--dry-run", given=declared())
    assert said.splitlines()[-1] == "8 changes would be made"
    assert "TENANT_NOT_FOUND" in empty.fails("agent", "list")


@pytest.mark.req("G3")
def test_what_the_service_finds_wrong_has_its_line(command_line):
    """References that lead nowhere are named together, where they stand in the file."""
    complaint = command_line.fails("apply", "-f", "-", given=WITH_UNKNOWN_NAMES).splitlines()
    assert complaint[0] == "cartera: standard input: 2 mistakes"
    assert complaint[1].startswith("  line 4: workgroups[0].member_ids[1]: ")
    assert complaint[2].startswith("  line 9: campaigns[0].workgroup_ids[0]: ")


@pytest.mark.req("G3")
def test_what_an_error_cannot_carry_is_counted(command_line):
    """It names as many as fit into it; the others are no fewer mistakes."""
    names = "".join(f"  - {{workgroup_id: w{number}, method: manual, member_ids: [nobody]}}\n" for number in range(60))
    complaint = command_line.fails("apply", "-f", "-", given=f"workgroups:\n{names}").splitlines()
    assert complaint[0] == "cartera: standard input: 60 mistakes"
    assert complaint[-1] == f"  and {60 - len(complaint[1:-1])} more"


SENSELESS = """
workgroups:
  - workgroup_id: ventas
    member_ids: [ana]
    method: default_group
    overflow_steps: [{after: 1m, add_workgroup_id: ventas}]
campaigns:
  - campaign_id: voz
    addresses: [{channel: voice, address: "900"}]
    workgroup_ids: [ventas]
    hours:
      time_zone: Bogota
      opening_hours:
        - {day: monday, opens: "18:00", closes: "09:00"}
portfolios: [{portfolio_id: vip, state: inactive}]
portfolio_contacts:
  - {contact_id: elena, portfolio_id: vip}
"""


@pytest.mark.req("G3", "C11", "C12", "M5", "P4")
def test_what_makes_no_sense_has_its_line(command_line):
    """All that the service finds senseless is named together, where it stands in the file."""
    assert command_line.fails("apply", "-f", "-", given=SENSELESS).splitlines() == [
        "cartera: standard input: 5 mistakes",
        "  line 3: workgroups[0].default_agent_ids: is empty, and the method DEFAULT_GROUP chooses from it.",
        (
            "  line 6: workgroups[0].overflow_steps[0].add_workgroup_id: names workgroup/ventas, by which the "
            "workgroup overflows back into itself."
        ),
        "  line 12: campaigns[0].hours.time_zone: names Bogota, which is no time zone.",
        "  line 14: campaigns[0].hours.opening_hours[0].closes: must be later than 18:00, when it opens.",
        "  line 17: portfolio_contacts[0].portfolio_id: Portfolio vip is inactive and takes no contacts.",
    ]


def test_mistakes_in_the_file_are_found_before_the_service_is_asked(empty):
    """One mistake is one line."""
    complaint = empty.fails("apply", "-f", "-", given="agents:\n  - {agent_id: ana, capacty: 1}\n")
    assert complaint.startswith(
        "cartera: standard input: line 2: agents[0].capacty: is no known key; capacity is meant?"
    )


def test_a_file_for_another_tenant_is_refused(empty):
    """The file and the command line must not mean two tenants."""
    complaint = empty.fails("apply", "-f", "-", given="tenant_id: other\n")
    assert complaint == f"cartera: the file is for tenant other, --tenant or CARTERA_TENANT says {empty.tenant_id}\n"


def test_a_file_that_is_not_there_or_no_text(empty, tmp_path):
    """Files that can't be read are one line too."""
    assert "No such file" in empty.fails("apply", "-f", str(tmp_path / "none.yaml"))
    (tmp_path / "latin.yaml").write_bytes(b"tenant: {name: \xd1}")
    assert "is not UTF-8" in empty.fails("apply", "-f", str(tmp_path / "latin.yaml"))


def test_the_answer_as_json(empty):
    """Scripts read the answer of the service itself."""
    answer = json.loads(empty.succeeds("apply", "-f", "-", "--json", given=declared()))
    assert answer["revision"] == "1"
    assert len(answer["changes"]) == 8
