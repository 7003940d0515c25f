"""Seed 004, the recipe for VIP calls in omnichannel routing: set up in the order it is written there, call by call."""

import pytest

from cartera.routing.v1.campaign_pb2 import CampaignAddress
from cartera.routing.v1.channel_pb2 import (
    CHANNEL_CHAT,
    CHANNEL_VOICE,
    DIRECTION_INBOUND,
    DIRECTION_OUTBOUND,
    PRIORITY_HIGH,
    PRIORITY_LOW,
    PRIORITY_NORMAL,
    PRIORITY_URGENT,
)
from cartera.routing.v1.contact_pb2 import Contact
from cartera.routing.v1.interaction_pb2 import INTERACTION_STATE_ASSIGNED
from cartera.routing.v1.trigger_pb2 import Trigger
from tests.acceptance.floor import (
    QUEUED,
    agent,
    campaign,
    held,
    placed,
    workgroup,
)

PRIORITY_LINE = "+34911"


def vip_calls(**fields):
    """The trigger of the recipe, as it is entered there."""
    given = {
        "trigger_id": "vip",
        "name": "Desvío de llamadas VIP",
        "category": "Llamadas",
        "active": True,
        "all_of": [
            {"channel": {"channels": [CHANNEL_VOICE], "direction": DIRECTION_INBOUND}},
            {"tags": {"any_of": ["VIP"]}},
        ],
        "actions": {"workgroup_id": "vip-triage", "priority": PRIORITY_URGENT},
        **fields,
    }
    return Trigger(**given)


@pytest.fixture
async def recipe(floor):
    """The company before the recipe: agents, a general workgroup, and a line that it serves."""
    await floor.declare(
        agents=[agent("ana"), agent("bea"), agent("carlos")],
        workgroups=[workgroup("general", "carlos", queue_when_nobody_online=True)],
        campaigns=[campaign("linea", "general")],
        contacts=[Contact(contact_id="luis", name="Luis")],
    )
    return floor


@pytest.fixture
async def vip(recipe):
    """The recipe, followed to its end: Marta is tagged herself, Olga through her organization."""
    floor = recipe
    administrator = floor.administrator
    await administrator.configuration.CreateWorkgroup(
        workgroup=workgroup("vip-triage", "ana", "bea", name="VIP Triage", queue_when_nobody_online=True)
    )
    await administrator.contacts.CreateContact(contact=Contact(contact_id="marta", tags=["VIP"]))
    await administrator.configuration.CreateOrganization(organization={"organization_id": "acme", "tags": ["VIP"]})
    await administrator.contacts.CreateContact(contact=Contact(contact_id="olga", organization_id="acme"))
    await administrator.configuration.CreateTrigger(trigger=vip_calls())
    return floor


async def call(floor, contact_id, **fields):
    return await floor.call(contact_id, "linea", **fields)


async def served_in_order(floor, agent_id, count):
    """Whom an agent with one slot is given, one after another, as it completes what it holds."""
    await floor.online(agent_id)
    served = []
    for _ in range(count):
        answer = await floor.agent(agent_id).routing.ListInteractions(states=[INTERACTION_STATE_ASSIGNED])
        (view,) = answer.views
        served.append(view.interaction.contact_id)
        await floor.complete(view.interaction.interaction_id)
    return served


@pytest.mark.req("Z1", "Z2", "Z3")
async def test_the_recipe_as_written_step_by_step(recipe):
    """The whole recipe in its order: group, tag, tag through the organization, trigger; then the calls."""
    floor = recipe
    administrator = floor.administrator

    # "Create a group of agents to attend VIP clients": VIP Triage, with the senior agents.
    group = await administrator.configuration.CreateWorkgroup(
        workgroup=workgroup("vip-triage", "ana", "bea", name="VIP Triage")
    )
    assert (group.workgroup.name, list(group.workgroup.member_ids)) == ("VIP Triage", ["ana", "bea"])
    await floor.online("ana", "bea", "carlos")

    # "Identify the important clients": "individually, add a VIP tag to the end user's profile".
    changed = Contact(contact_id="luis", tags=["VIP"])
    await administrator.contacts.UpdateContact(contact=changed, update_mask={"paths": ["tags"]})
    before = await call(floor, "luis")
    assert (list(before.tags), placed(before)) == (["VIP"], held("carlos", "ROUND_ROBIN")), "no trigger yet"
    await floor.complete(before.interaction_id)

    # "Use organizations": "once the organization has the tag, the tickets its users create have it too".
    await administrator.configuration.CreateOrganization(organization={"organization_id": "acme", "name": "ACME"})
    await administrator.contacts.CreateContact(contact=Contact(contact_id="olga", organization_id="acme"))
    await administrator.configuration.UpdateOrganization(organization={"organization_id": "acme", "tags": ["VIP"]})

    # "Create a routing trigger", with name, category, the two conditions and the two actions.
    created = await administrator.configuration.CreateTrigger(trigger=vip_calls())
    assert (created.trigger.name, created.trigger.category) == ("Desvío de llamadas VIP", "Llamadas")

    # "Now the calls of end users who have the tag are assigned to VIP Triage with urgent priority."
    for contact_id, agent_id in (("luis", "ana"), ("olga", "bea")):
        vip_call = await call(floor, contact_id)
        assert placed(vip_call) == held(agent_id, "ROUND_ROBIN")
        assert (vip_call.workgroup_id, vip_call.priority) == ("vip-triage", PRIORITY_URGENT)
        assert (list(vip_call.tags), list(vip_call.trigger_ids)) == (["VIP"], ["vip"])
    ordinary = await call(floor, "nora")
    assert placed(ordinary) == held("carlos", "ROUND_ROBIN")
    assert (ordinary.workgroup_id, ordinary.priority, list(ordinary.trigger_ids)) == ("general", PRIORITY_NORMAL, [])


@pytest.mark.req("Z1")
async def test_the_call_is_recorded_and_triggers_run_before_anybody_answers(vip):
    """«A ticket is created as soon as the call enters the queue, so triggers can run before it is attended»."""
    floor = vip
    waiting = await call(floor, "marta")
    assert (placed(waiting), waiting.workgroup_id) == (("QUEUED", "NOBODY_ONLINE", ""), "vip-triage")
    arrived = (await floor.events("interaction_arrived"))[-1].interaction
    assert (arrived.interaction_id, arrived.priority) == (waiting.interaction_id, PRIORITY_URGENT)
    assert await floor.online("bea") == ["marta"]


@pytest.mark.req("Z2")
async def test_the_trigger_needs_all_its_conditions(vip):
    """«Meet ALL of the following: channel is phone call (inbound); tags contain at least one of: VIP»."""
    floor = vip
    for interaction in (
        await call(floor, "luis"),
        await call(floor, "marta", direction=DIRECTION_OUTBOUND),
        await floor.chat("marta", "linea"),
    ):
        assert (interaction.workgroup_id, interaction.priority) == ("general", PRIORITY_NORMAL)
    own_tag = await call(floor, "luis", tags=["VIP", "es"])
    assert (own_tag.workgroup_id, list(own_tag.tags)) == ("vip-triage", ["VIP", "es"])


@pytest.mark.req("Z2")
async def test_an_inactive_trigger_does_nothing(vip):
    """A trigger may be switched off without being lost."""
    floor = vip
    await floor.administrator.configuration.UpdateTrigger(trigger=vip_calls(active=False))
    assert (await call(floor, "marta")).workgroup_id == "general"
    await floor.administrator.configuration.UpdateTrigger(trigger=vip_calls())
    assert (await call(floor, "marta")).workgroup_id == "vip-triage"


@pytest.mark.req("Z2")
async def test_triggers_run_in_order_and_each_sees_what_those_before_it_set(vip):
    """Triggers stand in one order; their conditions are all-of and any-of, over tags, campaign and organization."""
    floor = vip
    tagging = Trigger(
        trigger_id="a-tag",
        active=True,
        position=-1,
        any_of=[{"campaign": {"campaign_ids": ["otra"]}}, {"organization": {"organization_ids": ["inc"]}}],
        actions={"add_tags": ["VIP"]},
    )
    lowering = Trigger(
        trigger_id="z-low",
        active=True,
        position=1,
        all_of=[{"tags": {"all_of": ["VIP"], "none_of": ["es"]}}],
        actions={"priority": PRIORITY_LOW},
    )
    await floor.declare(
        campaigns=[campaign("otra", "general")],
        organizations=[{"organization_id": "inc"}],
        contacts=[Contact(contact_id="pedro", organization_id="inc")],
        triggers=[lowering, tagging],
    )
    by_organization = await call(floor, "pedro")
    by_campaign = await floor.call("luis", "otra")
    for interaction in (by_organization, by_campaign):
        assert list(interaction.trigger_ids) == ["a-tag", "vip", "z-low"]
        assert (interaction.workgroup_id, interaction.priority) == ("vip-triage", PRIORITY_LOW)
    spanish = await call(floor, "pedro", tags=["es"])
    assert (list(spanish.trigger_ids), spanish.priority) == (["a-tag", "vip"], PRIORITY_URGENT)


@pytest.mark.req("Z3")
async def test_a_contact_or_organization_without_the_tag_any_more_is_served_like_the_others(vip):
    """«Have the VIP tag»: it is looked up when the call comes."""
    floor = vip
    await floor.administrator.configuration.UpdateOrganization(organization={"organization_id": "acme"})
    assert (await call(floor, "olga")).workgroup_id == "general"
    assert (await call(floor, "marta")).workgroup_id == "vip-triage"


@pytest.mark.req("C6", "Z3")
async def test_calls_are_assigned_by_priority_and_by_the_time_they_were_received(vip):
    """«Each call is assigned by the order of priority and the time it was received, by an agent with an eligible
    status and available capacity».
    """
    floor = vip
    await floor.declare(workgroups=[workgroup("vip-triage", "ana"), workgroup("general", "ana")])
    await floor.online("ana")
    await call(floor, "first")
    priorities = {
        "low": {"priority": PRIORITY_LOW},
        "normal-1": {},
        "high": {"priority": PRIORITY_HIGH},
        "marta": {},
        "normal-2": {},
        "olga": {},
    }
    for contact_id, fields in priorities.items():
        assert placed(await call(floor, contact_id, **fields)) == QUEUED
        await floor.passes(seconds=1)
    assert await floor.held_by("ana") == ["first"]
    assert await served_in_order(floor, "ana", 7) == ["first", "marta", "olga", "high", "normal-1", "normal-2", "low"]


@pytest.mark.req("C3", "C1", "M3")
async def test_a_vip_call_goes_to_an_agent_of_vip_triage_with_an_eligible_status_and_capacity(vip):
    """«By an agent in VIP Triage who had an eligible status and available capacity»: no other, however free."""
    floor = vip
    await floor.online("carlos", "bea")
    await floor.online("ana", channels=[CHANNEL_CHAT])
    assert placed(await call(floor, "marta")) == held("bea", "ROUND_ROBIN"), "Ana takes no calls now"
    second = await call(floor, "olga")
    assert placed(second) == QUEUED, "Bea is full, and Carlos is not in VIP Triage"
    assert await floor.online("ana") == ["olga"]
    assert await floor.where(second) == held("ana", "ROUND_ROBIN")


@pytest.mark.req("Z4", "C6")
async def test_calls_on_a_priority_line_are_high_and_served_first(vip):
    """«Calls to a priority number are assigned to agents first»; «they have High priority»."""
    floor = vip
    lines = [
        CampaignAddress(channel=CHANNEL_VOICE, address="+34900"),
        CampaignAddress(channel=CHANNEL_VOICE, address=PRIORITY_LINE, priority_line=True),
    ]
    await floor.declare(campaigns=[campaign("linea", "general", addresses=lines)])
    ordinary = await call(floor, "luis")
    on_the_line = await call(floor, "nora", address=PRIORITY_LINE)
    low = await call(floor, "pedro", address=PRIORITY_LINE, priority=PRIORITY_LOW)
    urgent = await call(floor, "quique", address=PRIORITY_LINE, priority=PRIORITY_URGENT)
    assert [each.priority for each in (ordinary, on_the_line, low, urgent)] == [
        PRIORITY_NORMAL,
        PRIORITY_HIGH,
        PRIORITY_HIGH,
        PRIORITY_URGENT,
    ]
    assert await served_in_order(floor, "carlos", 4) == ["quique", "nora", "pedro", "luis"]
