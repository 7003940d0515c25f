"""Seed 001, *Portafolio de Contactos*: portfolios, who is in them and who may touch them, in the document's order."""

import asyncio

import pytest

from cartera.routing.v1.portfolio_pb2 import PORTFOLIO_STATE_ACTIVE, PORTFOLIO_STATE_INACTIVE, Portfolio
from cartera.routing.v1.portfolio_service_pb2 import (
    CONFLICT_POLICY_KEEP,
    CONFLICT_POLICY_MOVE,
    CONFLICT_POLICY_REPORT,
    CONFLICT_POLICY_UNSPECIFIED,
    AssignmentOutcome,
    RemovalOutcome,
)
from cartera.routing.v1.workgroup_pb2 import ASSIGNMENT_METHOD_LEAST_LOAD
from tests.acceptance.floor import (
    MINUTES_5,
    NOT_FOUND,
    OWNER_AWAITED,
    denied,
    held,
    placed,
    portfolio,
    refused,
    workgroup,
)


@pytest.fixture
async def portfolios(floor):
    """Ana owns the portfolio Norte, Carlos Sur; Olga is in Sur already. All are online, with plenty of slots."""
    await floor.ventas("ana", "carlos", capacity=10, contacts=["luis", "nora", "olga", "pedro"], owner_wait=MINUTES_5)
    await floor.declare(portfolios=[portfolio("norte", "ana"), portfolio("sur", "carlos")])
    await floor.give("sur", "olga")
    await floor.online("ana", "carlos")
    return floor


async def assigned(client, portfolio_id, *contact_ids, policy=CONFLICT_POLICY_UNSPECIFIED, validate_only=False):
    """What AssignPortfolio says of each contact, and of which other portfolio."""
    answer = await client.portfolios.AssignPortfolio(
        portfolio_id=portfolio_id, contact_ids=contact_ids, conflict_policy=policy, validate_only=validate_only
    )
    return {
        each.contact_id: (
            AssignmentOutcome.Name(each.outcome).removeprefix("ASSIGNMENT_OUTCOME_"),
            each.other_portfolio_id,
        )
        for each in answer.assignments
    }


async def removed(client, portfolio_id, *contact_ids):
    answer = await client.portfolios.RemoveFromPortfolio(portfolio_id=portfolio_id, contact_ids=contact_ids)
    return [RemovalOutcome.Name(each.outcome).removeprefix("REMOVAL_OUTCOME_") for each in answer.removals]


async def contents(floor, portfolio_id):
    answer = await floor.administrator.portfolios.ListPortfolioContacts(portfolio_id=portfolio_id)
    return [each.contact_id for each in answer.portfolio_contacts]


@pytest.mark.req("P1")
async def test_single_assignment_each_contact_belongs_to_one_portfolio_only(portfolios):
    """«Single assignment: each contact can belong to only one portfolio» - however many callers want it at once."""
    floor = portfolios
    await floor.declare(portfolios=[portfolio(f"p{number}", "ana") for number in range(8)])
    answers = await asyncio.gather(*(assigned(floor.administrator, f"p{number}", "luis") for number in range(8)))
    outcomes = sorted(answer["luis"][0] for answer in answers)
    assert outcomes == ["ASSIGNED"] + ["CONFLICT"] * 7
    found = [number for number in range(8) if await contents(floor, f"p{number}")]
    assert len(found) == 1
    assert {answer["luis"][1] for answer in answers} == {"", f"p{found[0]}"}


@pytest.mark.req("P1")
async def test_no_limits_on_portfolios_or_on_contacts_in_one(portfolios):
    """«There is no restriction on the number of portfolios, nor on the number of contacts in each»."""
    floor = portfolios
    contact_ids = [f"c{number:04}" for number in range(1500)]
    await floor.declare(
        contacts=[{"contact_id": each} for each in contact_ids],
        portfolios=[portfolio(f"p{number}", "ana") for number in range(300)],
    )
    for part in (contact_ids[:1000], contact_ids[1000:]):
        answer = await assigned(floor.administrator, "norte", *part)
        assert set(answer.values()) == {("ASSIGNED", "")}
    first = await floor.administrator.portfolios.ListPortfolioContacts(portfolio_id="norte", page_size=1000)
    rest = await floor.administrator.portfolios.ListPortfolioContacts(
        portfolio_id="norte", page_size=1000, page_token=first.next_page_token
    )
    listed = [each.contact_id for each in (*first.portfolio_contacts, *rest.portfolio_contacts)]
    assert (listed, rest.next_page_token) == (contact_ids, "")


@pytest.mark.req("P2", "K1")
async def test_assign_one_or_several_contacts_from_the_list(portfolios):
    """«Select one or several contacts, choose the destination portfolio, confirm». Their conversations follow them."""
    floor = portfolios
    assert await assigned(floor.administrator, "norte", "luis", "nora") == {
        "luis": ("ASSIGNED", ""),
        "nora": ("ASSIGNED", ""),
    }
    assert await assigned(floor.administrator, "norte", "pedro") == {"pedro": ("ASSIGNED", "")}
    assert await contents(floor, "norte") == ["luis", "nora", "pedro"]
    for contact_id in ("luis", "nora", "pedro"):
        assert placed(await floor.chat(contact_id)) == held("ana", "OWNER")


@pytest.mark.req("P2")
async def test_assigning_again_into_the_same_portfolio_changes_nothing(portfolios):
    """It is no conflict with itself."""
    floor = portfolios
    before = await floor.revision()
    assert await assigned(floor.administrator, "sur", "olga") == {"olga": ("ASSIGNED", "")}
    assert await floor.revision() == before


@pytest.mark.req("P2")
@pytest.mark.parametrize(
    ("policy", "outcome", "ends_in"),
    [
        (CONFLICT_POLICY_UNSPECIFIED, "CONFLICT", "sur"),
        (CONFLICT_POLICY_REPORT, "CONFLICT", "sur"),
        (CONFLICT_POLICY_KEEP, "KEPT", "sur"),
        (CONFLICT_POLICY_MOVE, "MOVED", "norte"),
    ],
)
async def test_contacts_of_another_portfolio_are_told_apart_and_moved_or_kept(portfolios, policy, outcome, ends_in):
    """«A warning; which contacts are linked to other portfolios; the option to move or keep them». «Separates those in
    conflict from those that can be assigned without a problem». «Verification in real time», before anything is done.
    """
    floor = portfolios
    expected = {
        "luis": ("ASSIGNED", ""),
        "olga": (outcome, "sur"),
        "nobody": ("NOT_FOUND", ""),
        "nora": ("ASSIGNED", ""),
    }
    before = await floor.revision()
    assert await assigned(floor.administrator, "norte", *expected, policy=policy, validate_only=True) == expected
    assert (await floor.revision(), await contents(floor, "norte")) == (before, [])

    answer = await assigned(floor.administrator, "norte", *expected, policy=policy)
    assert list(answer) == list(expected), "in the order asked"
    assert answer == expected
    assert await contents(floor, "norte") == sorted({"luis", "nora"} | ({"olga"} if ends_in == "norte" else set()))
    assert await floor.portfolio_of("olga") == ends_in
    owner = {"norte": "ana", "sur": "carlos"}[ends_in]
    assert placed(await floor.chat("olga")) == held(owner, "OWNER")


@pytest.mark.req("P3")
async def test_remove_one_or_several_contacts(portfolios):
    """«Select the contacts, click Remove, confirm». They are nobody's then."""
    floor = portfolios
    await floor.give("norte", "luis", "nora", "pedro")
    assert await removed(floor.administrator, "norte", "luis") == ["REMOVED"]
    assert await removed(floor.administrator, "norte", "nora", "olga", "luis", "pedro") == [
        "REMOVED",
        "NOT_IN_PORTFOLIO",
        "NOT_IN_PORTFOLIO",
        "REMOVED",
    ]
    assert (await contents(floor, "norte"), await contents(floor, "sur")) == ([], ["olga"])
    assert placed(await floor.chat("luis")) == held("ana", "ROUND_ROBIN")
    assert placed(await floor.chat("nora")) == held("carlos", "ROUND_ROBIN")


async def set_state(floor, portfolio_id, state):
    changed = Portfolio(portfolio_id=portfolio_id, state=state)
    await floor.administrator.portfolios.UpdatePortfolio(portfolio=changed, update_mask={"paths": ["state"]})


@pytest.mark.req("P4")
async def test_an_inactive_portfolio_is_not_offered_and_takes_no_contacts(portfolios):
    """«Inactive: disabled, and does not appear among the options for assignment»."""
    floor = portfolios
    await set_state(floor, "norte", PORTFOLIO_STATE_INACTIVE)
    for client in (floor.administrator, floor.agent("ana")):
        offered = await client.portfolios.ListPortfolios(assignable_only=True)
        assert "norte" not in [each.portfolio_id for each in offered.portfolios]
        assert "norte" in [each.portfolio_id for each in (await client.portfolios.ListPortfolios()).portfolios]
        with refused("PORTFOLIO_INACTIVE"):
            await assigned(client, "norte", "luis")
        with refused("PORTFOLIO_INACTIVE"):
            await assigned(client, "norte", "luis", validate_only=True)
    assert await floor.portfolio_of("luis") == ""


@pytest.mark.req("P4")
async def test_an_inactive_portfolio_makes_nothing_sticky_until_it_is_active_again(portfolios):
    """«Active: available»; inactive, its contacts are served like everybody else."""
    floor = portfolios
    await set_state(floor, "sur", PORTFOLIO_STATE_INACTIVE)
    chat = await floor.chat("olga")
    assert placed(chat) == held("ana", "ROUND_ROBIN")
    await floor.complete(chat.interaction_id)
    await set_state(floor, "sur", PORTFOLIO_STATE_ACTIVE)
    assert placed(await floor.chat("olga")) == held("carlos", "OWNER")


@pytest.mark.req("P4", "K2")
async def test_what_waits_for_an_owner_is_routed_anew_when_the_portfolio_becomes_inactive(portfolios):
    """Nobody is kept waiting for a portfolio that is not in use."""
    floor = portfolios
    await floor.offline("carlos")
    chat = await floor.chat("olga")
    assert placed(chat) == OWNER_AWAITED
    await set_state(floor, "sur", PORTFOLIO_STATE_INACTIVE)
    assert await floor.where(chat) == held("ana", "ROUND_ROBIN")


@pytest.mark.req("P5")
async def test_administrators_see_create_edit_delete_and_assign_into_any_portfolio(portfolios):
    """«Administrator: sees and manages all; creates, edits and deletes any; assigns contacts into any»."""
    floor = portfolios
    admin = floor.administrator.portfolios
    await admin.CreatePortfolio(portfolio=portfolio("este"))
    await admin.UpdatePortfolio(portfolio=Portfolio(portfolio_id="este", name="Este"), update_mask={"paths": ["name"]})
    listed = (await admin.ListPortfolios()).portfolios
    assert {each.portfolio_id: each.name for each in listed} == {"este": "Este", "norte": "Norte", "sur": "Sur"}
    for portfolio_id, contact_id in (("este", "luis"), ("norte", "nora"), ("sur", "pedro")):
        assert await assigned(floor.administrator, portfolio_id, contact_id) == {contact_id: ("ASSIGNED", "")}
    with refused("RESOURCE_IN_USE"):
        await admin.DeletePortfolio(portfolio_id="este")
    await removed(floor.administrator, "este", "luis")
    await admin.DeletePortfolio(portfolio_id="este")
    with refused("RESOURCE_NOT_FOUND", code=NOT_FOUND):
        await admin.GetPortfolio(portfolio_id="este")


@pytest.mark.req("P5")
async def test_an_agent_sees_only_the_portfolios_assigned_to_it(portfolios):
    """«Agent: sees only the portfolios assigned to it». Another's it cannot tell from one that is not there."""
    floor = portfolios
    ana = floor.agent("ana").portfolios
    assert [each.portfolio_id for each in (await ana.ListPortfolios()).portfolios] == ["norte"]
    assert (await ana.GetPortfolio(portfolio_id="norte")).portfolio.name == "Norte"
    for portfolio_id in ("sur", "no-such"):
        with refused("RESOURCE_NOT_FOUND", code=NOT_FOUND):
            await ana.GetPortfolio(portfolio_id=portfolio_id)
        with refused("RESOURCE_NOT_FOUND", code=NOT_FOUND):
            await ana.ListPortfolioContacts(portfolio_id=portfolio_id)


@pytest.mark.req("P5")
async def test_an_agent_edits_only_its_own_portfolios_and_not_whose_they_are(portfolios):
    """«May edit only its own portfolios»; creating and deleting, and giving them away, is the administrator's."""
    floor = portfolios
    ana = floor.agent("ana").portfolios
    renamed = await ana.UpdatePortfolio(
        portfolio=Portfolio(portfolio_id="norte", name="Norte y centro"), update_mask={"paths": ["name"]}
    )
    assert (renamed.portfolio.name, list(renamed.portfolio.owner_agent_ids)) == ("Norte y centro", ["ana"])
    before = await floor.revision()
    for portfolio_id in ("sur", "no-such"):
        with denied():
            await ana.UpdatePortfolio(portfolio=Portfolio(portfolio_id=portfolio_id, name="Mío"), allow_missing=True)
    with denied():
        await ana.UpdatePortfolio(portfolio=portfolio("norte", "ana", "carlos"))
    with denied():
        await ana.CreatePortfolio(portfolio=portfolio("este", "ana"))
    with denied():
        await ana.DeletePortfolio(portfolio_id="norte")
    assert await floor.revision() == before


@pytest.mark.req("P5")
async def test_an_agent_assigns_and_removes_contacts_only_within_its_portfolios(portfolios):
    """«Assigns contacts exclusively within its portfolios»."""
    floor = portfolios
    ana = floor.agent("ana")
    assert await assigned(ana, "norte", "luis") == {"luis": ("ASSIGNED", "")}
    assert await removed(ana, "norte", "luis") == ["REMOVED"]
    for portfolio_id in ("sur", "no-such"):
        with denied():
            await assigned(ana, portfolio_id, "luis")
        with denied():
            await removed(ana, portfolio_id, "olga")
    assert await contents(floor, "sur") == ["olga"]


@pytest.mark.req("P6")
async def test_a_team_owns_a_portfolio_and_its_available_members_get_the_contacts(portfolios):
    """«Assigned automatically to specific agents or teams», of whom any member sees, edits and assigns into it."""
    floor = portfolios
    await floor.declare(
        agents=[{"agent_id": each, "capacity": 2} for each in ("eva", "fede", "gil")],
        workgroups=[workgroup("empresas", "eva", "fede", "gil")],
        portfolios=[portfolio("grandes", owner_workgroup_ids=["empresas"])],
    )
    assert await assigned(floor.agent("eva"), "grandes", "luis", "nora", "pedro") == dict.fromkeys(
        ["luis", "nora", "pedro"], ("ASSIGNED", "")
    )
    with denied():
        await assigned(floor.agent("ana"), "grandes", "luis")
    kept = await floor.chat("luis")
    assert placed(kept) == OWNER_AWAITED, "Ana and Carlos are free, and not of the team"
    assert await floor.online("gil") == ["luis"]
    await floor.online("eva")
    assert [(await floor.chat(each)).agent_id for each in ("nora", "pedro")] == ["eva", "gil"]


@pytest.mark.req("P6", "M1", "M2")
async def test_among_several_owners_the_workgroups_method_picks(portfolios):
    """«Load distribution»: several owners share a portfolio, in rotation or by load, as their workgroup does."""
    floor = portfolios
    await floor.declare(portfolios=[portfolio("norte", "ana", "carlos")])
    await floor.give("norte", "luis", "nora", "pedro")
    chats = [await floor.chat(each) for each in ("luis", "nora", "pedro")]
    assert [placed(each) for each in chats] == [held(each, "OWNER") for each in ("ana", "carlos", "ana")]
    await floor.declare(workgroups=[workgroup("ventas", "ana", "carlos", method=ASSIGNMENT_METHOD_LEAST_LOAD)])
    await floor.complete(chats[0].interaction_id)
    await floor.complete(chats[2].interaction_id)
    assert placed(await floor.chat("luis")) == held("ana", "OWNER")
    await floor.complete(chats[1].interaction_id)
    assert placed(await floor.chat("nora")) == held("carlos", "OWNER")
