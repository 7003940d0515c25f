"""Contacts in a portfolio reach its owners (K1, K2), and come into one (K4, K5, K6)."""

from datetime import timedelta

import pytest

from cartera.core.commands import (
    AddToOwnPortfolio,
    AssignInteraction,
    CancelInteraction,
    ClaimInteraction,
    CompleteInteraction,
    CreateResource,
    RemoveFromPortfolio,
    Transfer,
    UpdateResource,
)
from cartera.core.events import (
    ContactAssignedToPortfolio,
    InteractionArrived,
    InteractionAssigned,
    InteractionKeptForOwner,
    InteractionOwnerWaitEnded,
    InteractionQueued,
    InteractionRerouted,
    OwnershipChanged,
    PortfolioSaved,
)
from cartera.core.records import Contact, ExclusiveAgent, Portfolio, PortfolioContact, Script
from cartera.core.vocabulary import (
    AssignmentMethod,
    Channel,
    ErrorReason,
    InteractionState,
    PortfolioMode,
    PortfolioState,
    RoutingReason,
)
from tests.core.specification import ADMINISTRATOR, START, agent_actor, given
from tests.core.tenants import (
    agents,
    call,
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

WAIT = timedelta(minutes=5)
SECOND = timedelta(seconds=1)
WAITING_FOR_OWNER = (InteractionState.WAITING_FOR_OWNER, RoutingReason.OWNER_NOT_AVAILABLE, "")


def owned_by_ana(*presences, **fields):
    """Ana owns the contact carlos; Bruno is her colleague."""
    fields = {"owner_wait": WAIT, **fields}
    return given(
        ventas("ana", "bruno", **fields),
        contacts("carlos"),
        portfolio("vip", "ana", holds=["carlos"]),
        online(*presences),
    )


@pytest.mark.req("K1")
@pytest.mark.parametrize("command", [chat("carlos"), call("carlos")], ids=["chat", "call"])
def test_owner_gets_its_contact(command):
    """A contact in an agent's active portfolio goes straight to that agent, whose turn it may not be."""
    story = given(
        ventas("ana", "bruno"), contacts("carlos"), portfolio("vip", "bruno", holds=["carlos"]), online("ana", "bruno")
    )
    story.when(command).then(InteractionArrived, InteractionAssigned)
    assert story.place_of("carlos") == (InteractionState.ASSIGNED, RoutingReason.OWNER, "bruno")


@pytest.mark.req("K1")
def test_owner_outside_the_workgroup():
    """An owner gets its contact's interaction in a campaign whose workgroup it is not a member of."""
    story = given(
        ventas("bruno"),
        agents(ana=1),
        contacts("carlos"),
        portfolio("vip", "ana", holds=["carlos"]),
        online("ana", "bruno"),
    )
    assert story.when(chat("carlos")).holder("carlos") == "ana"


@pytest.mark.req("K2")
@pytest.mark.parametrize(
    "hindrance",
    [
        [],
        [pauses("ana")],
        [goes_online("ana", Channel.VOICE)],
        [goes_online("ana"), goes_online("bruno"), chat("otro")],
    ],
    ids=["offline", "paused", "another channel", "full"],
)
def test_kept_for_an_owner_who_is_not_available(hindrance):
    """Where the owner is not available, the interaction is kept for it for the owner wait."""
    story = owned_by_ana("bruno").when(*hindrance)
    story.when(chat("carlos")).then(InteractionArrived, InteractionKeptForOwner)
    assert story.place_of("carlos") == WAITING_FOR_OWNER
    assert story.interaction("carlos").owner_wait_until == START + WAIT


@pytest.mark.req("K2")
def test_owner_comes_in_time():
    """An owner who becomes available within the owner wait gets the interaction."""
    story = owned_by_ana("bruno").when(chat("carlos")).passes(WAIT - SECOND)
    assert story.place_of("carlos") == WAITING_FOR_OWNER
    story.when(goes_online("ana"))
    assert story.place_of("carlos") == (InteractionState.ASSIGNED, RoutingReason.OWNER, "ana")


@pytest.mark.req("K2")
def test_owner_has_a_free_slot_in_time():
    """An owner whose slot comes free within the owner wait gets the interaction."""
    story = owned_by_ana("ana", "bruno").when(chat("otro"), chat("carlos"))
    assert story.holder("otro") == "ana"
    story.when(CompleteInteraction(story.id_of("otro"), "Venta"), after=SECOND)
    assert story.place_of("carlos") == (InteractionState.ASSIGNED, RoutingReason.OWNER, "ana")


@pytest.mark.req("K2")
def test_owner_wait_runs_out():
    """When the owner wait runs out, the interaction goes to the next available agent of the queue."""
    story = owned_by_ana("bruno").when(chat("carlos")).passes(WAIT)
    story.then(InteractionOwnerWaitEnded, InteractionAssigned)
    assert story.place_of("carlos") == (InteractionState.ASSIGNED, RoutingReason.ROUND_ROBIN, "bruno")


@pytest.mark.req("K2")
def test_owner_wait_runs_out_with_nobody_free():
    """When the owner wait runs out and nobody is free, the interaction is queued."""
    story = owned_by_ana("bruno").when(chat("otro"), chat("carlos")).passes(WAIT)
    story.then(InteractionOwnerWaitEnded, InteractionQueued)
    assert story.place_of("carlos") == (InteractionState.QUEUED, RoutingReason.NO_AGENT_AVAILABLE, "")


@pytest.mark.req("K2")
def test_place_counts_from_arrival():
    """After an owner wait, the place in the queue counts from arrival, not from the end of the wait."""
    story = owned_by_ana("bruno").when(chat("primero"), chat("carlos")).when(chat("despues"), after=SECOND)
    story.passes(WAIT).when(CompleteInteraction(story.id_of("primero"), "Venta"))
    assert story.holder("carlos") == "bruno"
    assert story.holder("despues") == ""


@pytest.mark.req("K2")
def test_owner_preferred_when_free_together():
    """Where owner and others are free together after the owner wait, the owner is preferred."""
    story = given(
        ventas("bruno", "ana", owner_wait=WAIT, queue_when_nobody_online=True),
        contacts("carlos"),
        portfolio("vip", "ana", holds=["carlos"]),
    )
    story.when(chat("primero"), chat("carlos")).passes(WAIT)
    story.when(goes_online("bruno")).when(goes_online("ana"))
    assert (story.holder("primero"), story.place_of("carlos")[1:]) == ("bruno", (RoutingReason.OWNER, "ana"))


@pytest.mark.req("K2")
@pytest.mark.parametrize("owner_wait", [None, timedelta()], ids=["unset", "zero"])
def test_no_owner_wait(owner_wait):
    """Without an owner wait, the next available agent gets the interaction at once."""
    story = given(
        ventas("ana", "bruno"), contacts("carlos"), portfolio("vip", "ana", holds=["carlos"]), online("bruno")
    )
    story.when(UpdateResource(workgroup("ventas", "ana", "bruno", owner_wait=owner_wait)))
    assert story.when(chat("carlos")).holder("carlos") == "bruno"


@pytest.mark.req("K2", "C7")
def test_kept_interaction_does_not_block():
    """An interaction kept for its owner does not block those behind it."""
    story = owned_by_ana("bruno").when(chat("carlos"), chat("despues"))
    assert story.holder("despues") == "bruno"


@pytest.mark.req("K2")
def test_cancelled_in_the_owner_wait():
    """The contact of a kept interaction leaves: nothing falls due for it any more."""
    story = owned_by_ana("bruno").when(chat("carlos"))
    story.when(CancelInteraction(story.id_of("carlos"))).passes(2 * WAIT)
    assert story.interaction("carlos").state is InteractionState.CANCELLED
    assert story.state.deadlines.first() is None


@pytest.mark.req("K4")
@pytest.mark.parametrize("method", [AssignmentMethod.ROUND_ROBIN, AssignmentMethod.LEAST_LOAD])
def test_contact_joins_in_automatic_mode(method):
    """AUTOMATIC: a contact in no portfolio, attended from the queue, joins that agent's portfolio, made on demand."""
    story = given(
        ventas("ana", method=method, portfolio_mode=PortfolioMode.AUTOMATIC), contacts("carlos"), online("ana")
    )
    story.when(chat("carlos"))
    story.then(InteractionArrived, InteractionAssigned, PortfolioSaved, ContactAssignedToPortfolio, OwnershipChanged)
    place = story.get(PortfolioContact, "carlos")
    own = story.get(Portfolio, place.portfolio_id)
    assert (own.personal_agent_id, own.owner_agent_ids, own.state) == ("ana", ("ana",), PortfolioState.ACTIVE)


@pytest.mark.req("K4")
def test_portfolio_made_once():
    """AUTOMATIC: the second contact joins the portfolio made for the first."""
    story = given(
        ventas("ana", capacity=2, portfolio_mode=PortfolioMode.AUTOMATIC), contacts("carlos", "delia"), online("ana")
    ).when(chat("carlos"), chat("delia"))
    story.then(InteractionArrived, InteractionAssigned, ContactAssignedToPortfolio, OwnershipChanged)
    assert len(story.state.table(Portfolio)) == 1


@pytest.mark.req("K4")
def test_claim_is_from_the_queue():
    """AUTOMATIC: an agent who claims from the queue gets the contact into its portfolio."""
    story = given(
        ventas("ana", method=AssignmentMethod.MANUAL, portfolio_mode=PortfolioMode.AUTOMATIC),
        contacts("carlos"),
        online("ana"),
    ).when(chat("carlos"))
    story.when(ClaimInteraction("ana"), by=agent_actor("ana"))
    story.then(InteractionAssigned, PortfolioSaved, ContactAssignedToPortfolio, OwnershipChanged)


@pytest.mark.req("K4")
def test_assigned_by_an_administrator_is_not_from_the_queue():
    """AUTOMATIC: an interaction that an administrator gives out brings no contact into a portfolio."""
    story = given(ventas("ana", portfolio_mode=PortfolioMode.AUTOMATIC), contacts("carlos")).when(chat("carlos"))
    story.when(AssignInteraction(story.id_of("carlos"), "ana")).then(InteractionAssigned)


@pytest.mark.req("K4")
def test_transferred_is_not_from_the_queue():
    """AUTOMATIC: an agent who gets an interaction by a transfer does not get the contact into its portfolio."""
    story = given(
        ventas("ana", "bruno", portfolio_mode=PortfolioMode.AUTOMATIC), contacts("carlos"), online("ana", "bruno")
    ).when(chat("carlos"))
    portfolio_id = story.get(PortfolioContact, "carlos").portfolio_id
    story.when(RemoveFromPortfolio(portfolio_id, ("carlos",)))
    story.when(Transfer(story.id_of("carlos"), agent_id="bruno", note="sigue tú"))
    assert story.holder("carlos") == "bruno"
    assert story.get(PortfolioContact, "carlos") is None


@pytest.mark.req("K4")
def test_exclusive_agent_is_not_from_the_queue():
    """AUTOMATIC: what an agent gets as a contact's exclusive agent did not come from the queue."""
    story = given(
        ventas("ana", portfolio_mode=PortfolioMode.AUTOMATIC),
        contacts("carlos"),
        ExclusiveAgent("carlos", "tienda", "ana"),
    )
    story.when(chat("carlos")).then(InteractionArrived, InteractionAssigned)


@pytest.mark.req("K4")
@pytest.mark.parametrize("state", [PortfolioState.ACTIVE, PortfolioState.INACTIVE])
def test_contact_stays_where_it_is(state):
    """AUTOMATIC: a contact that is in a portfolio already stays there, be it an inactive one."""
    story = given(
        ventas("ana", portfolio_mode=PortfolioMode.AUTOMATIC),
        agents(zoe=1),
        contacts("carlos"),
        portfolio("otros", "zoe", holds=["carlos"], state=state),
        online("ana"),
    )
    story.when(chat("carlos")).then(InteractionArrived, InteractionAssigned)
    assert story.holder("carlos") == "ana"
    assert story.get(PortfolioContact, "carlos").portfolio_id == "otros"


@pytest.mark.req("K4")
def test_unknown_contact_joins_no_portfolio():
    """AUTOMATIC: a caller who is not in the contact list joins no portfolio."""
    story = given(ventas("ana", portfolio_mode=PortfolioMode.AUTOMATIC), online("ana"))
    story.when(call("+34600")).then(InteractionArrived, InteractionAssigned)


@pytest.mark.req("K4", "P4")
def test_inactive_own_portfolio_takes_nobody():
    """AUTOMATIC: where the agent's own portfolio is inactive, the contact joins none."""
    story = given(
        ventas("ana", portfolio_mode=PortfolioMode.AUTOMATIC),
        contacts("carlos"),
        portfolio("de-ana", "ana", personal_agent_id="ana", state=PortfolioState.INACTIVE),
        online("ana"),
    )
    story.when(chat("carlos")).then(InteractionArrived, InteractionAssigned)


@pytest.mark.req("K3", "K4")
def test_manual_mode_by_default():
    """MANUAL, the default: attending a contact brings it into no portfolio."""
    story = given(ventas("ana"), contacts("carlos"), online("ana"))
    story.when(chat("carlos")).then(InteractionArrived, InteractionAssigned)


@pytest.mark.req("K4", "K1")
def test_joined_contact_comes_back():
    """AUTOMATIC: the next interaction of a contact who joined goes to the same agent."""
    story = given(
        ventas("ana", "bruno", portfolio_mode=PortfolioMode.AUTOMATIC), contacts("carlos"), online("ana", "bruno")
    ).when(chat("carlos"))
    story.when(CompleteInteraction(story.id_of("carlos"), "Venta")).when(chat("carlos"))
    assert story.place_of("carlos") == (InteractionState.ASSIGNED, RoutingReason.OWNER, "ana")


@pytest.mark.req("K5")
def test_comment_and_script_come_back():
    """A comment and a script given with an addition come back in every later assignment of that contact."""
    story = given(
        ventas("ana", "bruno", capacity=2),
        contacts("carlos"),
        Script("saludo", "Saludo", "Buenos días"),
        online("ana", "bruno"),
    )
    story.when(AddToOwnPortfolio("ana", "carlos", "prefiere la tarde", "saludo"), by=agent_actor("ana"))
    story.then(PortfolioSaved, ContactAssignedToPortfolio, OwnershipChanged)
    assert story.get(PortfolioContact, "carlos")[2:6] == ("prefiere la tarde", "saludo", START, agent_actor("ana"))
    story.when(chat("carlos"))
    assert story.events[-1][5:7] == ("prefiere la tarde", "saludo")
    story.when(Transfer(story.id_of("carlos"), agent_id="bruno", note="cubre tú"))
    interaction = story.interaction("carlos")
    assert (interaction.agent_id, interaction.comment, interaction.script_id) == (
        "bruno",
        "prefiere la tarde",
        "saludo",
    )


@pytest.mark.req("K5")
def test_comment_and_script_are_optional():
    """A contact is added without comment and script."""
    story = given(ventas("ana"), contacts("carlos")).when(AddToOwnPortfolio("ana", "carlos"))
    assert story.get(PortfolioContact, "carlos")[2:4] == ("", "")


@pytest.mark.req("K5")
def test_comment_is_changed():
    """Adding a contact again changes its comment and script, and neither when nor by whom it was added."""
    story = given(ventas("ana"), contacts("carlos")).when(AddToOwnPortfolio("ana", "carlos", "uno"))
    story.when(AddToOwnPortfolio("ana", "carlos", "dos"), by=agent_actor("ana"), after=SECOND)
    assert story.get(PortfolioContact, "carlos")[2:6] == ("dos", "", START, ADMINISTRATOR)
    story.when(AddToOwnPortfolio("ana", "carlos", "dos")).then()


@pytest.mark.req("K6")
def test_contact_must_be_created_first():
    """Adding a contact that is not in the contact list is refused: it must be created first."""
    story = given(ventas("ana"))
    add = AddToOwnPortfolio("ana", "carlos")
    story.rejects(add, (ErrorReason.CONTACT_MUST_BE_CREATED_FIRST, "contact/carlos"))
    story.when(CreateResource(Contact("carlos")), add)
    story.then(PortfolioSaved, ContactAssignedToPortfolio, OwnershipChanged)


@pytest.mark.req("K5")
def test_all_that_hinders_an_addition():
    """An addition into an inactive portfolio, with an unknown script, of a colleague's contact names all three."""
    story = given(
        ventas("ana", "bruno"),
        contacts("carlos"),
        portfolio("vip", "bruno", holds=["carlos"]),
        portfolio("de-ana", "ana", personal_agent_id="ana", state=PortfolioState.INACTIVE),
    )
    story.rejects(
        AddToOwnPortfolio("ana", "carlos", script_id="nada"),
        (ErrorReason.PORTFOLIO_INACTIVE, "portfolio/de-ana"),
        (ErrorReason.RESOURCE_NOT_FOUND, "script/nada"),
        (ErrorReason.CONTACT_IN_ANOTHER_PORTFOLIO, "contact/carlos"),
    )
    assert story.violations[2].data == {"portfolio_id": "vip"}


@pytest.mark.req("K5", "P5")
def test_agent_adds_to_its_own_portfolio_only():
    """An agent does not add contacts to a colleague's portfolio."""
    story = given(ventas("ana", "bruno"), contacts("carlos"))
    story.rejects(
        AddToOwnPortfolio("bruno", "carlos"), (ErrorReason.PERMISSION_DENIED, "agent/bruno"), by=agent_actor("ana")
    )


@pytest.mark.req("P4", "K2")
def test_portfolio_made_inactive_while_waiting():
    """What is kept for the owner of a portfolio that is made inactive is routed anew, to anybody."""
    story = owned_by_ana("bruno").when(chat("carlos"))
    vip = story.get(Portfolio, "vip")
    story.when(UpdateResource(vip._replace(state=PortfolioState.INACTIVE)))
    story.then(PortfolioSaved, InteractionRerouted, InteractionAssigned)
    assert story.place_of("carlos") == (InteractionState.ASSIGNED, RoutingReason.ROUND_ROBIN, "bruno")


@pytest.mark.req("P6", "K2")
def test_owner_changed_while_waiting():
    """What is kept for an owner goes to the portfolio's new owner, and the owner wait does not begin again."""
    story = owned_by_ana().when(chat("carlos"))
    vip = story.get(Portfolio, "vip")
    story.when(UpdateResource(vip._replace(owner_agent_ids=("bruno",))), after=SECOND)
    assert story.interaction("carlos").owner_wait_until == START + WAIT
    story.when(goes_online("ana"))
    assert story.place_of("carlos") == WAITING_FOR_OWNER
    assert story.when(goes_online("bruno")).holder("carlos") == "bruno"


@pytest.mark.req("K2")
def test_owner_who_comes_for_another_channel():
    """An owner who comes online for another channel and leaves again leaves the wait as it was."""
    story = owned_by_ana().when(chat("carlos"))
    story.when(goes_online("ana", Channel.VOICE), after=SECOND).when(goes_offline("ana"), after=SECOND)
    assert story.place_of("carlos") == WAITING_FOR_OWNER
    assert story.interaction("carlos").owner_wait_until == START + WAIT


@pytest.mark.req("P5", "K4", "K5")
def test_own_portfolio_that_was_given_away():
    """Once an agent's own portfolio belongs to others only, the agent adds nothing to it, by hand or by attending."""
    story = given(ventas("ana", "bruno", portfolio_mode=PortfolioMode.AUTOMATIC), contacts("carlos", "diana"))
    story.when(AddToOwnPortfolio("ana", "carlos"))
    story.when(UpdateResource(Portfolio("personal-ana", owner_agent_ids=("bruno",)), ("owner_agent_ids",)))
    story.rejects(AddToOwnPortfolio("ana", "diana"), (ErrorReason.PERMISSION_DENIED, "portfolio/personal-ana"))
    story.when(goes_online("ana"), chat("diana"))
    assert story.get(PortfolioContact, "diana") is None
