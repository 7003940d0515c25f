"""The dispenser (M9) and an administrator's assignment (M10)."""

from datetime import timedelta

import pytest

from cartera.core.commands import AssignInteraction, CancelInteraction, ClaimInteraction, CompleteInteraction
from cartera.core.events import InteractionAssigned
from cartera.core.vocabulary import (
    AssignmentMethod,
    Channel,
    ErrorReason,
    InteractionState,
    Priority,
    RoutingReason,
)
from tests.core.specification import agent_actor, given
from tests.core.tenants import (
    agents,
    call,
    campaign,
    chat,
    contacts,
    goes_online,
    online,
    pauses,
    portfolio,
    ventas,
    workgroup,
)

FIVE = ("ana", "bruno", "carla", "dario", "eva")
MINUTE = timedelta(minutes=1)


def dispenser(*members, capacity=1, presences=(), **fields):
    return given(
        ventas(*members, capacity=capacity, method=AssignmentMethod.MANUAL, **fields), presences or online(*members)
    )


@pytest.mark.req("M9")
def test_claims_a_given_one():
    """An agent claims a given waiting interaction, not the first."""
    story = dispenser("ana").when(chat("c1"), chat("c2"))
    story.when(ClaimInteraction("ana", story.id_of("c2")), by=agent_actor("ana")).then(InteractionAssigned)
    assert story.place_of("c2") == (InteractionState.ASSIGNED, RoutingReason.CLAIMED, "ana")
    assert story.holder("c1") == ""


@pytest.mark.req("M9", "C6")
def test_claims_the_next():
    """An agent who claims the next gets the first by priority, then by arrival."""
    story = dispenser("ana", capacity=4)
    story.when(chat("c1"), chat("c2", priority=Priority.LOW), chat("c3", priority=Priority.URGENT), chat("c4"))
    claimed = [story.when(ClaimInteraction("ana")).events[0].interaction_id for _ in range(4)]
    assert claimed == [story.id_of(each) for each in ("c3", "c1", "c4", "c2")]


@pytest.mark.req("M9")
def test_one_owner_of_many_claims():
    """N agents claiming one interaction yield one owner and N-1 typed refusals."""
    story = dispenser(*FIVE).when(chat("c1"))
    interaction_id = story.id_of("c1")
    story.when(ClaimInteraction("carla", interaction_id))
    for agent_id in FIVE:
        refusal = (ErrorReason.INTERACTION_NOT_WAITING, f"interaction/{interaction_id}")
        story.rejects(ClaimInteraction(agent_id, interaction_id), refusal)
        assert story.violations[0].data == {"agent_id": "carla"}


@pytest.mark.req("M9")
def test_next_is_what_the_agent_may_have():
    """The next is sought among what waits in the agent's workgroups, for the channels it is online for."""
    story = given(
        ventas("ana", "bruno", method=AssignmentMethod.MANUAL),
        agents(carla=1),
        campaign("ayuda", "soporte"),
        workgroup("soporte", "carla", method=AssignmentMethod.MANUAL),
        online("bruno"),
        online("ana", channels=(Channel.CHAT,)),
    )
    story.when(chat("c1", "ayuda"), call("c2"))
    story.rejects(ClaimInteraction("ana"), (ErrorReason.NOTHING_TO_CLAIM, "agent/ana"))
    story.when(chat("c3"))
    assert story.when(ClaimInteraction("ana")).holder("c3") == "ana"


@pytest.mark.req("M9", "C1")
def test_who_may_not_claim():
    """Claiming takes being online and a free slot; what is missing is named at once."""
    story = dispenser("ana").when(chat("c1"), chat("c2")).when(ClaimInteraction("ana"))
    full = (ErrorReason.AGENT_AT_CAPACITY, "agent/ana")
    story.rejects(ClaimInteraction("ana"), full).rejects(ClaimInteraction("ana", story.id_of("c2")), full)
    story.when(pauses("ana"))
    story.rejects(ClaimInteraction("ana"), (ErrorReason.AGENT_NOT_ONLINE, "agent/ana"), full)


@pytest.mark.req("M9")
def test_claims_of_others_queues():
    """An agent claims nothing of a workgroup it is not in, nor on a channel it does not take, and hears of both."""
    story = given(ventas(method=AssignmentMethod.MANUAL), agents(ana=1), online("ana", channels=(Channel.VOICE,)))
    story.when(chat("c1"))
    story.rejects(
        ClaimInteraction("ana", story.id_of("c1")),
        (ErrorReason.AGENT_LACKS_CHANNEL, "agent/ana"),
        (ErrorReason.AGENT_NOT_IN_WORKGROUP, "agent/ana"),
    )


@pytest.mark.req("M9", "K2")
def test_kept_for_its_owner():
    """In the owner wait the interaction is not for colleagues to claim, neither by its id nor as the next."""
    story = given(
        ventas("bruno", owner_wait=MINUTE),
        agents(ana=1),
        contacts("carlos"),
        portfolio("vip", "ana", holds=["carlos"]),
        online("bruno"),
    ).when(chat("otro"), chat("carlos"))
    story.when(CompleteInteraction(story.id_of("otro"), "Venta"))
    interaction_id = story.id_of("carlos")
    story.rejects(
        ClaimInteraction("bruno", interaction_id),
        (ErrorReason.INTERACTION_KEPT_FOR_OWNER, f"interaction/{interaction_id}"),
    )
    story.rejects(ClaimInteraction("bruno"), (ErrorReason.NOTHING_TO_CLAIM, "agent/bruno"))


@pytest.mark.req("M9", "M3")
def test_owner_claims_what_is_unassigned():
    """An owner who is no member of the workgroup claims its contact's unassigned interaction."""
    story = given(ventas("bruno"), agents(ana=1), contacts("carlos"), portfolio("vip", "ana", holds=["carlos"]))
    story.when(chat("carlos"))
    assert story.place_of("carlos")[0] is InteractionState.UNASSIGNED
    story.when(goes_online("ana"), ClaimInteraction("ana"))
    assert story.holder("carlos") == "ana"


@pytest.mark.req("M9")
def test_agent_claims_for_itself():
    """An agent does not claim in a colleague's name."""
    story = dispenser("ana", "bruno").when(chat("c1"))
    story.rejects(ClaimInteraction("bruno"), (ErrorReason.PERMISSION_DENIED, "agent/bruno"), by=agent_actor("ana"))


@pytest.mark.req("M9", "M10")
@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (CancelInteraction, ErrorReason.INTERACTION_ENDED),
        (lambda interaction_id: ClaimInteraction("ana", interaction_id), ErrorReason.INTERACTION_NOT_WAITING),
    ],
    ids=["ended", "held"],
)
def test_what_waits_no_more(end, reason):
    """What has ended or is held is neither claimed nor assigned."""
    story = dispenser("ana", "bruno").when(chat("c1"))
    interaction_id = story.id_of("c1")
    story.when(end(interaction_id))
    story.rejects(ClaimInteraction("bruno", interaction_id), (reason, f"interaction/{interaction_id}"))
    story.rejects(AssignInteraction(interaction_id, "bruno"), (reason, f"interaction/{interaction_id}"))


@pytest.mark.req("M9", "M10")
def test_unknown_interaction_or_agent():
    """Claiming and assigning need an interaction and an agent that there are."""
    story = dispenser("ana").when(chat("c1"))
    no_interaction = (ErrorReason.RESOURCE_NOT_FOUND, "interaction/nada")
    no_agent = (ErrorReason.RESOURCE_NOT_FOUND, "agent/nadie")
    story.rejects(ClaimInteraction("ana", "nada"), no_interaction)
    story.rejects(AssignInteraction("nada", "ana"), no_interaction)
    story.rejects(ClaimInteraction("nadie"), no_agent)
    story.rejects(AssignInteraction(story.id_of("c1"), "nadie"), no_agent)


@pytest.mark.req("M10")
@pytest.mark.parametrize("method", [AssignmentMethod.ROUND_ROBIN, AssignmentMethod.MANUAL])
def test_administrator_assigns(method):
    """An administrator assigns a waiting or unassigned interaction to an agent, online or not."""
    story = given(ventas("ana", method=method)).when(chat("c1"))
    story.when(AssignInteraction(story.id_of("c1"), "ana")).then(InteractionAssigned)
    assert story.place_of("c1") == (InteractionState.ASSIGNED, RoutingReason.ASSIGNED_BY_ADMINISTRATOR, "ana")


@pytest.mark.req("M10", "K2")
def test_administrator_assigns_what_is_kept_for_an_owner():
    """An administrator assigns what is kept for an owner, and nothing falls due for it any more."""
    story = given(
        ventas("bruno", owner_wait=MINUTE),
        agents(ana=1),
        contacts("carlos"),
        portfolio("vip", "ana", holds=["carlos"]),
        online("bruno"),
    ).when(chat("carlos"))
    story.when(AssignInteraction(story.id_of("carlos"), "bruno"))
    assert story.holder("carlos") == "bruno"
    assert story.state.deadlines.first() is None


@pytest.mark.req("M10", "C1")
def test_over_capacity_only_where_said():
    """An assignment over capacity is refused unless the call says so."""
    story = dispenser("ana").when(chat("c1"), chat("c2")).when(ClaimInteraction("ana", "i1"))
    assign = AssignInteraction(story.id_of("c2"), "ana")
    story.rejects(assign, (ErrorReason.AGENT_AT_CAPACITY, "agent/ana"))
    assert story.violations[0].data == {"capacity": "1"}
    story.when(assign._replace(allow_over_capacity=True))
    assert story.holder("c2") == "ana"
    assert story.state.units_in_use("ana") == 2
