"""Errors: one table, and every detail in its place."""

import pytest
from grpc import StatusCode

from cartera.core.rejection import Rejected, Violation, reject
from cartera.core.vocabulary import ErrorReason
from cartera.engine import errors as engine_errors
from cartera.rpc.errors import RULES, Detail, Failure, failure_of
from cartera.rpc.messages import TEMPLATES, say
from cartera.rpc.statuses import DOMAIN, status_of
from cartera.store.store import StoreUnavailable
from tests.rpc.failures import opened

pytestmark = pytest.mark.req("G3")

ENGINE_ERRORS = {
    engine_errors.QueueFull(2.5): (StatusCode.RESOURCE_EXHAUSTED, "TENANT_QUEUE_FULL", 2.5),
    engine_errors.Draining(): (StatusCode.UNAVAILABLE, "SERVICE_DRAINING", 1.0),
    engine_errors.DatabaseUnavailable(3.0): (StatusCode.UNAVAILABLE, "DATABASE_UNAVAILABLE", 3.0),
    engine_errors.DeadlinePassed(): (StatusCode.DEADLINE_EXCEEDED, "DEADLINE_PASSED", None),
    engine_errors.RequestIdReused(): (StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED", None),
    engine_errors.RevisionInTheFuture(1, 9): (StatusCode.OUT_OF_RANGE, "REVISION_IN_THE_FUTURE", None),
    engine_errors.RevisionPruned(5, 9): (StatusCode.OUT_OF_RANGE, "REVISION_PRUNED", None),
    engine_errors.RevisionReplaced(5, 9): (StatusCode.OUT_OF_RANGE, "REVISION_REPLACED", None),
    engine_errors.CallerQueueFull(1.0, 32): (StatusCode.RESOURCE_EXHAUSTED, "CALLER_QUEUE_FULL", 1.0),
    engine_errors.TooManyStreams(5.0): (StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS", 5.0),
    engine_errors.WatcherTooSlow(7): (StatusCode.RESOURCE_EXHAUSTED, "WATCHER_TOO_SLOW", 0.1),
    StoreUnavailable("host db.internal is gone"): (StatusCode.UNAVAILABLE, "DATABASE_UNAVAILABLE", 1.0),
}
CODES = {
    Detail.FIELD: {StatusCode.INVALID_ARGUMENT},
    Detail.PRECONDITION: {StatusCode.FAILED_PRECONDITION},
    Detail.RESOURCE: {StatusCode.NOT_FOUND, StatusCode.ALREADY_EXISTS, StatusCode.ABORTED},
    Detail.RETRY: {StatusCode.UNAVAILABLE, StatusCode.RESOURCE_EXHAUSTED},
}


def details_of(failure):
    return dict(map(opened, status_of(failure).details))


@pytest.mark.parametrize("reason", ErrorReason)
def test_every_reason_has_a_rule_and_words(reason):
    """Every reason of the contract is in the table, and can be said in every language."""
    assert reason in RULES
    for language in TEMPLATES:
        assert say(Violation(reason, "agent/ana"), language)


@pytest.mark.parametrize("reason", ErrorReason)
def test_codes_fit_the_details(reason):
    """A kind of detail goes with the codes that it is meant for."""
    rule = RULES[reason]
    assert rule.detail not in CODES or rule.code in CODES[rule.detail]


@pytest.mark.parametrize("reason", ErrorReason)
def test_every_error_has_a_reason_and_a_message(reason):
    """Every error has an ErrorInfo and a LocalizedMessage."""
    details = details_of(failure_of(reject(reason, "agent/ana", channel="VOICE")))
    assert details["ErrorInfo"].reason == reason.name
    assert details["ErrorInfo"].domain == DOMAIN == "cartera.dev"
    assert details["ErrorInfo"].metadata == {"channel": "VOICE"}
    assert details["LocalizedMessage"].locale == "en"
    assert details["LocalizedMessage"].message


@pytest.mark.parametrize("error", ENGINE_ERRORS, ids=lambda error: type(error).__name__)
def test_what_keeps_the_engine_from_an_answer_is_said(error):
    """Every error of the engine has its code, and those that pass say when to try again."""
    code, reason, retry = ENGINE_ERRORS[error]
    failure = failure_of(error)
    details = details_of(failure)
    assert (failure.code, details["ErrorInfo"].reason) == (code, reason)
    delays = [details["RetryInfo"].retry_delay.ToTimedelta().total_seconds()] if "RetryInfo" in details else []
    assert delays == ([] if retry is None else [retry])


def test_a_full_queue_says_when_to_try_again():
    """Later than a call lasts, so that no client tries again unseen while a contact is on the line."""
    failure = failure_of(reject(ErrorReason.WORKGROUP_QUEUE_FULL, "workgroup/sales"))
    assert failure.code is StatusCode.RESOURCE_EXHAUSTED
    assert details_of(failure)["RetryInfo"].retry_delay.ToTimedelta().total_seconds() == 30.0


def test_every_engine_error_has_a_row():
    """No error of the engine was forgotten."""
    known = {type(error) for error in ENGINE_ERRORS}
    assert set(engine_errors.EngineError.__subclasses__()) <= known


@pytest.mark.parametrize(
    "error",
    [engine_errors.RevisionPruned(5, 9), engine_errors.RevisionInTheFuture(5, 9), engine_errors.RevisionReplaced(5, 9)],
)
def test_revisions_out_of_range_say_what_there_is(error):
    """A watcher learns the oldest and the present revision."""
    assert details_of(failure_of(error))["ErrorInfo"].metadata == {"oldest": "5", "current": "9"}


def test_a_slow_watcher_learns_where_to_resume():
    """A watcher that is cut learns the revision that it has."""
    failure = failure_of(engine_errors.WatcherTooSlow(7))
    assert details_of(failure)["ErrorInfo"].metadata == {"revision": "7"}


def test_driver_text_never_leaves():
    """What the database said stays in the house."""
    for error in (StoreUnavailable("host db.internal is gone"), RuntimeError("password=secret")):
        said = str(status_of(failure_of(error)))
        assert "db.internal" not in said
        assert "secret" not in said


def test_the_unexpected_is_internal():
    """A fault of ours is INTERNAL and says no more."""
    failure = failure_of(ZeroDivisionError("oops"))
    assert (failure.code, failure.reason) == (StatusCode.INTERNAL, ErrorReason.INTERNAL)


def test_every_violation_is_named_at_once():
    """The first violation decides the code; all of them stand in the details, each in the detail of its kind."""
    failure = failure_of(
        Rejected(
            Violation(ErrorReason.AGENT_NOT_ONLINE, "agent/ana"),
            Violation(ErrorReason.AGENT_AT_CAPACITY, "agent/ana", {"capacity": "2"}),
            Violation(ErrorReason.REASON_CODE_REQUIRED, "reason_code"),
            Violation(ErrorReason.RESOURCE_NOT_FOUND, "script/s1"),
        )
    )
    details = details_of(failure)
    assert failure.code is StatusCode.FAILED_PRECONDITION
    preconditions = details["PreconditionFailure"].violations
    assert [each.type for each in preconditions] == ["AGENT_NOT_ONLINE", "AGENT_AT_CAPACITY"]
    assert [each.subject for each in preconditions] == ["agent/ana", "agent/ana"]
    assert details["BadRequest"].field_violations[0].field == "reason_code"
    resource = details["ResourceInfo"]
    assert (resource.resource_type, resource.resource_name) == ("script", "s1")


def test_a_status_stays_small_whatever_is_wrong():
    """A thousand violations don't make an error that gRPC can't carry; those left out are counted."""
    violations = [
        Violation(ErrorReason.UNKNOWN_REFERENCE, f"configuration.workgroups[{index}].member_ids", {"value": "ñ" * 500})
        for index in range(1000)
    ]
    status = status_of(Failure(tuple(violations)))
    details = dict(map(opened, status.details))
    named = len(details["BadRequest"].field_violations)
    assert len(status.SerializeToString()) < 8192
    assert named > 3
    assert details["ErrorInfo"].metadata["violations_left_out"] == str(1000 - named)


def test_one_violation_is_always_named():
    """However long its words are."""
    violation = Violation(ErrorReason.INVALID_FIELD, "x" * 100_000, {"problem": "y" * 100_000})
    status = status_of(Failure((violation,)))
    assert len(status.SerializeToString()) < 8192
    assert dict(map(opened, status.details))["BadRequest"].field_violations


@pytest.mark.parametrize("subject", ["tenant", "tenant/"])
@pytest.mark.parametrize(
    "reason", [ErrorReason.TENANT_NOT_FOUND, ErrorReason.RESOURCE_ALREADY_EXISTS, ErrorReason.ETAG_MISMATCH]
)
def test_a_tenant_is_named_by_the_call(reason, subject):
    """Whoever refused it may know but one tenant, and no name."""
    failure = failure_of(reject(reason, subject)).naming("acme")
    assert details_of(failure)["ResourceInfo"].resource_name == "acme"
    other = failure_of(reject(reason, "agent/ana")).naming("acme")
    assert details_of(other)["ResourceInfo"].resource_name == "ana"
