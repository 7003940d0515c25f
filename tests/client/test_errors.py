import grpc
import pytest
from google.rpc.error_details_pb2 import (
    BadRequest,
    LocalizedMessage,
    PreconditionFailure,
    RequestInfo,
    ResourceInfo,
)
from google.rpc.status_pb2 import Status

from cartera.client import CarteraError, FieldViolation, Precondition, Resource
from tests.client.scripted import ScriptedService, in_background, status

TRANSFER = "RoutingService/Transfer"


def failure_of(status_sent):
    service = ScriptedService()
    with in_background(service.client.routing.Transfer, interaction_id="i") as answer:
        service.take(TRANSFER).fail(status_sent)
        error = answer.exception(timeout=120)
    assert isinstance(error, CarteraError)
    return error


@pytest.mark.req("G3", "T1")
def test_every_violated_condition_is_listed():
    """A refused transfer names each condition that failed, by its ErrorReason."""
    violations = [
        PreconditionFailure.Violation(type="AGENT_NOT_ONLINE", subject="agents/luis", description="paused"),
        PreconditionFailure.Violation(type="AGENT_AT_CAPACITY", subject="agents/luis", description="3 of 3"),
    ]
    error = failure_of(
        status(
            grpc.StatusCode.FAILED_PRECONDITION,
            "AGENT_NOT_ONLINE",
            "refused",
            PreconditionFailure(violations=violations),
        )
    )
    assert error.code is grpc.StatusCode.FAILED_PRECONDITION
    assert error.reason == "AGENT_NOT_ONLINE"
    assert error.violations == (
        Precondition("AGENT_NOT_ONLINE", "agents/luis", "paused"),
        Precondition("AGENT_AT_CAPACITY", "agents/luis", "3 of 3"),
    )


@pytest.mark.req("G3")
def test_every_bad_field_is_listed():
    """An invalid request names each field."""
    bad = BadRequest(
        field_violations=[
            BadRequest.FieldViolation(field="note", description="must not be empty"),
            BadRequest.FieldViolation(field="target", description="is required"),
        ]
    )
    error = failure_of(status(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", "invalid", bad))
    assert error.field_violations == (
        FieldViolation("note", "must not be empty"),
        FieldViolation("target", "is required"),
    )


@pytest.mark.req("G3")
def test_the_resource_and_the_localized_message_are_told():
    """What was not found stands in the error; the message is the one for people."""
    error = failure_of(
        status(
            grpc.StatusCode.NOT_FOUND,
            "RESOURCE_NOT_FOUND",
            "not found",
            ResourceInfo(resource_type="interaction", resource_name="i"),
            RequestInfo(request_id="call-1"),
            LocalizedMessage(locale="es", message="la interacción «i» no existe"),
        )
    )
    assert error.resource == Resource("interaction", "i")
    assert str(error) == "la interacción «i» no existe (RESOURCE_NOT_FOUND)"
    assert error.correlation_id == "call-1"


def test_a_status_without_details_is_an_error_with_its_code():
    """A proxy between may answer with a bare status."""
    error = failure_of(Status(code=grpc.StatusCode.PERMISSION_DENIED.value[0], message="not here"))
    assert (error.code, error.reason, error.message) == (grpc.StatusCode.PERMISSION_DENIED, "", "not here")


def test_details_that_are_garbage_leave_code_and_message():
    """Broken details never hide the failure itself."""
    service = ScriptedService()
    with in_background(service.client.routing.Transfer, interaction_id="i") as answer:
        call = service.take(TRANSFER)
        garbage = (("grpc-status-details-bin", b"\xff\xff\xff"),)
        call.rpc.terminate(None, garbage, grpc.StatusCode.INTERNAL, "broken")
        error = answer.exception(timeout=120)
    assert (error.code, error.message) == (grpc.StatusCode.INTERNAL, "broken")
