"""Offers that come to nothing (C9): they are rejected or ring out, and who did that is left alone for a while."""

import pytest

from cartera.core.commands import AcceptOffer, AssignInteraction, ClaimInteraction, RejectOffer, Transfer
from cartera.core.events import (
    AgentCoolDownEnded,
    AgentStatusChanged,
    InteractionOffered,
    InteractionOfferMissed,
    InteractionOfferRejected,
    InteractionQueued,
    InteractionUnassigned,
)
from cartera.core.vocabulary import AgentStatus, ErrorReason, RoutingReason
from tests.core.offers import COOL_DOWN, RINGS, SECOND, WAITS, answers, offered_to, offering, presence
from tests.core.specification import START, agent_actor
from tests.core.tenants import chat, goes_online, pauses


@pytest.mark.req("C9")
def test_a_rejected_interaction_goes_to_the_next_and_keeps_its_place():
    """What is rejected is offered to the next at once; with nobody left it waits in its place, ahead of newcomers."""
    story = offering("ana", "bruno").when(chat("luis"))
    answers(story, RejectOffer, "ana", after=SECOND).then(InteractionOfferRejected, InteractionOffered)
    answers(story, RejectOffer, "bruno", after=SECOND).then(InteractionOfferRejected, InteractionQueued)
    interaction = story.interaction("luis")
    assert (interaction.arrived_at, interaction.waiting_since, interaction.sequence) == (START, START, 1)
    story.when(chat("nora"), after=SECOND)
    story.when(goes_online("ana"), after=SECOND).then()
    story.passes(COOL_DOWN)
    assert (story.place_of("luis"), story.place_of("nora")) == (offered_to("ana"), offered_to("bruno"))


@pytest.mark.req("C9", "C7")
@pytest.mark.parametrize("cool_down", [None, 5 * SECOND, 90 * SECOND])
@pytest.mark.parametrize("missed", [False, True])
def test_the_cool_down(cool_down, missed):
    """Who rejected or missed is given nothing by itself for the workgroup's cool-down, 30 seconds unless it is set."""
    story = offering("ana", offer_cool_down=cool_down).when(chat("luis"))
    story.passes(RINGS) if missed else answers(story, RejectOffer, "ana")
    until = story.now + (cool_down or COOL_DOWN)
    assert presence(story).cool_down_until == until
    story.when(chat("nora"))
    assert (story.place_of("luis"), story.place_of("nora")) == (WAITS, WAITS)
    story.passes(until - story.now - SECOND)
    assert story.place_of("luis") == WAITS
    story.passes(SECOND).then(AgentCoolDownEnded("ana"), InteractionOffered)
    assert (story.place_of("luis"), presence(story).cool_down_until) == (offered_to("ana"), None)


@pytest.mark.req("C9", "M9", "T1", "M10")
def test_what_an_agent_may_be_given_while_it_cools_down():
    """While it cools down an agent may claim, be assigned and be transferred to; nothing comes by itself."""
    story = offering("ana", "zoe", capacity=4).when(chat("luis"))
    answers(story, RejectOffer, "ana")
    answers(story, RejectOffer, "zoe")
    story.when(*map(chat, ("nora", "olga")))
    assert story.when(ClaimInteraction("ana"), by=agent_actor("ana")).place_of("luis")[1:] == (
        RoutingReason.CLAIMED,
        "ana",
    )
    story.when(AssignInteraction(story.id_of("nora"), "ana"), ClaimInteraction("zoe", story.id_of("olga")))
    story.when(Transfer(story.id_of("olga"), agent_id="ana", note="sigue"))
    assert [story.holder(each) for each in ("luis", "nora", "olga")] == ["ana"] * 3
    assert story.now < presence(story).cool_down_until


@pytest.mark.req("C9")
def test_an_offer_rings_out():
    """What is not answered in time is offered to the next; the agent has one miss more."""
    story = offering("ana", "bruno").when(chat("luis")).passes(RINGS - SECOND)
    assert story.place_of("luis") == offered_to("ana")
    story.passes(SECOND).then(InteractionOfferMissed, InteractionOffered)
    assert story.events[0] == InteractionOfferMissed("i1", "ventas", "ana", 1, START + RINGS + COOL_DOWN)
    assert story.place_of("luis") == offered_to("bruno")


@pytest.mark.req("C9")
@pytest.mark.parametrize("limit", [0, 1, 3])
def test_after_so_many_misses_the_agent_is_paused(limit):
    """After as many misses in a row as the workgroup allows the agent is paused, with a reason; with 0 never."""
    story = offering("ana", offer_miss_limit=limit, queue_when_nobody_online=True).when(chat("luis"))
    for miss in range(1, 5):
        story.passes(RINGS)
        if miss == limit:
            assert presence(story)[1:3] == (AgentStatus.PAUSED, "missed_offers")
            assert (presence(story).misses, presence(story).cool_down_until) == (0, story.now + COOL_DOWN)
            break
        assert (presence(story).status, presence(story).misses) == (AgentStatus.ONLINE, miss)
        story.passes(COOL_DOWN)
    else:
        assert limit == 0
    story.when(goes_online("ana")).passes(COOL_DOWN)
    assert limit == 0 or story.place_of("luis") == offered_to("ana")


@pytest.mark.req("C9")
def test_rejecting_is_no_miss():
    """Who rejects has answered: it is no miss, and does not wipe out the misses before it either."""
    story = offering("ana", offer_miss_limit=2).when(chat("luis")).passes(RINGS + COOL_DOWN)
    answers(story, RejectOffer, "ana")
    assert (presence(story).misses, presence(story).status) == (1, AgentStatus.ONLINE)
    story.passes(COOL_DOWN + RINGS)
    assert presence(story).status is AgentStatus.PAUSED


@pytest.mark.req("C9")
def test_coming_back_online_forgets_the_misses():
    """Who was away and comes back begins without misses."""
    story = offering("ana", offer_miss_limit=2).when(chat("luis")).passes(RINGS)
    story.when(pauses("ana")).when(goes_online("ana"), after=COOL_DOWN).passes(RINGS)
    assert (presence(story).misses, presence(story).status) == (1, AgentStatus.ONLINE)


@pytest.mark.req("C9")
def test_several_offers_ring_out_at_once():
    """Of several offers that ring out together each counts; the agent is asked for none of them again before time."""
    story = offering("ana", capacity=3, offer_miss_limit=3).when(*map(chat, ("luis", "nora", "olga"))).passes(RINGS)
    assert [type(each) for each in story.events].count(InteractionOfferMissed) == 3
    assert presence(story).status is AgentStatus.PAUSED
    assert not [each for each in story.events if isinstance(each, InteractionOffered)]


@pytest.mark.req("C9", "M3")
def test_the_last_who_is_online_is_paused():
    """Where the last member online is paused for its misses, nobody is online: what it missed is UNASSIGNED."""
    story = offering("ana", offer_miss_limit=1).when(chat("luis")).passes(RINGS)
    story.then(InteractionOfferMissed, AgentStatusChanged, InteractionUnassigned)


@pytest.mark.req("C9")
def test_ringing_out_is_past_accepting():
    """At the end of the offer's time it has rung out: accepting comes too late."""
    story = offering("ana").when(chat("luis"))
    story.rejects(AcceptOffer("i1", "ana"), (ErrorReason.INTERACTION_NOT_OFFERED, "interaction/i1"), after=RINGS)
