from datetime import timedelta
from pathlib import Path

import pytest

from cartera.command_line.declaration import Mistakes, read_declaration
from cartera.command_line.declaration.scalars import duration
from cartera.routing.v1.channel_pb2 import CHANNEL_CHAT, CHANNEL_VOICE, PRIORITY_URGENT
from cartera.routing.v1.workgroup_pb2 import ASSIGNMENT_METHOD_ROUND_ROBIN, Workgroup

ROOT = Path(__file__).parents[2]
KEYS_OF_WORKGROUPS = [field.name for field in Workgroup.DESCRIPTOR.fields if field.name != "etag"]


def mistakes_in(text):
    with pytest.raises(Mistakes) as caught:
        read_declaration(text)
    return [str(each) for each in caught.value.mistakes]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("5m", 300), ("12h", 43200), ("1m30s", 90), ("1.5h", 5400), ("250ms", 0.25), ("2d", 172800)],
)
def test_durations_are_written_with_their_unit(text, seconds):
    """30s, 5m and 12h are durations, and so are sums of them."""
    assert duration(text).ToTimedelta() == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["5", "", "s", "5 minutes", "-5s", "5s5", "1e3s"])
def test_what_is_no_duration_is_refused(text):
    """A number without a unit could be anything."""
    with pytest.raises(ValueError, match="is no duration"):
        duration(text)


@pytest.mark.parametrize(
    "word", ["round_robin", "ROUND_ROBIN", "round-robin", "Round Robin", "ASSIGNMENT_METHOD_ROUND_ROBIN"]
)
def test_words_of_enumerations_are_read_in_any_form(word):
    """The contract's words, as people write them."""
    declared = read_declaration(f"workgroups: [{{workgroup_id: v, method: {word}}}]")
    assert declared.configuration.workgroups[0].method == ASSIGNMENT_METHOD_ROUND_ROBIN


@pytest.mark.req("Z2")
def test_conditions_have_a_long_and_a_short_form():
    """A condition may be one word, a list of words, or all of it."""
    long = """
    triggers:
      - trigger_id: t
        active: true
        all_of:
          - channel: {channels: [voice]}
          - tags: {any_of: [VIP]}
          - channel: {channels: [voice, chat]}
        actions: {priority: urgent}
    """
    short = """
    triggers:
      - trigger_id: t
        all_of: [{channel: voice}, {tags: VIP}, {channel: [voice, chat]}]
        actions: {priority: urgent}
    """
    declared = read_declaration(short).configuration
    assert declared == read_declaration(long).configuration
    assert declared.triggers[0].all_of[2].channel.channels == [CHANNEL_VOICE, CHANNEL_CHAT]
    assert declared.triggers[0].actions.priority == PRIORITY_URGENT


@pytest.mark.req("Z2", "M8", "C2", "C12")
def test_what_is_short_and_what_is_meant_by_saying_nothing():
    """Skills, holidays, languages, priorities and attributes may be one word; a level and a cost not said are 1."""
    long = """
    tenant: {name: x, channel_rules: [{channel: voice, cost: 1, exclusive: true}]}
    agents: [{agent_id: a, capacity: 1, skills: [{name: sap, level: 1}]}]
    campaigns:
      - campaign_id: c
        addresses: [{channel: voice, address: "1"}]
        workgroup_ids: [w]
        hours: {time_zone: UTC, holidays: [{date: 2026-12-25}]}
    triggers:
      - trigger_id: t
        active: true
        all_of:
          - language: {languages: [es]}
          - priority: {priorities: [high, urgent]}
          - attribute: {name: plan}
        actions: {skills: [{skill: sap, level: 1}]}
    """
    short = """
    tenant: {name: x, channel_rules: [{channel: voice, exclusive: true}]}
    agents: [{agent_id: a, capacity: 1, skills: [sap]}]
    campaigns:
      - campaign_id: c
        addresses: [{channel: voice, address: "1"}]
        workgroup_ids: [w]
        hours: {time_zone: UTC, holidays: [2026-12-25]}
    triggers:
      - trigger_id: t
        all_of: [language: es, priority: [high, urgent], attribute: plan]
        actions: {skills: [sap]}
    """
    assert read_declaration(short).configuration == read_declaration(long).configuration


def test_of_alternatives_one_is_said():
    """Where only one of several keys may be said, a second is a mistake, not the one that counts."""
    assert mistakes_in("""
triggers: [{trigger_id: t, all_of: [{channel: voice, tags: VIP}], actions: {}}]
workgroups:
  - workgroup_id: w
    method: manual
    overflow_steps: [{after: 1m, priority: high, drop_skill: sap}]
""") == [
        "line 2: triggers[0].all_of[0].tags: stands beside channel; only one of them may be said",
        "line 6: workgroups[0].overflow_steps[0].drop_skill: stands beside priority; only one of them may be said",
    ]


def test_what_the_service_sets_is_not_declared():
    """When and by whom a contact came into a portfolio, the service says."""
    text = "portfolio_contacts: [{contact_id: c, portfolio_id: p, assigned_at: now}]"
    assert mistakes_in(text) == [
        (
            "line 1: portfolio_contacts[0].assigned_at: is no known key; known are contact_id, portfolio_id, comment, "
            "script_id"
        )
    ]


def test_a_trigger_is_active_unless_it_says_otherwise():
    """Who writes a trigger down wants it to work."""
    text = "triggers: [{trigger_id: t, actions: {priority: high}}, {trigger_id: u, active: false, actions: {}}]"
    assert [each.active for each in read_declaration(text).configuration.triggers] == [True, False]


def test_text_stays_as_it_is_written():
    """A telephone number is no number, and `no` is a name in Norway."""
    declared = read_declaration("tenant: {name: no, number: 0034900}").configuration
    assert (declared.tenant.name, declared.tenant.number) == ("no", "0034900")


def test_anchors_and_merges_are_followed():
    """What YAML offers against repetition works."""
    declared = read_declaration("""
    agents:
      - &model {agent_id: ana, capacity: 3, channels: [voice]}
      - {<<: *model, agent_id: luis}
    """).configuration
    assert [(each.agent_id, each.capacity) for each in declared.agents] == [("ana", 3), ("luis", 3)]


def test_keys_without_a_value_say_nothing():
    """An empty section is an absent one."""
    assert read_declaration("agents:\ntenant_id: acme") == read_declaration("tenant_id: acme")._replace(
        lines=read_declaration("agents:\ntenant_id: acme").lines
    )


def test_every_mistake_is_named_with_its_line():
    """All in one go: unknown keys, wrong words, numbers, durations, limits and doubles."""
    assert mistakes_in("""tenant_id: demo
tennant: {name: x}
agents:
  - {agent_id: ana, capacity: many}
  - {agent_id: luis, capacity: 0}
workgroups:
  - workgroup_id: a
    member_ids: ana
    method: round_robbin
    owner_wait: 5
  - {workgroup_id: b, workgroup_id: c, method: manual, etag: x}
""") == [
        "line 2: tennant: is no known key; tenant is meant?",
        "line 4: agents[0].capacity: 'many' is no whole number",
        "line 5: agents[1].capacity: must be greater than or equal to 1 and less than or equal to 10000",
        "line 8: workgroups[0].member_ids: must be a list",
        (
            "line 9: workgroups[0].method: 'round_robbin' is none of round_robin, least_load, manual, last_agent, "
            "default_group, by_channel, longest_idle, best_skill"
        ),
        "line 10: workgroups[0].owner_wait: '5' is no duration; examples: 30s, 5m, 12h, 1m30s",
        f"line 11: workgroups[1].etag: is no known key; known are {', '.join(KEYS_OF_WORKGROUPS)}",
        "line 11: workgroups[1].workgroup_id: stands here twice",
    ]


def test_what_follows_from_a_mistake_is_not_named():
    """A condition that could not be read is one mistake, not one more for being empty."""
    assert mistakes_in("triggers: [{trigger_id: t, all_of: [{chanel: voice}, {channel: fax}], actions: {}}]") == [
        "line 1: triggers[0].all_of[0].chanel: is no known key; channel is meant?",
        "line 1: triggers[0].all_of[1].channel.channels[0]: 'fax' is none of voice, chat, messaging, email",
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("agents: [", "line 1: is no YAML"),
        ("- a\n- b", "line 1: declares nothing"),
        ("", "line 1: declares nothing"),
        ("agents: {ana: 1}", "line 1: agents: must be a list"),
        ("agents: [ana]", "line 1: agents[0]: must have keys and values"),
        ("tenant: {name: [x]}", "line 1: tenant.name: must be a single value"),
        ("tenant_id: [x]", "line 1: tenant_id: must be one id"),
        ("agents: [{agent_id: a, capacity: 99999999999}]", "line 1: agents[0].capacity: "),
        ("workgroups: [{workgroup_id: a, method: manual, queue_when_nobody_online: maybe}]", "neither true nor false"),
        ("x: !!python/object:os.system {}", "line 1: x: is no known key"),
        ("a: \x00", "is no YAML"),
    ],
)
def test_whatever_it_is_there_is_a_line_for_it(text, mistake):
    """No input is a traceback."""
    assert mistake in mistakes_in(text)[0]


def test_the_sample_tenant_is_read():
    """The file of the demo has no mistake."""
    declared = read_declaration((ROOT / "examples" / "demo-tenant.yaml").read_text("utf-8"))
    assert declared.tenant_id == "demo"
    assert len(declared.configuration.agents) == 5
