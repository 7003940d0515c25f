"""Offers and wrap-up, as agents, gateways and watchers see them (C9, C10, T9)."""

import asyncio
from datetime import timedelta

import pytest

from cartera.routing.v1 import event_pb2 as events
from cartera.routing.v1.agent_pb2 import AGENT_STATUS_ONLINE, AGENT_STATUS_PAUSED
from cartera.routing.v1.workgroup_pb2 import PORTFOLIO_MODE_AUTOMATIC
from tests.acceptance.floor import (
    MINUTES_5,
    OWNER_AWAITED,
    QUEUED,
    campaign,
    denied,
    held,
    offered,
    outcome,
    placed,
    refused,
    seen,
    workgroup,
)

RINGS = timedelta(seconds=20)
MINUTE = timedelta(minutes=1)


@pytest.mark.req("C9", "Z1")
async def test_the_example_of_offers(floor):
    """docs/routing.md, "Offers": Ana misses, Bruno rejects, Ana misses again and is paused, Bruno accepts."""
    await floor.ventas("ana", "bruno", offer_timeout=RINGS, offer_miss_limit=2)
    await floor.online("ana", "bruno")
    began = await floor.revision()
    answer = await floor.routed("luis")
    luis = answer.interaction
    assert (outcome(answer), placed(luis)) == ("OFFERED", offered("ana"))
    await floor.passes(seconds=20)
    assert await floor.where(luis) == offered("bruno")
    await floor.passes(seconds=5)
    assert placed(await floor.reject("bruno", luis.interaction_id)) == QUEUED
    await floor.passes(seconds=25)
    assert await floor.where(luis) == offered("ana")
    await floor.passes(seconds=20)
    ana = await floor.presence("ana")
    assert (ana.status, ana.reason_code, ana.misses) == (AGENT_STATUS_PAUSED, "missed_offers", 0)
    assert placed(await floor.accept("bruno", luis.interaction_id)) == held("bruno", "ROUND_ROBIN")
    assert await floor.kinds(after=began) == [
        "interaction_arrived",
        "interaction_offered",
        "interaction_offer_missed",
        "interaction_offered",
        "interaction_offer_rejected",
        "interaction_queued",
        "agent_cool_down_ended",
        "interaction_offered",
        "agent_cool_down_ended",
        "interaction_offer_missed",
        "agent_status_changed",
        "interaction_offered",
        "interaction_assigned",
    ]


@pytest.mark.req("C9", "G6")
async def test_offers_and_cool_downs_survive_a_restart(floor):
    """The database keeps what rings and who rests; what fell due while the service was down is done when it is back."""
    await floor.ventas("ana", offer_timeout=RINGS, offer_cool_down=MINUTE)
    await floor.online("ana")
    luis, nora = await floor.chat("luis"), await floor.chat("nora")
    await floor.service.restart()
    assert (await floor.where(luis), await floor.where(nora)) == (offered("ana"), QUEUED)
    await floor.service.stop()
    floor.service.clock.move(timedelta(seconds=30))
    await floor.service.start()
    await floor.passes()
    assert (await floor.where(luis), await floor.where(nora)) == (QUEUED, QUEUED)
    with refused("INTERACTION_NOT_OFFERED"):
        await floor.accept("ana", luis.interaction_id)
    (missed,) = await floor.events("interaction_offer_missed")
    assert (missed.agent_id, missed.misses) == ("ana", 1)
    await floor.service.restart()
    await floor.passes(seconds=59)
    assert await floor.where(luis) == QUEUED
    await floor.passes(seconds=1)
    assert await floor.where(luis) == offered("ana")


@pytest.mark.req("C9", "W1")
async def test_an_agents_desktop_is_told_of_its_offers(floor):
    """What is offered to an agent, and that it is withdrawn, comes on that agent's live stream."""
    await floor.ventas("ana", "bruno", offer_timeout=RINGS)
    await floor.online("ana")
    async with await floor.agent("ana").watch(agent_ids=["ana"]) as desktop:
        luis = await floor.chat("luis")
        ringing = (await seen(desktop, events.EVENT_KIND_INTERACTION_OFFERED)).interaction_offered
        assert (ringing.interaction_id, ringing.agent_id) == (luis.interaction_id, "ana")
        now = floor.service.clock.now()
        assert ringing.offer_until.ToDatetime(now.tzinfo) == now + RINGS
        await floor.pause("ana")
        gone = (await seen(desktop, events.EVENT_KIND_INTERACTION_OFFER_WITHDRAWN)).interaction_offer_withdrawn
        assert gone.interaction_id == luis.interaction_id


@pytest.mark.req("C9", "K4")
async def test_accepting_twice_is_once(floor):
    """Of many who answer one offer at once, one call is done and the others are refused; the contact joins once."""
    await floor.ventas(
        "ana", capacity=3, contacts=["luis"], offer_timeout=RINGS, portfolio_mode=PORTFOLIO_MODE_AUTOMATIC
    )
    await floor.online("ana")
    luis = await floor.chat("luis")
    assert await floor.portfolio_of("luis") == ""
    with denied():
        await floor.agent("bruno").routing.AcceptOffer(interaction_id=luis.interaction_id, agent_id="ana")
    answers = await asyncio.gather(
        *(floor.accept("ana", luis.interaction_id) for _ in range(4)),
        *(floor.reject("ana", luis.interaction_id) for _ in range(4)),
        return_exceptions=True,
    )
    done = [each for each in answers if not isinstance(each, Exception)]
    assert len(done) == 1
    assert {each.reason for each in answers if isinstance(each, Exception)} == {"INTERACTION_NOT_OFFERED"}
    accepted = placed(done[0])[0] == "ASSIGNED"
    assert await floor.portfolio_of("luis") == ("personal-ana" if accepted else "")


@pytest.mark.req("C9", "E1", "K2", "M9")
async def test_what_is_somebodys_own_is_offered_to_that_one_only(floor):
    """The owner and the exclusive agent are asked too; what they decline waits for them, and they may claim it."""
    await floor.ventas("ana", "bruno", contacts=["luis", "nora"], offer_timeout=RINGS, owner_wait=MINUTES_5)
    await floor.owns("ana", "luis")
    await floor.administrator.portfolios.SetExclusiveAgent(contact_id="nora", campaign_id="tienda", agent_id="bruno")
    await floor.online("ana", "bruno")
    luis, nora = await floor.chat("luis"), await floor.chat("nora")
    assert (placed(luis), placed(nora)) == (offered("ana", "OWNER"), offered("bruno", "EXCLUSIVE_AGENT"))
    assert placed(await floor.reject("ana", luis.interaction_id)) == OWNER_AWAITED
    await floor.passes(seconds=20)
    assert await floor.where(nora) == ("QUEUED", "EXCLUSIVE_AGENT_FULL", "")
    with refused("INTERACTION_KEPT_FOR_EXCLUSIVE_AGENT"):
        await floor.claim("ana", nora.interaction_id)
    assert placed(await floor.claim("ana")) == held("ana", "CLAIMED")
    await floor.passes(seconds=30)
    assert await floor.where(nora) == offered("bruno", "EXCLUSIVE_AGENT")


@pytest.mark.req("C10", "Z6", "G6")
async def test_the_example_of_wrap_up(floor):
    """docs/routing.md, "Wrap-up": Ana's minute holds her slot, in the other workgroup and over a restart too."""
    await floor.ventas("ana", wrap_up=MINUTE)
    await floor.declare(workgroups=[workgroup("soporte", "ana")], campaigns=[campaign("ayuda", "soporte")])
    await floor.online("ana")
    luis = await floor.chat("luis")
    assert placed(await floor.complete(luis.interaction_id))[0] == "WRAP_UP"
    await floor.passes(seconds=10)
    nora, again = await floor.chat("nora", "ayuda"), await floor.routed("luis")
    assert (placed(nora), placed(again.interaction), again.joined) == (QUEUED, QUEUED, False)
    with refused("INTERACTION_ENDED"):
        await floor.complete(luis.interaction_id)
    await floor.service.stop()
    floor.service.clock.move(timedelta(seconds=49))
    await floor.service.start()
    await floor.passes()
    assert await floor.where(nora) == QUEUED
    await floor.passes(seconds=1)
    assert (await floor.where(luis))[0] == "COMPLETED"
    assert await floor.where(nora) == held("ana", "ROUND_ROBIN")


@pytest.mark.req("C10")
async def test_an_agent_says_that_it_is_done(floor):
    """FinishWrapUp ends the wrap-up at once, and what waits is given in the same revision."""
    await floor.ventas("ana", "bruno", wrap_up=MINUTE)
    await floor.online("ana")
    luis, nora = await floor.chat("luis"), await floor.chat("nora")
    await floor.complete(luis.interaction_id)
    with denied():
        await floor.finish_wrap_up("bruno", luis.interaction_id)
    before = await floor.revision()
    assert placed(await floor.finish_wrap_up("ana", luis.interaction_id))[0] == "COMPLETED"
    assert await floor.where(nora) == held("ana", "ROUND_ROBIN")
    assert await floor.kinds(after=before) == ["interaction_wrap_up_ended", "interaction_assigned"]
    with refused("INTERACTION_NOT_IN_WRAP_UP"):
        await floor.finish_wrap_up("ana", luis.interaction_id)


@pytest.mark.req("T9", "W1", "G6")
async def test_the_example_of_who_waits_unattended(floor):
    """docs/routing.md, "Unattended": after 45 seconds there is an event for whoever pushes notifications; once."""
    await floor.ventas("ana", unattended_after=timedelta(seconds=45), queue_when_nobody_online=True)
    luis = await floor.chat("luis")
    async with await floor.gateway.watch(kinds=[events.EVENT_KIND_INTERACTION_UNATTENDED]) as pusher:
        await floor.service.stop()
        floor.service.clock.move(timedelta(seconds=45))
        await floor.service.start()
        await floor.passes()
        told = (await seen(pusher, events.EVENT_KIND_INTERACTION_UNATTENDED)).interaction_unattended
        assert (told.interaction_id, told.waiting_since) == (luis.interaction_id, luis.arrived_at)
    await floor.passes(hours=1)
    assert len(await floor.events("interaction_unattended")) == 1
    assert await floor.online("ana") == ["luis"]


@pytest.mark.req("C14", "C3")
async def test_the_example_of_pacing(floor):
    """docs/routing.md, "Fairness": who comes back to a full queue is given one, and one more every 30 seconds."""
    await floor.ventas("ana", capacity=5, pacing=timedelta(seconds=30), queue_when_nobody_online=True)
    for number in range(4):
        await floor.chat(f"c{number}")
    assert await floor.online("ana") == ["c0"]
    await floor.service.restart()
    await floor.passes(seconds=29)
    assert await floor.held_by("ana") == ["c0"]
    await floor.passes(seconds=1)
    assert await floor.held_by("ana") == ["c1", "c0"]
    assert (await floor.claim("ana")).contact_id == "c2"
    assert (await floor.presence("ana")).status == AGENT_STATUS_ONLINE
