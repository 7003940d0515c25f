"""Ownership: how long it lasts, and its history, with who changed it and why (P9)."""

from datetime import timedelta

import pytest

from cartera.core.commands import (
    AddToOwnPortfolio,
    ApplyConfiguration,
    AssignPortfolio,
    Configuration,
    CreateResource,
    RemoveFromPortfolio,
    UpdateResource,
)
from cartera.core.decide.portfolios import outcome_of
from cartera.core.events import (
    ContactAssignedToPortfolio,
    ContactRemovedFromPortfolio,
    OwnershipChanged,
    PortfolioSaved,
)
from cartera.core.ownership import effective_place, heard_of
from cartera.core.records import SYSTEM, OwnershipChange, Portfolio, PortfolioContact
from cartera.core.vocabulary import (
    AssignmentOutcome,
    ConflictPolicy,
    ErrorReason,
    OwnershipChangeKind,
    PortfolioMode,
    RoutingReason,
)
from tests.core.specification import ADMINISTRATOR, START, agent_actor, given
from tests.core.tenants import chat, contacts, goes_online, online, portfolio, ventas

DAY = timedelta(days=1)
WEEK = 7 * DAY
ASSIGNED, MOVED, REMOVED, EXPIRED, HANDED_OVER, JOINED = list(OwnershipChangeKind)[1:]


def two_portfolios(**fields):
    """Ana owns vip, where luis is; Bruno owns otros, where nora is; olga is in neither. Carla has none."""
    return given(
        ventas("ana", "bruno", "carla", capacity=5),
        online("ana", "bruno", "carla"),
        contacts("luis", "nora", "olga"),
        portfolio("vip", "ana", holds=["luis"], **fields),
        portfolio("otros", "bruno", holds=["nora"], **fields),
    )


def expiring():
    """The same, with ownership that expires a week after the last interaction; luis and nora were assigned now."""
    story = two_portfolios(ownership_expiry=WEEK).when(RemoveFromPortfolio("vip", ("luis",)))
    story.when(RemoveFromPortfolio("otros", ("nora",)))
    return story.when(AssignPortfolio("vip", ("luis",)), AssignPortfolio("otros", ("nora",)))


def history(story, *fields):
    """The changes of ownership in the order of their ids, each with these of its fields."""
    changes = sorted(story.state.table(OwnershipChange).values())
    assert len({each.change_id for each in changes}) == len(changes)
    return [tuple(getattr(each, field) for field in fields) for each in changes]


def last(story, *fields):
    """The changes that the last command made."""
    return history(story, *fields)[-len([each for each in story.events if type(each) is OwnershipChanged]) :]


# The history


@pytest.mark.req("P9")
def test_assignment_is_in_the_history():
    """A contact that comes into a portfolio stands in the history, with who put it there, when and why."""
    story = two_portfolios().when(AssignPortfolio("vip", ("olga",), why="visita"), after=DAY)
    change = OwnershipChange(
        change_id="000000000001-000001",
        contact_id="olga",
        portfolio_id="vip",
        previous_portfolio_id="",
        kind=ASSIGNED,
        from_agent_id="",
        to_agent_id="",
        why="visita",
        actor=ADMINISTRATOR,
        changed_at=START + DAY,
    )
    place = PortfolioContact("olga", "vip", assigned_at=START + DAY, assigned_by=ADMINISTRATOR)
    story.then(ContactAssignedToPortfolio(place, ""), OwnershipChanged(change))
    assert story.get(OwnershipChange, "000000000001-000001") == change


@pytest.mark.req("P9", "P2")
def test_move_is_in_the_history():
    """A contact that is moved stands in the history with the portfolio that it came from."""
    story = two_portfolios().when(AssignPortfolio("vip", ("nora", "olga"), ConflictPolicy.MOVE, why="zona"))
    expected = [("nora", MOVED, "vip", "otros", "zona"), ("olga", ASSIGNED, "vip", "", "zona")]
    assert history(story, "contact_id", "kind", "portfolio_id", "previous_portfolio_id", "why") == expected


@pytest.mark.req("P9", "P3")
def test_removal_is_in_the_history():
    """A contact that is taken out stands in the history with who did it and why."""
    story = two_portfolios().when(RemoveFromPortfolio("vip", ("luis", "nora"), why="baja"), by=agent_actor("ana"))
    story.then(ContactRemovedFromPortfolio("luis", "vip"), OwnershipChanged)
    assert history(story, "contact_id", "kind", "portfolio_id", "why", "actor") == [
        ("luis", REMOVED, "vip", "baja", agent_actor("ana"))
    ]


@pytest.mark.req("P9", "K5")
def test_own_portfolio_is_in_the_history():
    """A contact that an agent adds to its own portfolio stands in the history."""
    story = two_portfolios().when(AddToOwnPortfolio("ana", "olga", "grande"), by=agent_actor("ana"))
    story.then(PortfolioSaved, ContactAssignedToPortfolio, OwnershipChanged)
    assert history(story, "contact_id", "kind", "actor") == [("olga", ASSIGNED, agent_actor("ana"))]


@pytest.mark.req("P9", "K4")
def test_joining_is_in_the_history():
    """Contacts that join the portfolio of who attends them stand in the history, all that one call brings about."""
    story = given(
        ventas("ana", capacity=3, portfolio_mode=PortfolioMode.AUTOMATIC, queue_when_nobody_online=True),
        contacts("luis", "nora", "olga"),
    )
    story.when(chat("luis"), chat("nora"), chat("olga"), goes_online("ana"))
    assert last(story, "contact_id", "kind", "actor") == [
        (each, JOINED, agent_actor("ana")) for each in ("luis", "nora", "olga")
    ]


@pytest.mark.req("P9")
def test_a_new_comment_is_no_change_of_ownership():
    """A contact that stays where it is has no change of ownership, whatever is said of it."""
    story = two_portfolios().when(AssignPortfolio("vip", ("luis",), comment="grande")).then(ContactAssignedToPortfolio)
    story.when(AddToOwnPortfolio("ana", "olga"), AddToOwnPortfolio("ana", "olga", "grande"))
    story.then(ContactAssignedToPortfolio)
    assert history(story, "contact_id") == [("olga",)]


@pytest.mark.req("P9")
def test_history_is_in_order():
    """The ids of changes are in the order in which they were made, over commands and within one."""
    story = two_portfolios().when(AssignPortfolio("vip", ("olga", "nora"), ConflictPolicy.MOVE))
    story.when(RemoveFromPortfolio("vip", ("nora", "olga", "luis"))).when(AssignPortfolio("otros", ("luis",)))
    assert history(story, "contact_id", "kind") == [
        ("olga", ASSIGNED),
        ("nora", MOVED),
        ("nora", REMOVED),
        ("olga", REMOVED),
        ("luis", REMOVED),
        ("luis", ASSIGNED),
    ]


OWNERS = [
    pytest.param({"owner_agent_ids": ("bruno",)}, [("ana", "bruno")], id="another"),
    pytest.param({"owner_agent_ids": ("ana", "bruno")}, [("", "bruno")], id="one more"),
    pytest.param({"owner_agent_ids": ()}, [("ana", "")], id="none"),
    pytest.param({"owner_agent_ids": ("bruno", "carla")}, [("ana", "bruno"), ("", "carla")], id="two for one"),
    pytest.param({"owner_workgroup_ids": ("ventas",)}, [("", "")], id="a team"),
    pytest.param({"backup_agent_ids": ("bruno",)}, [], id="a backup"),
    pytest.param({"name": "Mejores"}, [], id="a name"),
]


@pytest.mark.req("P9", "P6")
@pytest.mark.parametrize("declared", [False, True])
@pytest.mark.parametrize(("changes", "expected"), OWNERS)
def test_owners_who_change_are_in_the_history(changes, expected, declared):
    """A portfolio whose owners are changed stands in the history with who went and who came, updated or declared."""
    story = two_portfolios()
    vip = story.get(Portfolio, "vip")._replace(**changes)
    story.when(ApplyConfiguration(Configuration(portfolios=(vip,))) if declared else UpdateResource(vip))
    assert story.get(Portfolio, "vip")._replace(etag="") == vip._replace(etag="")
    told = history(story, "portfolio_id", "contact_id", "kind", "from_agent_id", "to_agent_id")
    assert told == [("vip", "", HANDED_OVER, *pair) for pair in expected]


@pytest.mark.req("P9")
def test_several_owners_change_at_once():
    """A configuration that changes the owners of several portfolios has a change for each."""
    story = two_portfolios()
    declared = [story.get(Portfolio, each)._replace(owner_workgroup_ids=("ventas",)) for each in ("vip", "otros")]
    story.when(ApplyConfiguration(Configuration(portfolios=tuple(declared))))
    assert last(story, "portfolio_id", "kind") == [("vip", HANDED_OVER), ("otros", HANDED_OVER)]


@pytest.mark.req("P9")
def test_a_new_portfolio_changes_nobodys_ownership():
    """A portfolio that is made has no history yet."""
    story = two_portfolios().when(CreateResource(Portfolio("nueva", owner_agent_ids=("ana",)))).then(PortfolioSaved)
    assert history(story, "kind") == []


# Expiry


@pytest.mark.req("P9")
@pytest.mark.parametrize(("fields", "expires_at"), [({}, None), ({"ownership_expiry": WEEK}, START + DAY + WEEK)])
def test_a_place_expires(fields, expires_at):
    """A contact's place in a portfolio ends so long after it was assigned, where the portfolio's ownership expires."""
    story = two_portfolios(**fields).when(AssignPortfolio("vip", ("olga",)), after=DAY)
    assert story.get(PortfolioContact, "olga").expires_at == expires_at
    assert effective_place(story.state, "olga", START + WEEK) == story.get(PortfolioContact, "olga")
    assert (effective_place(story.state, "olga", START + DAY + WEEK) is None) == (expires_at is not None)


@pytest.mark.req("P9", "K5")
def test_a_place_in_ones_own_portfolio_expires():
    """A place in a personal portfolio expires as well, and a new comment doesn't put that off."""
    story = two_portfolios().when(AddToOwnPortfolio("ana", "olga"))
    own = story.state.personal_portfolio("ana")
    story.when(RemoveFromPortfolio(own.portfolio_id, ("olga",)))
    story.when(UpdateResource(own._replace(ownership_expiry=WEEK, etag=""), ("ownership_expiry",)))
    story.when(AddToOwnPortfolio("ana", "olga")).when(AddToOwnPortfolio("ana", "olga", "grande"), after=DAY)
    place = story.get(PortfolioContact, "olga")
    assert (place.comment, place.expires_at) == ("grande", START + WEEK)


@pytest.mark.req("P9", "P2")
@pytest.mark.parametrize("policy", ConflictPolicy)
def test_who_has_expired_is_free(policy):
    """A contact whose place has expired is assigned as if it were in no portfolio, and both stand in the history."""
    story = expiring().passes(WEEK)
    command = AssignPortfolio("vip", ("nora",), policy, why="otra zona")
    asked = (story.state, command, "nora", agent_actor("ana"), story.now)
    assert outcome_of(*asked) == (AssignmentOutcome.ASSIGNED, "")
    story.when(command, by=agent_actor("ana"))
    story.then(ContactRemovedFromPortfolio, OwnershipChanged, ContactAssignedToPortfolio, OwnershipChanged)
    assert last(story, "kind", "portfolio_id", "previous_portfolio_id", "why", "actor") == [
        (EXPIRED, "otros", "", "", SYSTEM),
        (ASSIGNED, "vip", "", "otra zona", agent_actor("ana")),
    ]


@pytest.mark.req("P9", "P2")
def test_who_has_not_expired_is_not_free():
    """Until the time is over a contact is in its portfolio."""
    story = expiring().passes(WEEK - timedelta(microseconds=1)).when(AssignPortfolio("vip", ("nora",))).then()
    assert story.get(PortfolioContact, "nora").portfolio_id == "otros"


@pytest.mark.req("P9")
def test_who_has_expired_comes_back():
    """A contact assigned again to the portfolio in which its place has expired begins there anew."""
    story = expiring().when(AssignPortfolio("vip", ("luis",), comment="grande")).passes(WEEK)
    story.when(AssignPortfolio("vip", ("luis",)))
    place = PortfolioContact("luis", "vip", "", "", START + WEEK, ADMINISTRATOR, START + 2 * WEEK)
    assert story.get(PortfolioContact, "luis") == place
    assert last(story, "kind") == [(EXPIRED,), (ASSIGNED,)]


@pytest.mark.req("P9", "K5")
def test_who_has_expired_may_be_added_to_ones_own():
    """An agent adds a contact whose place elsewhere has expired to its own portfolio."""
    story = expiring()
    conflict = (ErrorReason.CONTACT_IN_ANOTHER_PORTFOLIO, "contact/nora")
    story.rejects(AddToOwnPortfolio("ana", "nora"), conflict).passes(WEEK).when(AddToOwnPortfolio("ana", "nora"))
    assert last(story, "kind", "portfolio_id") == [(EXPIRED, "otros"), (ASSIGNED, "personal-ana")]


@pytest.mark.req("P9")
def test_nothing_expires_once_the_portfolio_says_so():
    """A portfolio whose ownership no longer expires keeps those whose time is over."""
    story = expiring().when(UpdateResource(Portfolio("vip"), ("ownership_expiry",))).passes(2 * WEEK)
    assert effective_place(story.state, "luis", story.now) is not None
    assert effective_place(story.state, "nora", story.now) is None


@pytest.mark.req("P9")
def test_an_arrival_renews():
    """What the contact's arrival means: the place lasts as long again; once it has expired, it is gone."""
    story = expiring()
    (renewed,) = heard_of(story.state, "luis", START + DAY)
    assert renewed.portfolio_contact == story.get(PortfolioContact, "luis")._replace(expires_at=START + DAY + WEEK)
    gone, change = heard_of(story.state, "luis", START + WEEK)
    assert gone == ContactRemovedFromPortfolio("luis", "vip")
    assert change.ownership_change.kind is EXPIRED
    assert heard_of(story.state, "olga", START + DAY) == []
    assert heard_of(two_portfolios().when(chat("luis")).state, "luis", START + DAY) == []


@pytest.mark.req("P9", "K1")
def test_who_writes_stays_with_its_owner():
    """A contact who writes within the time goes to its owner, each time; who doesn't is routed like any other."""
    story = expiring().when(chat("nora"), after=WEEK - DAY)
    assert story.place_of("nora")[1:] == (RoutingReason.OWNER, "bruno")
    assert story.get(PortfolioContact, "nora").expires_at == START + 2 * WEEK - DAY
    story.when(chat("luis"), after=DAY)
    assert story.place_of("luis")[1] is RoutingReason.ROUND_ROBIN
    assert story.get(PortfolioContact, "luis") is None
    assert last(story, "contact_id", "kind", "actor") == [("luis", EXPIRED, SYSTEM)]


@pytest.mark.req("P9", "K4")
def test_who_expires_while_waiting_joins_who_attends():
    """AUTOMATIC: a contact whose place expires while it waits joins the portfolio of who attends it then."""
    story = given(
        ventas("ana", portfolio_mode=PortfolioMode.AUTOMATIC, queue_when_nobody_online=True),
        contacts("luis"),
        portfolio("vip", holds=[], ownership_expiry=DAY),
    )
    story.when(AssignPortfolio("vip", ("luis",)), chat("luis")).when(goes_online("ana"), after=DAY)
    assert last(story, "kind", "portfolio_id") == [(EXPIRED, "vip"), (JOINED, "personal-ana")]
    assert story.get(PortfolioContact, "luis").portfolio_id == "personal-ana"
