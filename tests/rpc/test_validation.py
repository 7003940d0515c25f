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
