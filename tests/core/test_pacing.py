"""Pacing and fairness (C14): after a long break nobody is flooded, and how evenly a workgroup gives is a figure."""

from datetime import timedelta

import pytest

from cartera.core.commands import (
    AcceptOffer,
    AssignInteraction,
    ClaimInteraction,
    CompleteInteraction,
    RejectOffer,
    Transfer,
    UpdateResource,
)
from cartera.core.events import AgentCoolDownEnded, InteractionAssigned, InteractionOffered
from cartera.core.fairness import fairness
from cartera.core.monitor import monitor
from cartera.core.records import ExclusiveAgent, Workgroup
from cartera.core.vocabulary import AssignmentMethod
from tests.core.offers import WAITS, answers, presence
from tests.core.specification import START, given
from tests.core.tenants import (
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

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
PACING = 30 * SECOND
FIVE = ("c1", "c2", "c3", "c4", "c5")
LONGEST_IDLE = AssignmentMethod.LONGEST_IDLE


def paced(*members, **fields):
    given_fields = {"capacity": 5, "pacing": PACING, "queue_when_nobody_online": True, **fields}
    return given(ventas(*members, **given_fields), contacts("luis"))


def held(story, agent_id="ana"):
    return len(story.state.held_by(agent_id))


@pytest.mark.req("C14", "C3")
def test_the_example_of_pacing():
    """docs/routing.md, "Fairness": five wait when Ana comes back; she has one at once, then one every 30 seconds."""
    story = paced("ana").when(*map(chat, FIVE)).when(goes_online("ana"), after=MINUTE)
    assert [held(story), *(held(story.passes(PACING)) for _ in range(5))] == [1, 2, 3, 4, 5, 5]


@pytest.mark.req("C14", "M8")
def test_the_example_of_a_break():
    """docs/routing.md, "Fairness": Ana comes back from an hour's break behind Bruno, who has waited ten minutes."""
    story = given(ventas("ana", "bruno", capacity=5, method=LONGEST_IDLE)).when(goes_online("ana"))
    story.when(pauses("ana"), goes_online("bruno"), after=MINUTE).when(chat("c1"), after=50 * MINUTE)
    assert story.holder("c1") == "bruno"
    story.when(goes_online("ana"), after=10 * MINUTE).when(chat("c2"), chat("c3"), after=SECOND)
    assert (story.holder("c2"), story.holder("c3")) == ("bruno", "ana")


@pytest.mark.req("C14")
def test_without_pacing():
    """Without pacing, who comes online is given what it has slots for at once."""
    story = paced("ana", pacing=None).when(*map(chat, FIVE), goes_online("ana"))
    assert held(story) == 5


@pytest.mark.req("C14", "C7")
def test_nothing_by_itself_until_the_pacing_is_over():
    """Who was given something is given nothing by itself for the pacing; then it is given the first that waits."""
    story = paced("ana").when(goes_online("ana"), chat("c1"), chat("c2"))
    assert (story.place_of("c2"), presence(story).cool_down_until) == (WAITS, START + PACING)
    story.passes(PACING - SECOND)
    assert story.place_of("c2") == WAITS
    story.passes(SECOND).then(AgentCoolDownEnded, InteractionAssigned)
    assert story.holder("c2") == "ana"


@pytest.mark.req("C14")
def test_others_are_given_meanwhile():
    """While one agent rests, what comes goes to the others."""
    story = paced("ana", "bruno", method=AssignmentMethod.LEAST_LOAD)
    story.when(goes_online("ana"), goes_online("bruno"), *map(chat, FIVE))
    assert (held(story), held(story, "bruno")) == (1, 1)


@pytest.mark.req("C14", "M9", "M10", "T1")
def test_what_somebody_asked_for():
    """Pacing holds back what comes by itself: an agent may claim, be assigned and be transferred to; and none of that
    makes it rest.
    """
    story = paced("ana", "bruno").when(goes_online("ana"), *map(chat, FIVE)).when(goes_online("bruno"), after=SECOND)
    story.when(ClaimInteraction("ana"), AssignInteraction(story.id_of("c4"), "ana"))
    story.when(Transfer(story.id_of("c2"), agent_id="ana", note="sigue"))
    assert (held(story), presence(story).cool_down_until) == (4, START + PACING)
    story.passes(PACING).when(CompleteInteraction(story.id_of("c1"), "Venta"))
    rested = given(ventas("ana", capacity=5, pacing=PACING, method=AssignmentMethod.MANUAL), online("ana"))
    rested.when(chat("c1"), ClaimInteraction("ana"))
    assert presence(rested).cool_down_until is None


@pytest.mark.req("C14", "E1", "K1")
@pytest.mark.parametrize("path", ["exclusive", "owner"])
def test_pacing_of_somebodys_own(path):
    """What an agent is given as exclusive agent or owner makes it rest too, and comes after the rest."""
    records = {
        "exclusive": [ExclusiveAgent("luis", "tienda", "ana")],
        "owner": portfolio("vip", "ana", holds=["luis"]),
    }
    story = given(ventas("ana", capacity=5, pacing=PACING), contacts("luis"), records[path], online("ana"))
    story.when(chat("luis"))
    assert (story.holder("luis"), presence(story).cool_down_until) == ("ana", START + PACING)
    story.when(CompleteInteraction(story.id_of("luis"), "Venta"), chat("luis"))
    assert story.holder("luis") == ""
    assert story.passes(PACING).holder("luis") == "ana"


@pytest.mark.req("C14", "E1")
def test_who_is_not_online_does_not_rest():
    """An exclusive agent who is not online is given its own without rest: pacing is for who is online."""
    story = given(
        ventas("ana", capacity=5, pacing=PACING),
        contacts("luis", "nora"),
        [ExclusiveAgent(each, "tienda", "ana") for each in ("luis", "nora")],
    ).when(chat("luis"), chat("nora"))
    assert held(story) == 2


@pytest.mark.req("C14", "C9")
def test_pacing_counts_from_the_offer():
    """Where it is offered, the agent rests from the offer on; a rejection's cool-down lasts as long as the longer."""
    story = paced("ana", offer_timeout=20 * SECOND).when(goes_online("ana"), chat("luis"), chat("nora"))
    assert (story.place_of("nora"), presence(story).cool_down_until) == (WAITS, START + PACING)
    answers(story, AcceptOffer, "ana", after=SECOND)
    assert presence(story).cool_down_until == START + PACING
    story.passes(PACING - SECOND).then(AgentCoolDownEnded, InteractionOffered)
    answers(story, RejectOffer, "ana", "nora", after=10 * SECOND)
    assert presence(story).cool_down_until == START + PACING + 40 * SECOND


@pytest.mark.req("C14")
def test_pacing_of_several_workgroups():
    """Each workgroup's own pacing counts after what it gave; the agent rests from all of them, until the later time."""
    story = given(
        ventas("ana", capacity=5, pacing=PACING),
        workgroup("soporte", "ana"),
        campaign("ayuda", "soporte"),
        online("ana"),
    ).when(chat("c1", "ayuda"), chat("c2"), chat("c3", "ayuda"))
    assert [story.holder(each) for each in ("c1", "c2", "c3")] == ["ana", "ana", ""]
    assert story.passes(PACING).holder("c3") == "ana"


@pytest.mark.req("C14", "C3")
def test_a_break_does_not_end_the_rest():
    """Who goes away and comes back rests as long as before."""
    story = paced("ana").when(goes_online("ana"), *map(chat, FIVE)).when(pauses("ana"), after=SECOND)
    story.when(goes_online("ana"), after=SECOND)
    assert held(story) == 1
    assert held(story.passes(28 * SECOND)) == 2


@pytest.mark.req("C14")
def test_pacing_is_changed():
    """A rest that has begun lasts as long as it was to last; the next is as the workgroup then says."""
    story = paced("ana").when(goes_online("ana"), *map(chat, FIVE))
    story.when(UpdateResource(Workgroup("ventas", pacing=None), ("pacing",)))
    assert held(story) == 1
    assert held(story.passes(PACING)) == 5


# The figure


@pytest.mark.req("C14")
@pytest.mark.parametrize(
    ("members", "figure"),
    [
        ([(6, 3 * HOUR), (6, 3 * HOUR)], 1.0),
        ([(9, 3 * HOUR), (3, 3 * HOUR)], 0.8),
        ([(9, 3 * HOUR), (3, 1 * HOUR)], 1.0),
        ([(4, HOUR), (0, HOUR)], 0.5),
        ([(4, HOUR), (0, HOUR), (0, HOUR), (0, HOUR)], 0.25),
        ([(4, HOUR), (0, None)], None),
        ([(4, HOUR), (0, timedelta())], None),
        ([(0, HOUR), (0, HOUR)], None),
        ([], None),
    ],
)
def test_the_figure(members, figure):
    """Jain's index of assignments per hour online, over the members who were online today: 1 is even, 1/n is all to
    one of n; none where there is nothing to compare.
    """
    assert fairness(members) == (None if figure is None else pytest.approx(figure))


@pytest.mark.req("C14", "W2")
def test_the_example_of_the_figure():
    """docs/routing.md, "Fairness": with as many chats an hour online the figure is 1; with 3 and 1 it is 0.8."""
    story = given(ventas("ana", "bruno", capacity=9, method=AssignmentMethod.MANUAL))
    story.when(goes_online("ana"), goes_online("bruno"))
    for number, agent_id in enumerate(["ana", "bruno", "ana", "ana"]):
        story.when(chat(f"c{number}"), ClaimInteraction(agent_id))
        if number == 1:
            assert _figure(story.passes(HOUR)) == pytest.approx(1)
    assert _figure(story) == pytest.approx(0.8)
    story.when(goes_offline("bruno")).passes(2 * HOUR)
    assert _figure(story) == pytest.approx(1), "3 in 3 hours, and 1 in 1"


def _figure(story):
    (row,) = monitor(story.state, story.now).workgroups
    return row.fairness
