"""What reads show, and to whom."""

import pytest
from grpc import StatusCode

from tests.rpc.failures import failing


async def route(caller, contact_id, campaign_id="ventas"):
    answer = await caller.RouteInteraction(campaign_id=campaign_id, contact_id=contact_id, channel=2)
    return answer.interaction.interaction_id


@pytest.fixture
async def busy(acme):
    """Ana is online and holds two interactions, a third waits for her workgroup and a fourth for support."""
    await acme.SetAgentStatus(agent_id="ana", status=1)
    acme.ids = [await route(acme, f"c{number}") for number in range(3)]
    acme.ids.append(await route(acme, "c3", "ayuda"))
    return acme


def ids_of(response):
    return [view.interaction.interaction_id for view in response.views]


@pytest.mark.req("C8")
async def test_a_waiting_interaction_shows_its_place(busy):
    """GetInteraction answers where it stands in the queue that the router uses."""
    await route(busy, "c4")
    waiting = await busy.GetInteraction(interaction_id=busy.ids[2])
    assert waiting.queue_position.position == 1
    assert not (await busy.GetInteraction(interaction_id=busy.ids[0])).HasField("queue_position")


@pytest.mark.req("T7")
async def test_interactions_come_with_their_campaigns_labels(busy):
    """An agent lists its interactions with campaign, project, client and time of assignment."""
    ana = busy.acting_as("agent", "ana")
    first = (await ana.ListInteractions()).views[-1]
    assert (first.campaign_name, first.project, first.client) == ("Ventas", "Norte", "Banco")
    assert first.interaction.HasField("assigned_at")


@pytest.mark.req("T7")
async def test_an_agent_lists_its_own_interactions(busy):
    """Others' are not its own, and asking for them is refused."""
    ana, bea = busy.acting_as("agent", "ana"), busy.acting_as("agent", "bea")
    assert ids_of(await ana.ListInteractions()) == busy.ids[1::-1]
    assert ids_of(await ana.ListInteractions(agent_id="ana")) == busy.ids[1::-1]
    assert ids_of(await bea.ListInteractions()) == []
    async with failing(StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"):
        await bea.ListInteractions(agent_id="ana")


@pytest.mark.req("M9")
async def test_an_agent_lists_what_waits_in_its_workgroups(busy):
    """To choose what to claim; other workgroups' are not its business."""
    carla = busy.acting_as("agent", "carla")
    assert ids_of(await carla.ListInteractions(workgroup_id="support", states=[3])) == [busy.ids[3]]
    async with failing(StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"):
        await carla.ListInteractions(workgroup_id="sales")


@pytest.mark.req("T5")
async def test_the_history_of_a_contact_is_seen_by_later_agents(busy):
    """With a contact, an agent sees what others attended, and their notes."""
    await busy.CompleteInteraction(interaction_id=busy.ids[0], disposition="Venta", note="wants two")
    history = await busy.acting_as("agent", "bea").ListInteractions(contact_id="c0")
    assert [note.text for note in history.views[0].interaction.notes] == ["wants two"]


async def test_filters_must_all_hold(busy):
    """An administrator lists all, the newest first, or what every filter lets through."""
    assert ids_of(await busy.ListInteractions()) == busy.ids[::-1]
    assert ids_of(await busy.ListInteractions(workgroup_id="sales", states=[5])) == busy.ids[1::-1]
    assert ids_of(await busy.ListInteractions(contact_id="c3", states=[5])) == []


async def test_interactions_come_in_pages(busy):
    """Pages hold each interaction once, the newest first."""
    first = await busy.ListInteractions(page_size=3)
    second = await busy.ListInteractions(page_size=3, page_token=first.next_page_token)
    assert ids_of(first) + ids_of(second) == busy.ids[::-1]
    assert second.next_page_token == ""


async def test_an_agent_comes_with_what_it_is_doing(busy):
    """GetAgent and ListAgents show presences; who never was online is offline."""
    ana = await busy.GetAgent(agent_id="ana")
    assert (ana.presence.status, ana.units_in_use) == (1, 2)
    bea = await busy.GetAgent(agent_id="bea")
    assert (bea.presence.agent_id, bea.presence.status, bea.units_in_use) == ("bea", 3, 0)
    listed = await busy.ListAgents()
    assert [(each.agent_id, each.status) for each in listed.presences] == [("ana", 1), ("bea", 3), ("carla", 3)]


@pytest.mark.req("K7")
async def test_a_supervisor_lists_the_workgroups_it_manages(acme):
    """The list shows the tenant's name and number; others' workgroups are not in it."""
    listed = await acme.acting_as("supervisor", "sofia").ListWorkgroups()
    assert [each.workgroup_id for each in listed.workgroups] == ["sales"]
    assert (listed.tenant_name, listed.tenant_number) == ("Acme", "77")
    whole = await acme.ListWorkgroups()
    assert [each.workgroup_id for each in whole.workgroups] == ["sales", "support"]
    assert (whole.tenant_name, whole.tenant_number) == ("Acme", "77")
    async with failing(StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"):
        await acme.acting_as("supervisor", "other").UpdateWorkgroup(workgroup={"workgroup_id": "sales", "method": 2})


@pytest.mark.req("P5")
async def test_an_agent_sees_only_the_portfolios_assigned_to_it(acme):
    """Its own and its teams', page by page; others can't be told from none."""
    ana, carla = acme.acting_as("agent", "ana"), acme.acting_as("agent", "carla")
    first = await ana.ListPortfolios(page_size=1)
    second = await ana.ListPortfolios(page_size=1, page_token=first.next_page_token)
    assert [each.portfolio_id for page in (first, second) for each in page.portfolios] == ["gold", "old"]
    assert [each.portfolio_id for each in (await carla.ListPortfolios()).portfolios] == ["team"]
    assert (await ana.GetPortfolio(portfolio_id="gold")).portfolio.portfolio_id == "gold"
    for call in (carla.GetPortfolio, carla.ListPortfolioContacts):
        for portfolio_id in ("gold", "none"):
            async with failing(StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND"):
                await call(portfolio_id=portfolio_id)


@pytest.mark.req("P4")
@pytest.mark.parametrize("role", ["administrator", "agent"])
async def test_inactive_portfolios_are_not_offered_for_assignment(acme, role):
    """assignable_only leaves them out."""
    listed = await acme.acting_as(role, "ana").ListPortfolios(assignable_only=True)
    assert "old" not in [each.portfolio_id for each in listed.portfolios]


@pytest.mark.req("P2")
async def test_each_contact_is_told_what_became_of_it(acme):
    """ASSIGNED, CONFLICT, MOVED, KEPT and NOT_FOUND, with the other portfolio; validate_only says the same."""
    await acme.AssignPortfolio(portfolio_id="gold", contact_ids=["c1"])
    asked = ["c0", "c1", "none"]
    told = {}
    for policy, name in ((1, "report"), (3, "keep"), (2, "move")):
        fields = {"portfolio_id": "team", "contact_ids": asked, "conflict_policy": policy}
        only = await acme.AssignPortfolio(validate_only=True, **fields)
        done = await acme.AssignPortfolio(**fields)
        assert only.assignments == done.assignments
        told[name] = [(each.contact_id, each.outcome, each.other_portfolio_id) for each in done.assignments]
    assert told["report"] == [("c0", 1, ""), ("c1", 2, "gold"), ("none", 5, "")]
    assert told["keep"] == [("c0", 1, ""), ("c1", 4, "gold"), ("none", 5, "")]
    assert told["move"] == [("c0", 1, ""), ("c1", 3, "gold"), ("none", 5, "")]


@pytest.mark.req("P3")
async def test_each_contact_is_told_whether_it_was_removed(acme):
    """REMOVED, or NOT_IN_PORTFOLIO."""
    await acme.AssignPortfolio(portfolio_id="gold", contact_ids=["c1"])
    removed = await acme.RemoveFromPortfolio(portfolio_id="gold", contact_ids=["c1", "c2"])
    assert [(each.contact_id, each.outcome) for each in removed.removals] == [("c1", 1), ("c2", 2)]
    assert list((await acme.ListPortfolioContacts(portfolio_id="gold")).portfolio_contacts) == []


@pytest.mark.req("K5", "E1")
async def test_a_contact_shows_whom_it_belongs_to(acme):
    """GetContact answers its place in a portfolio and its exclusive agents, by campaign."""
    place = (await acme.AddToOwnPortfolio(agent_id="bea", contact_id="c1", comment="calls late")).portfolio_contact
    for campaign_id in ("ventas", "ayuda"):
        await acme.SetExclusiveAgent(contact_id="c1", campaign_id=campaign_id, agent_id="ana")
    contact = await acme.GetContact(contact_id="c1")
    assert contact.portfolio_contact == place
    assert place.comment == "calls late"
    assert [each.campaign_id for each in contact.exclusive_agents] == ["ayuda", "ventas"]
    await acme.RemoveExclusiveAgent(contact_id="c1", campaign_id="ventas")
    assert [each.campaign_id for each in (await acme.GetContact(contact_id="c1")).exclusive_agents] == ["ayuda"]


@pytest.mark.req("C3")
async def test_going_online_answers_what_the_agent_was_given(acme):
    """In the order in which it was given."""
    ids = [await route(acme, f"c{number}") for number in range(3)]
    await acme.UpdateWorkgroup(
        workgroup={"workgroup_id": "sales", "method": 1, "member_ids": ["ana"], "queue_when_nobody_online": True}
    )
    answer = await acme.SetAgentStatus(agent_id="ana", status=1)
    claimed = [each.interaction_id for each in answer.assigned]
    assert claimed == [each for each in ids if each in claimed]


@pytest.mark.req("Z7")
async def test_a_route_can_be_asked_without_being_done(busy):
    """validate_only answers who would get it and why; there is no id, and nothing has changed."""
    before = await busy.ListInteractions()
    asked = await busy.RouteInteraction(campaign_id="ventas", contact_id="c9", channel=2, validate_only=True)
    assert (asked.interaction.interaction_id, asked.interaction.contact_id) == ("", "c9")
    assert asked.revision == before.revision
    assert await busy.ListInteractions() == before


@pytest.mark.req("Z6")
async def test_a_message_joins_the_open_interaction(busy):
    """The answer says that it joined, and which."""
    joined = await busy.RouteInteraction(campaign_id="ventas", contact_id="c0", channel=2)
    assert (joined.joined, joined.interaction.interaction_id, joined.interaction.messages) == (True, busy.ids[0], 2)


@pytest.mark.req("M9")
async def test_a_claim_answers_what_was_claimed(busy):
    """The next one, for who asks for no particular one."""
    await busy.SetAgentStatus(agent_id="carla", status=1)
    claimed = await busy.acting_as("agent", "carla").ClaimInteraction(agent_id="carla")
    assert (claimed.interaction.interaction_id, claimed.interaction.agent_id) == (busy.ids[3], "carla")
    async with failing(StatusCode.FAILED_PRECONDITION, "NOTHING_TO_CLAIM"):
        await busy.ClaimInteraction(agent_id="carla")


@pytest.mark.req("T1")
async def test_a_transfer_names_every_condition_that_fails(busy):
    """All in one answer, each with what it concerns."""
    async with failing(StatusCode.FAILED_PRECONDITION) as failed:
        await busy.Transfer(interaction_id=busy.ids[0], agent_id="carla", note="please")
    assert failed.preconditions == [("AGENT_NOT_ONLINE", "agent/carla"), ("AGENT_NOT_IN_CAMPAIGN", "agent/carla")]
