"""Chosen agents: DEFAULT_GROUP (M5) and BY_CHANNEL (M6) give to certain agents in rotation, online or not."""

from datetime import timedelta

import pytest

from cartera.core.commands import ClaimInteraction, CompleteInteraction, UpdateResource
from cartera.core.events import InteractionArrived, InteractionQueued
from cartera.core.records import (
    Agent,
    AgentPresence,
    ChannelAgents,
    ChannelTurn,
    ExclusiveAgent,
    Skill,
    SkillRequirement,
    WorkgroupActivity,
)
from cartera.core.vocabulary import AgentStatus, AssignmentMethod, Channel, InteractionState, RoutingReason
from tests.core.specification import START, given
from tests.core.tenants import (
    agents,
    call,
    chat,
    contacts,
    goes_offline,
    goes_online,
    online,
    portfolio,
    ventas,
    workgroup,
)

MINUTE = timedelta(minutes=1)
NOT_AVAILABLE = (InteractionState.QUEUED, RoutingReason.NO_AGENT_AVAILABLE, "")


def default_group(*members, default_agent_ids, capacity=9, **fields):
    """The workgroup "ventas" with a default group."""
    chosen = {"method": AssignmentMethod.DEFAULT_GROUP, "default_agent_ids": default_agent_ids}
    return ventas(*members, capacity=capacity, **chosen, **fields)


def by_channel(*members, capacity=9, voice=(), chats=(), **fields):
    """The workgroup "ventas" with agents chosen for calls and for chats."""
    named = ((Channel.VOICE, voice), (Channel.CHAT, chats))
    channel_agents = tuple(ChannelAgents(*each) for each in named if each[1])
    chosen = {"method": AssignmentMethod.BY_CHANNEL, "channel_agents": channel_agents}
    return ventas(*members, capacity=capacity, **chosen, **fields)


GROUPS = {
    "default group": (default_group, RoutingReason.DEFAULT_GROUP),
    "by channel": (
        lambda *members, default_agent_ids, **fields: by_channel(
            *members, voice=default_agent_ids, chats=default_agent_ids, **fields
        ),
        RoutingReason.BY_CHANNEL,
    ),
}
"""Both methods, each as a group that is chosen for every channel: what holds for both."""

BOTH = pytest.mark.parametrize(("group", "reason"), GROUPS.values(), ids=GROUPS)


def holders(story, *contact_ids):
    return [story.holder(each) for each in contact_ids]


@pytest.mark.req("M5")
def test_documented_example_of_default_group():
    """The example of docs/routing.md: two in rotation though nobody is in; the fourth waits until one has a slot."""
    story = given(default_group("ana", "lucy", "david", default_agent_ids=("lucy", "david"), capacity=2), online("ana"))
    story.when(goes_offline("ana"), *map(chat, ("c1", "c2", "c3", "c4")))
    assert holders(story, "c1", "c2", "c3", "c4") == ["lucy", "david", "lucy", "david"]
    story.when(goes_online("ana"), chat("c5")).then(InteractionArrived, InteractionQueued)
    assert story.place_of("c5") == NOT_AVAILABLE
    story.when(CompleteInteraction(story.id_of("c1"), "Venta"))
    assert story.place_of("c5") == (InteractionState.ASSIGNED, RoutingReason.DEFAULT_GROUP, "lucy")


@pytest.mark.req("M6")
def test_documented_example_of_by_channel():
    """The example of docs/routing.md: each channel has agents and a turn of its own; who has none, waits."""
    story = given(by_channel("nuria", "iker", voice=("iker",), chats=("nuria", "iker")))
    story.when(chat("c1"), chat("c2"), call("v1"), chat("c3"))
    assert holders(story, "c1", "c2", "v1", "c3") == ["nuria", "iker", "iker", "nuria"]
    assert story.get(WorkgroupActivity, "ventas").channel_turns == (
        ChannelTurn(Channel.VOICE, "iker"),
        ChannelTurn(Channel.CHAT, "nuria"),
    )
    calls_only = given(by_channel("nuria", "iker", voice=("iker",))).when(chat("c1"))
    assert calls_only.place_of("c1") == NOT_AVAILABLE


PRESENCES = {
    "never there": [],
    "offline": [AgentPresence("bruno")],
    "paused": [AgentPresence("bruno", AgentStatus.PAUSED, "almuerzo")],
    "online": online("bruno"),
    "online for others": online("bruno", channels=(Channel.VOICE,)),
    "offline and cooling down": [AgentPresence("bruno", cool_down_until=START + MINUTE)],
}


@pytest.mark.req("M5", "M6")
@BOTH
@pytest.mark.parametrize("presence", PRESENCES.values(), ids=PRESENCES)
def test_online_or_not(group, reason, presence):
    """Who is chosen gets it whatever it is doing, and nobody else, whoever is there."""
    story = given(group("ana", "bruno", default_agent_ids=("bruno",)), online("ana"), presence).when(chat("c1"))
    assert story.place_of("c1") == (InteractionState.ASSIGNED, reason, "bruno")


@pytest.mark.req("M5", "M6", "C1")
@BOTH
def test_full_ones_are_skipped(group, reason):
    """Who has no free slot is skipped; where nobody has one it is queued, never left unassigned, and then given."""
    story = given(group("ana", "bruno", default_agent_ids=("ana", "bruno"), capacity=1), agents(bruno=2))
    story.when(*map(chat, ("c1", "c2", "c3", "c4")))
    assert holders(story, "c1", "c2", "c3") == ["ana", "bruno", "bruno"]
    assert story.place_of("c4") == NOT_AVAILABLE
    story.when(CompleteInteraction(story.id_of("c2"), "Venta"))
    assert story.place_of("c4") == (InteractionState.ASSIGNED, reason, "bruno")


@pytest.mark.req("M5", "M6")
@BOTH
def test_who_does_not_handle_the_channel_is_skipped(group, reason):
    """Online or not goes for presence; a channel that an agent does not handle it is not given."""
    story = given(group("ana", "bruno", default_agent_ids=("ana", "bruno")), Agent("ana", channels=(Channel.VOICE,)))
    assert story.when(chat("c1")).place_of("c1") == (InteractionState.ASSIGNED, reason, "bruno")


@pytest.mark.req("M5", "M6", "C9")
@BOTH
def test_who_cools_down_is_skipped(group, reason):
    """Who is online and cools down is skipped until that is over."""
    resting = online("ana", cool_down_until=START + MINUTE)
    story = given(group("ana", "bruno", default_agent_ids=("ana", "bruno"), capacity=1), resting)
    story.when(chat("c1"), chat("c2"))
    assert (story.holder("c1"), story.place_of("c2")) == ("bruno", NOT_AVAILABLE)
    assert story.passes(MINUTE).holder("c2") == "ana"


@pytest.mark.req("M5", "M6", "M8")
@BOTH
def test_skills_bind(group, reason):
    """Who is chosen is a member like any other: without the skills demanded it is skipped."""
    story = given(group("ana", "bruno", default_agent_ids=("ana", "bruno")), Agent("bruno", skills=(Skill("sap", 3),)))
    story.when(chat("c1", skills=(SkillRequirement("sap", 2),)), chat("c2", skills=(SkillRequirement("sap", 4),)))
    assert (story.holder("c1"), story.place_of("c2")) == ("bruno", NOT_AVAILABLE)


@pytest.mark.req("M5", "M6", "M9")
@BOTH
def test_members_who_are_not_chosen_may_claim(group, reason):
    """What waits may be claimed by any member who is online."""
    story = given(group("ana", "bruno", default_agent_ids=("bruno",), capacity=1), online("ana"))
    story.when(chat("c1"), chat("c2"), ClaimInteraction("ana"))
    assert (story.holder("c1"), story.holder("c2")) == ("bruno", "ana")


@pytest.mark.req("M5", "M6", "K1", "K2")
@BOTH
def test_owners_come_first_and_are_available(group, reason):
    """An owner who is available goes before who is chosen; for one who is not it is kept, though others need not be."""
    story = given(
        group("ana", "bruno", default_agent_ids=("bruno",), owner_wait=MINUTE),
        contacts("luis"),
        portfolio("vip", "ana", holds=["luis"]),
    ).when(chat("luis"))
    assert story.place_of("luis")[1] is RoutingReason.OWNER_NOT_AVAILABLE
    story.passes(MINUTE)
    assert story.place_of("luis") == (InteractionState.ASSIGNED, reason, "bruno")
    story.when(CompleteInteraction(story.id_of("luis"), "Venta"), goes_online("ana"), chat("luis"))
    assert story.place_of("luis")[1:] == (RoutingReason.OWNER, "ana")


@pytest.mark.req("M5", "M6")
@BOTH
def test_rotation_is_the_members(group, reason):
    """The rotation goes in the order of the members; only what it gives moves the turn."""
    story = given(
        group("ana", "bruno", "carla", default_agent_ids=("carla", "ana")),
        contacts("nora"),
        ExclusiveAgent("nora", "tienda", "carla"),
    ).when(chat("c1"), chat("nora"), chat("c2"), chat("c3"))
    assert holders(story, "c1", "nora", "c2", "c3") == ["ana", "carla", "carla", "ana"]


@pytest.mark.req("M5")
def test_turn_is_kept_when_the_group_changes():
    """The rotation goes on where it was when other agents are chosen."""
    story = given(default_group("ana", "bruno", "carla", "dario", default_agent_ids=("ana", "bruno")))
    story.when(chat("c1"), chat("c2"))
    changed = workgroup("ventas", default_agent_ids=("ana", "dario"))
    story.when(UpdateResource(changed, ("default_agent_ids",)), chat("c3"), chat("c4"))
    assert holders(story, "c1", "c2", "c3", "c4") == ["ana", "bruno", "dario", "ana"]


@pytest.mark.req("M6")
def test_turns_are_kept_when_members_leave():
    """Each channel's turn goes on from the nearest member before, where who had it leaves."""
    story = given(by_channel("ana", "bruno", "carla", voice=("ana", "bruno", "carla"), chats=("bruno", "carla")))
    story.when(call("v1"), call("v2"), chat("c1"))
    left = workgroup("ventas", "ana", "carla").member_ids
    chosen = tuple(ChannelAgents(each, ("ana", "carla")) for each in (Channel.VOICE, Channel.CHAT))
    changed = workgroup("ventas", *left, channel_agents=chosen)
    story.when(UpdateResource(changed, ("member_ids", "channel_agents")), call("v3"), chat("c2"))
    assert holders(story, "v3", "c2") == ["carla", "carla"]


@pytest.mark.req("M6")
def test_what_waits_is_given_once_the_channel_has_agents():
    """A channel that is given agents gives out what waits for it."""
    story = given(by_channel("ana", "bruno", voice=("ana",)), online("ana", "bruno")).when(chat("c1"))
    assert story.place_of("c1") == NOT_AVAILABLE
    chosen = (ChannelAgents(Channel.CHAT, ("bruno",)),)
    story.when(UpdateResource(workgroup("ventas", channel_agents=chosen), ("channel_agents",)))
    assert story.place_of("c1") == (InteractionState.ASSIGNED, RoutingReason.BY_CHANNEL, "bruno")


@pytest.mark.req("M5", "C9")
def test_offered_to_who_is_there():
    """Where the workgroup makes offers, who is online is offered it, and who is not has it at once."""
    story = given(default_group("ana", "bruno", default_agent_ids=("ana", "bruno"), offer_timeout=MINUTE))
    story.when(goes_online("ana"), chat("c1"), chat("c2"))
    assert [story.place_of(each)[0] for each in ("c1", "c2")] == [InteractionState.OFFERED, InteractionState.ASSIGNED]
