"""Declaration: a configuration is applied whole, or not at all; a second time it changes nothing."""

from datetime import timedelta

import pytest

from cartera.core.commands import ApplyConfiguration, AssignPortfolio, Configuration
from cartera.core.events import (
    AgentSaved,
    CampaignSaved,
    ContactAssignedToPortfolio,
    ExclusiveAgentSet,
    OwnershipChanged,
    PortfolioSaved,
    WorkgroupSaved,
)
from cartera.core.handle import needs
from cartera.core.records import (
    Agent,
    Campaign,
    CampaignCondition,
    Condition,
    Contact,
    ExclusiveAgent,
    Organization,
    OrganizationCondition,
    Portfolio,
    PortfolioContact,
    Script,
    Trigger,
    TriggerActions,
)
from cartera.core.vocabulary import ErrorReason, OwnershipChangeKind, PortfolioState
from tests.core.specification import ADMINISTRATOR, START, given
from tests.core.tenants import TENANT, agents, campaign, contacts, portfolio, ventas, workgroup

UNKNOWN, DUPLICATE = ErrorReason.UNKNOWN_REFERENCE, ErrorReason.DUPLICATE_VALUE
MINUTE = timedelta(minutes=1)


INACTIVE = ErrorReason.PORTFOLIO_INACTIVE


def in_campaign(*campaign_ids):
    return Condition(campaign=CampaignCondition(campaign_ids))


def of_organization(*organization_ids):
    return Condition(organization=OrganizationCondition(organization_ids))


WHOLE = Configuration(
    tenant=TENANT,
    agents=tuple(agents(ana=1, bruno=2)),
    workgroups=(workgroup("ventas", "ana", "bruno"),),
    organizations=(Organization("acme", tags=("VIP",)),),
    scripts=(Script("s", "Saludo"),),
    campaigns=(campaign("tienda", "ventas"),),
    triggers=(
        Trigger(
            "t", active=True, any_of=(in_campaign("tienda"), of_organization("acme")), actions=TriggerActions("ventas")
        ),
    ),
    portfolios=(Portfolio("vip", owner_agent_ids=("ana",), owner_workgroup_ids=("ventas",)),),
    contacts=(Contact("carlos", organization_id="acme"),),
)


def test_applied_whole():
    """A configuration is applied all at once, its parts naming each other."""
    story = given().when(ApplyConfiguration(WHOLE))
    assert len(story.events) == 10
    assert story.get(Portfolio, "vip").etag == story.get(Contact, "carlos").etag == "1"


def test_applied_twice():
    """A configuration applied twice changes nothing the second time."""
    given().when(ApplyConfiguration(WHOLE), ApplyConfiguration(WHOLE)).then()


def test_what_differs_is_applied():
    """Of a configuration, only what differs is changed; what it leaves out stays."""
    story = given().when(ApplyConfiguration(WHOLE))
    story.when(
        ApplyConfiguration(
            Configuration(
                agents=(WHOLE.agents[0]._replace(capacity=9), WHOLE.agents[1]),
                workgroups=(WHOLE.workgroups[0]._replace(member_ids=("bruno",)),),
                campaigns=(campaign("otra", "ventas"),),
            )
        )
    )
    story.then(AgentSaved, WorkgroupSaved, CampaignSaved)
    assert story.get(Campaign, "tienda").etag == "1"


def test_nothing_is_applied_where_anything_is_wrong():
    """Where anything is wrong with a configuration all of it is named, and nothing is applied."""
    story = given(ventas("ana"))
    broken = Configuration(
        agents=(Agent("zoe"), Agent("zoe")),
        workgroups=(workgroup("w", "zoe", "nadie"),),
        campaigns=(campaign("c", "w", "nada", addresses=()),),
    )
    story.rejects(
        ApplyConfiguration(broken),
        (UNKNOWN, "configuration.workgroups[0].member_ids[1]"),
        (UNKNOWN, "configuration.campaigns[0].workgroup_ids[1]"),
        (DUPLICATE, "configuration.agents[1]"),
    )


def test_configuration_leaves_places_alone():
    """Applying a configuration leaves the contacts in the portfolios, and an agent's own portfolio its own."""
    story = given().when(ApplyConfiguration(WHOLE), AssignPortfolio("vip", ("carlos",)))
    story.when(ApplyConfiguration(WHOLE)).then()
    assert story.get(PortfolioContact, "carlos").assigned_at == START


WITH_PLACES = WHOLE._replace(
    portfolio_contacts=(PortfolioContact("carlos", "vip", "Prefiere la mañana", "s"),),
    exclusive_agents=(ExclusiveAgent("carlos", "tienda", "bruno"),),
)


@pytest.mark.req("P1", "E1")
def test_places_and_exclusive_agents_are_applied():
    """Contacts come into the portfolios, and have the exclusive agents, that a configuration declares."""
    story = given().when(ApplyConfiguration(WITH_PLACES))
    place = PortfolioContact("carlos", "vip", "Prefiere la mañana", "s", START, ADMINISTRATOR)
    assert story.get(PortfolioContact, "carlos") == place
    assert story.events[-1] == ExclusiveAgentSet(ExclusiveAgent("carlos", "tienda", "bruno"), "")
    story.when(ApplyConfiguration(WITH_PLACES), after=MINUTE).then()


@pytest.mark.req("P1", "P9")
def test_declared_place_moves_a_contact():
    """A contact who is in another portfolio than is declared is moved, and its history says so."""
    story = given().when(ApplyConfiguration(WITH_PLACES))
    moved = Configuration(
        portfolios=(Portfolio("otra", ownership_expiry=MINUTE),),
        portfolio_contacts=(PortfolioContact("carlos", "otra"),),
    )
    story.when(ApplyConfiguration(moved), after=MINUTE).then(
        PortfolioSaved, ContactAssignedToPortfolio, OwnershipChanged
    )
    assert story.get(PortfolioContact, "carlos").expires_at == START + 2 * MINUTE
    change = story.events[-1].ownership_change
    assert (change.kind, change.previous_portfolio_id) == (OwnershipChangeKind.MOVED, "vip")
    story.when(ApplyConfiguration(WHOLE)).then()


@pytest.mark.req("K5")
def test_declared_place_keeps_what_it_leaves_unsaid():
    """A declared place changes the comment and the script that it says, and no other."""
    story = given().when(ApplyConfiguration(WITH_PLACES))
    said = Configuration(portfolio_contacts=(PortfolioContact("carlos", "vip", "Llamar tarde"),))
    story.when(ApplyConfiguration(said), after=MINUTE).then(ContactAssignedToPortfolio)
    assert story.get(PortfolioContact, "carlos")[:5] == ("carlos", "vip", "Llamar tarde", "s", START)


@pytest.mark.req("P4")
def test_declared_place_in_an_inactive_portfolio():
    """No contact is declared into an inactive portfolio, but those who are in one may stay declared."""
    story = given().when(ApplyConfiguration(WITH_PLACES))
    closed = Configuration(
        portfolios=(Portfolio("vip", state=PortfolioState.INACTIVE),),
        contacts=(Contact("elena"),),
        portfolio_contacts=(PortfolioContact("carlos", "vip"), PortfolioContact("elena", "vip")),
    )
    story.rejects(ApplyConfiguration(closed), (INACTIVE, "configuration.portfolio_contacts[1].portfolio_id"))
    assert story.violations[0].data == {"id": "vip"}
    story.when(ApplyConfiguration(closed._replace(portfolio_contacts=closed.portfolio_contacts[:1])))
    assert story.get(PortfolioContact, "carlos").portfolio_id == "vip"


@pytest.mark.req("K6", "G3")
def test_declared_places_that_lead_nowhere():
    """Places and exclusive agents that name what is not there, or one contact twice, are named with their paths."""
    story = given(ventas("ana"), contacts("carlos"), portfolio("vip", "ana"))
    broken = Configuration(
        portfolio_contacts=(PortfolioContact("nadie", "nada", "", "x"), *[PortfolioContact("carlos", "vip")] * 2),
        exclusive_agents=(ExclusiveAgent("carlos", "x", "nadie"),),
    )
    story.rejects(
        ApplyConfiguration(broken),
        (UNKNOWN, "configuration.portfolio_contacts[0].contact_id"),
        (UNKNOWN, "configuration.portfolio_contacts[0].portfolio_id"),
        (UNKNOWN, "configuration.portfolio_contacts[0].script_id"),
        (UNKNOWN, "configuration.exclusive_agents[0].campaign_id"),
        (UNKNOWN, "configuration.exclusive_agents[0].agent_id"),
        (DUPLICATE, "configuration.portfolio_contacts[2]"),
    )
    assert needs(ApplyConfiguration(broken)).contact_ids == ("nadie", "carlos")


@pytest.mark.req("E1")
def test_declared_exclusive_agent_changes():
    """A declared exclusive agent takes the place of another."""
    story = given().when(ApplyConfiguration(WITH_PLACES))
    changed = ExclusiveAgent("carlos", "tienda", "ana")
    story.when(ApplyConfiguration(Configuration(exclusive_agents=(changed,)))).then(ExclusiveAgentSet(changed, "bruno"))
