"""Offers on every path (C9): to an exclusive agent, an owner, a last agent; to who isn't online, and who goes away."""

from datetime import timedelta

import pytest

from cartera.core.commands import AcceptOffer, ClaimInteraction, RejectOffer, UpdateResource
from cartera.core.events import (
    AgentCoolDownEnded,
    AgentStatusChanged,
    InteractionArrived,
    InteractionAssigned,
    InteractionKeptForOwner,
    InteractionOffered,
    InteractionOfferMissed,
    InteractionOfferRejected,
    InteractionOfferWithdrawn,
    InteractionOwnerWaitEnded,
    InteractionQueued,
)
from cartera.core.records import (
    ChannelAgents,
    ContactActivity,
    ExclusiveAgent,
    LastAgentRule,
    OverflowStep,
    Portfolio,
)
from cartera.core.vocabulary import (
    AssignmentMethod,
    Channel,
    ErrorReason,
    InteractionState,
    PortfolioState,
    RoutingReason,
)
from tests.core.offers import COOL_DOWN, RINGS, SECOND, answers, held_by, offered_to
from tests.core.specification import START, given
from tests.core.tenants import (
    agents,
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

WAIT = timedelta(minutes=1)
KEPT = (InteractionState.WAITING_FOR_OWNER, RoutingReason.OWNER_NOT_AVAILABLE, "")
FOR_EXCLUSIVE_AGENT = (InteractionState.QUEUED, RoutingReason.EXCLUSIVE_AGENT_FULL, "")
EXCLUSIVE, OWNER, BACKUP, LAST = (
    RoutingReason.EXCLUSIVE_AGENT,
    RoutingReason.OWNER,
    RoutingReason.BACKUP_OWNER,
    RoutingReason.LAST_AGENT,
)

PATHS = {
    EXCLUSIVE: ({}, [ExclusiveAgent("luis", "tienda", "ana")]),
    OWNER: ({}, portfolio("vip", "ana", holds=["luis"])),
    BACKUP: ({}, portfolio("vip", "zoe", holds=["luis"], backup_agent_ids=("ana",))),
    LAST: ({"method": AssignmentMethod.LAST_AGENT}, [ContactActivity("luis", "ana", START)]),
    RoutingReason.DEFAULT_GROUP: ({"method": AssignmentMethod.DEFAULT_GROUP, "default_agent_ids": ("ana",)}, []),
    RoutingReason.BY_CHANNEL: (
        {"method": AssignmentMethod.BY_CHANNEL, "channel_agents": (ChannelAgents(Channel.CHAT, ("ana",)),)},
        [],
    ),
    RoutingReason.ROUND_ROBIN: ({}, []),
    RoutingReason.LEAST_LOAD: ({"method": AssignmentMethod.LEAST_LOAD}, []),
    RoutingReason.LONGEST_IDLE: ({"method": AssignmentMethod.LONGEST_IDLE}, []),
    RoutingReason.BEST_SKILL: ({"method": AssignmentMethod.BEST_SKILL}, []),
}
"""How Ana may come to be given Luis's chat by the router: the workgroup's fields, and other records."""

ONLINE_OR_NOT = [EXCLUSIVE, LAST, RoutingReason.DEFAULT_GROUP, RoutingReason.BY_CHANNEL]


def path_to_ana(reason, *records, **fields):
    """Luis's chat would go to Ana for that reason."""
    policy, others = PATHS[reason]
    return given(
        ventas("ana", "bruno", offer_timeout=RINGS, **policy, **fields),
        agents(zoe=1),
        contacts("luis"),
        others,
        *records,
    )


@pytest.mark.req("C9", "E1", "K1", "P8", "M4", "M5", "M6", "M8")
@pytest.mark.parametrize("reason", PATHS, ids=lambda reason: reason.name)
def test_everything_that_the_router_gives_is_offered(reason):
    """Whatever rule finds an agent who is online for it, the agent is asked, and has it for that reason."""
    story = path_to_ana(reason, online("ana")).when(chat("luis"))
    assert story.place_of("luis") == offered_to("ana", reason)
    assert story.events[-1].portfolio_id == ("vip" if reason in (OWNER, BACKUP) else "")
    answers(story, AcceptOffer, "ana")
    assert story.place_of("luis") == held_by("ana", reason)
    assert story.events[-1].portfolio_id == ("vip" if reason in (OWNER, BACKUP) else "")


@pytest.mark.req("C9", "E1", "M4", "M5", "M6")
@pytest.mark.parametrize("reason", ONLINE_OR_NOT, ids=lambda reason: reason.name)
@pytest.mark.parametrize(
    "status",
    [goes_offline("ana"), pauses("ana"), goes_online("ana", Channel.VOICE)],
    ids=["offline", "paused", "voice"],
)
def test_who_is_not_online_is_not_asked(reason, status):
    """What an agent is given online or not is assigned directly while it isn't online for the channel."""
    story = path_to_ana(reason).when(status, chat("luis")).then(InteractionArrived, InteractionAssigned)
    assert story.place_of("luis") == held_by("ana", reason)


# Somebody's own


@pytest.mark.req("C9", "E1")
@pytest.mark.parametrize("missed", [False, True])
def test_the_exclusive_agent_does_not_take_it(missed):
    """What the exclusive agent rejects or misses waits for it and nobody else, and is offered to it again."""
    story = path_to_ana(EXCLUSIVE, online("ana", "bruno")).when(chat("luis"))
    story.passes(RINGS) if missed else answers(story, RejectOffer, "ana")
    story.then(InteractionOfferMissed if missed else InteractionOfferRejected, InteractionQueued)
    assert story.place_of("luis") == FOR_EXCLUSIVE_AGENT
    story.rejects(
        ClaimInteraction("bruno", "i1"),
        (ErrorReason.INTERACTION_KEPT_FOR_EXCLUSIVE_AGENT, "interaction/i1"),
    )
    story.passes(COOL_DOWN).then(AgentCoolDownEnded, InteractionOffered)
    assert story.place_of("luis") == offered_to("ana", EXCLUSIVE)


@pytest.mark.req("C9", "E1")
def test_the_exclusive_agent_claims_what_it_rejected():
    """While it cools down, an exclusive agent may claim what waits for it."""
    story = path_to_ana(EXCLUSIVE, online("ana")).when(chat("luis"))
    answers(story, RejectOffer, "ana")
    assert story.when(ClaimInteraction("ana")).place_of("luis") == held_by("ana", RoutingReason.CLAIMED)


@pytest.mark.req("C9", "E1")
def test_the_exclusive_agent_is_paused_for_its_misses():
    """An exclusive agent who is paused for its misses is not online any more: it has the interaction at once."""
    story = path_to_ana(EXCLUSIVE, online("ana"), offer_miss_limit=1).when(chat("luis")).passes(RINGS)
    story.then(InteractionOfferMissed, AgentStatusChanged, InteractionAssigned)
    assert story.place_of("luis") == held_by("ana", EXCLUSIVE)


@pytest.mark.req("C9", "E1")
def test_the_exclusive_agent_goes_away_during_an_offer():
    """An exclusive agent who goes offline during an offer has the interaction at once: it is given online or not."""
    story = path_to_ana(EXCLUSIVE, online("ana")).when(chat("luis"), goes_offline("ana"))
    story.then(AgentStatusChanged, InteractionOfferWithdrawn, InteractionAssigned)
    assert story.place_of("luis") == held_by("ana", EXCLUSIVE)


@pytest.mark.req("C9", "E1")
@pytest.mark.parametrize("leaves", [goes_offline, pauses])
def test_the_exclusive_agent_goes_away_while_it_cools_down(leaves):
    """An exclusive agent who is not online any more does not cool down: what it rejected it has at once."""
    story = answers(path_to_ana(EXCLUSIVE, online("ana")).when(chat("luis")), RejectOffer, "ana")
    assert story.when(leaves("ana")).place_of("luis") == held_by("ana", EXCLUSIVE)


@pytest.mark.req("C9", "K2")
def test_the_owner_rejects_within_the_owner_wait():
    """What its owner rejects is kept for the owner for the rest of the owner wait, and offered to it again."""
    story = path_to_ana(OWNER, online("ana", "bruno"), owner_wait=WAIT).when(chat("luis"))
    answers(story, RejectOffer, "ana", after=5 * SECOND).then(InteractionOfferRejected, InteractionKeptForOwner)
    assert (story.place_of("luis"), story.interaction("luis").owner_wait_until) == (KEPT, START + WAIT)
    story.passes(COOL_DOWN)
    assert story.place_of("luis") == offered_to("ana", OWNER)


@pytest.mark.req("C9", "K2")
def test_the_owner_wait_runs_out_during_an_offer():
    """The owner wait runs out while the owner is asked: if it misses, the interaction goes to the queue at once."""
    story = path_to_ana(OWNER, online("ana", "bruno"), owner_wait=10 * SECOND).when(chat("luis"))
    story.passes(10 * SECOND)
    assert story.place_of("luis") == offered_to("ana", OWNER)
    story.passes(10 * SECOND).then(InteractionOfferMissed, InteractionOwnerWaitEnded, InteractionOffered)
    assert story.place_of("luis") == offered_to("bruno")


@pytest.mark.req("C9", "K2")
def test_the_owner_accepts_after_the_owner_wait():
    """The owner wait runs out while the owner is asked, and it accepts: the interaction is the owner's."""
    story = path_to_ana(OWNER, online("ana", "bruno"), owner_wait=10 * SECOND).when(chat("luis"))
    answers(story, AcceptOffer, "ana", after=15 * SECOND)
    assert story.place_of("luis") == held_by("ana", OWNER)
    assert story.interaction("luis").owner_wait_until is None


@pytest.mark.req("C9", "K1")
def test_the_owner_rejects_without_an_owner_wait():
    """Without an owner wait, what its owner rejects goes to the next agent of the queue."""
    story = path_to_ana(OWNER, online("ana", "bruno")).when(chat("luis"))
    assert answers(story, RejectOffer, "ana").place_of("luis") == offered_to("bruno")


@pytest.mark.req("C9", "P6")
def test_one_of_several_owners_rejects():
    """What one owner rejects is offered to the next owner, within the owner wait."""
    story = given(
        ventas("carla", offer_timeout=RINGS, owner_wait=WAIT),
        agents(ana=1, bruno=1),
        contacts("luis"),
        portfolio("vip", "ana", "bruno", holds=["luis"]),
        online("ana", "bruno", "carla"),
    ).when(chat("luis"))
    assert answers(story, RejectOffer, "ana").place_of("luis") == offered_to("bruno", OWNER)
    assert answers(story, RejectOffer, "bruno").place_of("luis") == KEPT


@pytest.mark.req("C9", "P8")
def test_the_backup_rejects():
    """What a backup agent rejects is kept for the absent owners; once one is back, it is offered to that one."""
    story = path_to_ana(BACKUP, online("ana", "bruno"), owner_wait=WAIT).when(chat("luis"))
    assert answers(story, RejectOffer, "ana").place_of("luis") == KEPT
    assert story.when(goes_online("zoe")).place_of("luis") == offered_to("zoe", OWNER)


@pytest.mark.req("C9", "P4")
def test_the_portfolio_is_made_inactive_during_an_offer():
    """Who is asked as owner may still accept when the portfolio is made inactive; if not, it is anybody's."""
    story = path_to_ana(OWNER, online("ana", "bruno"), owner_wait=WAIT).when(chat("luis"))
    vip = story.get(Portfolio, "vip")
    story.when(UpdateResource(vip._replace(state=PortfolioState.INACTIVE)))
    assert story.place_of("luis") == offered_to("ana", OWNER)
    assert answers(story, RejectOffer, "ana").place_of("luis") == offered_to("bruno")


@pytest.mark.req("C9", "M4")
def test_the_last_agent_rejects():
    """What the last agent rejects is kept for it for the owner wait, then goes to whom the fallback picks."""
    rule = LastAgentRule(fallback_method=AssignmentMethod.LEAST_LOAD)
    story = path_to_ana(LAST, online("ana", "bruno"), owner_wait=10 * SECOND, last_agent=rule).when(chat("luis"))
    answers(story, RejectOffer, "ana")
    assert story.place_of("luis") == (InteractionState.WAITING_FOR_OWNER, RoutingReason.LAST_AGENT_FULL, "")
    story.passes(10 * SECOND)
    assert story.place_of("luis") == offered_to("bruno", RoutingReason.LEAST_LOAD)


@pytest.mark.req("C9", "M5")
def test_one_of_the_default_group_rejects():
    """What one of the default group rejects goes to the next of them: directly, if that one isn't online."""
    story = given(
        ventas(
            "ana",
            "bruno",
            offer_timeout=RINGS,
            method=AssignmentMethod.DEFAULT_GROUP,
            default_agent_ids=("ana", "bruno"),
        ),
        online("ana"),
    ).when(chat("luis"))
    assert answers(story, RejectOffer, "ana").place_of("luis") == held_by("bruno", RoutingReason.DEFAULT_GROUP)


@pytest.mark.req("C9", "C11")
def test_overflow_offers_by_the_workgroup_that_the_interaction_is_under():
    """What overflow gives to another workgroup's member is offered as the interaction's own workgroup says."""
    story = given(
        ventas("ana", offer_timeout=RINGS, overflow_steps=(OverflowStep(10 * SECOND, add_workgroup_id="extra"),)),
        agents(zoe=1),
        workgroup("extra", "zoe"),
        online("ana", "zoe"),
    ).when(chat("luis"))
    answers(story, RejectOffer, "ana").passes(10 * SECOND)
    assert story.place_of("luis") == offered_to("zoe")
    assert story.events[-1].chosen_in_workgroup_id == "extra"
