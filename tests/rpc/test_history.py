"""What reads tell of the past, and of how much there is: a contact's history, changes of ownership, reports."""

import pytest
from grpc import StatusCode

from tests.rpc.failures import failing

CHAT = 2
ASSIGNED, MOVED, REMOVED, HANDED_OVER = 1, 2, 3, 5
MOVE = 2


async def attended(caller, contact_id, times, campaign_id="ventas"):
    """So many chats of a contact, one after another; answers their ids, the newest first."""
    ids = []
    for _ in range(times):
        routed = await caller.RouteInteraction(campaign_id=campaign_id, contact_id=contact_id, channel=CHAT)
        await caller.CancelInteraction(interaction_id=routed.interaction.interaction_id)
        ids.append(routed.interaction.interaction_id)
    return ids[::-1]


def ids_of(response):
    return [view.interaction.interaction_id for view in response.views]


@pytest.mark.req("T6")
async def test_a_contacts_history_is_as_long_as_the_campaigns_client_is_set_to(acme):
    """The last N interactions, the newest first, with the labels of their campaigns; 10 where nothing is set."""
    ids = await attended(acme, "c1", 12)
    await acme.UpdateTenant(tenant={"name": "Acme", "client_settings": [{"client": "Banco", "history_length": 3}]})
    bea = acme.acting_as("agent", "bea")
    history = await bea.GetContactHistory(contact_id="c1", campaign_id="ventas")
    assert ids_of(history) == ids[:3]
    assert (history.views[0].campaign_name, history.views[0].client) == ("Ventas", "Banco")
    assert history.contact.contact_id == "c1"
    assert ids_of(await bea.GetContactHistory(contact_id="c1", campaign_id="ayuda")) == ids[:10]


@pytest.mark.req("T6")
async def test_who_is_not_in_the_contact_list_has_a_history_too(acme):
    """Only the contact itself is unset; a campaign that there isn't is said."""
    (only,) = await attended(acme, "+34600", 1)
    history = await acme.GetContactHistory(contact_id="+34600", campaign_id="ventas")
    assert (ids_of(history), history.HasField("contact")) == ([only], False)
    async with failing(StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND"):
        await acme.GetContactHistory(contact_id="c1", campaign_id="none")


@pytest.mark.req("T6")
async def test_an_agent_edits_contacts_and_notes(acme):
    """Who attends a contact keeps what it learns of it."""
    ana = acme.acting_as("agent", "ana")
    known = {"contact_id": "c1", "notes": "calls late", "attributes": [{"name": "plan", "value": "gold"}]}
    changed = await ana.UpdateContact(contact=known, update_mask={"paths": ["notes", "attributes"]})
    assert (changed.contact.notes, changed.contact.attributes[0].value) == ("calls late", "gold")
    await acme.SetAgentStatus(agent_id="ana", status=1)
    routed = await acme.RouteInteraction(campaign_id="ventas", contact_id="c1", channel=CHAT)
    written = {"interaction_id": routed.interaction.interaction_id}
    await ana.WriteNote(**written, text="wants two")
    noted = await ana.WriteNote(**written, text="wants three", position=1)
    assert [(note.text, note.author.subject_id) for note in noted.interaction.notes] == [("wants three", "ana")]


@pytest.mark.req("P9")
async def test_ownership_has_a_history(acme):
    """Of a contact and of a portfolio, the newest first and page by page, with who did it and why."""
    await acme.AssignPortfolio(portfolio_id="gold", contact_ids=["c1"], why="campaign")
    await acme.AssignPortfolio(portfolio_id="team", contact_ids=["c1"], conflict_policy=MOVE, why="too many")
    await acme.RemoveFromPortfolio(portfolio_id="team", contact_ids=["c1"], why="gone")
    of_contact = (await acme.ListOwnershipChanges(contact_id="c1")).ownership_changes
    assert [(each.kind, each.why) for each in of_contact] == [
        (REMOVED, "gone"),
        (MOVED, "too many"),
        (ASSIGNED, "campaign"),
    ]
    assert of_contact[1].previous_portfolio_id == "gold"
    first = await acme.ListOwnershipChanges(portfolio_id="gold", page_size=1)
    second = await acme.ListOwnershipChanges(portfolio_id="gold", page_size=1, page_token=first.next_page_token)
    kinds = [each.kind for page in (first, second) for each in page.ownership_changes]
    assert (kinds, second.next_page_token) == ([MOVED, ASSIGNED], "")
    async with failing(StatusCode.INVALID_ARGUMENT, "INVALID_FIELD"):
        await acme.ListOwnershipChanges()


@pytest.mark.req("P9")
async def test_portfolios_are_handed_over_in_one_call(acme):
    """The answer has those that changed hands, and the history says from whom to whom."""
    answer = await acme.HandOverPortfolios(from_agent_id="ana", to_agent_id="bea", why="left us")
    assert {each.portfolio_id: list(each.owner_agent_ids) for each in answer.portfolios} == {
        "gold": ["bea"],
        "old": ["bea"],
    }
    (change,) = (await acme.ListOwnershipChanges(portfolio_id="gold")).ownership_changes
    assert (change.kind, change.from_agent_id, change.to_agent_id, change.why) == (
        HANDED_OVER,
        "ana",
        "bea",
        "left us",
    )


@pytest.mark.req("P7")
async def test_reports_say_how_much_there_is(acme):
    """By portfolio and by agent: contacts, open interactions and all of them, page by page."""
    await acme.AssignPortfolio(portfolio_id="gold", contact_ids=["c1", "c2"])
    await attended(acme, "c1", 2)
    await acme.SetAgentStatus(agent_id="ana", status=1)
    await acme.RouteInteraction(campaign_id="ventas", contact_id="c2", channel=CHAT)
    first = await acme.ListPortfolioReports(page_size=1)
    second = await acme.ListPortfolioReports(page_token=first.next_page_token)
    found = {each.portfolio_id: each for page in (first, second) for each in page.portfolio_reports}
    assert list(found) == ["gold", "old", "team"]
    gold = found["gold"]
    assert (gold.contacts, gold.open_interactions, gold.total_interactions) == (2, 1, 3)
    ana, *others = (await acme.ListAgentReports()).agent_reports
    assert (ana.agent_id, ana.contacts, ana.open_interactions, ana.total_interactions) == ("ana", 2, 1, 1)
    assert [each.agent_id for each in others] == ["bea", "carla"]


@pytest.mark.req("P7", "P9")
@pytest.mark.parametrize("name", ["ListPortfolioReports", "ListAgentReports", "ListOwnershipChanges"])
async def test_reports_and_ownership_are_not_for_agents(acme, name):
    """Supervisors and administrators manage who belongs to whom."""
    fields = {"contact_id": "c1"} if name == "ListOwnershipChanges" else {}
    async with failing(StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"):
        await getattr(acme.acting_as("agent", "ana"), name)(**fields)
    await getattr(acme.acting_as("supervisor", "sofia"), name)(**fields)
