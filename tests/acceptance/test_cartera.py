"""Seed 000, *Cartera de contactos*: contacts who belong to an agent, step by step as in the document."""

from datetime import timedelta

import pytest

from cartera.routing.v1.contact_pb2 import Contact
from cartera.routing.v1.portfolio_pb2 import PORTFOLIO_STATE_INACTIVE
from cartera.routing.v1.workgroup_pb2 import PORTFOLIO_MODE_AUTOMATIC, PORTFOLIO_MODE_MANUAL, Workgroup
from tests.acceptance.floor import (
    MINUTES_5,
    OWNER_AWAITED,
    QUEUED,
    agent,
    denied,
    held,
    outcome,
    placed,
    portfolio,
    refused,
    workgroup,
)


@pytest.fixture
async def ana_owns_luis(floor):
    """Ana and Carlos have a slot each; Luis is Ana's, and is kept for her for 5 minutes. Nobody is online."""
    await floor.ventas("ana", "carlos", contacts=["luis", "nora", "olga"], owner_wait=MINUTES_5)
    await floor.owns("ana", "luis")
    return floor


@pytest.mark.req("K1")
async def test_an_available_owner_gets_the_interaction_directly(ana_owns_luis):
    """«If the assigned agent is available, the interaction is routed directly to that agent»."""
    floor = ana_owns_luis
    await floor.online("carlos", "ana")
    for _ in range(3):
        chat = await floor.chat("luis")
        assert placed(chat) == held("ana", "OWNER")
        await floor.complete(chat.interaction_id)
    assert placed(await floor.call("luis")) == held("ana", "OWNER"), "on every channel"


@pytest.mark.req("K2", "Z1")
@pytest.mark.parametrize("absence", ["full", "offline", "paused"])
async def test_an_owner_who_becomes_available_within_the_owner_wait_gets_it(ana_owns_luis, absence):
    """«If the agent is not available, the system waits a set time, always giving priority to the original agent»."""
    floor = ana_owns_luis
    await floor.online("carlos", "ana")
    busy = await floor.chat("nora", tags=["first"])
    assert placed(busy) == held("ana", "ROUND_ROBIN")
    if absence == "offline":
        await floor.offline("ana")
    if absence == "paused":
        await floor.pause("ana")

    waiting = await floor.routed("luis")
    assert (outcome(waiting), placed(waiting.interaction)) == ("WAITING_FOR_OWNER", OWNER_AWAITED)
    assert waiting.interaction.owner_wait_until.ToDatetime() - waiting.interaction.arrived_at.ToDatetime() == MINUTES_5
    await floor.passes(minutes=4, seconds=59)
    assert await floor.where(waiting.interaction) == OWNER_AWAITED, "Carlos is free all along, and does not get it"

    await floor.complete(busy.interaction_id)
    if absence != "full":
        assert await floor.where(waiting.interaction) == OWNER_AWAITED
        assert await floor.online("ana") == ["luis"]
    assert await floor.where(waiting.interaction) == held("ana", "OWNER")


@pytest.mark.req("K2")
async def test_when_the_owner_wait_runs_out_the_next_available_agent_gets_it(ana_owns_luis):
    """«If that time passes, the interaction is assigned to the next available agent of the queue»."""
    floor = ana_owns_luis
    await floor.online("carlos")
    waiting = await floor.chat("luis")
    await floor.passes(minutes=5)
    assert await floor.where(waiting) == held("carlos", "ROUND_ROBIN")
    assert await floor.portfolio_of("luis") == "de-ana", "it is still Ana's contact"
    await floor.online("ana")
    await floor.complete(waiting.interaction_id)
    assert placed(await floor.chat("luis")) == held("ana", "OWNER")


@pytest.mark.req("K2", "C8")
async def test_the_place_in_the_queue_counts_from_arrival(ana_owns_luis):
    """The wait for the owner costs the contact nothing: who came later is served later."""
    floor = ana_owns_luis
    await floor.online("carlos")
    busy = await floor.chat("olga")
    luis = await floor.chat("luis")
    await floor.passes(minutes=1)
    nora = await floor.chat("nora")
    assert (await floor.where(luis), await floor.where(nora)) == (OWNER_AWAITED, QUEUED)
    await floor.passes(minutes=4)
    assert await floor.where(luis) == QUEUED, "the wait is over, and Carlos is busy"
    positions = [
        (await floor.administrator.routing.GetInteraction(interaction_id=each.interaction_id)).queue_position.position
        for each in (luis, nora)
    ]
    assert positions == [1, 2]
    await floor.complete(busy.interaction_id)
    assert await floor.where(luis) == held("carlos", "ROUND_ROBIN")
    assert await floor.where(nora) == QUEUED


@pytest.mark.req("K2")
async def test_a_kept_interaction_blocks_nobody_behind_it_and_nobody_else_may_claim_it(ana_owns_luis):
    """It waits for the agent «to whom the contact belongs»: neither the queue nor the dispenser gives it away."""
    floor = ana_owns_luis
    await floor.online("carlos")
    luis = await floor.chat("luis")
    with refused("INTERACTION_KEPT_FOR_OWNER"):
        await floor.claim("carlos", luis.interaction_id)
    with refused("NOTHING_TO_CLAIM"):
        await floor.claim("carlos")
    assert placed(await floor.chat("nora")) == held("carlos", "ROUND_ROBIN")


@pytest.mark.req("K2")
async def test_owner_and_others_free_together_the_owner_is_preferred(ana_owns_luis):
    """«Always giving priority to the original agent»: after the wait too, where both come free in the same instant."""
    floor = ana_owns_luis
    await floor.online("ana")
    assert placed(await floor.chat("nora")) == held("ana", "ROUND_ROBIN")
    await floor.assign((await floor.chat("olga")).interaction_id, "carlos")
    await floor.online("carlos")
    luis = await floor.chat("luis")
    await floor.passes(minutes=5)
    assert await floor.where(luis) == QUEUED
    await floor.declare(agents=[agent("carlos", 2), agent("ana", 2)])
    assert await floor.where(luis) == held("ana", "OWNER"), "though it is Carlos's turn"


@pytest.mark.req("K2")
async def test_without_an_owner_wait_the_next_agent_gets_it_at_once(floor):
    """«Define the assigned handler time»: a workgroup that defines none keeps nothing."""
    await floor.ventas("ana", "carlos", contacts=["luis"])
    await floor.owns("ana", "luis")
    await floor.online("carlos")
    assert placed(await floor.chat("luis")) == held("carlos", "ROUND_ROBIN")


@pytest.mark.req("K3")
async def test_manual_is_the_default_mode_and_adds_nobody(floor):
    """«Manual is the default configuration, unless automatic assignment is explicitly enabled»."""
    await floor.ventas("ana", contacts=["luis"])
    answer = await floor.administrator.configuration.GetWorkgroup(workgroup_id="ventas")
    assert answer.workgroup.portfolio_mode == PORTFOLIO_MODE_MANUAL
    await floor.online("ana")
    assert placed(await floor.chat("luis")) == held("ana", "ROUND_ROBIN")
    assert await floor.portfolio_of("luis") == ""


@pytest.mark.req("K5", "K6")
async def test_manual_the_contact_must_be_created_first(floor):
    """Step 1: «the system shows an error saying that the contact must be created first»; step 2 then works."""
    await floor.ventas("ana")
    await floor.online("ana")
    chat = await floor.chat("+34600111222")
    ana = floor.agent("ana")
    with refused("CONTACT_MUST_BE_CREATED_FIRST") as raised:
        await ana.portfolios.AddToOwnPortfolio(agent_id="ana", contact_id=chat.contact_id)
    assert [each.subject for each in raised.value.violations] == ["contact/+34600111222"]
    assert not (await floor.administrator.portfolios.ListPortfolios()).portfolios, "nothing was made of it"

    await ana.contacts.CreateContact(contact=Contact(contact_id=chat.contact_id, name="Luis Prado"))
    added = await ana.portfolios.AddToOwnPortfolio(agent_id="ana", contact_id=chat.contact_id)
    own = await ana.portfolios.GetPortfolio(portfolio_id=added.portfolio_contact.portfolio_id)
    assert (own.portfolio.personal_agent_id, list(own.portfolio.owner_agent_ids)) == ("ana", ["ana"])


@pytest.fixture
async def ana_added_luis(floor):
    """Ana has added Luis with a comment and a script, while she attended him."""
    await floor.ventas("ana", "carlos", contacts=["luis", "nora"], owner_wait=MINUTES_5)
    await floor.administrator.configuration.CreateScript(
        script={"script_id": "bienvenida", "name": "Bienvenida", "text": "Hola de nuevo"}
    )
    await floor.online("ana", "carlos")
    chat = await floor.chat("luis")
    assert (chat.comment, chat.script_id) == ("", "")
    await floor.agent("ana").portfolios.AddToOwnPortfolio(
        agent_id="ana", contact_id="luis", comment="Prefiere la mañana", script_id="bienvenida"
    )
    await floor.complete(chat.interaction_id)
    return floor


@pytest.mark.req("K5")
async def test_manual_comment_and_script_come_back_in_every_later_assignment(ana_added_luis):
    """Step 2: comment, and a script «that is shown automatically in future interactions with that client»."""
    floor = ana_added_luis
    start = await floor.revision()
    owned = await floor.chat("luis")
    assert placed(owned) == held("ana", "OWNER")
    await floor.administrator.routing.Transfer(
        interaction_id=owned.interaction_id, agent_id="carlos", note="Ana se va a comer"
    )
    transferred = await floor.complete(owned.interaction_id)

    await floor.offline("ana")
    kept = await floor.chat("luis")
    await floor.passes(minutes=5)
    by_turn = await floor.interaction(kept.interaction_id)
    assert placed(by_turn) == held("carlos", "ROUND_ROBIN")

    assigned_by = await floor.call("luis")
    assigned_by = await floor.assign(assigned_by.interaction_id, "ana")
    for interaction in (owned, transferred, by_turn, assigned_by):
        assert (interaction.comment, interaction.script_id) == ("Prefiere la mañana", "bienvenida")
    told = await floor.events("interaction_assigned", start)
    told += await floor.events("interaction_transferred_to_agent", start)
    assert {(each.comment, each.script_id) for each in told} == {("Prefiere la mañana", "bienvenida")}
    assert len(told) == 4


@pytest.mark.req("K5")
async def test_manual_updating_replaces_comment_and_script_and_the_script_is_optional(ana_added_luis):
    """«Optional; left blank, no script is shown». «Click Update to save the changes»."""
    floor = ana_added_luis
    await floor.agent("ana").portfolios.AddToOwnPortfolio(agent_id="ana", contact_id="luis", comment="Ya no llamar")
    chat = await floor.chat("luis")
    assert (chat.agent_id, chat.comment, chat.script_id) == ("ana", "Ya no llamar", "")


@pytest.mark.req("K5", "P1")
async def test_manual_an_agent_adds_to_its_own_portfolio_only_and_takes_no_colleagues_contact(ana_added_luis):
    """«Agents may add contacts to their portfolio»: their own, and a contact is in one only."""
    floor = ana_added_luis
    carlos = floor.agent("carlos")
    with denied():
        await carlos.portfolios.AddToOwnPortfolio(agent_id="ana", contact_id="nora")
    with refused("CONTACT_IN_ANOTHER_PORTFOLIO"):
        await carlos.portfolios.AddToOwnPortfolio(agent_id="carlos", contact_id="luis")
    assert placed(await floor.chat("luis")) == held("ana", "OWNER")


@pytest.mark.req("K7")
async def test_automatic_a_supervisor_sees_the_workgroups_it_manages_with_name_and_tenant(floor):
    """«A table of all workgroups that the supervisor may manage, with name and tenant (name and number)»."""
    await floor.ventas("ana")
    await floor.declare(workgroups=[workgroup("ventas", "ana", supervisor_ids=["sonia"]), workgroup("soporte")])
    listed = await floor.supervisor("sonia").configuration.ListWorkgroups()
    assert [each.name for each in listed.workgroups] == ["Ventas"]
    assert (listed.tenant_name, listed.tenant_number) == ("Clínica Sol", "1001")
    assert len((await floor.administrator.configuration.ListWorkgroups()).workgroups) == 2


@pytest.mark.req("K3")
async def test_automatic_only_a_supervisor_of_the_workgroup_or_an_administrator_enables_it(floor):
    """«It must be managed exclusively by a supervisor or administrator with the corresponding permissions»."""
    await floor.ventas("ana")
    await floor.declare(workgroups=[workgroup("ventas", "ana", supervisor_ids=["sonia"])])

    async def set_mode(client, mode):
        changed = Workgroup(workgroup_id="ventas", method=1, portfolio_mode=mode)
        answer = await client.configuration.UpdateWorkgroup(
            workgroup=changed, update_mask={"paths": ["portfolio_mode"]}
        )
        return answer.workgroup.portfolio_mode

    for stranger in (floor.agent("ana"), floor.supervisor("tomas"), floor.gateway):
        with denied():
            await set_mode(stranger, PORTFOLIO_MODE_AUTOMATIC)
    assert await set_mode(floor.supervisor("sonia"), PORTFOLIO_MODE_AUTOMATIC) == PORTFOLIO_MODE_AUTOMATIC
    assert await set_mode(floor.administrator, PORTFOLIO_MODE_MANUAL) == PORTFOLIO_MODE_MANUAL


@pytest.fixture
async def automatic(floor):
    """A workgroup in automatic mode."""
    await floor.ventas(
        "ana", "carlos", contacts=["luis", "nora"], portfolio_mode=PORTFOLIO_MODE_AUTOMATIC, owner_wait=MINUTES_5
    )
    return floor


@pytest.mark.req("K3", "K4")
async def test_automatic_contacts_join_the_portfolio_of_who_attends_them_from_the_queue(automatic):
    """«From then on, contacts are assigned automatically to the portfolio of the agent who attends»."""
    floor = automatic
    await floor.online("ana", "carlos")
    for contact_id, agent_id in (("luis", "ana"), ("nora", "carlos")):
        chat = await floor.chat(contact_id)
        assert placed(chat) == held(agent_id, "ROUND_ROBIN")
        own = await floor.agent(agent_id).portfolios.GetPortfolio(portfolio_id=await floor.portfolio_of(contact_id))
        assert own.portfolio.personal_agent_id == agent_id, "made on demand, for all agents alike"
        await floor.complete(chat.interaction_id)
    assert placed(await floor.chat("nora")) == held("carlos", "OWNER")
    assert placed(await floor.chat("luis")) == held("ana", "OWNER")


@pytest.mark.req("K4")
async def test_automatic_a_claimed_interaction_came_from_the_queue_too(automatic):
    """«When an agent attends an interaction assigned from the queue»: also one that it took from there itself."""
    floor = automatic
    chat = await floor.chat("luis")
    await floor.online("carlos")
    assert placed(await floor.claim("carlos", chat.interaction_id)) == held("carlos", "CLAIMED")
    await floor.complete(chat.interaction_id)
    await floor.online("ana")
    assert placed(await floor.chat("luis")) == held("carlos", "OWNER")


@pytest.mark.req("K4")
async def test_automatic_a_contact_already_in_a_portfolio_stays_there(automatic):
    """«If the contact does not belong to a portfolio yet»: one that does stays, whoever attends it."""
    floor = automatic
    await floor.owns("ana", "luis")
    await floor.declare(portfolios=[portfolio("dormida", "ana")])
    await floor.give("dormida", "nora")
    await floor.declare(portfolios=[portfolio("dormida", "ana", state=PORTFOLIO_STATE_INACTIVE)])
    await floor.online("carlos")
    chat = await floor.chat("luis")
    await floor.passes(minutes=5)
    assert await floor.where(chat) == held("carlos", "ROUND_ROBIN")
    assert await floor.portfolio_of("luis") == "de-ana"
    await floor.complete(chat.interaction_id)
    assert placed(await floor.chat("nora")) == held("carlos", "ROUND_ROBIN")
    assert await floor.portfolio_of("nora") == "dormida", "in an inactive one too"


@pytest.mark.req("K4")
async def test_automatic_only_what_came_from_the_queue_moves_contacts_and_only_those_in_the_list(automatic):
    """«Attends an interaction assigned from the queue»: not one given by an administrator or by a transfer."""
    floor = automatic
    given = await floor.chat("luis")
    await floor.assign(given.interaction_id, "ana")
    assert await floor.portfolio_of("luis") == ""
    await floor.online("carlos")
    await floor.administrator.routing.Transfer(interaction_id=given.interaction_id, agent_id="carlos", note="relevo")
    assert await floor.portfolio_of("luis") == ""
    await floor.complete(given.interaction_id)
    unknown = await floor.chat("+34600999888")
    assert placed(unknown) == held("carlos", "ROUND_ROBIN")
    assert not await floor.events("contact_assigned_to_portfolio")


@pytest.mark.req("K2")
async def test_the_owner_wait_survives_a_restart_of_the_service(ana_owns_luis):
    """The set time is kept by the database, not by a process that may end."""
    floor = ana_owns_luis
    await floor.online("carlos")
    waiting = await floor.chat("luis")
    await floor.service.stop()
    floor.service.clock.move(timedelta(minutes=2))
    await floor.service.start()
    assert await floor.where(waiting) == OWNER_AWAITED
    await floor.passes(minutes=3)
    assert await floor.where(waiting) == held("carlos", "ROUND_ROBIN")
