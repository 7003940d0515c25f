"""Faults: a configuration that makes no sense is refused, with the path of every field that makes none (G3)."""

from datetime import timedelta

import pytest

from cartera.core.commands import ApplyConfiguration, Configuration, CreateResource, UpdateResource
from cartera.core.cycles import edges_on_cycles
from cartera.core.events import TenantSaved, WorkgroupSaved
from cartera.core.records import (
    Agent,
    Attribute,
    BusinessHours,
    ChannelAgents,
    ChannelRule,
    ClientSetting,
    Condition,
    Contact,
    Holiday,
    HoursCondition,
    LastAgentRule,
    OpeningHours,
    OverflowStep,
    Skill,
    SkillRequirement,
    Trigger,
    TriggerActions,
    Workgroup,
)
from cartera.core.vocabulary import AssignmentMethod, Channel, DayOfWeek, ErrorReason, OutsideHours
from tests.core.specification import given
from tests.core.tenants import TENANT, agents, campaign, ventas, workgroup

UNKNOWN, DUPLICATE = ErrorReason.UNKNOWN_REFERENCE, ErrorReason.DUPLICATE_VALUE
MINUTE = timedelta(minutes=1)


METHOD, WAYS = ErrorReason.METHOD_LACKS_AGENTS, AssignmentMethod
MEMBER, INVALID = ErrorReason.NOT_A_MEMBER, ErrorReason.INVALID_FIELD
ZONE, HOURS = ErrorReason.TIME_ZONE_UNKNOWN, ErrorReason.HOURS_INVALID
CYCLE = ErrorReason.OVERFLOW_CYCLE


def overflow(*workgroup_ids):
    return tuple(OverflowStep(MINUTE, each) for each in workgroup_ids)


def open_on_monday(**fields):
    opening = (OpeningHours(DayOfWeek.MONDAY, "09:00", "18:00"),)
    return BusinessHours(**{"time_zone": "America/Bogota", "opening_hours": opening, **fields})


def of_hours(zone, opens="09:00", closes="18:00"):
    return Condition(hours=HoursCondition(zone, (OpeningHours(DayOfWeek.MONDAY, opens, closes),)))


FAULTS = {
    "references of a workgroup": (
        workgroup(
            "w",
            overflow_steps=overflow("ventas", "nada"),
            last_agent=LastAgentRule(("ana", "nadie"), ("nada", "ventas")),
            default_agent_ids=("nadie",),
            channel_agents=(ChannelAgents(Channel.CHAT, ("nunca",)),),
        ),
        [
            (UNKNOWN, "workgroup.overflow_steps[1].add_workgroup_id"),
            (UNKNOWN, "workgroup.last_agent.agent_ids[1]"),
            (UNKNOWN, "workgroup.last_agent.workgroup_ids[0]"),
            (UNKNOWN, "workgroup.default_agent_ids[0]"),
            (UNKNOWN, "workgroup.channel_agents[0].agent_ids[0]"),
        ],
    ),
    "reference of hours": (
        campaign("c", "ventas")._replace(
            hours=open_on_monday(outside=OutsideHours.WORKGROUP, outside_workgroup_id="nada")
        ),
        [(UNKNOWN, "campaign.hours.outside_workgroup_id")],
    ),
    "no default agents": (
        workgroup("w", "ana", method=WAYS.DEFAULT_GROUP),
        [(METHOD, "workgroup.default_agent_ids")],
    ),
    "no agents of a channel": (
        workgroup("w", "ana", method=WAYS.BY_CHANNEL, channel_agents=(ChannelAgents(Channel.CHAT),)),
        [(METHOD, "workgroup.channel_agents")],
    ),
    "agents who are no members": (
        workgroup(
            "w",
            "ana",
            method=WAYS.DEFAULT_GROUP,
            default_agent_ids=("ana", "zoe"),
            channel_agents=(ChannelAgents(Channel.CHAT, ("ana",)), ChannelAgents(Channel.VOICE, ("ana", "zoe"))),
        ),
        [(MEMBER, "workgroup.default_agent_ids[1]"), (MEMBER, "workgroup.channel_agents[1].agent_ids[1]")],
    ),
    "fallback that falls back": (
        workgroup("w", "ana", method=WAYS.LAST_AGENT, last_agent=LastAgentRule(fallback_method=WAYS.BY_CHANNEL)),
        [(INVALID, "workgroup.last_agent.fallback_method")],
    ),
    "steps out of order": (
        workgroup(
            "w",
            overflow_steps=(
                OverflowStep(MINUTE, "ventas"),
                OverflowStep(MINUTE, drop_skill="x"),
                OverflowStep(MINUTE / 2, drop_skill="y"),
            ),
        ),
        [(INVALID, "workgroup.overflow_steps[2].after")],
    ),
    "overflow into itself": (
        workgroup("w", overflow_steps=overflow("ventas", "w")),
        [(CYCLE, "workgroup.overflow_steps[1].add_workgroup_id")],
    ),
    "outside without a workgroup": (
        campaign("c", "ventas")._replace(hours=open_on_monday(outside=OutsideHours.WORKGROUP)),
        [(INVALID, "campaign.hours.outside_workgroup_id")],
    ),
    "hours that can not be": (
        campaign("c", "ventas")._replace(
            hours=open_on_monday(
                time_zone="Bogota",
                opening_hours=(
                    OpeningHours(DayOfWeek.MONDAY, "18:00", "09:00"),
                    OpeningHours(DayOfWeek.MONDAY, "00:00", "24:00"),
                    OpeningHours(DayOfWeek.MONDAY, "09:00", "09:00"),
                ),
                holidays=(Holiday("2028-02-29"), Holiday("2026-02-29"), Holiday("2026-13-01")),
            )
        ),
        [
            (ZONE, "campaign.hours.time_zone"),
            (HOURS, "campaign.hours.opening_hours[0].closes"),
            (HOURS, "campaign.hours.opening_hours[2].closes"),
            (HOURS, "campaign.hours.holidays[1].date"),
            (HOURS, "campaign.hours.holidays[2].date"),
        ],
    ),
    "hours of a trigger": (
        Trigger("t", all_of=(of_hours("UTC"), of_hours("../UTC")), any_of=(of_hours("America", "10:00", "09:59"),)),
        [
            (ZONE, "trigger.all_of[1].hours.time_zone"),
            (ZONE, "trigger.any_of[0].hours.time_zone"),
            (HOURS, "trigger.any_of[0].hours.opening_hours[0].closes"),
        ],
    ),
    "an agent says a thing twice": (
        Agent(
            "a",
            channel_rules=(ChannelRule(Channel.CHAT), ChannelRule(Channel.VOICE), ChannelRule(Channel.CHAT, 2)),
            skills=(Skill("inglés", 1), Skill("inglés", 2)),
        ),
        [(DUPLICATE, "agent.channel_rules[2]"), (DUPLICATE, "agent.skills[1]")],
    ),
    "a workgroup says a thing twice": (
        workgroup("w", "ana", channel_agents=(ChannelAgents(Channel.CHAT, ("ana",)),) * 2),
        [(DUPLICATE, "workgroup.channel_agents[1]")],
    ),
    "a trigger says a thing twice": (
        Trigger("t", actions=TriggerActions(skills=(SkillRequirement("x", 1), SkillRequirement("x", 2)))),
        [(DUPLICATE, "trigger.actions.skills[1]")],
    ),
    "a contact says a thing twice": (
        Contact("c", attributes=(Attribute("plan", "a"), Attribute("plan", "b"))),
        [(DUPLICATE, "contact.attributes[1]")],
    ),
}


@pytest.mark.req("G3", "C2", "C11", "C12", "M4", "M5", "M6", "M8", "Z2")
@pytest.mark.parametrize(("resource", "violations"), FAULTS.values(), ids=FAULTS)
def test_faults(resource, violations):
    """A resource that makes no sense is refused with the path of each field that makes none."""
    given(ventas("ana"), agents(zoe=1)).rejects(CreateResource(resource), *violations)


def declared_alone(resource):
    """A configuration of one resource, and its path in it."""
    field = f"{type(resource).__name__.lower()}s"
    return Configuration(**{field: (resource,)}), f"configuration.{field}[0]"


@pytest.mark.req("G3", "C2", "C11", "C12", "M4", "M5", "M6", "M8", "Z2")
@pytest.mark.parametrize(("resource", "violations"), FAULTS.values(), ids=FAULTS)
def test_faults_of_a_configuration(resource, violations):
    """A configuration with such a resource is refused alike."""
    configuration, path = declared_alone(resource)
    expected = [(reason, path + field[field.index(".") :]) for reason, field in violations]
    given(ventas("ana"), agents(zoe=1)).rejects(ApplyConfiguration(configuration), *expected)


@pytest.mark.req("G3")
def test_faults_of_a_tenant():
    """A tenant has a time zone that exists, if any, and says a thing of a channel or a client once."""
    tenant = TENANT._replace(
        time_zone="localtime",
        channel_rules=(ChannelRule(Channel.VOICE), ChannelRule(Channel.VOICE)),
        client_settings=(ClientSetting("ACME", 5), ClientSetting("ACME", 6)),
    )
    story = given(ventas("ana")).rejects(
        UpdateResource(tenant),
        (DUPLICATE, "tenant.channel_rules[1]"),
        (DUPLICATE, "tenant.client_settings[1]"),
        (ZONE, "tenant.time_zone"),
    )
    story.rejects(
        ApplyConfiguration(Configuration(TENANT._replace(time_zone="x"))), (ZONE, "configuration.tenant.time_zone")
    )
    story.when(UpdateResource(TENANT._replace(time_zone="Europe/Madrid"))).then(TenantSaved)


@pytest.mark.req("M5")
def test_member_who_is_chosen_is_not_taken_out():
    """A member whom a method chooses from can't be taken out of the workgroup alone."""
    story = given(ventas("ana", "zoe", method=WAYS.DEFAULT_GROUP, default_agent_ids=("zoe",)))
    without = UpdateResource(Workgroup("ventas", member_ids=("ana",)), ("member_ids",))
    story.rejects(without, (MEMBER, "workgroup.default_agent_ids[0]"))


@pytest.mark.req("C11")
def test_overflow_that_comes_back():
    """Workgroups, those declared and those there already, don't overflow back into themselves by any way."""
    story = given(ventas("ana"), workgroup("a", overflow_steps=overflow("b")), workgroup("b"), workgroup("c"))
    back = workgroup("b", overflow_steps=overflow("ventas", "c", "a"))
    story.rejects(UpdateResource(back), (CYCLE, "workgroup.overflow_steps[2].add_workgroup_id"))
    assert story.violations[0].data == {"value": "workgroup/a"}
    around = workgroup("c", overflow_steps=overflow("a"))
    story.rejects(
        ApplyConfiguration(Configuration(workgroups=(back, around))),
        (CYCLE, "configuration.workgroups[0].overflow_steps[1].add_workgroup_id"),
        (CYCLE, "configuration.workgroups[0].overflow_steps[2].add_workgroup_id"),
        (CYCLE, "configuration.workgroups[1].overflow_steps[0].add_workgroup_id"),
    )
    turned = workgroup("a")
    story.when(ApplyConfiguration(Configuration(workgroups=(back, around, turned)))).then(*[WorkgroupSaved] * 3)


GRAPHS = [
    ({}, set()),
    ({"a": ["b", "c"], "b": ["c"]}, set()),
    ({"a": ["a", "b"]}, {("a", "a")}),
    ({"a": ["b"], "b": ["a", "c"], "c": ["d"], "d": ["c"]}, {("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")}),
    (
        {"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": ["a"]},
        {("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("d", "a")},
    ),
    ({str(each): [str(each + 1)] for each in range(100_000)}, set()),
]


@pytest.mark.req("C11")
@pytest.mark.parametrize(("graph", "edges"), GRAPHS, ids=["empty", "none", "itself", "two", "crossing", "long"])
def test_cycles(graph, edges):
    """An edge is on a cycle where a way leads from its end back to its beginning."""
    assert edges_on_cycles(graph) == edges
