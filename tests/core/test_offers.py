"""Offers (C9): what is given is asked for first; who rejects or lets it ring out is not asked again for a while."""

import pytest

from cartera.core.commands import (
    AcceptOffer,
    AssignInteraction,
    CancelInteraction,
    ClaimInteraction,
    CompleteInteraction,
    RejectOffer,
    Transfer,
    UpdateResource,
)
from cartera.core.events import (
    ContactAssignedToPortfolio,
    InteractionArrived,
    InteractionAssigned,
    InteractionCancelled,
    InteractionMessageJoined,
    InteractionOffered,
    OwnershipChanged,
    PortfolioSaved,
)
from cartera.core.records import Agent, PortfolioContact, Workgroup, WorkgroupActivity
from cartera.core.vocabulary import (
    AgentStatus,
    AssignmentMethod,
    ErrorReason,
    PortfolioMode,
    Role,
)
from tests.core.offers import COOL_DOWN, RINGS, SECOND, WAITS, answers, held_by, offered_to, offering, presence
from tests.core.specification import START, Actor, agent_actor, given, supervisor_actor
from tests.core.tenants import chat, contacts, online, ventas, workgroup


@pytest.mark.req("C9")
def test_the_example_of_offers():
    """docs/routing.md, "Offers": Ana misses, Bruno rejects, Ana misses again and is paused, Bruno accepts."""
    story = offering("ana", "bruno", offer_miss_limit=2).when(chat("luis"))
    assert story.place_of("luis") == offered_to("ana")
    story.passes(RINGS)
    assert story.place_of("luis") == offered_to("bruno")
    answers(story, RejectOffer, "bruno", after=5 * SECOND)
    assert story.place_of("luis") == WAITS
    story.passes(25 * SECOND)
    assert (story.now, story.place_of("luis")) == (START + 50 * SECOND, offered_to("ana"))
    story.passes(RINGS)
    assert (presence(story).status, presence(story).reason_code) == (AgentStatus.PAUSED, "missed_offers")
    assert story.place_of("luis") == offered_to("bruno")
    assert answers(story, AcceptOffer, "bruno", after=3 * SECOND).place_of("luis") == held_by("bruno")


# An offer


@pytest.mark.req("C9", "C1")
def test_an_offer_holds_the_slot():
    """What is given is offered until it rings out, and holds the agent's slot meanwhile."""
    story = offering("ana").when(chat("luis")).then(InteractionArrived, InteractionOffered)
    assert story.place_of("luis") == offered_to("ana")
    assert story.interaction("luis").state_until == START + RINGS
    assert story.when(chat("nora"), after=SECOND).place_of("nora") == WAITS


@pytest.mark.req("C9")
def test_without_an_offer_timeout_it_is_assigned():
    """A workgroup without an offer timeout assigns directly."""
    story = given(ventas("ana"), online("ana")).when(chat("luis")).then(InteractionArrived, InteractionAssigned)
    assert story.place_of("luis") == held_by("ana")


@pytest.mark.req("C9", "M1")
def test_the_turn_moves_at_the_offer():
    """The rotation's turn moves, and the agent counts as given something, when it is asked and not when it accepts."""
    story = offering("ana", "bruno").when(chat("luis"))
    assert story.get(WorkgroupActivity, "ventas").turn_agent_id == "ana"
    assert presence(story).last_assigned_at == START
    assert story.when(chat("nora"), after=SECOND).place_of("nora") == offered_to("bruno")


@pytest.mark.req("C9", "M2")
def test_offers_count_as_load():
    """LEAST_LOAD counts what is offered to an agent with what it holds."""
    story = offering("ana", "bruno", capacity=2, method=AssignmentMethod.LEAST_LOAD).when(chat("luis"), chat("nora"))
    assert story.holder("nora") == "bruno"


@pytest.mark.req("C9", "Z6")
def test_a_message_joins_what_is_offered():
    """A message of a contact whose interaction is offered joins it, and the offer goes on."""
    story = offering("ana").when(chat("luis")).when(chat("luis"), after=SECOND).then(InteractionMessageJoined)
    assert (story.place_of("luis"), story.interaction("luis").state_until) == (offered_to("ana"), START + RINGS)


# Accepting


@pytest.mark.req("C9")
def test_accepting_assigns_for_the_reason_of_the_offer():
    """Who accepts has the interaction for the reason for which it was offered; nothing falls due any more."""
    story = answers(offering("ana").when(chat("luis")), AcceptOffer, "ana", after=5 * SECOND)
    story.then(InteractionAssigned)
    assert story.place_of("luis") == held_by("ana")
    assert story.interaction("luis").assigned_at == START + 5 * SECOND
    assert story.state.deadlines.first() is None


@pytest.mark.req("C9")
def test_accepting_forgets_the_misses():
    """Misses count in a row: accepting begins the count anew."""
    story = offering("ana", offer_miss_limit=2).when(chat("luis")).passes(RINGS + COOL_DOWN)
    assert presence(story).misses == 1
    answers(story, AcceptOffer, "ana")
    assert presence(story).misses == 0
    story.when(CompleteInteraction(story.id_of("luis"), "Venta"), chat("nora")).passes(RINGS)
    assert (presence(story).status, presence(story).misses) == (AgentStatus.ONLINE, 1)


@pytest.mark.req("C9", "K4")
@pytest.mark.parametrize("answer", [AcceptOffer, RejectOffer])
def test_a_contact_joins_at_acceptance(answer):
    """AUTOMATIC: a contact joins the agent's portfolio when the agent accepts, not when it is asked."""
    story = offering("ana", portfolio_mode=PortfolioMode.AUTOMATIC)
    story.when(*(UpdateResource(each, allow_missing=True) for each in contacts("luis")), chat("luis"))
    story.then(InteractionArrived, InteractionOffered)
    answers(story, answer, "ana")
    if answer is AcceptOffer:
        story.then(InteractionAssigned, PortfolioSaved, ContactAssignedToPortfolio, OwnershipChanged)
    assert (story.get(PortfolioContact, "luis") is not None) == (answer is AcceptOffer)


@pytest.mark.req("C9")
@pytest.mark.parametrize("command", [AcceptOffer, RejectOffer])
def test_who_may_answer(command):
    """The agent to whom it is offered answers, or an administrator or supervisor for it; a colleague does not."""
    for actor in (agent_actor("ana"), supervisor_actor("sofia"), Actor(Role.ADMINISTRATOR, "root")):
        story = offering("ana", "bruno", supervisor_ids=("sofia",)).when(chat("luis"))
        story.rejects(command("i1", "ana"), (ErrorReason.PERMISSION_DENIED, "agent/ana"), by=agent_actor("bruno"))
        story.rejects(
            command("i1", "bruno"), (ErrorReason.INTERACTION_NOT_OFFERED, "interaction/i1"), by=agent_actor("bruno")
        )
        story.when(command("i1", "ana"), by=actor)
        assert story.place_of("luis") != offered_to("ana")


@pytest.mark.req("C9")
@pytest.mark.parametrize("command", [AcceptOffer, RejectOffer])
@pytest.mark.parametrize("became", ["accepted", "rejected", "rung out", "cancelled"])
def test_an_offer_that_is_over_is_not_answered(command, became):
    """What was answered already, rang out, or was given up by its contact can't be answered."""
    story = offering("ana").when(chat("luis"))
    if became == "rung out":
        story.passes(RINGS)
    else:
        kinds = {"accepted": AcceptOffer("i1", "ana"), "rejected": RejectOffer("i1", "ana")}
        story.when(kinds.get(became, CancelInteraction("i1")))
    story.rejects(command("i1", "ana"), (ErrorReason.INTERACTION_NOT_OFFERED, "interaction/i1"))


@pytest.mark.req("C9", "T1", "T5", "M9", "M10")
@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (ClaimInteraction("bruno", "i1"), ErrorReason.INTERACTION_NOT_WAITING),
        (AssignInteraction("i1", "bruno"), ErrorReason.INTERACTION_NOT_WAITING),
        (CompleteInteraction("i1", "Venta"), ErrorReason.INTERACTION_NOT_ASSIGNED),
        (Transfer("i1", agent_id="bruno", note="sigue"), ErrorReason.INTERACTION_NOT_ASSIGNED),
    ],
    ids=["claim", "assign", "complete", "transfer"],
)
def test_what_is_offered_is_nobodys_else(command, reason):
    """While it is offered it is neither claimed nor assigned, and not yet to be completed or transferred."""
    story = offering("ana", "bruno").when(chat("luis"))
    story.rejects(command, (reason, "interaction/i1"))
    if isinstance(command, ClaimInteraction):
        story.rejects(ClaimInteraction("bruno"), (ErrorReason.NOTHING_TO_CLAIM, "agent/bruno"))


# What changes during an offer


@pytest.mark.req("C9")
def test_the_contact_leaves_during_an_offer():
    """The contact hangs up: the slot is free at once, for who waits; no miss, and no cool-down."""
    story = offering("ana").when(chat("luis")).when(chat("nora"), after=SECOND)
    story.when(CancelInteraction(story.id_of("luis"))).then(InteractionCancelled, InteractionOffered)
    assert story.place_of("nora") == offered_to("ana")
    assert (presence(story).misses, presence(story).cool_down_until) == (0, None)


@pytest.mark.req("C9")
@pytest.mark.parametrize("timeout", [None, 60 * SECOND])
def test_the_offer_timeout_is_changed(timeout):
    """An offer rings out when it said it would, whatever the workgroup says from then on."""
    story = offering("ana", "bruno").when(chat("luis"))
    story.when(UpdateResource(Workgroup("ventas", offer_timeout=timeout), ("offer_timeout",))).passes(RINGS)
    assert story.place_of("luis") == (held_by("bruno") if timeout is None else offered_to("bruno"))


@pytest.mark.req("C9")
def test_a_member_leaves_the_workgroup_during_an_offer():
    """Who was asked and leaves the workgroup may still accept; having rejected, it isn't asked again."""
    story = offering("ana", "bruno").when(chat("luis"))
    story.when(UpdateResource(workgroup("ventas", "bruno", offer_timeout=RINGS)))
    assert story.place_of("luis") == offered_to("ana")
    assert answers(story, RejectOffer, "ana").place_of("luis") == offered_to("bruno")


@pytest.mark.req("C9", "C1")
def test_capacity_is_lowered_during_an_offer():
    """A slot that an offer holds is kept: it may be accepted though the capacity is lower by then."""
    story = offering("ana", capacity=2).when(chat("luis"), chat("nora"))
    story.when(UpdateResource(Agent("ana", capacity=1), ("capacity",)))
    answers(story, AcceptOffer, "ana", "luis")
    answers(story, AcceptOffer, "ana", "nora")
    assert (story.place_of("luis"), story.place_of("nora")) == (held_by("ana"), held_by("ana"))
