"""Failures as google.rpc statuses, with their details."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
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

from cartera.core.rejection import Violation
from cartera.rpc.errors import RULES, Detail, Failure
from cartera.rpc.messages import LANGUAGE, say, shorten

DOMAIN = "cartera.dev"

_MOST_BYTES = 3500
_MOST_SPOKEN_BYTES = 512
"""For the details, and for the message. They travel in the trailing metadata, where the message stands twice, once in
percent-encoding. Clients take 8 KiB there by default; beyond it the call would fail with another error than its own.
"""


def status_of(failure: Failure, language: str = LANGUAGE, correlation_id: str = "") -> Status:
    """The status that tells all of a failure, or as much of it as a status holds.

    Its message and its descriptions are for developers, in English; what people are to read, in their language, is
    localized. Of a precondition, which has no place for that, the description is.
    """
    named = _as_many_as_fit(failure.violations, language)
    first = failure.violations[0]
    status = Status(code=failure.code.value[0], message=_spoken(named, LANGUAGE))
    left_out = len(failure.violations) - len(named)
    details: list[Message] = [_error_info(first, left_out), _localized(_spoken(named, language), language)]
    details += _details(named, language)
    if RULES[first.reason].detail is Detail.RETRY:
        details.append(RetryInfo(retry_delay=_duration(failure.retry_after)))
    if correlation_id:
        details.append(RequestInfo(request_id=correlation_id))
    for detail in details:
        _pack(status, detail)
    return status


def _spoken(violations: tuple[Violation, ...], language: str) -> str:
    """What the first of them say; the details have the others."""
    spoken = said = say(violations[0], language)
    for violation in violations[1:]:
        said = f"{said} {say(violation, language)}"
        if len(said.encode()) > _MOST_SPOKEN_BYTES:
            break
        spoken = said
    return spoken


def _localized(message: str, language: str) -> LocalizedMessage:
    return LocalizedMessage(locale=language, message=message)


def _as_many_as_fit(violations: tuple[Violation, ...], language: str) -> tuple[Violation, ...]:
    if len(violations) == 1:
        return violations
    size = 0
    for count, violation in enumerate(violations):
        said = say(violation) + say(violation, language) + shorten(violation.subject)
        size += len(said.encode()) + _AROUND_EACH
        if size > _MOST_BYTES and count:
            return violations[:count]
    return violations


_AROUND_EACH = 50


def _error_info(first: Violation, left_out: int) -> ErrorInfo:
    metadata = {key: shorten(value) for key, value in first.data.items()}
    if left_out:
        metadata["violations_left_out"] = str(left_out)
    return ErrorInfo(reason=first.reason.name, domain=DOMAIN, metadata=metadata)


def _details(violations: Iterable[Violation], language: str) -> Iterator[Message]:
    kinds: dict[Detail, list[Violation]] = {}
    for violation in violations:
        kinds.setdefault(RULES[violation.reason].detail, []).append(violation)
    for kind, alike in kinds.items():
        yield from _BUILDERS[kind](alike, language)


def _bad_request(violations: list[Violation], language: str) -> Iterator[Message]:
    yield BadRequest(
        field_violations=[
            BadRequest.FieldViolation(
                field=shorten(violation.subject),
                description=say(violation),
                reason=violation.reason.name,
                localized_message=_localized(say(violation, language), language),
            )
            for violation in violations
        ]
    )


def _precondition_failure(violations: list[Violation], language: str) -> Iterator[Message]:
    yield PreconditionFailure(
        violations=[
            PreconditionFailure.Violation(
                type=violation.reason.name,
                subject=shorten(violation.subject),
                description=say(violation, language),
            )
            for violation in violations
        ]
    )


def _resource_info(violations: list[Violation], _language: str) -> Iterator[Message]:
    for violation in violations:
        kind, _, identifier = violation.subject.partition("/")
        yield ResourceInfo(resource_type=kind, resource_name=shorten(identifier), description=say(violation))


def _nothing(_violations: list[Violation], _language: str) -> Iterator[Message]:
    return iter(())


_BUILDERS: Mapping[Detail, Callable[[list[Violation], str], Iterator[Message]]] = {
    Detail.FIELD: _bad_request,
    Detail.PRECONDITION: _precondition_failure,
    Detail.RESOURCE: _resource_info,
    Detail.RETRY: _nothing,
    Detail.NONE: _nothing,
}


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromTimedelta(timedelta(seconds=seconds))
    return duration


def _pack(status: Status, detail: Message) -> None:
    packed = AnyMessage()
    packed.Pack(detail)
    status.details.append(packed)
