"""Failures of calls, with the details that the service puts into a google.rpc.Status."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import NamedTuple, Protocol, TypeVar, cast

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import (
    BadRequest,
    ErrorInfo,
    LocalizedMessage,
    PreconditionFailure,
    RequestInfo,
    ResourceInfo,
    RetryInfo,
)
from google.rpc.status_pb2 import Status

STATUS_KEY = "grpc-status-details-bin"

DetailT = TypeVar("DetailT", bound=Message)


class FailedCall(Protocol):
    """What a grpc.RpcError of either kind of channel can tell."""

    def code(self) -> grpc.StatusCode: ...
    def details(self) -> str | None: ...
    def trailing_metadata(self) -> Iterable[tuple[str, str | bytes]] | None: ...


class FieldViolation(NamedTuple):
    """A field of the request that the service refused, described in the client's language."""

    field: str
    description: str
    reason: str = ""


class Precondition(NamedTuple):
    """A condition of the tenant's state that does not hold. The type is the name of an ErrorReason."""

    type: str
    subject: str
    description: str


class Resource(NamedTuple):
    """What the failure is about."""

    type: str
    name: str


@dataclass(frozen=True)
class Details:
    """Everything a failure says, in plain values."""

    code: grpc.StatusCode
    message: str
    reason: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    field_violations: tuple[FieldViolation, ...] = ()
    violations: tuple[Precondition, ...] = ()
    resource: Resource | None = None
    retry_delay: timedelta | None = None
    correlation_id: str = ""


class CarteraError(Exception):
    """A call failed. `reason` is the name of an ErrorReason, "" where the failure is the connection's.

    A failed call is not a failed operation: after UNAVAILABLE or DEADLINE_EXCEEDED its outcome is unknown.
    Call again with the same `request_id`, and the service answers as it did the first time. By the `correlation_id`
    who runs the service finds the call in its logs.
    """

    def __init__(self, details: Details, request_id: str = "") -> None:
        super().__init__(details.message)
        self.code = details.code
        self.message = details.message
        self.reason = details.reason
        self.metadata = details.metadata
        self.field_violations = details.field_violations
        self.violations = details.violations
        self.resource = details.resource
        self.retry_delay = details.retry_delay
        self.correlation_id = details.correlation_id
        self.request_id = request_id

    def __str__(self) -> str:
        return f"{self.message} ({self.reason or self.code.name})"


def error_from(failure: grpc.RpcError, request_id: str = "") -> CarteraError:
    call = cast("FailedCall", failure)
    plain = Details(call.code(), call.details() or call.code().name)
    status = status_of(call)
    return CarteraError(plain if status is None else enriched(plain, status), request_id)


def status_of(call: FailedCall) -> Status | None:
    for key, value in call.trailing_metadata() or ():
        if key == STATUS_KEY and isinstance(value, bytes):
            try:
                return Status.FromString(value)
            except DecodeError:  # a proxy's own invention: the plain code and message must do
                return None
    return None


def enriched(plain: Details, status: Status) -> Details:
    info = detail(status, ErrorInfo)
    resource = detail(status, ResourceInfo)
    retry = detail(status, RetryInfo)
    asked = detail(status, RequestInfo)
    localized = detail(status, LocalizedMessage)
    return replace(
        plain,
        message=localized.message if localized else status.message or plain.message,
        reason=info.reason if info else "",
        metadata=dict(info.metadata) if info else {},
        field_violations=field_violations(detail(status, BadRequest)),
        violations=violations(detail(status, PreconditionFailure)),
        resource=Resource(resource.resource_type, resource.resource_name) if resource else None,
        retry_delay=retry.retry_delay.ToTimedelta() if retry else None,
        correlation_id=asked.request_id if asked else "",
    )


def detail(status: Status, kind: type[DetailT]) -> DetailT | None:
    for packed in status.details:
        unpacked = kind()
        if packed.Unpack(unpacked):
            return unpacked
    return None


def field_violations(request: BadRequest | None) -> tuple[FieldViolation, ...]:
    found = request.field_violations if request else ()
    return tuple(
        FieldViolation(each.field, each.localized_message.message or each.description, each.reason) for each in found
    )


def violations(failure: PreconditionFailure | None) -> tuple[Precondition, ...]:
    found = failure.violations if failure else ()
    return tuple(Precondition(each.type, each.subject, each.description) for each in found)
