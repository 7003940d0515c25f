"""Offers that are withdrawn (C9): who is asked goes away, or no longer takes the channel."""

from datetime import timedelta

import pytest

from cartera.core.commands import AcceptOffer, SetAgentStatus, UpdateResource
from cartera.core.events import (
    AgentSaved,
    AgentStatusChanged,
    InteractionOffered,
    InteractionOfferMissed,
    InteractionOfferWithdrawn,
    InteractionQueued,
    InteractionReturnScheduled,
    InteractionUnassigned,
)
from cartera.core.records import (
    Agent,
    Tenant,
)
from cartera.core.vocabulary import (
    Channel,
    InteractionState,
    LeavingPolicy,
)
from tests.core.offers import SECOND, answers, offered_to, offering, presence
from tests.core.specification import START
from tests.core.tenants import (
    chat,
    goes_offline,
    goes_online,
    pauses,
)

WAIT = timedelta(minutes=1)
SESSION = timedelta(seconds=15)


@pytest.mark.req("C9", "C3", "C4")
@pytest.mark.parametrize(
    "leave",
    [
        lambda story: story.when(goes_offline("ana")),
        lambda story: story.when(pauses("ana")),
        lambda story: story.when(goes_online("ana", Channel.VOICE)),
        lambda story: story.when(UpdateResource(Agent("ana", channels=(Channel.VOICE,)), ("channels",))),
        lambda story: story.passes(SESSION),
    ],
    ids=["offline", "paused", "another channel", "channel not handled any more", "session over"],
)
def test_an_offer_is_withdrawn(leave):
    """Who is not online for the channel any more, by whatever cause, is not asked any more: the offer is withdrawn at
    once and goes to the next; that is no miss, and there is no cool-down.
    """
    story = offering("bruno", "ana").when(UpdateResource(Tenant("Clínica Sol", session_limit=SESSION)))
    story.when(goes_offline("ana"), goes_online("ana"), chat("nora"), chat("luis"))
    assert story.place_of("luis") == offered_to("ana")
    answers(story, AcceptOffer, "bruno", "nora")
    leave(story)
    assert InteractionOfferWithdrawn(story.id_of("luis"), "ventas", "ana") in story.events
    assert story.interaction("luis").state in (InteractionState.QUEUED, InteractionState.UNASSIGNED)
    assert (presence(story).misses, presence(story).cool_down_until) == (0, None)


@pytest.mark.req("C9")
def test_a_withdrawn_offer_keeps_its_place_and_finds_the_next():
    """What was withdrawn is offered to the next in the same revision, with its time of arrival."""
    story = offering("ana", "bruno").when(chat("luis")).when(pauses("ana"), after=SECOND)
    story.then(AgentStatusChanged, InteractionOfferWithdrawn, InteractionOffered)
    assert story.place_of("luis") == offered_to("bruno")
    assert story.interaction("luis").waiting_since == START


@pytest.mark.req("C9", "C3")
@pytest.mark.parametrize(
    "status",
    [goes_online("ana", Channel.CHAT), UpdateResource(Agent("ana", channels=(Channel.CHAT,)), ("channels",))],
    ids=["status", "configuration"],
)
def test_an_offer_of_a_channel_that_is_kept_goes_on(status):
    """An agent who gives up other channels keeps the offer of the channel that it takes."""
    story = offering("ana").when(chat("luis")).when(status)
    assert [type(each) for each in story.events] == [
        AgentStatusChanged if isinstance(status, SetAgentStatus) else AgentSaved
    ]
    assert story.place_of("luis") == offered_to("ana")


@pytest.mark.req("C9", "C5")
def test_offers_are_withdrawn_whatever_the_leaving_policy():
    """On leaving offers are withdrawn at once, while what the agent holds goes by the policy."""
    policy = {"leaving_policy": LeavingPolicy.RETURN_AFTER_DEBOUNCE, "leaving_debounce": WAIT}
    story = offering("ana", capacity=2, **policy).when(chat("luis"), chat("nora"))
    answers(story, AcceptOffer, "ana").when(goes_offline("ana"))
    story.then(AgentStatusChanged, InteractionOfferWithdrawn, InteractionReturnScheduled, InteractionUnassigned)


@pytest.mark.req("C9")
def test_all_offers_of_who_is_paused_for_misses_are_withdrawn():
    """Who is paused for its misses keeps no other offer: a later one is withdrawn with it."""
    story = offering("ana", "bruno", capacity=2, offer_miss_limit=1).when(pauses("bruno"), chat("luis"))
    story.when(chat("nora"), after=5 * SECOND).when(goes_online("bruno")).passes(15 * SECOND)
    story.then(
        InteractionOfferMissed, AgentStatusChanged, InteractionOfferWithdrawn, InteractionOffered, InteractionOffered
    )
    assert [story.holder(each) for each in ("luis", "nora")] == ["bruno", "bruno"]


@pytest.mark.req("C9")
def test_no_loop():
    """With nobody else to ask, a withdrawn offer is one withdrawal and waits; it comes again when the agent does."""
    story = offering("ana", queue_when_nobody_online=True).when(chat("luis"), pauses("ana"))
    story.then(AgentStatusChanged, InteractionOfferWithdrawn, InteractionQueued)
    story.when(goes_online("ana")).then(AgentStatusChanged, InteractionOffered)
