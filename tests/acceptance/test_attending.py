"""Seed 003, *Atender interacción*: attending, ending, transferring, the exclusive agent, in the document's order."""

import asyncio

import pytest

from cartera.routing.v1.channel_pb2 import CHANNEL_CHAT, CHANNEL_EMAIL, CHANNEL_VOICE
from tests.acceptance.floor import (
    INVALID,
    MINUTES_5,
    NOT_FOUND,
    OWNER_AWAITED,
    QUEUED,
    UNASSIGNED,
    WEB_CHAT,
    agent,
    campaign,
    contact,
    denied,
    held,
    outcome,
    placed,
    refused,
    workgroup,
)

FOR_EXCLUSIVE_AGENT = ("QUEUED", "EXCLUSIVE_AGENT_FULL", "")


# 7.1 Atender interacción


@pytest.mark.req("T7")
async def test_an_agent_sees_its_conversations_with_campaign_project_client_and_time_of_assignment(floor):
    """«On the left, the conversations assigned to you»; «to which campaign, project and client it is linked, and the
    date and time of its assignment».
    """
    await floor.ventas("ana", "carlos", capacity=2)
    await floor.declare(campaigns=[campaign("ayuda", "ventas", name="Ayuda", project="Verano", client="Globex")])
    await floor.online("ana", "carlos")
    await floor.chat("luis")
    await floor.chat("nora")
    await floor.passes(minutes=7)
    assigned_at = floor.service.clock.now()
    await floor.chat("olga", "ayuda")

    answer = await floor.agent("ana").routing.ListInteractions()
    listed = [(each.interaction.contact_id, each.campaign_name, each.project, each.client) for each in answer.views]
    assert listed == [("olga", "Ayuda", "Verano", "Globex"), ("luis", "Tienda", "Invierno", "ACME")]
    assert answer.views[0].interaction.assigned_at.ToDatetime(assigned_at.tzinfo) == assigned_at
    with denied():
        await floor.agent("ana").routing.ListInteractions(agent_id="carlos")


# 7.1.3 Finalizar interacción


@pytest.mark.req("T5")
async def test_ending_needs_a_disposition_of_the_campaign(floor):
    """«Select the disposition, of those assigned when the campaign was created»."""
    await floor.ventas("ana")
    await floor.online("ana")
    chat = await floor.chat("luis")
    with refused("INVALID_FIELD", code=INVALID):
        await floor.complete(chat.interaction_id, "")
    with refused("DISPOSITION_UNKNOWN"):
        await floor.complete(chat.interaction_id, "Reclamo")
    assert await floor.where(chat) == held("ana", "ROUND_ROBIN")
    done = await floor.agent("ana").routing.CompleteInteraction(interaction_id=chat.interaction_id, disposition="Venta")
    assert (placed(done.interaction)[0], done.interaction.disposition) == ("COMPLETED", "Venta")
    with refused("INTERACTION_ENDED"):
        await floor.complete(chat.interaction_id)


@pytest.mark.req("T5")
async def test_ending_needs_a_sub_disposition_where_the_disposition_has_any(floor):
    """«If a disposition has sub-dispositions, a new field appears to select the one that applies»."""
    await floor.ventas("ana")
    await floor.online("ana")
    chat = await floor.chat("luis")
    for fields, reason in (
        ({}, "SUB_DISPOSITION_REQUIRED"),
        ({"sub_disposition": "Precio"}, "SUB_DISPOSITION_UNKNOWN"),
    ):
        with refused(reason):
            await floor.complete(chat.interaction_id, "Queja", **fields)
    with refused("SUB_DISPOSITION_UNKNOWN"):
        await floor.complete(chat.interaction_id, "Venta", sub_disposition="Demora")
    done = await floor.complete(chat.interaction_id, "Queja", sub_disposition="Demora")
    assert (done.disposition, done.sub_disposition) == ("Queja", "Demora")


@pytest.mark.req("T5")
async def test_only_who_holds_a_conversation_ends_it(floor):
    """Ending is done from the conversation that «you have assigned»."""
    await floor.ventas("ana", "carlos")
    waiting = await floor.chat("nora")
    with refused("INTERACTION_NOT_ASSIGNED"):
        await floor.complete(waiting.interaction_id)
    await floor.online("ana")
    chat = await floor.chat("luis")
    with denied():
        await floor.agent("carlos").routing.CompleteInteraction(interaction_id=chat.interaction_id, disposition="Venta")


@pytest.mark.req("T5")
async def test_notes_are_kept_and_seen_by_later_agents(floor):
    """7.1.2: «If another agent takes a conversation with the same user later on, it can see the earlier notes»."""
    await floor.ventas("ana", "carlos")
    await floor.online("ana")
    chat = await floor.chat("luis")
    await floor.agent("ana").routing.CompleteInteraction(
        interaction_id=chat.interaction_id, disposition="Venta", note="Quiere factura"
    )
    await floor.offline("ana")
    await floor.online("carlos")
    await floor.chat("luis")
    history = await floor.agent("carlos").routing.ListInteractions(contact_id="luis")
    notes = [(note.text, note.author.subject_id) for view in history.views for note in view.interaction.notes]
    assert notes == [("Quiere factura", "ana")]


# 7.1.4 Transferir conversación


@pytest.fixture
async def transferable(floor):
    """Ana holds Luis's chat in «tienda»; Carlos could take it, and Gil is of another campaign."""
    await floor.declare(
        agents=[agent("ana", 2), agent("carlos"), agent("gil")],
        workgroups=[workgroup("ventas", "ana", "carlos"), workgroup("soporte", "gil")],
        campaigns=[campaign("tienda", "ventas"), campaign("ayuda", "soporte")],
        contacts=[contact("luis")],
    )
    await floor.online("ana")
    floor.luis = await floor.chat("luis")
    await floor.online("carlos", "gil")
    return floor


async def transfer(floor, caller="ana", note="Pide hablar de precios", **target):
    return await floor.agent(caller).routing.Transfer(interaction_id=floor.luis.interaction_id, note=note, **target)


@pytest.mark.req("T1", "T3")
async def test_transfer_to_an_agent_with_a_note_and_the_default_disposition(transferable):
    """«By default the disposition is Transferencia»; «in Note, put the reasons for the transfer»."""
    floor = transferable
    answer = await transfer(floor, agent_id="carlos")
    assert (outcome(answer), placed(answer.interaction)) == ("ASSIGNED", held("carlos", "TRANSFERRED"))
    assert answer.interaction.disposition == "Transferencia"
    assert [(note.text, note.author.subject_id) for note in answer.interaction.notes] == [
        ("Pide hablar de precios", "ana")
    ]
    assert answer.interaction.arrived_at == floor.luis.arrived_at
    assert (await floor.held_by("ana"), await floor.held_by("carlos")) == ([], ["luis"])
    done = await floor.complete(floor.luis.interaction_id, note="Vendido")
    assert [note.text for note in done.notes] == ["Pide hablar de precios", "Vendido"]
    assert done.disposition == "Venta"


@pytest.mark.req("T3")
async def test_a_transfer_needs_a_note_and_may_have_another_disposition_of_the_campaign(transferable):
    """«In the field Note you must put the reasons»; the disposition is shown «by default»."""
    floor = transferable
    with refused("INVALID_FIELD", code=INVALID):
        await transfer(floor, agent_id="carlos", note="")
    with refused("DISPOSITION_UNKNOWN"):
        await transfer(floor, agent_id="carlos", disposition="Reclamo")
    answer = await transfer(floor, agent_id="carlos", disposition="Queja")
    assert answer.interaction.disposition == "Queja"


async def carlos_offline(floor):
    await floor.offline("carlos")
    return "carlos", "AGENT_NOT_ONLINE"


async def carlos_paused(floor):
    await floor.pause("carlos")
    return "carlos", "AGENT_NOT_ONLINE"


async def gil_of_another_campaign(_floor):
    return "gil", "AGENT_NOT_IN_CAMPAIGN"


async def campaign_without_the_channel(floor):
    addresses = [{"channel": CHANNEL_EMAIL, "address": "hola@acme.test"}]
    await floor.declare(campaigns=[campaign("tienda", "ventas", addresses=addresses)])
    return "carlos", "CAMPAIGN_LACKS_CHANNEL"


async def carlos_without_the_channel(floor):
    await floor.declare(agents=[agent("carlos", channels=[CHANNEL_VOICE])])
    return "carlos", "AGENT_LACKS_CHANNEL"


async def carlos_not_taking_the_channel(floor):
    await floor.online("carlos", channels=[CHANNEL_VOICE])
    return "carlos", "AGENT_LACKS_CHANNEL"


async def ana_without_the_channel(floor):
    await floor.declare(agents=[agent("ana", 2, channels=[CHANNEL_VOICE])])
    return "carlos", "AGENT_LACKS_CHANNEL"


async def carlos_full(floor):
    await floor.chat("nora")
    assert await floor.held_by("carlos") == ["nora"]
    return "carlos", "AGENT_AT_CAPACITY"


@pytest.mark.req("T1", "C1")
@pytest.mark.parametrize(
    "arrange",
    [
        carlos_offline,
        carlos_paused,
        gil_of_another_campaign,
        campaign_without_the_channel,
        carlos_without_the_channel,
        carlos_not_taking_the_channel,
        ana_without_the_channel,
        carlos_full,
    ],
    ids=lambda arrange: arrange.__name__,
)
async def test_a_transfer_to_an_agent_is_refused_for_each_condition_that_fails(transferable, arrange):
    """«The target must be Online; of the same campaign; the campaign has the channel; both handle that channel»."""
    floor = transferable
    target, reason = await arrange(floor)
    before = await floor.interaction(floor.luis.interaction_id)
    with refused(reason):
        await transfer(floor, agent_id=target)
    assert await floor.interaction(floor.luis.interaction_id) == before, "the source keeps it"


@pytest.mark.req("T1")
async def test_all_conditions_of_a_transfer_that_fail_are_listed_at_once(transferable):
    """«The following conditions must be met»: an agent learns in one answer what is missing."""
    floor = transferable
    await floor.call("nora", "ayuda")
    assert await floor.held_by("gil") == ["nora"]
    await floor.offline("gil")
    await campaign_without_the_channel(floor)
    await floor.declare(
        agents=[agent("gil", channels=[CHANNEL_VOICE]), agent("ana", 2, channels=[CHANNEL_VOICE])],
    )
    with refused(
        "DISPOSITION_UNKNOWN",
        "AGENT_NOT_ONLINE",
        "AGENT_LACKS_CHANNEL",
        "AGENT_NOT_IN_CAMPAIGN",
        "CAMPAIGN_LACKS_CHANNEL",
        "AGENT_LACKS_CHANNEL",
        "AGENT_AT_CAPACITY",
    ) as raised:
        await transfer(floor, agent_id="gil", disposition="Reclamo")
    subjects = [each.subject for each in raised.value.violations]
    assert subjects == [
        "campaign/tienda",
        "agent/gil",
        "agent/gil",
        "agent/gil",
        "campaign/tienda",
        "agent/ana",
        "agent/gil",
    ]
    assert all(each.description for each in raised.value.violations)
    assert await floor.where(floor.luis) == held("ana", "ROUND_ROBIN"), "the source keeps it"


@pytest.mark.req("T1")
async def test_only_the_holder_transfers_and_not_to_itself(transferable):
    """The button is «in the conversation's window», of the agent who attends it."""
    floor = transferable
    with denied():
        await transfer(floor, "carlos", agent_id="carlos")
    with refused("AGENT_ALREADY_HOLDS"):
        await transfer(floor, agent_id="ana")


@pytest.mark.req("T1", "C1")
async def test_of_parallel_transfers_to_one_free_slot_one_succeeds(transferable):
    """A transfer takes a slot like everything else: two agents cannot both fill the last one."""
    floor = transferable
    nora = (await floor.routed("nora", address=WEB_CHAT)).interaction
    if nora.agent_id == "carlos":
        await floor.administrator.routing.Transfer(interaction_id=nora.interaction_id, agent_id="ana", note="a Ana")
    answers = await asyncio.gather(
        *(
            floor.agent("ana").routing.Transfer(interaction_id=each.interaction_id, agent_id="carlos", note="a la vez")
            for each in (floor.luis, nora)
        ),
        return_exceptions=True,
    )
    reasons = sorted(getattr(answer, "reason", "") for answer in answers)
    assert reasons == ["", "AGENT_AT_CAPACITY"]
    assert len(await floor.held_by("carlos")) == 1


@pytest.mark.req("T2", "T3")
async def test_transfer_to_a_campaign_routes_it_anew_there_keeping_its_arrival(transferable):
    """«The names of the campaigns to which you can transfer»; it keeps its place by the time it arrived."""
    floor = transferable
    busy = await floor.chat("olga", "ayuda")
    await floor.passes(minutes=2)
    later = await floor.chat("pedro", "ayuda")
    assert (placed(busy), placed(later)) == (held("gil", "ROUND_ROBIN"), QUEUED)
    answer = await transfer(floor, campaign_id="ayuda")
    moved = answer.interaction
    assert (outcome(answer), placed(moved)) == ("QUEUED", QUEUED)
    assert (moved.campaign_id, moved.workgroup_id, moved.disposition) == ("ayuda", "soporte", "Transferencia")
    assert moved.arrived_at == floor.luis.arrived_at
    assert [note.text for note in moved.notes] == ["Pide hablar de precios"]
    assert await floor.held_by("ana") == [], "Ana's slot is free"
    await floor.complete(busy.interaction_id)
    assert await floor.where(moved) == held("gil", "ROUND_ROBIN"), "ahead of Pedro, who arrived later"
    assert await floor.where(later) == QUEUED


@pytest.mark.req("T2")
async def test_transfer_to_a_campaign_needs_the_same_channel_address(transferable):
    """«It can only be transferred to campaigns associated with the same channel number»."""
    floor = transferable
    elsewhere = [{"channel": CHANNEL_CHAT, "address": "otra-web"}, {"channel": CHANNEL_VOICE, "address": WEB_CHAT}]
    await floor.declare(campaigns=[campaign("ayuda", "soporte", addresses=elsewhere)])
    with refused("CAMPAIGN_ADDRESS_DIFFERS"):
        await transfer(floor, campaign_id="ayuda")
    with refused("CAMPAIGN_UNCHANGED"):
        await transfer(floor, campaign_id="tienda")
    assert await floor.where(floor.luis) == held("ana", "ROUND_ROBIN")


@pytest.mark.req("T2")
async def test_transfer_to_a_campaign_is_there_only_with_two_or_more_campaigns(floor):
    """«The button is enabled only if there are 2 or more campaigns»."""
    await floor.ventas("ana")
    await floor.online("ana")
    floor.luis = await floor.chat("luis")
    with refused("CAMPAIGN_IS_ONLY_ONE", "CAMPAIGN_UNCHANGED"):
        await transfer(floor, campaign_id="tienda")


# 7.1.5 Agente exclusivo


@pytest.fixture
async def exclusive(floor):
    """Luis belongs to Ana's portfolio, and Carlos is his exclusive agent in the campaign «tienda»."""
    await floor.ventas("ana", "carlos", "eva", contacts=["luis", "nora"], owner_wait=MINUTES_5)
    await floor.declare(campaigns=[campaign("ayuda", "ventas")])
    await floor.owns("ana", "luis")
    await set_exclusive(floor.agent("carlos"), "carlos")
    return floor


async def set_exclusive(client, agent_id, contact_id="luis"):
    answer = await client.portfolios.SetExclusiveAgent(contact_id=contact_id, campaign_id="tienda", agent_id=agent_id)
    return answer.exclusive_agent


async def remove_exclusive(client):
    await client.portfolios.RemoveExclusiveAgent(contact_id="luis", campaign_id="tienda")


@pytest.mark.req("E1")
async def test_agents_and_administrators_choose_a_contacts_exclusive_agent_by_campaign(exclusive):
    """«Agents or administrators may choose an agent to attend exclusively all conversations of a contact, for each
    campaign» - one at most, whom a later choice replaces.
    """
    floor = exclusive
    assert (await set_exclusive(floor.administrator, "eva")).agent_id == "eva"
    await floor.administrator.portfolios.SetExclusiveAgent(contact_id="luis", campaign_id="ayuda", agent_id="ana")
    seen = await floor.administrator.contacts.GetContact(contact_id="luis")
    assert {each.campaign_id: each.agent_id for each in seen.exclusive_agents} == {"tienda": "eva", "ayuda": "ana"}
    with refused("CONTACT_MUST_BE_CREATED_FIRST"):
        await set_exclusive(floor.administrator, "eva", contact_id="+34600111222")
    with denied():
        await set_exclusive(floor.gateway, "eva")


@pytest.mark.req("E1")
async def test_every_later_conversation_goes_to_the_exclusive_agent_online_or_not(exclusive):
    """«Each time the contact writes, the conversation is assigned to that same agent», ahead of every other rule."""
    floor = exclusive
    await floor.online("ana", "eva")
    for contact_channel in (CHANNEL_CHAT, CHANNEL_VOICE):
        chat = await floor.chat("luis", channel=contact_channel)
        assert placed(chat) == held("carlos", "EXCLUSIVE_AGENT"), "though he is offline and Luis is Ana's"
        await floor.complete(chat.interaction_id)
    assert placed(await floor.chat("luis", "ayuda")) == held("ana", "OWNER"), "in another campaign he is not"
    assert placed(await floor.chat("nora")) == held("eva", "ROUND_ROBIN"), "other contacts are not his"


@pytest.mark.req("E1", "C1", "C7")
async def test_with_no_free_slot_it_waits_for_the_exclusive_agent_and_nobody_else(exclusive):
    """«Attended exclusively»: nobody else is given it, claims it, or is assigned it, however long it takes."""
    floor = exclusive
    busy = await floor.chat("luis")
    answer = await floor.routed("luis", channel=CHANNEL_VOICE)
    waiting = answer.interaction
    assert (outcome(answer), placed(waiting)) == ("QUEUED", FOR_EXCLUSIVE_AGENT)
    await floor.online("ana", "eva")
    await floor.passes(hours=1)
    assert await floor.where(waiting) == FOR_EXCLUSIVE_AGENT
    with refused("INTERACTION_KEPT_FOR_EXCLUSIVE_AGENT"):
        await floor.claim("ana", waiting.interaction_id)
    with refused("INTERACTION_KEPT_FOR_EXCLUSIVE_AGENT"):
        await floor.assign(waiting.interaction_id, "ana")
    with refused("NOTHING_TO_CLAIM"):
        await floor.claim("eva")
    assert placed(await floor.chat("nora")) == held("ana", "ROUND_ROBIN"), "it holds up nobody behind it"
    await floor.complete(busy.interaction_id)
    assert await floor.where(waiting) == held("carlos", "EXCLUSIVE_AGENT")


@pytest.mark.req("E1", "K2")
async def test_removing_the_exclusive_agent_frees_what_waits_and_what_comes(exclusive):
    """«Assign or remove»: once removed, the rules are those of everybody, and the place in the queue is kept."""
    floor = exclusive
    await floor.chat("luis")
    waiting = await floor.call("luis")
    assert placed(waiting) == FOR_EXCLUSIVE_AGENT
    await floor.online("eva")
    await remove_exclusive(floor.agent("carlos"))
    renewed = await floor.interaction(waiting.interaction_id)
    assert placed(renewed) == OWNER_AWAITED, "now it waits for Ana, whose contact Luis is"
    assert renewed.arrived_at == waiting.arrived_at
    assert await floor.online("ana") == ["luis"]
    await floor.complete(waiting.interaction_id)
    assert placed(await floor.call("luis")) == held("ana", "OWNER")
    with refused("RESOURCE_NOT_FOUND", code=NOT_FOUND):
        await remove_exclusive(floor.administrator)


@pytest.mark.req("E1", "M3")
async def test_an_exclusive_agent_counts_from_the_next_conversation_on(floor):
    """«Later» conversations: what is under way stays with whoever has it."""
    await floor.ventas("ana", "carlos", contacts=["luis"])
    waiting = await floor.call("luis")
    await floor.online("ana")
    chat = await floor.chat("luis")
    await set_exclusive(floor.administrator, "carlos")
    assert await floor.where(chat) == held("ana", "ROUND_ROBIN")
    assert await floor.where(waiting) == UNASSIGNED
    assert placed(await floor.call("luis")) == held("carlos", "EXCLUSIVE_AGENT")
