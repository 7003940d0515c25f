"""What the routing rules refuse, each by a call that is refused for it, with the code and the details of its kind."""

import pytest
from grpc import StatusCode

from cartera.core.vocabulary import ErrorReason
from cartera.rpc.errors import RULES
from tests.rpc.failures import failing

pytestmark = pytest.mark.req("G3")

CHAT, VOICE = 2, 1
ONLINE, READ, REFUSE = 1, 3, 3
DEFAULT_GROUP = 5
MONDAY_MORNING = {"day": 1, "opens": "09:00", "closes": "13:00"}
NIGHT_SHIFT = {"day": 1, "opens": "22:00", "closes": "06:00"}
SALES = {"workgroup_id": "sales", "method": 1, "member_ids": ["ana", "bea"]}
VENTAS = {"campaign_id": "ventas", "addresses": [{"channel": CHAT, "address": "web"}], "workgroup_ids": ["sales"]}


async def route(acme, contact_id="c1", campaign_id="ventas", channel=CHAT, **fields):
    answer = await acme.RouteInteraction(campaign_id=campaign_id, contact_id=contact_id, channel=channel, **fields)
    return answer.interaction.interaction_id


async def not_offered(acme):
    await acme.AcceptOffer(interaction_id=await route(acme), agent_id="ana")


async def not_offered_to_reject(acme):
    await acme.RejectOffer(interaction_id=await route(acme), agent_id="ana")


async def not_in_wrap_up(acme):
    await acme.FinishWrapUp(interaction_id=await route(acme))


async def queue_full(acme):
    await acme.UpdateWorkgroup(workgroup={**SALES, "queue_when_nobody_online": True, "queue_limit": 1})
    await route(acme)
    await route(acme, "c2")


async def closed(acme):
    hours = {"time_zone": "America/Bogota", "outside": REFUSE}
    await acme.UpdateCampaign(campaign={**VENTAS, "hours": hours})
    await route(acme)


async def lacks_skill(acme):
    interaction_id = await route(acme, skills=[{"skill": "French", "level": 5}])
    await acme.SetAgentStatus(agent_id="ana", status=ONLINE)
    await acme.ClaimInteraction(agent_id="ana", interaction_id=interaction_id)


async def method_without_agents(acme):
    await acme.UpdateWorkgroup(workgroup={**SALES, "method": DEFAULT_GROUP})


async def no_member(acme):
    await acme.UpdateWorkgroup(workgroup={**SALES, "method": DEFAULT_GROUP, "default_agent_ids": ["carla"]})


async def overflow_into_itself(acme):
    step = {"after": {"seconds": 60}, "add_workgroup_id": "sales"}
    await acme.UpdateWorkgroup(workgroup={**SALES, "overflow_steps": [step]})


async def unknown_time_zone(acme):
    await acme.UpdateTenant(tenant={"name": "Acme", "time_zone": "Bogota"})


async def unknown_time_zone_of_hours(acme):
    hours = {"time_zone": "Bogota", "opening_hours": [MONDAY_MORNING]}
    await acme.UpdateCampaign(campaign={**VENTAS, "hours": hours})


async def closing_before_opening(acme):
    hours = {"time_zone": "America/Bogota", "opening_hours": [NIGHT_SHIFT]}
    await acme.UpdateCampaign(campaign={**VENTAS, "hours": hours})


async def no_such_note(acme):
    await acme.WriteNote(interaction_id=await route(acme), text="call back", position=2)


async def delivery_of_a_call(acme):
    interaction_id = await route(acme, campaign_id="ayuda", channel=VOICE)
    await acme.ReportDelivery(interaction_id=interaction_id, message_id="m1", delivery_state=READ)


async def handed_over_to_itself(acme):
    await acme.HandOverPortfolios(from_agent_id="ana", to_agent_id="ana")


REFUSED = [
    (not_offered, ErrorReason.INTERACTION_NOT_OFFERED, ""),
    (not_offered_to_reject, ErrorReason.INTERACTION_NOT_OFFERED, ""),
    (not_in_wrap_up, ErrorReason.INTERACTION_NOT_IN_WRAP_UP, ""),
    (queue_full, ErrorReason.WORKGROUP_QUEUE_FULL, ""),
    (closed, ErrorReason.CAMPAIGN_CLOSED, ""),
    (lacks_skill, ErrorReason.AGENT_LACKS_SKILL, ""),
    (method_without_agents, ErrorReason.METHOD_LACKS_AGENTS, "workgroup.default_agent_ids"),
    (no_member, ErrorReason.NOT_A_MEMBER, "workgroup.default_agent_ids"),
    (overflow_into_itself, ErrorReason.OVERFLOW_CYCLE, "workgroup.overflow_steps"),
    (unknown_time_zone, ErrorReason.TIME_ZONE_UNKNOWN, "tenant.time_zone"),
    (unknown_time_zone_of_hours, ErrorReason.TIME_ZONE_UNKNOWN, "campaign.hours.time_zone"),
    (closing_before_opening, ErrorReason.HOURS_INVALID, "campaign.hours.opening_hours"),
    (no_such_note, ErrorReason.NOTE_NOT_FOUND, ""),
    (delivery_of_a_call, ErrorReason.CHANNEL_LACKS_DELIVERY_STATES, ""),
    (handed_over_to_itself, ErrorReason.AGENT_UNCHANGED, ""),
]


@pytest.mark.parametrize(("attempt", "reason", "path"), REFUSED, ids=lambda each: getattr(each, "__name__", None))
async def test_what_is_refused_says_why(acme, attempt, reason, path):
    """With its own reason, the code of its kind, a sentence without gaps, and for a field the field's path."""
    async with failing(RULES[reason].code, reason.name) as failed:
        await attempt(acme)
    assert "  " not in failed.message
    assert " ." not in failed.message
    if path:
        (found,) = failed.fields
        assert found.startswith(path)


@pytest.mark.req("C13")
async def test_a_full_queue_says_when_to_try_again(acme):
    """RESOURCE_EXHAUSTED with RetryInfo; and nothing of the refused one is kept."""
    async with failing(StatusCode.RESOURCE_EXHAUSTED, "WORKGROUP_QUEUE_FULL") as failed:
        await queue_full(acme)
    assert failed.details["RetryInfo"].retry_delay.seconds == 30
    assert len((await acme.ListInteractions()).views) == 1
