"""What the cases show: which RPCs they call, and which error reasons they meet."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cartera.contract.messages import SERVICES
from cartera.core.vocabulary import ErrorReason
from tests.contract.suite.cases import Case, Step

RPCS = tuple(f"{service.name}/{method.name}" for service in SERVICES for method in service.methods)


class Unprovoked(NamedTuple):
    """A reason that no case meets."""

    why: str
    shown_by: str
    """The test that shows it."""


UNPROVOKED = {
    ErrorReason.DEADLINE_PASSED: Unprovoked(
        "the caller's own clock ends the call before the answer can arrive, so callers see its code without details",
        "tests/engine/test_batches.py::test_a_call_whose_deadline_has_passed_is_not_begun",
    ),
}
REASONS = tuple(reason for reason in ErrorReason if reason is not ErrorReason.UNSPECIFIED)


def rpc_of(step: Step) -> str:
    """The RPC that a step calls, as cases name it."""
    return str(step.get("call") or step["watch"])


def rpcs_of(case: Case) -> set[str]:
    return {rpc_of(step) for step in case.steps}


def expected_code(step: Step) -> str:
    return str(step.get("expect", {}).get("code", "OK"))


def reasons_of(case: Case) -> set[str]:
    """The reasons that a case expects, by their names."""
    return {reason for step in case.steps for reason in _reasons(step)}


def _reasons(step: Step) -> Iterator[str]:
    expected = step.get("expect", {})
    if "reason" in expected:
        yield expected["reason"]
    yield from _named(expected.get("details", {}))


def _named(pattern: object) -> Iterator[str]:
    """The reasons that details name: those of fields, and the types of conditions."""
    match pattern:
        case dict():
            yield from (pattern[key] for key in ("reason", "type") if isinstance(pattern.get(key), str))
            for each in pattern.values():
                yield from _named(each)
        case list():
            for each in pattern:
                yield from _named(each)


def steps_that_succeed(cases: Iterable[Case]) -> set[str]:
    return {rpc_of(step) for case in cases for step in case.steps if expected_code(step) == "OK"}


def steps_that_fail(cases: Iterable[Case]) -> set[str]:
    return {rpc_of(step) for case in cases for step in case.steps if expected_code(step) != "OK"}
