"""Ownership over time: how long it lasts, who takes over, what was noted, and how far messages came."""

import asyncio
from datetime import timedelta

import pytest

from cartera.routing.v1 import event_pb2 as events
from cartera.routing.v1.access_pb2 import ROLE_SUPERVISOR, ROLE_SYSTEM
from cartera.routing.v1.channel_pb2 import CHANNEL_CHAT, CHANNEL_EMAIL, CHANNEL_VOICE
from cartera.routing.v1.interaction_pb2 import DELIVERY_STATE_DELIVERED, DELIVERY_STATE_PENDING, DELIVERY_STATE_READ
from cartera.routing.v1.ownership_change_pb2 import OwnershipChangeKind
from cartera.routing.v1.portfolio_service_pb2 import ASSIGNMENT_OUTCOME_ASSIGNED, ASSIGNMENT_OUTCOME_CONFLICT
from cartera.routing.v1.tenant_pb2 import ClientSetting, Tenant
from cartera.routing.v1.workgroup_pb2 import PORTFOLIO_MODE_AUTOMATIC
from tests.acceptance.floor import (
    MINUTES_5,
    NOT_FOUND,
    OWNER_AWAITED,
    campaign,
    denied,
    held,
    placed,
    portfolio,
    refused,
    seen,
)

WEEK = timedelta(days=7)


@pytest.fixture
async def expiring(floor):
    """Ana owns «norte», where Luis is, and Carlos «sur», where Nora is; ownership lasts a week after the last word."""
    await floor.ventas("ana", "carlos", capacity=10, contacts=["luis", "nora", "olga"], owner_wait=MINUTES_5)
    await floor.declare(
        portfolios=[
            portfolio("norte", "ana", ownership_expiry=WEEK),
            portfolio("sur", "carlos", ownership_expiry=WEEK),
        ]
    )
    await floor.give("norte", "luis")
    await floor.give("sur", "nora")
    return floor


async def history(floor, *fields, **of):
    """What happened to the ownership of a contact or a portfolio, the oldest first."""
    answer = await floor.administrator.portfolios.ListOwnershipChanges(**of)
    found = [
        tuple(kind_of(each) if field == "kind" else getattr(each, field) for field in fields)
        for each in answer.ownership_changes
    ]
    return found[::-1]


def kind_of(change):
    return OwnershipChangeKind.Name(change.kind).removeprefix("OWNERSHIP_CHANGE_KIND_")


async def expires_at(floor, contact_id):
    answer = await floor.administrator.contacts.GetContact(contact_id=contact_id)
    moment = answer.portfolio_contact.expires_at
    return moment.ToDatetime(floor.service.clock.now().tzinfo) if answer.portfolio_contact.portfolio_id else None


# Expiry


@pytest.mark.req("P9")
async def test_ownership_lasts_as_long_again_after_each_interaction(expiring):
    """The example of docs/routing.md: who writes within the time stays with its owner, and the time begins anew."""
    floor = expiring
    for _ in range(3):
        await floor.passes(days=6)
        await floor.online("carlos", "ana")
        luis = await floor.chat("luis")
        assert placed(luis) == held("ana", "OWNER")
        assert await expires_at(floor, "luis") == floor.service.clock.now() + WEEK
        await floor.complete(luis.interaction_id)
    assert await history(floor, "kind", contact_id="luis") == [("ASSIGNED",)]


@pytest.mark.req("P9")
async def test_ownership_that_has_expired_makes_nothing_sticky(expiring):
    """The example of docs/routing.md: who was silent too long is routed like any other, and the history says why."""
    floor = expiring
    await floor.passes(days=7)
    await floor.online("carlos")
    assert placed(await floor.chat("luis")) == held("carlos", "ROUND_ROBIN")
    assert await floor.portfolio_of("luis") == ""
    answer = await floor.administrator.portfolios.ListOwnershipChanges(contact_id="luis")
    expired = answer.ownership_changes[0]
    assert (kind_of(expired), expired.portfolio_id, expired.actor.role) == ("EXPIRED", "norte", ROLE_SYSTEM)
    assert expired.changed_at.ToDatetime(floor.service.clock.now().tzinfo) == floor.service.clock.now()


@pytest.mark.req("P9", "P2")
async def test_a_contact_whose_place_has_expired_is_free_to_be_assigned(expiring):
    """AssignPortfolio says ASSIGNED of it, before the fact and after, where it said CONFLICT."""
    floor = expiring

    async def outcome(**fields):
        answer = await floor.agent("ana").portfolios.AssignPortfolio(
            portfolio_id="norte", contact_ids=["nora"], why="nadie la llama", **fields
        )
        (assignment,) = answer.assignments
        return assignment.outcome, assignment.other_portfolio_id

    assert await outcome() == (ASSIGNMENT_OUTCOME_CONFLICT, "sur")
    await floor.passes(days=7)
    assert await outcome(validate_only=True) == (ASSIGNMENT_OUTCOME_ASSIGNED, "")
    assert await floor.portfolio_of("nora") == "sur"
    assert await outcome() == (ASSIGNMENT_OUTCOME_ASSIGNED, "")
    assert await floor.portfolio_of("nora") == "norte"
    assert await history(floor, "kind", "portfolio_id", "why", contact_id="nora") == [
        ("ASSIGNED", "sur", ""),
        ("EXPIRED", "sur", ""),
        ("ASSIGNED", "norte", "nadie la llama"),
    ]


@pytest.mark.req("P9", "P1")
async def test_of_many_who_want_an_expired_contact_one_gets_it(expiring):
    """However many callers want it at once, it expires once and is in one portfolio."""
    floor = expiring
    await floor.declare(portfolios=[portfolio(f"p{number}", "ana") for number in range(6)])
    await floor.passes(days=7)
    await asyncio.gather(*(floor.give(f"p{number}", "nora") for number in range(6)))
    assert await history(floor, "kind", contact_id="nora") == [("ASSIGNED",), ("EXPIRED",), ("ASSIGNED",)]
    (last,) = (await history(floor, "portfolio_id", contact_id="nora"))[-1:]
    assert await floor.portfolio_of("nora") == last[0]


# History


@pytest.mark.req("P9", "K4", "K5")
async def test_every_change_of_ownership_is_in_the_history_with_who_and_why(floor):
    """From its first agent to its last: a contact's ownership, and each portfolio's, told in order."""
    await floor.ventas("ana", "carlos", contacts=["luis"], portfolio_mode=PORTFOLIO_MODE_AUTOMATIC)
    await floor.online("ana")
    await floor.complete((await floor.chat("luis")).interaction_id)
    own = await floor.portfolio_of("luis")
    await floor.administrator.portfolios.RemoveFromPortfolio(portfolio_id=own, contact_ids=["luis"], why="pidió otro")
    await floor.agent("carlos").portfolios.AddToOwnPortfolio(agent_id="carlos", contact_id="luis")
    carlos = await floor.portfolio_of("luis")
    await floor.declare(portfolios=[portfolio("vip")])
    await floor.administrator.portfolios.AssignPortfolio(
        portfolio_id="vip", contact_ids=["luis"], conflict_policy="CONFLICT_POLICY_MOVE", why="es grande"
    )
    told = await history(floor, "kind", "portfolio_id", "previous_portfolio_id", "why", contact_id="luis")
    assert told == [
        ("JOINED", own, "", ""),
        ("REMOVED", own, "", "pidió otro"),
        ("ASSIGNED", carlos, "", ""),
        ("MOVED", "vip", carlos, "es grande"),
    ]
    answer = await floor.administrator.portfolios.ListOwnershipChanges(contact_id="luis")
    assert [each.actor.subject_id for each in answer.ownership_changes] == ["root", "carlos", "root", "ana"]
    assert await history(floor, "kind", portfolio_id=carlos) == [("ASSIGNED",), ("MOVED",)]
    changed = await floor.events("ownership_changed")
    assert [each.ownership_change for each in changed] == list(answer.ownership_changes)[::-1]
    with denied():
        await floor.agent("ana").portfolios.ListOwnershipChanges(contact_id="luis")


# Handing over


async def reports(floor):
    """By portfolio and by agent: contacts, open and total interactions."""
    by_portfolio = await floor.administrator.portfolios.ListPortfolioReports()
    by_agent = await floor.administrator.portfolios.ListAgentReports()
    return {
        **{each.portfolio_id: numbers(each) for each in by_portfolio.portfolio_reports},
        **{each.agent_id: numbers(each) for each in by_agent.agent_reports},
    }


def numbers(report):
    return report.contacts, report.open_interactions, report.total_interactions


@pytest.mark.req("P9", "P7")
async def test_an_agent_who_leaves_hands_all_its_portfolios_over_in_one_call(floor):
    """Its contacts are the other's from then on, in the reports too; what waits for it goes to the other at once."""
    await floor.ventas(
        "ana", "carlos", "eva", contacts=["luis", "nora", "olga"], owner_wait=MINUTES_5, supervisor_ids=["sara"]
    )
    await floor.declare(
        portfolios=[portfolio("norte", "ana"), portfolio("sur", "carlos", "ana"), portfolio("este", "carlos")]
    )
    await floor.give("norte", "luis", "nora")
    await floor.agent("ana").portfolios.AddToOwnPortfolio(agent_id="ana", contact_id="olga")
    own = await floor.portfolio_of("olga")
    await floor.online("ana")
    await floor.complete((await floor.chat("luis")).interaction_id)
    await floor.offline("ana")
    await floor.online("eva")
    waiting = await floor.chat("nora")
    assert placed(waiting) == OWNER_AWAITED
    assert await reports(floor) == {
        "norte": (2, 1, 2),
        "sur": (0, 0, 0),
        "este": (0, 0, 0),
        own: (1, 0, 0),
        "ana": (3, 0, 1),
        "carlos": (0, 0, 0),
        "eva": (0, 0, 0),
    }

    answer = await floor.supervisor("sara").portfolios.HandOverPortfolios(
        from_agent_id="ana", to_agent_id="eva", why="deja la empresa"
    )
    owners = {each.portfolio_id: (list(each.owner_agent_ids), each.personal_agent_id) for each in answer.portfolios}
    assert owners == {"norte": (["eva"], ""), "sur": (["carlos", "eva"], ""), own: (["eva"], "")}
    assert await floor.where(waiting) == held("eva", "OWNER")
    found = await reports(floor)
    assert [found[each] for each in ("ana", "carlos", "eva", "norte")] == [(0, 0, 1), (0, 0, 0), (3, 1, 1), (2, 1, 2)]

    answer = await floor.administrator.portfolios.ListOwnershipChanges(portfolio_id="norte")
    change = answer.ownership_changes[0]
    assert (kind_of(change), change.contact_id, change.why) == ("HANDED_OVER", "", "deja la empresa")
    assert (change.from_agent_id, change.to_agent_id) == ("ana", "eva")
    assert (change.actor.role, change.actor.subject_id) == (ROLE_SUPERVISOR, "sara")


@pytest.mark.req("P9")
async def test_who_may_hand_over_and_to_whom(floor):
    """Administrators and supervisors, from an agent to another; with nothing to hand over nothing is changed."""
    await floor.ventas("ana", "carlos")
    before = await floor.revision()
    answer = await floor.administrator.portfolios.HandOverPortfolios(from_agent_id="ana", to_agent_id="carlos")
    assert (answer.revision, list(answer.portfolios)) == (before, [])
    with refused("AGENT_UNCHANGED"):
        await floor.administrator.portfolios.HandOverPortfolios(from_agent_id="ana", to_agent_id="ana")
    with refused("RESOURCE_NOT_FOUND", code=NOT_FOUND):
        await floor.administrator.portfolios.HandOverPortfolios(from_agent_id="ana", to_agent_id="nadie")
    with denied():
        await floor.agent("ana").portfolios.HandOverPortfolios(from_agent_id="ana", to_agent_id="carlos")


# The owner's absence


@pytest.mark.req("P8", "K2")
async def test_the_answer_compares_waiting_for_the_owner_with_the_next_agent(floor):
    """«How long until the owner is likely free against the next agent»: by what interactions take in the mean."""
    await floor.ventas("ana", "carlos", contacts=["luis"], owner_wait=MINUTES_5)
    await floor.owns("ana", "luis")
    await floor.online("ana", "carlos")
    first = await floor.chat("c0")
    await floor.passes(minutes=8)
    await floor.complete(first.interaction_id)
    both = [await floor.chat("c1"), await floor.chat("c2")]
    await floor.passes(minutes=3)
    answer = await floor.routed("luis")
    assert placed(answer.interaction) == OWNER_AWAITED
    assert answer.owner_estimate.owner_free_in.ToTimedelta() == timedelta(minutes=5)
    assert answer.owner_estimate.next_agent_in.ToTimedelta() == timedelta(minutes=4)
    by_agent = {each.agent_id: each.interaction_id for each in both}
    await floor.complete(by_agent["carlos"])
    assert placed((await floor.routed("luis")).interaction) == OWNER_AWAITED
    joined = await floor.routed("luis")
    assert joined.owner_estimate.next_agent_in.ToTimedelta() == timedelta()
    assert not (await floor.routed("otro")).HasField("owner_estimate")


# Notes and history of a contact


@pytest.mark.req("T6", "T5")
async def test_notes_are_written_while_attending_and_afterwards(floor):
    """The example of docs/routing.md. «Notes can be edited»: by who attends, or attended last, and by those above."""
    await floor.ventas("ana", "carlos", supervisor_ids=["sara"])
    await floor.online("ana")
    luis = await floor.chat("luis")

    async def write(client, text, **fields):
        answer = await client.routing.WriteNote(interaction_id=luis.interaction_id, text=text, **fields)
        return [(note.text, note.author.subject_id) for note in answer.interaction.notes]

    assert await write(floor.agent("ana"), "pide factura") == [("pide factura", "ana")]
    with denied():
        await write(floor.agent("carlos"), "es mía")
    await floor.complete(luis.interaction_id, note="contento")
    await floor.service.restart()
    assert await write(floor.agent("ana"), "pide dos facturas", position=1) == [
        ("pide dos facturas", "ana"),
        ("contento", "root"),
    ]
    assert (await write(floor.supervisor("sara"), "llamar"))[2:] == [("llamar", "sara")]
    with refused("NOTE_NOT_FOUND", code=NOT_FOUND):
        await write(floor.agent("ana"), "otra", position=4)
    told = await floor.events("interaction_note_written")
    assert [(each.note.text, each.position, each.agent_id) for each in told] == [
        ("pide factura", 1, "ana"),
        ("pide dos facturas", 1, "ana"),
        ("llamar", 3, "ana"),
    ]
    assert placed(await floor.interaction(luis.interaction_id))[0] == "COMPLETED"


@pytest.mark.req("T6")
async def test_a_contacts_history_shows_as_many_interactions_as_the_client_is_set_to(floor):
    """«The history of a contact lists its last N interactions, N set per client label», whatever their campaign."""
    await floor.declare(tenant=Tenant(name="Sol", client_settings=[ClientSetting(client="Globex", history_length=3)]))
    await floor.ventas("ana", contacts=["luis"])
    await floor.declare(campaigns=[campaign("ayuda", "ventas", client="Globex")])
    await floor.online("ana")
    for number in range(12):
        chat = await floor.chat("luis", ("tienda", "ayuda")[number % 2])
        await floor.complete(chat.interaction_id, note=f"nota {number}")

    async def shown(campaign_id, contact_id="luis"):
        answer = await floor.agent("ana").contacts.GetContactHistory(contact_id=contact_id, campaign_id=campaign_id)
        assert answer.contact.contact_id == ("luis" if contact_id == "luis" else "")
        return [(view.interaction.notes[0].text, view.client) for view in answer.views]

    newest = [(f"nota {number}", ("ACME", "Globex")[number % 2]) for number in range(11, -1, -1)]
    assert await shown("ayuda") == newest[:3]
    assert await shown("tienda") == newest[:10]
    assert await shown("tienda", "desconocido") == []
    with refused("RESOURCE_NOT_FOUND", code=NOT_FOUND):
        await shown("nada")


# Delivery states


@pytest.mark.req("T8", "W1")
async def test_an_agent_sees_in_its_event_stream_how_far_messages_have_come(floor):
    """«Sent, delivered, read» passes through to the agent who holds the conversation, also after its end."""
    await floor.ventas("ana", "carlos", capacity=2)
    await floor.declare(
        campaigns=[
            campaign(
                "correo",
                "ventas",
                addresses=[
                    {"channel": CHANNEL_CHAT, "address": "web"},
                    {"channel": CHANNEL_EMAIL, "address": "hola@sol.es"},
                ],
            )
        ]
    )
    await floor.online("ana", "carlos")
    luis, nora = await floor.chat("luis"), await floor.chat("nora")
    assert (luis.agent_id, nora.agent_id) == ("ana", "carlos")

    async def report(interaction, message_id, delivery_state):
        await floor.gateway.routing.ReportDelivery(
            interaction_id=interaction.interaction_id, message_id=message_id, delivery_state=delivery_state
        )

    kinds = [events.EVENT_KIND_MESSAGE_DELIVERY_CHANGED]
    async with await floor.agent("ana").watch(agent_ids=["ana"], kinds=kinds) as watch:
        await report(luis, "m1", DELIVERY_STATE_PENDING)
        await report(nora, "m9", DELIVERY_STATE_DELIVERED)
        await report(luis, "m1", DELIVERY_STATE_DELIVERED)
        await floor.complete(luis.interaction_id)
        await report(luis, "m1", DELIVERY_STATE_READ)
        told = [(await seen(watch, kinds[0])).message_delivery_changed for _ in range(3)]
    assert {(each.interaction_id, each.message_id, each.agent_id) for each in told} == {
        (luis.interaction_id, "m1", "ana")
    }
    states = [DELIVERY_STATE_PENDING, DELIVERY_STATE_DELIVERED, DELIVERY_STATE_READ]
    assert [each.delivery_state for each in told] == states
    for interaction in (await floor.call("olga"), await floor.chat("pedro", "correo", channel=CHANNEL_EMAIL)):
        assert interaction.channel in {CHANNEL_VOICE, CHANNEL_EMAIL}
        with refused("CHANNEL_LACKS_DELIVERY_STATES"):
            await report(interaction, "m2", DELIVERY_STATE_READ)
    with denied():
        await floor.agent("ana").routing.ReportDelivery(
            interaction_id=nora.interaction_id, message_id="m9", delivery_state=DELIVERY_STATE_READ
        )
