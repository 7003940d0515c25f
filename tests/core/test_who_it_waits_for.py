"""Whom an interaction waits for, and who keeps it, follow what is so by now, not what was so when it arrived."""

from datetime import timedelta

import pytest

from cartera.core.commands import (
    AddToOwnPortfolio,
    AssignPortfolio,
    ClaimInteraction,
    CompleteInteraction,
    DeleteResource,
    HandOverPortfolios,
    RemoveExclusiveAgent,
    RemoveFromPortfolio,
    SetExclusiveAgent,
    UpdateResource,
)
from cartera.core.records import (
    BusinessHours,
    ContactActivity,
    ExclusiveAgent,
    LastAgentRule,
    OpeningHours,
    Portfolio,
    PortfolioContact,
    Script,
    Workgroup,
)
from cartera.core.vocabulary import (
    AssignmentMethod,
    DayOfWeek,
    ErrorReason,
    InteractionState,
    LeavingPolicy,
    RoutingReason,
)
from tests.core.specification import START, agent_actor, given
from tests.core.tenants import (
    TENANT,
    agents,
    campaign,
    chat,
    contacts,
    goes_offline,
    goes_online,
    online,
    portfolio,
    ventas,
    workgroup,
)

MINUTE = timedelta(minutes=1)
LAST, GROUP = AssignmentMethod.LAST_AGENT, AssignmentMethod.DEFAULT_GROUP
RETURNS = {"leaving_policy": LeavingPolicy.RETURN}


def anas_exclusive_contact():
    exclusive = ExclusiveAgent("luis", "tienda", "ana")
    return given(ventas("ana", "bruno", **RETURNS), contacts("luis"), [exclusive], online("ana", "bruno"))


@pytest.mark.req("C5", "E1")
@pytest.mark.parametrize(
    "change", [RemoveExclusiveAgent("luis", "tienda"), SetExclusiveAgent("luis", "tienda", "bruno")]
)
def test_who_is_exclusive_no_longer_keeps_nothing_on_leaving(change):
    """What a former exclusive agent holds is returned as anybody's."""
    story = anas_exclusive_contact().when(chat("luis"), change, goes_offline("ana"))
    assert story.holder("luis") == "bruno"


@pytest.mark.req("C5", "E1")
def test_who_became_exclusive_meanwhile_keeps_it_on_leaving():
    """It would come back to the same agent, online or not: it doesn't go there and back."""
    story = given(ventas("ana", "bruno", **RETURNS), contacts("luis"), online("ana")).when(chat("luis"))
    story.when(SetExclusiveAgent("luis", "tienda", "ana"), goes_online("bruno"))
    before = len(story.changes)
    story.when(goes_offline("ana"))
    assert story.holder("luis") == "ana"
    assert [type(each).__name__ for change in story.changes[before:] for each in change.events] == [
        "AgentStatusChanged"
    ]


@pytest.mark.req("C5", "M5")
def test_who_is_not_of_the_default_group_keeps_nothing_on_leaving():
    """A member may claim, but would not be given it again."""
    story = given(
        ventas("ana", "bruno", method=GROUP, default_agent_ids=("bruno",), **RETURNS),
        contacts("luis", "nora"),
        online("ana"),
    )
    story.when(chat("nora"), chat("luis"))
    story.when(ClaimInteraction("ana", story.id_of("luis")))
    story.when(CompleteInteraction(story.id_of("nora"), "Venta"), goes_offline("ana"))
    assert story.holder("luis") == "bruno"


@pytest.mark.req("C5", "M4", "K1")
def test_a_last_agent_keeps_nothing_that_an_owner_comes_first_for():
    """Whoever holds it is the last agent; who leaves would not be given it before an owner."""
    story = given(ventas("ana", "bruno", method=LAST, **RETURNS), contacts("luis"), online("ana")).when(chat("luis"))
    story.when(AddToOwnPortfolio("bruno", "luis"), goes_online("bruno"), goes_offline("ana"))
    assert story.holder("luis") == "bruno"


def waiting_for_ana():
    """Nora and Luis were Ana's last; she is offline and full with Nora, and Luis is kept for her."""
    return given(
        ventas("ana", "bruno", method=LAST, owner_wait=10 * MINUTE),
        contacts("luis", "nora"),
        [ContactActivity("luis", "ana", START), ContactActivity("nora", "ana", START)],
        online("bruno"),
    ).when(chat("nora"), chat("luis"))


@pytest.mark.req("M4")
@pytest.mark.parametrize(
    "changed",
    [
        (Workgroup("ventas", method=AssignmentMethod.ROUND_ROBIN), "method"),
        (Workgroup("ventas", last_agent=LastAgentRule(("bruno",))), "last_agent"),
        (Workgroup("ventas", member_ids=("bruno",)), "member_ids"),
    ],
    ids=lambda changed: changed[1],
)
def test_nothing_waits_for_a_last_agent_who_may_not_be_chosen_any_more(changed):
    """It is served at once, by whoever may now be given it."""
    story = waiting_for_ana()
    assert story.interaction("luis").state is InteractionState.WAITING_FOR_OWNER
    resource, field = changed
    story.when(UpdateResource(resource, (field,)))
    assert story.holder("luis") == "bruno"


@pytest.mark.req("K2")
def test_nothing_is_kept_for_a_team_without_members():
    """There is nobody for whom it could wait."""
    story = given(
        [TENANT],
        agents(ana=1),
        workgroup("ventas", "ana", owner_wait=10 * MINUTE),
        workgroup("vacio"),
        campaign("tienda", "ventas"),
        contacts("luis"),
        [Portfolio("p", "P", owner_workgroup_ids=("vacio",)), PortfolioContact("luis", "p", assigned_at=START)],
        online("ana"),
    )
    assert story.when(chat("luis")).holder("luis") == "ana"


@pytest.mark.req("K5", "P9")
def test_assigning_again_changes_only_what_is_said():
    """The script stays where only a comment is given, and the time for which the place is kept isn't renewed."""
    vip = Portfolio("p", "P", owner_agent_ids=("ana",), ownership_expiry=60 * MINUTE)
    story = given(ventas("ana"), contacts("luis"), [vip, Script("s1")])
    story.when(AssignPortfolio("p", ("luis",), comment="a", script_id="s1"))
    first = story.get(PortfolioContact, "luis")
    story.when(AssignPortfolio("p", ("luis",), comment="b"), after=30 * MINUTE)
    assert story.get(PortfolioContact, "luis") == first._replace(comment="b")


@pytest.mark.req("K4", "K5")
def test_the_own_portfolio_of_a_long_id_can_be_named():
    """An agent's id may be as long as a portfolio's; two that begin alike have two portfolios."""
    long = ["a" * 127 + each for each in "xy"]
    story = given(ventas(*long), contacts("luis", "nora"))
    story.when(AddToOwnPortfolio(long[0], "luis"), AddToOwnPortfolio(long[1], "nora"))
    ids = [story.get(PortfolioContact, each).portfolio_id for each in ("luis", "nora")]
    assert [len(each) for each in ids] == [128, 128]
    assert len(set(ids)) == 2


def test_a_workgroup_that_names_itself_can_be_deleted():
    """It is in use by nobody else."""
    story = given([TENANT], agents(ana=1), workgroup("w", "ana", method=LAST, last_agent=LastAgentRule((), ("w",))))
    story.when(DeleteResource(Workgroup, ("w",)))
    assert story.get(Workgroup, "w") is None
    named = workgroup("v", "ana", method=LAST, last_agent=LastAgentRule((), ("w",)))
    other = given([TENANT], agents(ana=1), workgroup("w", "ana"), named)
    other.rejects(DeleteResource(Workgroup, ("w",)), (ErrorReason.RESOURCE_IN_USE, "workgroup/w"))


@pytest.mark.req("K2", "M4")
def test_a_wait_that_has_run_out_does_not_begin_again_for_another():
    """Its owner wait is over; when the contact leaves the portfolio, it isn't kept anew for its last agent."""
    story = given(
        ventas("ana", "bruno", method=LAST, owner_wait=MINUTE, queue_when_nobody_online=True),
        contacts("luis", "nora"),
        portfolio("p", "ana", holds=["luis"]),
        [ContactActivity("luis", "bruno", START), ContactActivity("nora", "bruno", START)],
    )
    story.when(chat("nora"), chat("luis")).passes(2 * MINUTE)
    assert story.interaction("luis").owner_wait_until is None
    story.when(RemoveFromPortfolio("p", ("luis",)))
    assert story.interaction("luis").owner_wait_until is None
    assert (story.interaction("luis").portfolio_id, story.interaction("luis").last_agent_id) == ("", "bruno")


@pytest.mark.req("E1", "C12")
def test_hours_do_not_bind_who_gets_an_exclusive_agent_meanwhile():
    """Held until its campaign opens, it goes to its exclusive agent once it has one."""
    tuesday = BusinessHours("UTC", (OpeningHours(DayOfWeek.TUESDAY, "09:00", "18:00"),))
    story = given(
        [TENANT],
        agents(ana=1, bruno=1),
        workgroup("ventas", "ana", "bruno"),
        campaign("tienda", "ventas")._replace(hours=tuesday),
        contacts("luis"),
        portfolio("p", "ana", holds=["luis"]),
        online("ana", "bruno"),
    )
    story.when(chat("luis"))
    assert story.interaction("luis").reason is RoutingReason.OUTSIDE_HOURS
    story.when(SetExclusiveAgent("luis", "tienda", "bruno"), RemoveFromPortfolio("p", ("luis",)))
    assert story.holder("luis") == "bruno"


@pytest.mark.req("M3", "M9", "P9")
def test_what_is_unassigned_is_for_the_owners_of_now_to_claim():
    """A portfolio changes hands while nobody is online: its new owner may claim, the former one may not."""
    story = given(ventas("bruno"), agents(ana=1, eva=1), contacts("luis"), portfolio("p", "ana", holds=["luis"]))
    story.when(chat("luis"), HandOverPortfolios("ana", "eva"), goes_online("eva"), goes_online("ana"))
    assert story.interaction("luis").state is InteractionState.UNASSIGNED
    interaction_id = story.id_of("luis")
    story.rejects(
        ClaimInteraction("ana", interaction_id),
        (ErrorReason.AGENT_NOT_IN_WORKGROUP, "agent/ana"),
        by=agent_actor("ana"),
    )
    story.when(ClaimInteraction("eva", interaction_id), by=agent_actor("eva"))
    assert story.holder("luis") == "eva"
