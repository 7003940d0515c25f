from datetime import timedelta

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo

from cartera.client import CarteraError, Client, RetryPolicy
from cartera.routing.v1.agent_service_pb2 import GetAgentResponse, SetAgentStatusResponse
from cartera.routing.v1.channel_pb2 import CHANNEL_VOICE
from cartera.routing.v1.routing_service_pb2 import RouteInteractionResponse
from tests.client.scripted import ScriptedService, in_background, status

ROUTE = "RoutingService/RouteInteraction"
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


def routed(service):
    return in_background(
        service.client.routing.RouteInteraction,
        campaign_id="ventas",
        contact_id="+34600",
        channel=CHANNEL_VOICE,
    )


@pytest.mark.req("G2")
def test_request_id_survives_a_retry():
    """All attempts of a call carry one request_id, made by the client."""
    service = ScriptedService()
    with routed(service) as answer:
        first = service.take(ROUTE)
        first.break_off()
        second = service.take(ROUTE)
        second.answer(RouteInteractionResponse(revision=7))
        assert answer.result().revision == 7
    assert len(first.request.request_id) == 36
    assert second.request == first.request


@pytest.mark.req("G2")
def test_each_call_has_a_request_id_of_its_own():
    """Two calls of the same content are two requests."""
    service = ScriptedService()
    taken = []
    for _ in range(2):
        with routed(service):
            taken.append(service.take(ROUTE))
            taken[-1].answer(RouteInteractionResponse())
    assert taken[0].request.request_id != taken[1].request.request_id


@pytest.mark.req("G2")
def test_a_given_request_id_is_kept():
    """A caller that retries across its own restart names the id itself."""
    service = ScriptedService()
    with in_background(service.client.agents.SetAgentStatus, agent_id="ana", request_id="mine"):
        call = service.take("AgentService/SetAgentStatus")
        call.answer(SetAgentStatusResponse())
    assert call.request.request_id == "mine"


def test_tenant_is_filled_in():
    """A request without a tenant is for the client's; reads have no request_id to fill in."""
    service = ScriptedService()
    with in_background(service.client.agents.GetAgent, agent_id="ana"):
        call = service.take("AgentService/GetAgent")
        call.answer(GetAgentResponse())
    assert call.request.tenant_id == "acme"


@pytest.mark.req("G7")
def test_identity_goes_into_the_metadata():
    """Role and subject, or a token, say who calls."""
    service = ScriptedService(role="agent", subject="ana", token="secret")
    with routed(service):
        call = service.take(ROUTE)
        call.answer(RouteInteractionResponse())
    assert call.metadata["cartera-role"] == "agent"
    assert call.metadata["cartera-subject"] == "ana"
    assert call.metadata["authorization"] == "Bearer secret"


@pytest.mark.req("G3")
def test_retry_stops_after_the_attempts_of_the_policy():
    """A service that stays away is a typed error, with the request_id for a later try."""
    service = ScriptedService(retry=RetryPolicy(attempts=3, first_delay=0.0))
    with routed(service) as answer:
        taken = [take_and_break(service) for _ in range(3)]
        error = answer.exception(timeout=120)
    assert isinstance(error, CarteraError)
    assert error.code is UNAVAILABLE
    assert {call.request.request_id for call in taken} == {error.request_id}


def take_and_break(service):
    call = service.take(ROUTE)
    call.break_off()
    return call


@pytest.mark.req("G7")
def test_an_identity_that_is_not_ascii_goes_as_bytes():
    """Metadata is ASCII; an agent called Íñigo has an id like everybody."""
    service = ScriptedService(role="agent", subject="íñigo")
    with routed(service):
        call = service.take(ROUTE)
        call.answer(RouteInteractionResponse())
    assert call.metadata["cartera-subject-bin"] == "íñigo".encode()


@pytest.mark.req("G3")
def test_retry_waits_as_long_as_the_service_says():
    """RetryInfo sets the delay before the next attempt, also for a full queue."""
    service = ScriptedService(retry=RetryPolicy(first_delay=60.0))
    full = status(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "TENANT_QUEUE_FULL",
        "too many calls wait",
        RetryInfo(retry_delay=Duration(nanos=1_000_000)),
    )
    with routed(service) as answer:
        service.take(ROUTE).fail(full)
        service.take(ROUTE).answer(RouteInteractionResponse(revision=1))
        assert answer.result(timeout=120).revision == 1


@pytest.mark.req("G3")
def test_a_delay_beyond_the_deadline_is_not_waited_for():
    """Where the service asks for more patience than the call has, the caller learns it at once."""
    service = ScriptedService(deadline=5.0)
    away = status(UNAVAILABLE, "DATABASE_UNAVAILABLE", "away", RetryInfo(retry_delay=Duration(seconds=60)))
    with routed(service) as answer:
        service.take(ROUTE).fail(away)
        error = answer.exception(timeout=120)
    assert error.reason == "DATABASE_UNAVAILABLE"
    assert error.retry_delay == timedelta(seconds=60)


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    ],
)
def test_what_another_attempt_would_not_cure_is_raised_at_once(code):
    """Only an absent service and a full queue are tried again."""
    service = ScriptedService()
    with routed(service) as answer:
        call = service.take(ROUTE)
        call.break_off(code)
        error = answer.exception(timeout=120)
    assert error.code is code
    assert error.request_id == call.request.request_id


def test_nobody_there_is_one_clear_error():
    """A client of an address where nothing listens fails typed, not with gRPC's own error."""
    retry = RetryPolicy(attempts=2, first_delay=0.0)
    client = Client("127.0.0.1:1", tenant_id="acme", retry=retry, wait_for_ready=False)
    with client, pytest.raises(CarteraError) as caught:
        client.configuration.GetTenant()
    assert caught.value.code is UNAVAILABLE
    assert caught.value.reason == ""
