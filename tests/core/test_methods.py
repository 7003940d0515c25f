"""The assignment methods (M1, M2, M7), and what happens when nobody is online (M3)."""

from datetime import timedelta

import pytest

from cartera.core.commands import (
    AssignInteraction,
    ClaimInteraction,
    CompleteInteraction,
    CreateResource,
    Transfer,
    UpdateResource,
)
from cartera.core.events import InteractionArrived, InteractionQueued, InteractionUnassigned
from cartera.core.records import Agent, ExclusiveAgent, Workgroup, WorkgroupActivity
from cartera.core.vocabulary import AssignmentMethod, Channel, InteractionState, RoutingReason
from tests.core.specification import given
from tests.core.tenants import (
    TENANT,
    agents,
    call,
    campaign,
    chat,
    contacts,
    goes_offline,
    goes_online,
    online,
    pauses,
    portfolio,
    ventas,
    workgroup,
)

MINUTE = timedelta(minutes=1)
SIX = ("c1", "c2", "c3", "c4", "c5", "c6")


def rotation(*members, capacity=10, **fields):
    return given(ventas(*members, capacity=capacity, **fields), contacts("sticky"), online(*members))


def holders(story, *contact_ids):
    return [story.holder(each) for each in contact_ids]


@pytest.mark.req("M1")
def test_rotation():
    """Members get interactions strictly in turn, in their order."""
    story = rotation("ana", "bruno", "carla").when(*map(chat, SIX))
    assert holders(story, *SIX) == ["ana", "bruno", "carla"] * 2
    assert story.interaction("c1").reason is RoutingReason.ROUND_ROBIN


@pytest.mark.req("M1")
@pytest.mark.parametrize(
    "absence",
    [goes_offline("bruno"), pauses("bruno"), goes_online("bruno", Channel.VOICE)],
    ids=["offline", "paused", "another channel"],
)
def test_absent_member_is_skipped(absence):
    """Who is not online for the channel is skipped."""
    story = rotation("ana", "bruno", "carla").when(absence, chat("c1"), chat("c2"), chat("c3"))
    assert holders(story, "c1", "c2", "c3") == ["ana", "carla", "ana"]


@pytest.mark.req("M1", "C1")
def test_full_member_is_skipped():
    """Who has no free slot is skipped, and gets the next turn in its place once it has one."""
    story = rotation("ana", "bruno", "carla", capacity=1).when(chat("c1"), chat("c2"))
    story.when(CompleteInteraction(story.id_of("c1"), "Venta")).when(chat("c3"), chat("c4"))
    assert holders(story, "c3", "c4") == ["carla", "ana"]


@pytest.mark.req("M1")
def test_who_comes_back_takes_its_place():
    """Who comes back online has its place in the order, not the first nor the last."""
    story = rotation("ana", "bruno", "carla").when(goes_offline("bruno"), chat("c1"))
    assert holders(story.when(goes_online("bruno"), chat("c2")), "c2") == ["bruno"]


STICKY = [
    *contacts("exclusive"),
    ExclusiveAgent("exclusive", "tienda", "carla"),
    *portfolio("vip", "carla", holds=["sticky"]),
]


@pytest.mark.req("M1")
@pytest.mark.parametrize("contact_id", ["sticky", "exclusive"])
def test_sticky_does_not_move_the_turn(contact_id):
    """An interaction given to an owner or an exclusive agent does not move the turn."""
    story = given(
        ventas("ana", "bruno", "carla", capacity=10), contacts("sticky"), STICKY, online("ana", "bruno", "carla")
    )
    story.when(chat("c1"), chat(contact_id), chat("c2"))
    assert holders(story, "c1", contact_id, "c2") == ["ana", "carla", "bruno"]


@pytest.mark.req("M1")
def test_claimed_assigned_and_transferred_do_not_move_the_turn():
    """A claim, an administrator's assignment and a transfer do not move the turn."""
    story = rotation("ana", "bruno", "carla", capacity=3).when(chat("c1"))
    story.when(UpdateResource(Workgroup("ventas", method=AssignmentMethod.MANUAL), ("method",)))
    story.when(chat("claimed"), chat("assigned"))
    story.when(ClaimInteraction("bruno", story.id_of("claimed")))
    story.when(AssignInteraction(story.id_of("assigned"), "carla"))
    story.when(Transfer(story.id_of("c1"), agent_id="bruno", note="sigue"))
    story.when(UpdateResource(Workgroup("ventas", method=AssignmentMethod.ROUND_ROBIN), ("method",)))
    assert holders(story.when(chat("c2")), "c2") == ["bruno"]


@pytest.mark.req("M1")
def test_turn_is_the_workgroups_own():
    """An agent in two workgroups does not distort the turn of one by what it gets in the other."""
    story = given(
        TENANT,
        agents(ana=9, bruno=9, carla=9),
        workgroup("ventas", "ana", "bruno"),
        workgroup("soporte", "ana", "carla"),
        campaign("tienda", "ventas"),
        campaign("ayuda", "soporte"),
        online("ana", "bruno", "carla"),
    )
    story.when(chat("c1"), chat("s1", "ayuda"), chat("s2", "ayuda"), chat("s3", "ayuda"), chat("c2"))
    assert holders(story, "c1", "s1", "s2", "s3", "c2") == ["ana", "ana", "carla", "ana", "bruno"]


@pytest.mark.req("M1")
@pytest.mark.parametrize(
    ("members", "next_holder"),
    [
        (("ana", "carla", "dario"), "carla"),
        (("carla", "dario"), "carla"),
        (("ana", "bruno", "carla", "dario"), "carla"),
        (("dario", "bruno", "ana"), "ana"),
        (("ana", "eva", "bruno", "carla"), "carla"),
        (("eva", "ana"), "eva"),
    ],
    ids=["who had the turn left", "and the one before", "nobody left", "reordered", "joined before", "wrapped"],
)
def test_turn_is_kept(members, next_holder):
    """The rotation goes on where it was when the members change, who had the last turn among them."""
    story = rotation("ana", "bruno", "carla", "dario").when(CreateResource(Agent("eva", capacity=9)))
    story.when(goes_online("eva"), chat("c1"), chat("c2"))
    assert story.get(WorkgroupActivity, "ventas").turn_agent_id == "bruno"
    story.when(UpdateResource(Workgroup("ventas", member_ids=members), ("member_ids",)), chat("c3"))
    assert story.holder("c3") == next_holder


@pytest.mark.req("M1")
def test_turn_goes_back_to_the_nearest():
    """Where who had the turn has left, the rotation goes on after the nearest member before."""
    story = rotation("ana", "bruno", "carla", "dario").when(chat("c1"), chat("c2"), chat("c3"))
    members = ("ana", "bruno", "dario")
    story.when(UpdateResource(Workgroup("ventas", member_ids=members), ("member_ids",)), chat("c4"))
    assert holders(story, "c3", "c4") == ["carla", "dario"]


@pytest.mark.req("M2")
def test_least_load():
    """The available agent with the least load, units in use over capacity, gets the interaction."""
    story = given(
        ventas(method=AssignmentMethod.LEAST_LOAD),
        agents(ana=2, bruno=4),
        workgroup("ventas", "ana", "bruno", method=AssignmentMethod.LEAST_LOAD),
        online("ana", "bruno"),
    )
    for contact_id in SIX:
        story.when(chat(contact_id), after=MINUTE)
    assert holders(story, *SIX) == ["ana", "bruno", "bruno", "ana", "bruno", "bruno"]
    assert story.interaction("c1").reason is RoutingReason.LEAST_LOAD


@pytest.mark.req("M2")
def test_least_load_ties_to_who_waited_longest():
    """Among equally loaded agents, who has waited longest since the last assignment gets the interaction."""
    story = rotation("ana", "bruno", "carla", method=AssignmentMethod.LEAST_LOAD)
    for contact_id in ("c1", "c2", "c3"):
        story.when(chat(contact_id), after=MINUTE)
    story.when(*(CompleteInteraction(story.id_of(each), "Venta") for each in ("c3", "c1", "c2")))
    story.when(chat("c4"), after=MINUTE)
    assert holders(story, "c1", "c2", "c3", "c4") == ["ana", "bruno", "carla", "ana"]


@pytest.mark.req("M2")
def test_least_load_never_assigned_first():
    """Among equally loaded agents, one who was never given any has waited longest."""
    story = rotation("ana", "bruno", method=AssignmentMethod.LEAST_LOAD).when(chat("c1"))
    story.when(CompleteInteraction(story.id_of("c1"), "Venta"), chat("c2"))
    assert holders(story, "c1", "c2") == ["ana", "bruno"]


AUTOMATIC_METHODS = [AssignmentMethod.ROUND_ROBIN, AssignmentMethod.LEAST_LOAD]


@pytest.mark.req("M3")
@pytest.mark.parametrize("method", AUTOMATIC_METHODS)
def test_nobody_online(method):
    """With nobody online the interaction becomes UNASSIGNED, and stays so when somebody comes."""
    story = given(ventas("ana", method=method)).when(chat("c1")).then(InteractionArrived, InteractionUnassigned)
    story.when(goes_online("ana"))
    assert story.place_of("c1") == (InteractionState.UNASSIGNED, RoutingReason.NOBODY_ONLINE, "")


@pytest.mark.req("M3")
def test_online_for_another_channel_is_not_online():
    """With nobody online for its channel an interaction becomes UNASSIGNED."""
    story = given(ventas("ana"), online("ana", channels=(Channel.CHAT,))).when(call("c1"))
    assert story.place_of("c1")[0] is InteractionState.UNASSIGNED


@pytest.mark.req("M3")
def test_full_is_online():
    """With everybody online full the interaction is queued."""
    story = given(ventas("ana"), online("ana")).when(chat("c1"), chat("c2"))
    assert story.place_of("c2") == (InteractionState.QUEUED, RoutingReason.NO_AGENT_AVAILABLE, "")


@pytest.mark.req("M3")
def test_unassigned_is_claimed_or_assigned():
    """An UNASSIGNED interaction is claimed by an agent or assigned by an administrator."""
    story = given(ventas("ana", capacity=2)).when(chat("c1"), chat("c2")).when(goes_online("ana"))
    story.when(ClaimInteraction("ana")).when(AssignInteraction(story.id_of("c2"), "ana"))
    assert story.place_of("c1")[1:] == (RoutingReason.CLAIMED, "ana")
    assert story.place_of("c2")[1:] == (RoutingReason.ASSIGNED_BY_ADMINISTRATOR, "ana")


@pytest.mark.req("M3")
@pytest.mark.parametrize("method", AUTOMATIC_METHODS)
def test_queued_instead(method):
    """A workgroup may choose to queue what finds nobody online; who comes online is given it."""
    story = given(ventas("ana", method=method, queue_when_nobody_online=True)).when(chat("c1"))
    assert story.place_of("c1") == (InteractionState.QUEUED, RoutingReason.NOBODY_ONLINE, "")
    assert story.when(goes_online("ana")).holder("c1") == "ana"


@pytest.mark.req("M7")
def test_manual_assigns_nothing():
    """MANUAL: an interaction waits, whoever is free, and whoever owns the contact."""
    story = rotation("ana", method=AssignmentMethod.MANUAL).when(chat("c1"))
    story.then(InteractionArrived, InteractionQueued)
    story.when(goes_offline("ana"), goes_online("ana"))
    assert story.place_of("c1") == (InteractionState.QUEUED, RoutingReason.MANUAL, "")


@pytest.mark.req("M7")
def test_manual_keeps_nothing_for_an_owner():
    """MANUAL: a sticky contact's interaction waits like any other, to be claimed by anybody of the workgroup."""
    story = given(
        ventas("ana", "bruno", method=AssignmentMethod.MANUAL, owner_wait=MINUTE),
        contacts("carlos"),
        portfolio("vip", "ana", holds=["carlos"]),
        online("ana", "bruno"),
    ).when(chat("carlos"))
    assert story.place_of("carlos") == (InteractionState.QUEUED, RoutingReason.MANUAL, "")
    assert story.when(ClaimInteraction("bruno")).holder("carlos") == "bruno"


@pytest.mark.req("M7", "M1")
def test_method_is_changed():
    """What waits in a MANUAL workgroup is given out once it has an automatic method."""
    story = rotation("ana", method=AssignmentMethod.MANUAL).when(chat("c1"), chat("c2"))
    story.when(UpdateResource(Workgroup("ventas", method=AssignmentMethod.ROUND_ROBIN), ("method",)))
    assert holders(story, "c1", "c2") == ["ana", "ana"]
