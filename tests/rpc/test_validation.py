"""Requests keep the limits that the contract sets."""

import pytest

from cartera.core.rejection import Rejected
from cartera.core.vocabulary import ErrorReason
from cartera.routing.v1 import agent_pb2
from cartera.routing.v1 import configuration_service_pb2 as configuration
from cartera.rpc.validation import validate
from tests.rpc.calls import METHODS, call_of

pytestmark = pytest.mark.req("G3")


def fields_refused(request):
    with pytest.raises(Rejected) as caught:
        validate(request, request.SerializeToString())
    assert {violation.reason for violation in caught.value.violations} == {ErrorReason.INVALID_FIELD}
    return [violation.subject for violation in caught.value.violations]


def test_every_bad_field_is_named_at_once():
    """A request with several faults is told all of them."""
    request = METHODS["RouteInteraction"].request(tenant_id="!", channel=99, tags=["vip", "vip"])
    assert fields_refused(request) == ["tenant_id", "campaign_id", "contact_id", "channel", "tags"]


def test_fields_within_fields_are_named_by_their_path():
    """A fault deep in a configuration is found by its path."""
    agents = [agent_pb2.Agent(agent_id="ana", capacity=1), agent_pb2.Agent(agent_id="bea", capacity=0)]
    request = configuration.ApplyConfigurationRequest(
        tenant_id="acme", configuration=configuration.Configuration(agents=agents)
    )
    assert fields_refused(request) == ["configuration.agents[1].capacity"]


@pytest.mark.parametrize("capacity", [0, -1, 10_001])
def test_a_capacity_is_a_number_of_slots(capacity):
    """A limit of nothing, less than nothing or more than anyone has is refused."""
    agent = agent_pb2.Agent(agent_id="ana", capacity=capacity)
    assert fields_refused(call_of("CreateAgent", agent=agent).request) == ["agent.capacity"]


AGENT = {"agent_id": "ana", "capacity": 1}
WORKGROUP = {"workgroup_id": "sales", "method": 1}
CAMPAIGN = {"campaign_id": "c", "addresses": [{"channel": 2, "address": "web"}], "workgroup_ids": ["sales"]}
SUNDAY_MORNING = {"day": 7, "opens": "09:00", "closes": "12:00"}
MINUTE, YEARS = {"seconds": 60}, {"seconds": 40_000_000}


def hours(**fields):
    return {**CAMPAIGN, "hours": {"time_zone": "America/Bogota", **fields}}


def opening(opens, closes, day=1):
    return hours(opening_hours=[{"day": day, "opens": opens, "closes": closes}])


def trigger(**condition):
    return {"trigger_id": "t", "actions": {}, "all_of": [condition]}


OUTSIDE_THE_LIMITS = [
    ({"agent": {**AGENT, "skills": [{"name": "French"}]}}, "skills[0].level"),
    ({"agent": {**AGENT, "skills": [{"name": "French", "level": 11}]}}, "skills[0].level"),
    ({"agent": {**AGENT, "skills": [{"level": 1}]}}, "skills[0].name"),
    ({"agent": {**AGENT, "channel_rules": [{"channel": 1}]}}, "channel_rules[0].cost"),
    ({"agent": {**AGENT, "channel_rules": [{"cost": 1}]}}, "channel_rules[0].channel"),
    ({"agent": {**AGENT, "channel_rules": [{"channel": 1, "cost": 1, "limit": -1}]}}, "channel_rules[0].limit"),
    ({"workgroup": {**WORKGROUP, "method": 9}}, "method"),
    ({"workgroup": {**WORKGROUP, "offer_timeout": {}}}, "offer_timeout"),
    ({"workgroup": {**WORKGROUP, "owner_wait_paused": YEARS}}, "owner_wait_paused"),
    ({"workgroup": {**WORKGROUP, "leaving_policy": 4}}, "leaving_policy"),
    ({"workgroup": {**WORKGROUP, "queue_limit": -1}}, "queue_limit"),
    ({"workgroup": {**WORKGROUP, "last_agent": {"fallback_method": 3}}}, "last_agent.fallback_method"),
    ({"workgroup": {**WORKGROUP, "channel_agents": [{"channel": 1}]}}, "channel_agents[0].agent_ids"),
    ({"workgroup": {**WORKGROUP, "overflow_steps": [{"priority": 3}]}}, "overflow_steps[0].after"),
    ({"workgroup": {**WORKGROUP, "overflow_steps": [{"after": MINUTE}]}}, "overflow_steps[0].measure"),
    ({"workgroup": {**WORKGROUP, "overflow_steps": [{"after": MINUTE, "priority": 0}]}}, "overflow_steps[0].priority"),
    ({"campaign": hours(time_zone="")}, "hours.time_zone"),
    ({"campaign": hours(outside=4)}, "hours.outside"),
    ({"campaign": hours(holidays=[{"date": "25/12/2026"}])}, "hours.holidays[0].date"),
    ({"campaign": opening("24:00", "24:00")}, "hours.opening_hours[0].opens"),
    ({"campaign": opening("9:00", "18:00")}, "hours.opening_hours[0].opens"),
    ({"campaign": opening("09:00", "24:30")}, "hours.opening_hours[0].closes"),
    ({"campaign": opening("09:00", "18:00", day=8)}, "hours.opening_hours[0].day"),
    ({"trigger": trigger(priority={})}, "all_of[0].priority.priorities"),
    ({"trigger": trigger(language={"languages": [""]})}, "all_of[0].language.languages[0]"),
    ({"trigger": trigger(hours={"time_zone": "UTC"})}, "all_of[0].hours.opening_hours"),
    ({"trigger": trigger(attribute={})}, "all_of[0].attribute.name"),
    ({"tenant": {"name": "Acme", "client_settings": [{"history_length": 5}]}}, "client_settings[0].client"),
    ({"contact": {"contact_id": "c", "attributes": [{"value": "gold"}]}}, "attributes[0].name"),
    ({"portfolio": {"portfolio_id": "p", "ownership_expiry": {}}}, "ownership_expiry"),
]


@pytest.mark.parametrize(("fields", "path"), OUTSIDE_THE_LIMITS)
def test_what_is_configured_keeps_its_limits(fields, path):
    """Of every new rule the field that is outside, and nothing else, is named."""
    (kind,) = fields
    request = call_of(f"Create{kind.title()}", **fields).request
    assert fields_refused(request) == [f"{kind}.{path}"]


WITHIN_THE_LIMITS = [
    {"agent": {**AGENT, "skills": [{"name": "French", "level": 10}], "channel_rules": [{"channel": 1, "cost": 3}]}},
    {"workgroup": {**WORKGROUP, "overflow_steps": [{"after": {}, "drop_skill": "French"}], "owner_wait_busy": {}}},
    {"campaign": opening("00:00", "24:00")},
    {"campaign": hours(holidays=[{"date": "2026-12-25"}], outside=3)},
    {"trigger": trigger(hours={"time_zone": "UTC", "opening_hours": [SUNDAY_MORNING]})},
    {"trigger": trigger(attribute={"name": "plan"})},
]


@pytest.mark.parametrize("fields", WITHIN_THE_LIMITS)
def test_what_is_within_the_limits_is_let_through(fields):
    """The edges are inside."""
    (kind,) = fields
    request = call_of(f"Create{kind.title()}", **fields).request
    validate(request, request.SerializeToString())


def test_a_nul_is_refused_wherever_it_stands():
    """No text with a NUL passes, because one would fail the whole batch it is committed in."""
    request = configuration.ApplyConfigurationRequest(tenant_id="acme")
    request.configuration.agents.add(agent_id="ana", capacity=1, name="a\0")
    request.configuration.workgroups.add(workgroup_id="w", method=1, member_ids=["ana", "b\0"])
    assert fields_refused(request) == ["configuration.agents[0].name", "configuration.workgroups[0].member_ids[1]"]


def test_zero_bytes_that_are_no_text_pass():
    """A zero byte in the encoding of something else is no NUL."""
    request = configuration.UpdateTenantRequest(tenant_id="acme")
    request.tenant.name = "Acme"
    request.tenant.session_alert.SetInParent()
    payload = request.SerializeToString()
    assert 0 in payload
    validate(request, payload)


def test_a_good_request_passes():
    """What is within the limits is let through."""
    request = call_of("RouteInteraction", campaign_id="ventas", contact_id="+34600", channel=1).request
    validate(request, request.SerializeToString())
