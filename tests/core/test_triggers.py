"""Triggers: conditions over an arriving interaction, and what they set (Z2)."""

from datetime import timedelta

import pytest

from cartera.core.commands import CreateResource, DeleteResource, UpdateResource
from cartera.core.records import (
    Attribute,
    AttributeCondition,
    CampaignCondition,
    ChannelCondition,
    Condition,
    Contact,
    HoursCondition,
    LanguageCondition,
    OpeningHours,
    Organization,
    OrganizationCondition,
    PriorityCondition,
    SkillRequirement,
    TagsCondition,
    Trigger,
    TriggerActions,
)
from cartera.core.vocabulary import Channel, DayOfWeek, Direction, Priority
from tests.core.specification import given
from tests.core.tenants import agents, call, campaign, chat, online, ventas, workgroup


def channel(*channels, direction=Direction.UNSPECIFIED):
    return Condition(channel=ChannelCondition(channels, direction))


def tags(**lists):
    return Condition(tags=TagsCondition(**lists))


def in_campaign(*campaign_ids):
    return Condition(campaign=CampaignCondition(campaign_ids))


def of_organization(*organization_ids):
    return Condition(organization=OrganizationCondition(organization_ids))


def of_priority(*priorities):
    return Condition(priority=PriorityCondition(priorities))


def in_language(*languages):
    return Condition(language=LanguageCondition(languages))


def on_monday(opens, closes, zone="America/Bogota", *, outside=False):
    return Condition(hours=HoursCondition(zone, (OpeningHours(DayOfWeek.MONDAY, opens, closes),), outside))


def with_attribute(name, *any_of):
    return Condition(attribute=AttributeCondition(name, any_of))


def trigger(trigger_id="t", *, position=0, active=True, all_of=(), any_of=(), **actions):
    return Trigger(trigger_id, trigger_id, "prueba", active, position, all_of, any_of, TriggerActions(**actions))


def arrival(*triggers, **fields):
    """A chat, inbound, on a Monday at four in Bogotá, with the tags "a" and "b", in the campaign "tienda", of a contact
    of the organization "acme", who speaks Colombian Spanish and is on the plan "gold".
    """
    attributes = (Attribute("plan", "gold"), Attribute("saldo"))
    story = given(
        ventas("ana"),
        Organization("acme"),
        Contact("carlos", organization_id="acme", language="es-CO", attributes=attributes),
        agents(zoe=1),
        workgroup("soporte", "zoe"),
        list(triggers),
    )
    return story.when(chat("carlos", **{"tags": ("a", "b"), **fields})).interaction("carlos")


YES, NO = channel(Channel.CHAT), channel(Channel.VOICE)

CONDITIONS = [
    (channel(Channel.CHAT), True),
    (channel(Channel.VOICE, Channel.CHAT), True),
    (channel(Channel.VOICE), False),
    (channel(Channel.CHAT, direction=Direction.INBOUND), True),
    (channel(Channel.CHAT, direction=Direction.OUTBOUND), False),
    (channel(Channel.VOICE, direction=Direction.INBOUND), False),
    (tags(any_of=("b", "x")), True),
    (tags(any_of=("x", "y")), False),
    (tags(all_of=("b", "a")), True),
    (tags(all_of=("a", "x")), False),
    (tags(none_of=("x",)), True),
    (tags(none_of=("x", "a")), False),
    (tags(any_of=("a",), all_of=("b",), none_of=("x",)), True),
    (tags(any_of=("a",), all_of=("b",), none_of=("a",)), False),
    (tags(any_of=("x",), all_of=("b",)), False),
    (in_campaign("tienda", "otra"), True),
    (in_campaign("otra"), False),
    (of_organization("otra", "acme"), True),
    (of_organization("otra"), False),
    (of_priority(Priority.NORMAL), True),
    (of_priority(Priority.LOW, Priority.HIGH), False),
    (in_language("es-CO"), True),
    (in_language("fr", "es"), True),
    (in_language("ES_co"), True),
    (in_language("es-ES"), False),
    (in_language("es-CO-bogota"), False),
    (in_language("e"), False),
    (on_monday("03:00", "04:00"), False),
    (on_monday("04:00", "05:00"), True),
    (on_monday("04:00", "05:00", "Europe/Madrid"), False),
    (on_monday("03:00", "04:00", outside=True), True),
    (on_monday("04:00", "05:00", outside=True), False),
    (with_attribute("plan"), True),
    (with_attribute("plan", "silver", "gold"), True),
    (with_attribute("plan", "Gold"), False),
    (with_attribute("saldo"), True),
    (with_attribute("saldo", ""), True),
    (with_attribute("deuda"), False),
]


@pytest.mark.req("Z2")
@pytest.mark.parametrize(("condition", "holds"), CONDITIONS)
def test_condition(condition, holds):
    """A condition on channel and direction, tags, campaign, organization, priority, language, hours or an attribute of
    the contact holds or does not.
    """
    interaction = arrival(trigger(all_of=(condition,), priority=Priority.URGENT))
    assert interaction.priority is (Priority.URGENT if holds else Priority.NORMAL)
    assert interaction.trigger_ids == (("t",) if holds else ())


COMBINATIONS = [
    ((), (), True),
    ((YES,), (), True),
    ((YES, NO), (), False),
    ((), (NO, YES), True),
    ((), (NO, NO), False),
    ((YES,), (NO, YES), True),
    ((NO,), (YES,), False),
    ((YES,), (NO,), False),
]


@pytest.mark.req("Z2")
@pytest.mark.parametrize(("all_of", "any_of", "holds"), COMBINATIONS)
def test_all_of_and_any_of(all_of, any_of, holds):
    """All conditions of all_of must hold, and one of any_of where there is any."""
    assert bool(arrival(trigger(all_of=all_of, any_of=any_of, add_tags=("x",))).trigger_ids) is holds


@pytest.mark.req("Z2")
def test_organization_of_an_unknown_contact():
    """A caller who is not in the contact list is of no organization."""
    story = given(ventas("ana"), Organization("acme"), trigger(all_of=(of_organization("acme"),), add_tags=("x",)))
    assert story.when(call("+34600")).interaction("+34600").tags == ()


@pytest.mark.req("Z2")
def test_language_of_the_interaction():
    """The language said of an interaction goes before its contact's."""
    french = trigger(all_of=(in_language("fr"),), add_tags=("francés",))
    assert arrival(french, language="FR").tags == ("a", "b", "francés")
    assert arrival(french).language == "es-CO"


@pytest.mark.req("Z2")
def test_unknown_contact_has_nothing_to_test():
    """A caller who is not in the contact list speaks no known language and has no attributes."""
    conditions = (in_language("es"), with_attribute("plan"))
    story = given(ventas("ana"), trigger(any_of=conditions, add_tags=("x",)))
    assert story.when(call("+34600")).interaction("+34600").tags == ()


@pytest.mark.req("Z2", "Z4")
def test_priority_that_an_earlier_one_set():
    """A condition on the priority sees what earlier triggers made of it."""
    raises = trigger("a", priority=Priority.URGENT)
    assert arrival(raises, trigger("b", all_of=(of_priority(Priority.URGENT),))).trigger_ids == ("a", "b")


@pytest.mark.req("Z2", "M8")
def test_skills():
    """Triggers add the skills that an interaction demands; of a skill demanded already, the later one counts."""
    minute = timedelta(minutes=1)
    interaction = arrival(
        trigger("a", position=1, skills=(SkillRequirement("seguros", 3), SkillRequirement("inglés", 2))),
        trigger("b", position=2, skills=(SkillRequirement("inglés", 7, minute),)),
        skills=(SkillRequirement("seguros", 9, minute), SkillRequirement("cobros")),
    )
    assert interaction.skills == (
        SkillRequirement("cobros"),
        SkillRequirement("inglés", 7, minute),
        SkillRequirement("seguros", 3),
    )


@pytest.mark.req("M8")
def test_skill_said_twice():
    """An interaction demands a skill once; of several levels said, the last."""
    assert arrival(skills=(SkillRequirement("inglés", 9), SkillRequirement("inglés", 2))).skills == (
        SkillRequirement("inglés", 2),
    )


@pytest.mark.req("Z2")
def test_actions():
    """A trigger sets the workgroup and the priority and adds tags, each once."""
    interaction = arrival(trigger(workgroup_id="soporte", priority=Priority.LOW, add_tags=("b", "c")))
    assert (interaction.workgroup_id, interaction.priority, interaction.tags) == (
        "soporte",
        Priority.LOW,
        ("a", "b", "c"),
    )


@pytest.mark.req("Z2")
def test_action_left_out():
    """What a trigger does not name stays as it is."""
    interaction = arrival(trigger(add_tags=("c",)), priority=Priority.HIGH)
    assert (interaction.workgroup_id, interaction.priority) == ("ventas", Priority.HIGH)


@pytest.mark.req("Z2")
def test_inactive_trigger():
    """An inactive trigger does not run."""
    assert arrival(trigger(active=False, add_tags=("x",))).trigger_ids == ()


@pytest.mark.req("Z2")
def test_order():
    """Triggers run by position, those alike by id; where two set the priority, the later one has it."""
    interaction = arrival(
        trigger("b", position=2, priority=Priority.LOW),
        trigger("a", position=2),
        trigger("c", position=1, priority=Priority.URGENT),
    )
    assert interaction.trigger_ids == ("c", "a", "b")
    assert interaction.priority is Priority.LOW


@pytest.mark.req("Z2")
@pytest.mark.parametrize(("first", "second", "ran"), [(1, 2, ("marks", "sees")), (2, 1, ("marks",))])
def test_each_sees_what_earlier_ones_set(first, second, ran):
    """A trigger sees the tags that those before it added, and not those of later ones."""
    marks = trigger("marks", position=first, add_tags=("x",))
    sees = trigger("sees", position=second, all_of=(tags(any_of=("x",)),))
    assert arrival(marks, sees).trigger_ids == ran


@pytest.mark.req("Z2")
def test_change_takes_effect():
    """A trigger that is made, switched off or deleted counts so from the next arrival on."""
    story = given(ventas("ana"), campaign("otra", "ventas"))
    ran = []
    for index, command in enumerate(
        [
            CreateResource(trigger(add_tags=("x",))),
            UpdateResource(Trigger("t"), ("active",)),
            UpdateResource(Trigger("t", active=True), ("active",)),
            DeleteResource(Trigger, ("t",)),
        ]
    ):
        ran.append(story.when(command, chat(f"c{index}")).interaction(f"c{index}").trigger_ids)
    assert ran == [("t",), (), ("t",), ()]


@pytest.mark.req("Z2", "Z3", "Z4")
def test_vip_recipe():
    """VIP by contact or by organization: an inbound call goes to the senior group with HIGH priority, others not."""
    recipe = trigger(
        "vip",
        all_of=(channel(Channel.VOICE, direction=Direction.INBOUND), tags(any_of=("VIP",))),
        workgroup_id="vip-triage",
        priority=Priority.HIGH,
    )
    story = given(
        ventas("ana"),
        agents(zoe=2),
        workgroup("vip-triage", "zoe"),
        Organization("acme", tags=("VIP",)),
        Contact("carlos", tags=("VIP",)),
        Contact("delia", organization_id="acme"),
        Contact("eva"),
        recipe,
        online("ana", "zoe"),
    )
    story.when(call("carlos"), call("delia"), call("eva"))
    assert [story.holder(each) for each in ("carlos", "delia", "eva")] == ["zoe", "zoe", "ana"]
    assert story.interaction("delia").priority is Priority.HIGH
    assert story.when(chat("carlos")).interaction("carlos").workgroup_id == "ventas"
