"""Capacity in units (C2): what an interaction of a channel costs, how many at once, and what shuts out all else."""

import pytest

from cartera.core.commands import (
    AcceptOffer,
    AssignInteraction,
    ClaimInteraction,
    CompleteInteraction,
    RouteInteraction,
    Transfer,
    UpdateResource,
)
from cartera.core.records import Agent, CampaignAddress, ChannelRule, ContactActivity, ExclusiveAgent, Tenant
from cartera.core.slots import load_of
from cartera.core.vocabulary import AssignmentMethod, Channel, ErrorReason, InteractionState, RoutingReason
from tests.core.offers import RINGS, WAITS, answers, held_by, offered_to
from tests.core.specification import START, given
from tests.core.tenants import (
    agents,
    call,
    campaign,
    chat,
    contacts,
    online,
    portfolio,
    ventas,
    workgroup,
)

VOICE, CHAT, MESSAGING, EMAIL = Channel.VOICE, Channel.CHAT, Channel.MESSAGING, Channel.EMAIL
ADDRESSES = tuple(CampaignAddress(channel, channel.name.lower()) for channel in (VOICE, CHAT, MESSAGING, EMAIL))
FULL = (ErrorReason.AGENT_AT_CAPACITY, "agent/ana")


def tenant(*rules):
    return Tenant("Clínica Sol", "1001", channel_rules=rules)


def ruled(*rules, members=("ana",), capacity=3, **fields):
    """Members of a capacity, under rules that are the tenant's, with a campaign for every channel."""
    return given(
        ventas(*members, capacity=capacity, **fields),
        tenant(*rules),
        campaign("tienda", "ventas", addresses=ADDRESSES),
        online(*members),
    )


def email(contact_id):
    return RouteInteraction("tienda", contact_id, EMAIL)


def end(story, contact_id):
    return story.when(CompleteInteraction(story.id_of(contact_id), "Venta"))


def holders(story, *contact_ids):
    return [story.holder(each) for each in contact_ids]


COSTS_TWO = ChannelRule(VOICE, cost=2)
SHUTS_OUT = ChannelRule(VOICE, exclusive=True)
ONE_AT_A_TIME = ChannelRule(EMAIL, limit=1)


@pytest.mark.req("C2", "C1")
def test_the_example_of_units():
    """docs/routing.md, "Capacity": a call costs 2 and is exclusive, one e-mail at a time, and Ana has 3 units."""
    story = ruled(ChannelRule(VOICE, cost=2, exclusive=True), ONE_AT_A_TIME).when(chat("luis"), call("marta"))
    assert holders(story, "luis", "marta") == ["ana", "ana"]
    assert story.state.units_in_use("ana") == 3
    end(story, "luis").when(chat("nora"))
    assert (story.state.units_in_use("ana"), story.place_of("nora")) == (2, WAITS)
    assert end(story, "marta").holder("nora") == "ana"
    story.when(email("olga"), email("pedro"))
    assert (holders(story, "olga", "pedro"), story.state.units_in_use("ana")) == (["ana", ""], 2)
    assert end(story, "olga").holder("pedro") == "ana"


# Whether there is room

PLAIN = ChannelRule(VOICE)


@pytest.mark.req("C2", "C1")
@pytest.mark.parametrize(
    ("capacity", "rules", "held", "channel", "has_room"),
    [
        (1, [], [], VOICE, True),
        (1, [], [VOICE], VOICE, False),
        (3, [], [CHAT, CHAT], VOICE, True),
        (3, [COSTS_TWO], [CHAT], VOICE, True),
        (3, [COSTS_TWO], [CHAT, CHAT], VOICE, False),
        (3, [COSTS_TWO], [CHAT, CHAT], CHAT, True),
        (1, [COSTS_TWO], [], VOICE, False),
        (4, [COSTS_TWO], [VOICE], VOICE, True),
        (9, [ONE_AT_A_TIME], [EMAIL], EMAIL, False),
        (9, [ONE_AT_A_TIME], [EMAIL], CHAT, True),
        (9, [ChannelRule(EMAIL, limit=2)], [EMAIL, CHAT], EMAIL, True),
        (9, [SHUTS_OUT], [VOICE], CHAT, False),
        (9, [SHUTS_OUT], [VOICE], VOICE, False),
        (9, [SHUTS_OUT], [CHAT, EMAIL], VOICE, True),
        (2, [SHUTS_OUT], [CHAT, EMAIL], VOICE, False),
        (2, [ChannelRule(VOICE, cost=1)], [CHAT, CHAT, CHAT], VOICE, False),
    ],
)
def test_whether_there_is_room(capacity, rules, held, channel, has_room):
    """There is room where nothing exclusive is held, the cost fits into the capacity and the limit is not reached."""
    assert (channel in load_of(Agent("ana", capacity=capacity), rules, held).free) is has_room
    assert (channel in load_of(Agent("ana", capacity=capacity, channel_rules=tuple(rules)), [], held).free) is has_room


@pytest.mark.req("C2")
def test_the_agents_own_rule_counts_first():
    """An agent's own rule for a channel stands instead of the tenant's, whole; other channels go by the tenant's."""
    ana = Agent("ana", capacity=4, channel_rules=(PLAIN,))
    rules = [ChannelRule(VOICE, cost=2, limit=1, exclusive=True), ChannelRule(EMAIL, cost=3)]
    assert load_of(ana, rules, [VOICE]) == (1, (VOICE, CHAT, MESSAGING, EMAIL))
    assert load_of(ana, rules, [VOICE, VOICE]) == (2, (VOICE, CHAT, MESSAGING))
    assert load_of(Agent("bruno", capacity=4), rules, [VOICE]) == (2, ())


@pytest.mark.req("C2")
@pytest.mark.parametrize("state", [InteractionState.OFFERED, InteractionState.ASSIGNED, InteractionState.WRAP_UP])
def test_what_takes_units(state):
    """What is offered, held and wrapped up takes its units; what was ended or waits takes none."""
    timeout = RINGS if state is InteractionState.OFFERED else None
    story = ruled(COSTS_TWO, wrap_up=RINGS, offer_timeout=timeout).when(call("luis"), call("nora"))
    if state is InteractionState.WRAP_UP:
        end(story, "luis")
    assert (story.interaction("luis").state, story.state.units_in_use("ana")) == (state, 2)
    assert story.place_of("nora") == WAITS


@pytest.mark.req("C2", "M2")
def test_load_is_units_over_capacity():
    """LEAST_LOAD compares units in use over capacity: one call of three units weighs more than two chats."""
    story = given(
        ventas("ana", "bruno", capacity=6, method=AssignmentMethod.LEAST_LOAD),
        tenant(ChannelRule(VOICE, cost=3)),
        online("ana", "bruno"),
    ).when(call("luis"), chat("nora"), chat("olga"), chat("pedro"))
    assert holders(story, "luis", "nora", "olga", "pedro") == ["ana", "bruno", "bruno", "bruno"]


@pytest.mark.req("C2", "C7")
def test_what_does_not_fit_does_not_block():
    """A call that needs more units than anybody has free waits, and the chats behind it flow."""
    story = ruled(COSTS_TWO).when(chat("luis"), chat("nora"), call("marta"), chat("olga"))
    assert holders(story, "marta", "olga") == ["", "ana"]
    assert end(end(story, "luis"), "nora").holder("marta") == "ana"


# Every path asks the same

FULL_FOR = {
    "cost": (COSTS_TWO, [chat, chat], call),
    "limit": (ONE_AT_A_TIME, [email], email),
    "exclusive": (SHUTS_OUT, [call], chat),
    "exclusive, same channel": (SHUTS_OUT, [call], call),
}
"""Why Ana, who has 3 units, has no room: a rule, what she holds, and what then comes."""


@pytest.fixture(params=FULL_FOR.values(), ids=FULL_FOR)
def full(request):
    """Ana can't take what comes; Zoe, who is in another workgroup of the campaign, holds one such interaction."""
    rule, holding, comes = request.param

    def tell(*records, **fields):
        story = given(
            ventas("ana", capacity=3, **fields),
            agents(zoe=9),
            workgroup("extra", "zoe"),
            tenant(rule),
            campaign("tienda", "ventas", "extra", addresses=ADDRESSES),
            campaign("otra", "extra", addresses=ADDRESSES),
            contacts("luis", "marta"),
            online("ana", "zoe"),
            *records,
        )
        story.when(*(each(f"c{number}") for number, each in enumerate(holding)))
        assert story.state.load_of("ana").units == len(holding)
        story.comes = comes
        return story

    return tell


@pytest.mark.req("C1", "C2")
def test_routing_respects_units(full):
    """The router gives nothing that has no room, and gives it as soon as there is room."""
    story = full()
    story.when(story.comes("luis"))
    assert story.place_of("luis") == WAITS
    assert end(story, "c0").holder("luis") == "ana"


@pytest.mark.req("C1", "C2", "M9")
def test_claiming_respects_units(full):
    """An agent claims nothing that has no room, neither by name nor as the next."""
    story = full()
    story.when(story.comes("luis"))
    story.rejects(ClaimInteraction("ana", story.id_of("luis")), FULL)
    refused = ErrorReason.NOTHING_TO_CLAIM if story.state.load_of("ana").free else ErrorReason.AGENT_AT_CAPACITY
    story.rejects(ClaimInteraction("ana"), (refused, "agent/ana"))


@pytest.mark.req("C1", "C2", "M10")
def test_assigning_respects_units(full):
    """An administrator assigns nothing that has no room, unless the call says so; then it counts like the rest."""
    story = full()
    story.when(story.comes("luis"))
    units = story.state.units_in_use("ana")
    story.rejects(AssignInteraction(story.id_of("luis"), "ana"), FULL)
    story.when(AssignInteraction(story.id_of("luis"), "ana", allow_over_capacity=True))
    assert story.holder("luis") == "ana"
    assert story.state.units_in_use("ana") > units
    story.when(story.comes("marta"))
    assert story.place_of("marta") == WAITS
    end(story, "luis")
    assert story.place_of("marta") == WAITS


@pytest.mark.req("C1", "C2", "T1")
def test_transfers_respect_units(full):
    """A transfer to an agent who has no room is refused, and the source keeps the interaction."""
    story = full()
    story.when(story.comes("luis")._replace(campaign_id="otra"))
    assert story.holder("luis") == "zoe"
    story.when(UpdateResource(workgroup("extra", "zoe", "ana", method=AssignmentMethod.MANUAL)))
    story.rejects(Transfer(story.id_of("luis"), agent_id="ana", note="sigue"), FULL)
    assert story.holder("luis") == "zoe"
    story.when(CompleteInteraction(story.id_of("c0"), "Venta"))
    story.when(Transfer(story.id_of("luis"), agent_id="ana", note="sigue"))
    assert story.place_of("luis") == held_by("ana", RoutingReason.TRANSFERRED)


@pytest.mark.req("C1", "C2", "E1", "K1", "M4", "M5")
@pytest.mark.parametrize("path", ["exclusive", "owner", "last", "default"])
def test_whom_it_belongs_to_respects_units(full, path):
    """Whose a contact is, and whoever is given things online or not, is given nothing that has no room."""
    records = {
        "exclusive": [ExclusiveAgent("luis", "tienda", "ana")],
        "owner": portfolio("vip", "ana", holds=["luis"]),
        "last": [ContactActivity("luis", "ana", START)],
        "default": [],
    }
    policy = {
        "last": {"method": AssignmentMethod.LAST_AGENT},
        "default": {"method": AssignmentMethod.DEFAULT_GROUP, "default_agent_ids": ("ana",)},
    }
    story = full(records[path], **policy.get(path, {}))
    story.when(story.comes("luis"))
    assert story.interaction("luis").state is InteractionState.QUEUED
    assert end(story, "c0").holder("luis") == "ana"


@pytest.mark.req("C2", "C9")
def test_offers_respect_units():
    """An offered call takes what a held one takes; accepting it takes nothing more."""
    story = ruled(ChannelRule(VOICE, cost=2, exclusive=True), offer_timeout=RINGS).when(call("marta"), chat("luis"))
    assert (story.place_of("marta"), story.place_of("luis")) == (offered_to("ana"), WAITS)
    answers(story, AcceptOffer, "ana", "marta")
    assert (story.state.units_in_use("ana"), story.place_of("luis")) == (2, WAITS)


@pytest.mark.req("C2", "C10")
def test_wrap_up_of_a_call_shuts_out_the_rest():
    """The wrap-up of a call holds what the call held: units, limit, and all else where calls are exclusive."""
    story = ruled(SHUTS_OUT, wrap_up=RINGS).when(call("marta"))
    end(story, "marta").when(chat("luis"))
    assert story.place_of("luis") == WAITS
    assert story.passes(RINGS).holder("luis") == "ana"


# Rules that change while interactions are held


def by_the_tenant(*rules):
    return UpdateResource(tenant(*rules))


def by_the_agent(*rules):
    return UpdateResource(Agent("ana", channel_rules=rules), ("channel_rules",))


LOOSENED = [
    ([COSTS_TWO], [chat, call], call, [ChannelRule(VOICE, cost=1)]),
    ([ONE_AT_A_TIME], [email], email, [ChannelRule(EMAIL, limit=2)]),
    ([SHUTS_OUT], [call], chat, [PLAIN]),
]
"""Rules, what Ana holds under them, what then waits, and rules under which she has room for it."""


@pytest.mark.req("C2", "C7")
@pytest.mark.parametrize("change", [by_the_tenant, by_the_agent])
@pytest.mark.parametrize(("rules", "holding", "comes", "loosened"), LOOSENED, ids=["cost", "limit", "exclusive"])
def test_rules_are_loosened(change, rules, holding, comes, loosened):
    """What there is room for once the rules are looser is given at once."""
    story = ruled(*rules).when(*(each(f"c{number}") for number, each in enumerate(holding)), comes("luis"))
    assert story.place_of("luis") == WAITS
    assert story.when(change(*loosened)).holder("luis") == "ana"


@pytest.mark.req("C2", "C1")
@pytest.mark.parametrize("change", [by_the_tenant, by_the_agent])
@pytest.mark.parametrize(
    "tightened",
    [ChannelRule(CHAT, cost=2), ChannelRule(CHAT, limit=1), ChannelRule(CHAT, exclusive=True)],
    ids=["cost", "limit", "exclusive"],
)
def test_rules_are_tightened(change, tightened):
    """Tighter rules take nothing away; nothing more is given until what is held fits under them."""
    story = ruled().when(chat("c1"), chat("c2"), change(tightened), chat("luis"))
    assert holders(story, "c1", "c2", "luis") == ["ana", "ana", ""]
    end(story, "c1")
    assert story.place_of("luis") == WAITS
    assert end(story, "c2").holder("luis") == "ana"


@pytest.mark.req("C2", "C1")
def test_going_by_the_rules_of_today():
    """Units in use are counted by the rules of today, also of what was given under those of before."""
    story = ruled(COSTS_TWO).when(call("marta"))
    assert story.state.units_in_use("ana") == 2
    assert story.when(by_the_tenant(ChannelRule(VOICE, cost=3))).state.units_in_use("ana") == 3
    assert story.when(by_the_agent(PLAIN)).state.units_in_use("ana") == 1
