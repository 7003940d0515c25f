"""An agent who leaves hands its portfolios over to another (P9)."""

from datetime import timedelta

import pytest

from cartera.core.commands import AddToOwnPortfolio, HandOverPortfolios
from cartera.core.events import (
    InteractionAssigned,
    InteractionKeptForOwner,
    InteractionRerouted,
    OwnershipChanged,
    PortfolioSaved,
)
from cartera.core.records import OwnershipChange, Portfolio, PortfolioContact
from cartera.core.vocabulary import ErrorReason, InteractionState, OwnershipChangeKind, RoutingReason
from tests.core.specification import START, given, supervisor_actor
from tests.core.tenants import chat, contacts, online, portfolio, ventas

LEAVES = HandOverPortfolios("ana", "carla", why="se va")


def handed_over(**fields):
    """A portfolio with owners and backups, once Ana has handed over to Carla."""
    story = given(ventas("ana", "bruno", "carla"), Portfolio("vip", **fields)).when(LEAVES)
    return story.get(Portfolio, "vip")


OWNERS = [
    (("ana",), ("carla",)),
    (("bruno", "ana", "dario"), ("bruno", "carla", "dario")),
    (("ana", "bruno", "carla"), ("carla", "bruno")),
    (("carla", "bruno", "ana"), ("carla", "bruno")),
    (("bruno", "carla"), ("bruno", "carla")),
]


@pytest.mark.req("P9")
@pytest.mark.parametrize(("before", "after"), OWNERS)
def test_owner_is_replaced(before, after):
    """The new owner stands where the former one stood, and nobody stands there twice."""
    assert handed_over(owner_agent_ids=before).owner_agent_ids == after


@pytest.mark.req("P9", "P8")
def test_backup_is_replaced():
    """The backups are handed over as the owners are; who owns a portfolio now is no backup for itself."""
    assert handed_over(backup_agent_ids=("bruno", "ana")).backup_agent_ids == ("bruno", "carla")
    both = handed_over(owner_agent_ids=("ana",), backup_agent_ids=("carla", "bruno"))
    assert (both.owner_agent_ids, both.backup_agent_ids) == (("carla",), ("bruno",))


@pytest.mark.req("P9")
def test_portfolios_are_handed_over():
    """One call gives all that an agent owns to another, with a change in the history for each portfolio."""
    story = given(
        ventas("ana", "bruno", "carla", supervisor_ids=("sara",)),
        contacts("luis"),
        portfolio("vip", "ana", holds=["luis"]),
        portfolio("otros", "bruno"),
        portfolio("equipo", "ana", "bruno"),
    )
    story.when(LEAVES, by=supervisor_actor("sara"))
    story.then(PortfolioSaved, OwnershipChanged, PortfolioSaved, OwnershipChanged)
    assert story.events[3].ownership_change == OwnershipChange(
        change_id="000000000001-000002",
        contact_id="",
        portfolio_id="vip",
        previous_portfolio_id="",
        kind=OwnershipChangeKind.HANDED_OVER,
        from_agent_id="ana",
        to_agent_id="carla",
        why="se va",
        actor=supervisor_actor("sara"),
        changed_at=START,
    )
    assert story.get(Portfolio, "equipo").owner_agent_ids == ("carla", "bruno")
    assert story.get(Portfolio, "equipo").etag == "1"
    assert story.when(chat("luis")).get(PortfolioContact, "luis").portfolio_id == "vip"


@pytest.mark.req("P9", "K5")
def test_personal_portfolio_is_handed_over():
    """An agent's own portfolio is the other's once it is handed over, and no longer the one that the agent adds to."""
    story = given(ventas("ana", "carla"), contacts("luis", "nora")).when(AddToOwnPortfolio("ana", "luis"), LEAVES)
    personal = story.get(Portfolio, "personal-ana")
    assert (personal.owner_agent_ids, personal.personal_agent_id) == (("carla",), "")
    story.when(AddToOwnPortfolio("ana", "nora"))
    assert story.get(PortfolioContact, "nora").portfolio_id == "personal-ana-"


@pytest.mark.req("P9")
def test_nothing_to_hand_over():
    """An agent who owns nothing hands nothing over."""
    given(ventas("ana", "bruno", "carla"), portfolio("otros", "bruno", "carla")).when(LEAVES).then()


@pytest.mark.req("P9")
def test_what_waits_for_the_former_owner_is_routed_anew():
    """What waits for the former owner goes to the new one; the owner wait goes on."""
    wait = timedelta(minutes=5)
    story = given(
        ventas("ana", "bruno", "carla", owner_wait=wait),
        contacts("luis", "nora"),
        portfolio("vip", "ana", holds=["luis", "nora"]),
        online("bruno", "carla"),
    )
    story.when(chat("luis"), chat("nora")).when(LEAVES, after=timedelta(minutes=1))
    story.then(
        PortfolioSaved,
        OwnershipChanged,
        InteractionRerouted,
        InteractionRerouted,
        InteractionAssigned,
        InteractionKeptForOwner,
    )
    assert story.place_of("luis") == (InteractionState.ASSIGNED, RoutingReason.OWNER, "carla")
    assert story.interaction("nora").owner_agent_ids == ("carla",)
    assert story.interaction("nora").owner_wait_until == START + wait


REFUSED = [
    (HandOverPortfolios("ana", "nadie"), (ErrorReason.RESOURCE_NOT_FOUND, "agent/nadie")),
    (HandOverPortfolios("nadie", "ana"), (ErrorReason.RESOURCE_NOT_FOUND, "agent/nadie")),
    (HandOverPortfolios("nadie", "nadie"), (ErrorReason.RESOURCE_NOT_FOUND, "agent/nadie")),
    (HandOverPortfolios("ana", "ana"), (ErrorReason.AGENT_UNCHANGED, "agent/ana")),
]


@pytest.mark.req("P9")
@pytest.mark.parametrize(("command", "violation"), REFUSED)
def test_handing_over_takes_two_agents(command, violation):
    """Portfolios are handed over from one agent to another, both of whom must be there."""
    given(ventas("ana"), portfolio("vip", "ana")).rejects(command, violation)


@pytest.mark.req("P9")
def test_both_agents_are_named():
    """Of two agents who are not there, both are named at once."""
    violations = [(ErrorReason.RESOURCE_NOT_FOUND, f"agent/{each}") for each in ("uno", "otro")]
    given(ventas("ana")).rejects(HandOverPortfolios("uno", "otro"), *violations)
