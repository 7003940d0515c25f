"""Portfolios: what comes into them, who may change them, and who of several owners gets an interaction (P1 to P6)."""

import pytest

from cartera.core.caller import Caller
from cartera.core.commands import AssignPortfolio, CreateResource, DeleteResource, RemoveFromPortfolio, UpdateResource
from cartera.core.decide.portfolios import outcome_of
from cartera.core.events import (
    ContactAssignedToPortfolio,
    ContactRemovedFromPortfolio,
    OwnershipChanged,
    PortfolioDeleted,
    PortfolioSaved,
)
from cartera.core.records import Portfolio, PortfolioActivity, PortfolioContact, WorkgroupActivity
from cartera.core.vocabulary import (
    AssignmentMethod,
    AssignmentOutcome,
    ConflictPolicy,
    ErrorReason,
    InteractionState,
    PortfolioState,
    RoutingReason,
)
from tests.core.specification import ADMINISTRATOR, START, agent_actor, given
from tests.core.tenants import (
    agents,
    chat,
    contacts,
    goes_online,
    online,
    portfolio,
    ventas,
    workgroup,
)

FOUR = ("libre", "ajeno", "propio", "desconocido")


def with_four_contacts():
    """One contact is in no portfolio, one in another, one in this one, one is not in the contact list."""
    return given(
        ventas("ana", "bruno"),
        contacts("libre", "ajeno", "propio"),
        portfolio("vip", "ana", holds=["propio"]),
        portfolio("otros", "bruno", holds=["ajeno"]),
    )


@pytest.mark.req("P2")
@pytest.mark.parametrize(
    ("policy", "of_another"),
    [
        (ConflictPolicy.UNSPECIFIED, AssignmentOutcome.CONFLICT),
        (ConflictPolicy.REPORT, AssignmentOutcome.CONFLICT),
        (ConflictPolicy.MOVE, AssignmentOutcome.MOVED),
        (ConflictPolicy.KEEP, AssignmentOutcome.KEPT),
    ],
)
def test_outcome_for_each_contact(policy, of_another):
    """AssignPortfolio says for each contact what became of it; validate_only says the same beforehand."""
    story = with_four_contacts()
    command = AssignPortfolio("vip", FOUR, policy)
    expected = [
        (AssignmentOutcome.ASSIGNED, ""),
        (of_another, "otros"),
        (AssignmentOutcome.ASSIGNED, ""),
        (AssignmentOutcome.NOT_FOUND, ""),
    ]
    story._load(command)
    assert [outcome_of(story.state, command, each, Caller(ADMINISTRATOR), START) for each in FOUR] == expected


@pytest.mark.req("P2", "P5")
def test_an_agent_moves_nothing_out_of_a_colleagues_portfolio():
    """MOVE by an agent reports a conflict where the contact is in a portfolio that is not the agent's."""
    story = with_four_contacts()
    story.when(AssignPortfolio("vip", FOUR, ConflictPolicy.MOVE), by=agent_actor("ana"))
    assert story.get(PortfolioContact, "ajeno").portfolio_id == "otros"
    assert story.get(PortfolioContact, "libre").portfolio_id == "vip"


@pytest.mark.req("P1", "P2")
@pytest.mark.parametrize(
    ("policy", "home_of_another"),
    [(ConflictPolicy.REPORT, "otros"), (ConflictPolicy.MOVE, "vip"), (ConflictPolicy.KEEP, "otros")],
)
def test_contact_is_in_one_portfolio(policy, home_of_another):
    """A contact is in one portfolio at most, whatever the conflict policy; the free ones are assigned."""
    story = with_four_contacts().when(AssignPortfolio("vip", FOUR, policy))
    homes = {key[0]: place.portfolio_id for key, place in story.state.table(PortfolioContact).items()}
    assert homes == {"libre": "vip", "ajeno": home_of_another, "propio": "vip"}


@pytest.mark.req("P2")
def test_assignment_is_told():
    """An assignment says who made it, when, with which comment, and from where the contact came."""
    story = with_four_contacts().when(AssignPortfolio("vip", ("ajeno",), ConflictPolicy.MOVE, "grande"))
    place = PortfolioContact("ajeno", "vip", "grande", "", START, ADMINISTRATOR)
    story.then(ContactAssignedToPortfolio(place, "otros"), OwnershipChanged)


@pytest.mark.req("P2")
def test_assigning_again_changes_nothing():
    """Assigning a contact to the portfolio that it is in changes nothing, and keeps its comment."""
    story = with_four_contacts().when(AssignPortfolio("vip", ("libre",), comment="grande"))
    story.when(AssignPortfolio("vip", ("libre",))).then()
    assert story.get(PortfolioContact, "libre").comment == "grande"


@pytest.mark.req("P2")
def test_assigning_to_what_is_not_there():
    """AssignPortfolio to an unknown portfolio, or with an unknown script, is refused."""
    story = with_four_contacts()
    story.rejects(AssignPortfolio("nada", ("libre",)), (ErrorReason.RESOURCE_NOT_FOUND, "portfolio/nada"))
    story.rejects(AssignPortfolio("vip", ("libre",), script_id="nada"), (ErrorReason.RESOURCE_NOT_FOUND, "script/nada"))


@pytest.mark.req("P3")
def test_contacts_are_removed():
    """Contacts are removed from a portfolio; those that are not in it stay where they are."""
    story = with_four_contacts().when(RemoveFromPortfolio("vip", FOUR))
    story.then(ContactRemovedFromPortfolio("propio", "vip"), OwnershipChanged)
    assert story.get(PortfolioContact, "propio") is None
    assert story.get(PortfolioContact, "ajeno").portfolio_id == "otros"


@pytest.mark.req("P4")
def test_inactive_portfolio_takes_no_contacts():
    """An inactive portfolio takes no contacts."""
    story = given(ventas("ana"), contacts("libre"), portfolio("vip", "ana", state=PortfolioState.INACTIVE))
    story.rejects(AssignPortfolio("vip", ("libre",)), (ErrorReason.PORTFOLIO_INACTIVE, "portfolio/vip"))


@pytest.mark.req("P4")
def test_inactive_portfolio_makes_nothing_sticky():
    """A contact of an inactive portfolio is routed like any other."""
    story = given(
        ventas("bruno", "ana"),
        contacts("carlos"),
        online("ana", "bruno"),
        portfolio("vip", "ana", holds=["carlos"], state=PortfolioState.INACTIVE),
    )
    story.when(chat("carlos"))
    assert story.place_of("carlos") == (InteractionState.ASSIGNED, RoutingReason.ROUND_ROBIN, "bruno")


@pytest.mark.req("P4")
def test_portfolio_is_active_unless_said():
    """A portfolio made without a state is ACTIVE."""
    story = given(ventas("ana")).when(CreateResource(Portfolio("vip", state=PortfolioState.UNSPECIFIED)))
    assert story.get(Portfolio, "vip").state is PortfolioState.ACTIVE


@pytest.mark.req("P4")
def test_portfolio_without_owners_makes_nothing_sticky():
    """A portfolio that nobody owns keeps nothing waiting."""
    story = given(ventas("ana"), contacts("carlos"), portfolio("vip", holds=["carlos"]), online("ana"))
    assert story.when(chat("carlos")).place_of("carlos")[1] is RoutingReason.ROUND_ROBIN


AS_AGENT = [
    pytest.param(AssignPortfolio, ("libre",), id="assign"),
    pytest.param(RemoveFromPortfolio, ("propio",), id="remove"),
]


@pytest.mark.req("P5")
@pytest.mark.parametrize(("command_type", "contact_ids"), AS_AGENT)
def test_agent_changes_its_portfolios(command_type, contact_ids):
    """An agent assigns into and removes from the portfolios assigned to it."""
    assert with_four_contacts().when(command_type("vip", contact_ids), by=agent_actor("ana")).events


@pytest.mark.req("P5")
@pytest.mark.parametrize("portfolio_id", ["otros", "nada"])
@pytest.mark.parametrize(("command_type", "contact_ids"), AS_AGENT)
def test_agent_changes_no_others(command_type, contact_ids, portfolio_id):
    """An agent changes no portfolio of others, and can't tell one from none."""
    with_four_contacts().rejects(
        command_type(portfolio_id, contact_ids),
        (ErrorReason.PERMISSION_DENIED, f"portfolio/{portfolio_id}"),
        by=agent_actor("ana"),
    )


@pytest.mark.req("P5", "P6")
def test_team_member_changes_the_teams_portfolio():
    """A member of a workgroup that owns a portfolio changes it as an owner does."""
    story = given(ventas("ana"), contacts("libre"), portfolio("vip", owner_workgroup_ids=("ventas",)))
    assert story.when(AssignPortfolio("vip", ("libre",)), by=agent_actor("ana")).events


@pytest.mark.req("P5")
def test_agent_edits_its_portfolio():
    """An agent edits its portfolio, but not whose it is."""
    story = with_four_contacts()
    vip = story.get(Portfolio, "vip")
    story.when(UpdateResource(vip._replace(name="Mejores")), by=agent_actor("ana")).then(PortfolioSaved)
    vip = story.get(Portfolio, "vip")
    denied = (ErrorReason.PERMISSION_DENIED, "portfolio/vip")
    story.rejects(UpdateResource(vip._replace(owner_agent_ids=("ana", "bruno"))), denied, by=agent_actor("ana"))
    story.rejects(UpdateResource(vip._replace(owner_workgroup_ids=("ventas",))), denied, by=agent_actor("ana"))
    story.rejects(UpdateResource(vip._replace(name="Suyo")), denied, by=agent_actor("bruno"))


@pytest.mark.req("P5")
def test_administrator_changes_all():
    """An administrator assigns into every portfolio and says whose it is."""
    story = with_four_contacts().when(AssignPortfolio("otros", ("libre",)))
    otros = story.get(Portfolio, "otros")
    story.when(UpdateResource(otros._replace(owner_agent_ids=("ana",)))).then(PortfolioSaved, OwnershipChanged)


@pytest.mark.req("P3")
def test_portfolio_is_deleted_when_empty():
    """A portfolio is deleted once no contact is in it, and its rotation with it."""
    story = with_four_contacts().when(goes_online("ana"), chat("propio"))
    assert story.get(PortfolioActivity, "vip").turn_agent_id == "ana"
    story.rejects(DeleteResource(Portfolio, ("vip",)), (ErrorReason.RESOURCE_IN_USE, "portfolio/vip"))
    story.when(RemoveFromPortfolio("vip", ("propio",)), DeleteResource(Portfolio, ("vip",))).then(PortfolioDeleted)
    assert story.get(PortfolioActivity, "vip") is None


def owned_by_several(method, **fields):
    owners = {"owner_agent_ids": ("ana", "bruno"), **fields}
    places = [PortfolioContact(each, "vip") for each in ("c1", "c2", "c3", "c4")]
    return given(
        ventas("ana", "bruno", "carla", "dario", capacity=4, method=method),
        contacts("c1", "c2", "c3", "c4"),
        Portfolio("vip", **owners),
        places,
        online("ana", "bruno", "carla", "dario"),
    )


@pytest.mark.req("P6", "M1")
def test_owners_in_rotation():
    """Of several owners each gets a sticky interaction in turn under ROUND_ROBIN, and the workgroup's turn stays."""
    story = owned_by_several(AssignmentMethod.ROUND_ROBIN).when(chat("c1"), chat("c2"), chat("c3"))
    assert [story.holder(each) for each in ("c1", "c2", "c3")] == ["ana", "bruno", "ana"]
    assert story.get(WorkgroupActivity, "ventas").turn_agent_id == ""


@pytest.mark.req("P6", "M2")
def test_owners_by_load():
    """Of several owners the least loaded gets a sticky interaction under LEAST_LOAD."""
    story = owned_by_several(AssignmentMethod.LEAST_LOAD, owner_agent_ids=("carla", "ana"))
    story.when(chat("otro"))
    assert story.holder("otro") == "ana"
    assert story.when(chat("c1")).holder("c1") == "carla"


@pytest.mark.req("P6")
def test_team_owns():
    """A portfolio owned by a workgroup reaches its members and nobody else."""
    story = owned_by_several(AssignmentMethod.ROUND_ROBIN, owner_agent_ids=(), owner_workgroup_ids=("expertos",))
    story.when(CreateResource(workgroup("expertos", "dario", "carla"))).when(chat("c1"), chat("c2"), chat("c3"))
    assert [story.holder(each) for each in ("c1", "c2", "c3")] == ["dario", "carla", "dario"]


@pytest.mark.req("P6")
def test_agents_and_team_own_together():
    """Owners who are agents come before those of the teams in the rotation, and nobody counts twice."""
    story = owned_by_several(
        AssignmentMethod.ROUND_ROBIN, owner_agent_ids=("bruno",), owner_workgroup_ids=("expertos",)
    )
    story.when(CreateResource(workgroup("expertos", "dario", "bruno"))).when(chat("c1"), chat("c2"), chat("c3"))
    assert [story.holder(each) for each in ("c1", "c2", "c3")] == ["bruno", "dario", "bruno"]


@pytest.mark.req("P6", "K1")
def test_second_owner_when_the_first_is_offline():
    """Where the first owner is not available, the second is tried before anybody else."""
    story = given(
        ventas("ana", "bruno", "carla"),
        agents(dario=1),
        contacts("carlos"),
        portfolio("vip", "ana", "dario", holds=["carlos"]),
        online("bruno", "carla", "dario"),
    )
    assert story.when(chat("carlos")).place_of("carlos")[1:] == (RoutingReason.OWNER, "dario")
