"""The one door for errors: whatever goes wrong becomes a google.rpc.Status here and nowhere else.

The first violation decides the code; all of them stand in the details. What has no place in the contract is INTERNAL:
it is logged with all there is to know, and the caller learns nothing of it.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any, NamedTuple

import structlog
from grpc import StatusCode

from cartera.core.rejection import Rejected, Violation
from cartera.core.vocabulary import ErrorReason
from cartera.engine.errors import (
    CallerQueueFull,
    DatabaseUnavailable,
    DeadlinePassed,
    Draining,
    QueueFull,
    RequestIdReused,
    RevisionInTheFuture,
    RevisionPruned,
    RevisionReplaced,
    TooManyStreams,
    WatcherTooSlow,
)
from cartera.store.store import StoreUnavailable

log = structlog.get_logger()


class Detail(Enum):
    """The detail that a violation stands in, beside the ErrorInfo that every error has."""

    FIELD = auto()
    """BadRequest: the subject is the path of a field."""
    PRECONDITION = auto()
    """PreconditionFailure."""
    RESOURCE = auto()
    """ResourceInfo."""
    RETRY = auto()
    """RetryInfo."""
    NONE = auto()


class Rule(NamedTuple):
    """How a reason is answered."""

    code: StatusCode
    detail: Detail


_FIELD = Rule(StatusCode.INVALID_ARGUMENT, Detail.FIELD)
_PRECONDITION = Rule(StatusCode.FAILED_PRECONDITION, Detail.PRECONDITION)

RULES: Mapping[ErrorReason, Rule] = {
    ErrorReason.UNSPECIFIED: Rule(StatusCode.UNKNOWN, Detail.NONE),
    ErrorReason.INVALID_FIELD: _FIELD,
    ErrorReason.REQUEST_ID_REUSED: _FIELD,
    ErrorReason.UNKNOWN_REFERENCE: _FIELD,
    ErrorReason.DUPLICATE_VALUE: _FIELD,
    ErrorReason.TENANT_NOT_FOUND: Rule(StatusCode.NOT_FOUND, Detail.RESOURCE),
    ErrorReason.RESOURCE_NOT_FOUND: Rule(StatusCode.NOT_FOUND, Detail.RESOURCE),
    ErrorReason.RESOURCE_ALREADY_EXISTS: Rule(StatusCode.ALREADY_EXISTS, Detail.RESOURCE),
    ErrorReason.RESOURCE_IN_USE: _PRECONDITION,
    ErrorReason.ETAG_MISMATCH: Rule(StatusCode.ABORTED, Detail.RESOURCE),
    ErrorReason.PERMISSION_DENIED: Rule(StatusCode.PERMISSION_DENIED, Detail.NONE),
    ErrorReason.CALLER_UNKNOWN: Rule(StatusCode.UNAUTHENTICATED, Detail.NONE),
    ErrorReason.CONTACT_MUST_BE_CREATED_FIRST: _PRECONDITION,
    ErrorReason.CONTACT_IN_ANOTHER_PORTFOLIO: _PRECONDITION,
    ErrorReason.PORTFOLIO_INACTIVE: _PRECONDITION,
    ErrorReason.AGENT_NOT_ONLINE: _PRECONDITION,
    ErrorReason.AGENT_AT_CAPACITY: _PRECONDITION,
    ErrorReason.AGENT_LACKS_CHANNEL: _PRECONDITION,
    ErrorReason.AGENT_NOT_IN_CAMPAIGN: _PRECONDITION,
    ErrorReason.AGENT_NOT_IN_WORKGROUP: _PRECONDITION,
    ErrorReason.AGENT_ALREADY_HOLDS: _PRECONDITION,
    ErrorReason.AGENT_HAS_NO_SESSION: _PRECONDITION,
    ErrorReason.CAMPAIGN_LACKS_CHANNEL: _PRECONDITION,
    ErrorReason.CAMPAIGN_ADDRESS_DIFFERS: _PRECONDITION,
    ErrorReason.CAMPAIGN_IS_ONLY_ONE: _PRECONDITION,
    ErrorReason.CAMPAIGN_UNCHANGED: _PRECONDITION,
    ErrorReason.INTERACTION_NOT_WAITING: _PRECONDITION,
    ErrorReason.INTERACTION_NOT_ASSIGNED: _PRECONDITION,
    ErrorReason.INTERACTION_ENDED: _PRECONDITION,
    ErrorReason.INTERACTION_KEPT_FOR_OWNER: _PRECONDITION,
    ErrorReason.INTERACTION_KEPT_FOR_EXCLUSIVE_AGENT: _PRECONDITION,
    ErrorReason.NOTHING_TO_CLAIM: _PRECONDITION,
    ErrorReason.DISPOSITION_UNKNOWN: _PRECONDITION,
    ErrorReason.SUB_DISPOSITION_UNKNOWN: _PRECONDITION,
    ErrorReason.SUB_DISPOSITION_REQUIRED: _PRECONDITION,
    ErrorReason.REASON_CODE_REQUIRED: _FIELD,
    ErrorReason.PAGE_TOKEN_INVALID: _FIELD,
    ErrorReason.REVISION_IN_THE_FUTURE: Rule(StatusCode.OUT_OF_RANGE, Detail.NONE),
    ErrorReason.REVISION_PRUNED: Rule(StatusCode.OUT_OF_RANGE, Detail.NONE),
    ErrorReason.REVISION_REPLACED: Rule(StatusCode.OUT_OF_RANGE, Detail.NONE),
    ErrorReason.TENANT_QUEUE_FULL: Rule(StatusCode.RESOURCE_EXHAUSTED, Detail.RETRY),
    ErrorReason.WATCHER_TOO_SLOW: Rule(StatusCode.RESOURCE_EXHAUSTED, Detail.RETRY),
    ErrorReason.SERVICE_DRAINING: Rule(StatusCode.UNAVAILABLE, Detail.RETRY),
    ErrorReason.DATABASE_UNAVAILABLE: Rule(StatusCode.UNAVAILABLE, Detail.RETRY),
    ErrorReason.DEADLINE_PASSED: Rule(StatusCode.DEADLINE_EXCEEDED, Detail.NONE),
    ErrorReason.METHOD_NOT_IMPLEMENTED: Rule(StatusCode.UNIMPLEMENTED, Detail.NONE),
    ErrorReason.MESSAGE_MALFORMED: Rule(StatusCode.INVALID_ARGUMENT, Detail.NONE),
    ErrorReason.TOO_MANY_STREAMS: Rule(StatusCode.RESOURCE_EXHAUSTED, Detail.RETRY),
    ErrorReason.INTERNAL: Rule(StatusCode.INTERNAL, Detail.NONE),
    ErrorReason.INTERACTION_NOT_OFFERED: _PRECONDITION,
    ErrorReason.INTERACTION_NOT_IN_WRAP_UP: _PRECONDITION,
    ErrorReason.WORKGROUP_QUEUE_FULL: Rule(StatusCode.RESOURCE_EXHAUSTED, Detail.RETRY),
    ErrorReason.CAMPAIGN_CLOSED: _PRECONDITION,
    ErrorReason.AGENT_LACKS_SKILL: _PRECONDITION,
    ErrorReason.METHOD_LACKS_AGENTS: _FIELD,
    ErrorReason.NOT_A_MEMBER: _FIELD,
    ErrorReason.OVERFLOW_CYCLE: _FIELD,
    ErrorReason.TIME_ZONE_UNKNOWN: _FIELD,
    ErrorReason.HOURS_INVALID: _FIELD,
    ErrorReason.NOTE_NOT_FOUND: Rule(StatusCode.NOT_FOUND, Detail.RESOURCE),
    ErrorReason.CHANNEL_LACKS_DELIVERY_STATES: _PRECONDITION,
    ErrorReason.DECISION_NOT_FOUND: Rule(StatusCode.NOT_FOUND, Detail.RESOURCE),
    ErrorReason.AGENT_UNCHANGED: _PRECONDITION,
    ErrorReason.TOKEN_EXPIRED: Rule(StatusCode.UNAUTHENTICATED, Detail.NONE),
    ErrorReason.KEYS_UNAVAILABLE: Rule(StatusCode.UNAVAILABLE, Detail.RETRY),
    ErrorReason.CALLER_QUEUE_FULL: Rule(StatusCode.RESOURCE_EXHAUSTED, Detail.RETRY),
}
"""Every reason, with the code and the kind of detail that it is answered with."""

RETRY_AFTER: Mapping[ErrorReason, float] = {
    # Longer than a call lasts: whoever holds a contact on the line shall decide at once what to do with it, and no
    # client try again unseen.
    ErrorReason.WORKGROUP_QUEUE_FULL: 30.0,
    ErrorReason.KEYS_UNAVAILABLE: 1.0,
}
"""Seconds after which a refused call may do better."""


_NAMELESS = frozenset({"tenant", "tenant/"})


class Failure(NamedTuple):
    """What went wrong, in the contract's words."""

    violations: tuple[Violation, ...]
    retry_after: float = 0.0
    """Seconds, for the reasons that tell when to try again."""

    @property
    def reason(self) -> ErrorReason:
        return self.violations[0].reason

    @property
    def code(self) -> StatusCode:
        return RULES[self.reason].code

    def naming(self, tenant_id: str) -> "Failure":
        """The same, and where it is about the call's tenant, with its name, which the core doesn't know."""
        if RULES[self.reason].detail is not Detail.RESOURCE:
            return self
        named = [
            each._replace(subject=f"tenant/{tenant_id}") if each.subject in _NAMELESS else each
            for each in self.violations
        ]
        return self._replace(violations=tuple(named))


def failure_of(error: BaseException) -> Failure:
    """What an exception is to the caller."""
    if isinstance(error, Rejected):
        return Failure(error.violations, RETRY_AFTER.get(error.violations[0].reason, 0.0))
    translate = _ENGINE_ERRORS.get(type(error))
    if translate is not None:
        return translate(error)
    log.error("internal error", exc_info=error)
    return _failed(ErrorReason.INTERNAL)


def _failed(reason: ErrorReason, subject: str = "", retry_after: float = 0.0, **data: Any) -> Failure:
    return Failure((Violation(reason, subject, {key: str(value) for key, value in data.items()}),), retry_after)


_ENGINE_ERRORS: Mapping[type[BaseException], Callable[[Any], Failure]] = {
    QueueFull: lambda error: _failed(ErrorReason.TENANT_QUEUE_FULL, retry_after=error.retry_after),
    CallerQueueFull: lambda error: _failed(
        ErrorReason.CALLER_QUEUE_FULL, retry_after=error.retry_after, limit=error.limit
    ),
    TooManyStreams: lambda error: _failed(
        ErrorReason.TOO_MANY_STREAMS,
        retry_after=error.retry_after,
        **({} if error.caller_limit is None else {"caller_limit": error.caller_limit}),
    ),
    Draining: lambda _: _failed(ErrorReason.SERVICE_DRAINING, retry_after=1.0),
    DatabaseUnavailable: lambda error: _failed(ErrorReason.DATABASE_UNAVAILABLE, retry_after=error.retry_after),
    StoreUnavailable: lambda _: _failed(ErrorReason.DATABASE_UNAVAILABLE, retry_after=1.0),
    DeadlinePassed: lambda _: _failed(ErrorReason.DEADLINE_PASSED),
    RequestIdReused: lambda _: _failed(ErrorReason.REQUEST_ID_REUSED, "request_id"),
    RevisionInTheFuture: lambda error: _failed(
        ErrorReason.REVISION_IN_THE_FUTURE, oldest=error.oldest, current=error.current
    ),
    RevisionPruned: lambda error: _failed(ErrorReason.REVISION_PRUNED, oldest=error.oldest, current=error.current),
    RevisionReplaced: lambda error: _failed(ErrorReason.REVISION_REPLACED, oldest=error.oldest, current=error.current),
    WatcherTooSlow: lambda error: _failed(ErrorReason.WATCHER_TOO_SLOW, retry_after=0.1, revision=error.revision),
}
