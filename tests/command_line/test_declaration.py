from datetime import timedelta
from pathlib import Path

import pytest

from cartera.command_line.declaration import Mistakes, read_declaration
from cartera.command_line.declaration.scalars import duration
from cartera.routing.v1.channel_pb2 import CHANNEL_CHAT, CHANNEL_VOICE, PRIORITY_URGENT
from cartera.routing.v1.workgroup_pb2 import ASSIGNMENT_METHOD_ROUND_ROBIN

ROOT = Path(__file__).parents[2]


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
        "line 9: workgroups[0].method: 'round_robbin' is none of round_robin, least_load, manual",
        "line 10: workgroups[0].owner_wait: '5' is no duration; examples: 30s, 5m, 12h, 1m30s",
        (
            "line 11: workgroups[1].etag: is no known key; known are workgroup_id, name, member_ids, supervisor_ids, "
            "method, portfolio_mode, owner_wait, queue_when_nobody_online, ageing_interval"
        ),
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
