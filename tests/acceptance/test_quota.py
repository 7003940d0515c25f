"""Seed 002, *Asignación de consultas a un operador*: the quota, being online, and the 12-hour session."""

from datetime import timedelta

import pytest

from cartera.routing.v1.agent_pb2 import AGENT_STATUS_OFFLINE, AGENT_STATUS_ONLINE, AGENT_STATUS_PAUSED
from cartera.routing.v1.channel_pb2 import CHANNEL_CHAT, CHANNEL_VOICE
from cartera.routing.v1.event_pb2 import EVENT_KIND_AGENT_SESSION_ALERTED, EVENT_KIND_AGENT_STATUS_CHANGED
from cartera.routing.v1.workgroup_pb2 import ASSIGNMENT_METHOD_MANUAL
from tests.acceptance.floor import (
    INVALID,
    MINUTES_5,
    QUEUED,
    UNASSIGNED,
    agent,
    denied,
    held,
    outcome,
    placed,
    refused,
    seen,
    workgroup,
)

TO_BE_TAKEN = ("QUEUED", "MANUAL", "")


@pytest.mark.req("C1")
async def test_automatic_derivation_keeps_to_the_quota_of_simultaneous_interactions(floor):
    """«A limit is set on the interactions that an operator may have assigned simultaneously; those beyond it stay
    pending until a slot is free» - and are then given, the oldest first.
    """
    await floor.ventas("ana", capacity=2)
    await floor.online("ana")
    first, second = await floor.chat("luis"), await floor.chat("nora")
    assert placed(first) == placed(second) == held("ana", "ROUND_ROBIN"), "in progress almost immediately"
    third = await floor.routed("olga")
    fourth = await floor.chat("pedro")
    assert (outcome(third), placed(third.interaction), placed(fourth)) == ("QUEUED", QUEUED, QUEUED)

    await floor.complete(second.interaction_id)
    assert await floor.where(third.interaction) == held("ana", "ROUND_ROBIN")
    assert await floor.where(fourth) == QUEUED
    await floor.gateway.routing.CancelInteraction(interaction_id=first.interaction_id)
    assert await floor.where(fourth) == held("ana", "ROUND_ROBIN"), "a slot is free too when the contact leaves"


@pytest.mark.req("C1")
async def test_the_quota_is_each_operators_own_and_lowering_it_takes_nothing_away(floor):
    """«The quota that was determined» is of the operator, and may be changed while it works."""
    await floor.ventas("ana", "carlos")
    await floor.declare(agents=[agent("ana", 3), agent("carlos", 1)])
    await floor.online("ana", "carlos")
    chats = [await floor.chat(each) for each in ("luis", "nora", "olga", "pedro", "quique")]
    assert [each.agent_id for each in chats] == ["ana", "carlos", "ana", "ana", ""]
    await floor.declare(agents=[agent("ana", 1)])
    assert len(await floor.held_by("ana")) == 3
    await floor.complete(chats[0].interaction_id)
    await floor.complete(chats[2].interaction_id)
    assert await floor.where(chats[4]) == QUEUED, "she has 1 of 1"
    await floor.declare(agents=[agent("ana", 2)])
    assert await floor.where(chats[4]) == held("ana", "ROUND_ROBIN")


@pytest.mark.req("C3")
async def test_the_operator_is_online_at_the_start_of_the_day_and_offline_at_its_end(floor):
    """«The operator must be Online at the beginning of its working day, and go offline at its end»."""
    await floor.ventas("ana", "carlos", capacity=2)
    await floor.online("ana", "carlos")
    day = [await floor.chat(each) for each in ("luis", "nora")]
    assert [each.agent_id for each in day] == ["ana", "carlos"]
    await floor.offline("carlos")
    evening = [await floor.chat(each) for each in ("olga", "pedro")]
    assert [placed(each) for each in evening] == [held("ana", "ROUND_ROBIN"), QUEUED]
    await floor.offline("ana")
    assert placed(await floor.chat("quique")) == UNASSIGNED
    assert await floor.held_by("ana") == ["olga", "luis"], "what they hold they keep"
    assert await floor.online("carlos") == ["pedro"], "in the morning the first of the queue is given out at once"


@pytest.mark.req("C3", "C6")
async def test_going_online_at_once_draws_what_waits_in_order(floor):
    """«Pending until a slot is free»: coming online frees slots, for the channels that the operator takes."""
    await floor.ventas("ana", capacity=2, queue_when_nobody_online=True)
    for contact_id in ("luis", "nora", "olga"):
        await floor.chat(contact_id)
    await floor.call("pedro")
    assert await floor.online("ana", channels=[CHANNEL_VOICE]) == ["pedro"]
    assert await floor.online("ana", channels=[CHANNEL_CHAT]) == ["luis"]


@pytest.mark.req("C3")
async def test_a_paused_operator_is_given_nothing_and_a_pause_has_a_reason(floor):
    """«Connected or paused»: a pause is neither online nor offline, and says why."""
    await floor.ventas("ana", capacity=2)
    await floor.online("ana")
    ana = floor.agent("ana").agents
    with refused("REASON_CODE_REQUIRED", code=INVALID):
        await ana.SetAgentStatus(agent_id="ana", status=AGENT_STATUS_PAUSED)
    answer = await ana.SetAgentStatus(agent_id="ana", status=AGENT_STATUS_PAUSED, reason_code="almuerzo")
    assert (answer.presence.status, answer.presence.reason_code) == (AGENT_STATUS_PAUSED, "almuerzo")
    assert placed(await floor.chat("luis")) == UNASSIGNED
    with denied():
        await floor.agent("carlos").agents.SetAgentStatus(agent_id="ana", status=AGENT_STATUS_ONLINE)


async def presence(floor, agent_id):
    return (await floor.administrator.agents.GetAgent(agent_id=agent_id)).presence


async def status(floor, agent_id):
    return (await presence(floor, agent_id)).status


@pytest.mark.req("C4", "W1")
async def test_session_after_12_hours_the_operator_is_disconnected_with_an_alert_30_minutes_before(floor):
    """«After 12 consecutive hours connected or paused, automatic disconnection, with a proactive alert that notifies
    30 minutes before the scheduled disconnection» - on the operator's live stream. What it holds it keeps.
    """
    await floor.ventas("ana")
    await floor.online("ana")
    chat = await floor.chat("luis")
    began = floor.service.clock.now()
    async with await floor.agent("ana").watch(agent_ids=["ana"]) as desktop:
        await floor.passes(hours=4)
        await floor.pause("ana")
        await floor.passes(hours=7, minutes=29)
        assert not await floor.events("agent_session_alerted")
        await floor.passes(minutes=1)
        alert = (await seen(desktop, EVENT_KIND_AGENT_SESSION_ALERTED)).agent_session_alerted
        assert alert.agent_id == "ana"
        assert alert.session_ends_at.ToDatetime(began.tzinfo) == began + timedelta(hours=12)
        await floor.passes(minutes=29)
        assert await status(floor, "ana") == AGENT_STATUS_PAUSED
        await floor.passes(minutes=1)
        changed = (await seen(desktop, EVENT_KIND_AGENT_STATUS_CHANGED)).agent_status_changed
        assert (changed.presence.status, changed.previous_status) == (AGENT_STATUS_OFFLINE, AGENT_STATUS_PAUSED)
        assert changed.session_limit_reached
    assert await status(floor, "ana") == AGENT_STATUS_OFFLINE
    assert await floor.where(chat) == held("ana", "ROUND_ROBIN")
    assert len(await floor.events("agent_session_alerted")) == 1


@pytest.mark.req("C4")
async def test_session_the_operator_extends_it_from_the_alert(floor):
    """«Must click on the alert to extend the session»: the 12 hours, and the alert before their end, begin anew."""
    await floor.ventas("ana")
    await floor.online("ana")
    await floor.passes(hours=11, minutes=30)
    assert len(await floor.events("agent_session_alerted")) == 1
    await floor.passes(minutes=10)
    extended = await floor.agent("ana").agents.ExtendSession(agent_id="ana")
    until = extended.presence.session_ends_at.ToDatetime()
    assert until - extended.presence.session_started_at.ToDatetime() == timedelta(hours=12)
    await floor.passes(hours=11, minutes=29)
    assert len(await floor.events("agent_session_alerted")) == 1
    await floor.passes(minutes=1)
    assert len(await floor.events("agent_session_alerted")) == 2
    assert await status(floor, "ana") == AGENT_STATUS_ONLINE
    await floor.passes(minutes=30)
    assert await status(floor, "ana") == AGENT_STATUS_OFFLINE
    with refused("AGENT_HAS_NO_SESSION"):
        await floor.agent("ana").agents.ExtendSession(agent_id="ana")


@pytest.mark.req("C4")
async def test_session_a_break_offline_begins_it_anew(floor):
    """«12 *consecutive* hours»: who was offline in between begins again."""
    await floor.ventas("ana")
    await floor.online("ana")
    await floor.passes(hours=8)
    await floor.offline("ana")
    await floor.online("ana")
    await floor.passes(hours=11, minutes=59)
    assert await status(floor, "ana") == AGENT_STATUS_ONLINE
    await floor.passes(minutes=1)
    assert await status(floor, "ana") == AGENT_STATUS_OFFLINE


@pytest.mark.req("C4")
async def test_session_its_length_and_alert_are_the_tenants_settings(floor):
    """«Flexibility for exceptional situations»."""
    limits = {"session_limit": timedelta(hours=2), "session_alert": timedelta(minutes=10)}
    await floor.administrator.configuration.UpdateTenant(tenant={"name": "Clínica Sol", "number": "1001", **limits})
    await floor.ventas("ana")
    await floor.online("ana")
    await floor.passes(hours=1, minutes=50)
    assert len(await floor.events("agent_session_alerted")) == 1
    await floor.passes(minutes=10)
    assert await status(floor, "ana") == AGENT_STATUS_OFFLINE


@pytest.mark.req("C4")
async def test_session_alert_and_end_survive_restarts_of_the_service(floor):
    """The 12 hours run on while the service is down, and what fell due meanwhile is done when it is back."""
    await floor.ventas("ana", "carlos")
    await floor.online("ana", "carlos")
    await floor.passes(hours=1)
    await floor.service.restart()
    await floor.passes(hours=10, minutes=30)
    assert {each.agent_id for each in await floor.events("agent_session_alerted")} == {"ana", "carlos"}
    await floor.agent("carlos").agents.ExtendSession(agent_id="carlos")
    await floor.service.stop()
    floor.service.clock.move(timedelta(hours=1))
    await floor.service.start()
    await floor.passes()
    assert (await status(floor, "ana"), await status(floor, "carlos")) == (AGENT_STATUS_OFFLINE, AGENT_STATUS_ONLINE)
    await floor.passes(hours=11)
    assert await status(floor, "carlos") == AGENT_STATUS_OFFLINE
    assert len(await floor.events("agent_session_alerted")) == 3


@pytest.mark.req("M7", "M9")
async def test_manual_derivation_waits_until_an_operator_takes_it(floor):
    """«The derivation is not by automatic rules but by a human decision»: «the interaction stays pending until an
    operator takes it by an action».
    """
    await floor.ventas("ana", "carlos", method=ASSIGNMENT_METHOD_MANUAL, contacts=["nora"], owner_wait=MINUTES_5)
    await floor.owns("ana", "nora")
    await floor.online("ana")
    answer = await floor.routed("luis")
    owned = await floor.chat("nora")
    assert outcome(answer) == "QUEUED"
    assert placed(answer.interaction) == placed(owned) == TO_BE_TAKEN, "not to owners either"
    await floor.passes(hours=1)
    assert await floor.online("carlos") == []
    assert await floor.where(answer.interaction) == TO_BE_TAKEN
    assert placed(await floor.claim("carlos", owned.interaction_id)) == held("carlos", "CLAIMED")
    with refused("AGENT_AT_CAPACITY"):
        await floor.claim("carlos")
    assert (await floor.claim("ana")).contact_id == "luis"
    assert await floor.where(answer.interaction) == held("ana", "CLAIMED"), "now it is in progress"


@pytest.mark.req("M7")
async def test_the_model_of_derivation_may_be_changed_from_manual_to_automatic(floor):
    """«Two models: manual or automatic»: what is pending when the rules become automatic is given out by them."""
    await floor.ventas("ana", method=ASSIGNMENT_METHOD_MANUAL)
    await floor.online("ana")
    chat = await floor.chat("luis")
    assert placed(chat) == TO_BE_TAKEN
    await floor.declare(workgroups=[workgroup("ventas", "ana")])
    assert await floor.where(chat) == held("ana", "ROUND_ROBIN")
