"""The example tenants: each is applied as it stands, once and for all."""

import json
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))

every_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)


def declared(example, tenant_id):
    """What an example declares, for another tenant than its own."""
    first, *others = (
        line for line in example.read_text("utf-8").splitlines() if line.startswith("tenant_id") or line[:1] != "#"
    )
    assert first.startswith("tenant_id: ")
    return "\n".join([f"tenant_id: {tenant_id}", *others])


@every_example
def test_an_example_applies_and_a_second_time_changes_nothing(empty, example):
    """Each example makes a tenant; applied again, nothing differs."""
    text = declared(example, empty.tenant_id)
    said = empty.succeeds("apply", "-f", "-", given=text).splitlines()
    assert said[0] == f"created  tenant {empty.tenant_id}"
    assert said[-1].endswith("changes made, revision 1")
    assert empty.succeeds("apply", "-f", "-", given=text) == "nothing differs\n"
    assert empty.succeeds("apply", "-f", "-", "--dry-run", given=text) == "nothing differs\n"


@every_example
def test_a_dry_run_of_an_example_changes_nothing(empty, example):
    """--dry-run says all that applying it would do, and does none of it."""
    text = declared(example, empty.tenant_id)
    would = empty.succeeds("apply", "-f", "-", "--dry-run", given=text).splitlines()
    assert "TENANT_NOT_FOUND" in empty.fails("agent", "list")
    assert empty.succeeds("apply", "-f", "-", given=text).splitlines()[:-1] == would[:-1]


@pytest.mark.req("P1", "E1")
def test_examples_declare_places_and_exclusive_agents(empty):
    """Contacts in portfolios and exclusive agents are declared like anything else, and told in the summary."""
    by_name = {example.stem: example for example in EXAMPLES}
    said = empty.succeeds("apply", "-f", "-", given=declared(by_name["retail-chat"], empty.tenant_id))
    assert "created  portfolio_contact +573101112233" in said.splitlines()
    said = empty.succeeds("apply", "-f", "-", given=declared(by_name["bank-vip-voice"], empty.tenant_id))
    assert "created  exclusive_agent +528112340001/linea-vip" in said.splitlines()


@pytest.mark.req("Z2", "M8")
def test_an_english_speaker_of_the_bank_demands_english(empty):
    """What the bank's triggers say of English speakers reaches their calls."""
    bank = next(example for example in EXAMPLES if example.stem == "bank-vip-voice")
    empty.succeeds("apply", "-f", "-", given=declared(bank, empty.tenant_id))
    routed = empty.succeeds(
        "route", "--campaign", "linea-vip", "--contact", "+12145550188", "--channel", "voice", "--json"
    )
    interaction = json.loads(routed)["interaction"]
    assert interaction["language"] == "en-US"
    assert [each["skill"] for each in interaction["skills"]] == ["english"]
