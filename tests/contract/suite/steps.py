"""The steps of a case: each is played, and compared with what is expected."""

import base64
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.contract.suite.calls import Ask, Caller, Outcome, Watched
from tests.contract.suite.patterns import MISSING, mismatch
from tests.contract.suite.variables import fill, pick

DOMAIN = "cartera.dev"


class StepError(Exception):
    """A step isn't as expected."""


class Player:
    """Plays the steps of one case, in order."""

    def __init__(self, caller: Caller, variables: Mapping[str, Any]) -> None:
        self._caller = caller
        self._variables = dict(variables)

    def play(self, step: Mapping[str, Any]) -> None:
        """Play a step, and keep what it saves.

        Raises:
            StepError: it isn't as expected.
            VariableError: it names what there isn't.

        """
        filled = fill({key: value for key, value in step.items() if key != "save"}, self._variables)
        brought = self._watch(filled) if "watch" in filled else self._call(filled)
        for name, path in step.get("save", {}).items():
            self._variables[name] = pick(brought, path)

    def _call(self, step: Mapping[str, Any]) -> Any:
        expected = step.get("expect", {})
        ask = _asked(step, step["call"])
        if "burst" in step:
            return _burst(lambda: self._caller.call(ask), step["burst"], expected)
        outcome = self._caller.call(ask)
        _require(outcome, expected)
        return outcome.answers[0] if outcome.answers else {}

    def _watch(self, step: Mapping[str, Any]) -> list[Any]:
        expected = step.get("expect", {})
        stream = self._caller.watch(_asked(step, step["watch"]))
        try:
            read = (message for message in stream if "skip" not in step or mismatch(step["skip"], message))
            messages = list(_matched(expected.get("messages", []), read, stream))
            if expected.get("code", "OK") == "OK" and stream.end is None:
                return messages
            _require_nothing(read)
        finally:
            stream.cancel()
        _require(stream.end or Outcome(), expected)
        return messages


def _asked(step: Mapping[str, Any], method: str) -> Ask:
    request = base64.b64decode(step["bytes"]) if "bytes" in step else step.get("request", {})
    return Ask(method, request, tuple(_metadata(step)), step.get("deadline", 10))


def _metadata(step: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    role, _, subject = step.get("as", "administrator/root").partition("/")
    if role:
        yield "cartera-role", role
    if subject:
        yield "cartera-subject", subject
    yield from step.get("metadata", {}).items()


def _matched(patterns: list[Any], messages: Iterator[Any], stream: Watched) -> Iterator[Any]:
    for index, pattern in enumerate(patterns):
        message = next(messages, MISSING)
        if message is MISSING:
            raise StepError(f"the stream ended before message {index}: {stream.end}")
        wrong = mismatch(pattern, message)
        if wrong:
            raise StepError(f"message {index}: {wrong}")
        yield message


def _require_nothing(messages: Iterator[Any]) -> None:
    for message in messages:
        raise StepError(f"the stream went on with {message}")


def _burst(call: Callable[[], Outcome], times: int, expected: Mapping[str, Any]) -> Any:
    """Each succeeds or is as expected, and at least one is."""
    with ThreadPoolExecutor(times) as pool:
        outcomes = [future.result() for future in [pool.submit(call) for _ in range(times)]]
    wrong = [_complaint(outcome, expected) for outcome in outcomes]
    for outcome, complaint in zip(outcomes, wrong, strict=True):
        if complaint and outcome.code != "OK":
            raise StepError(complaint)
    if all(wrong):
        raise StepError(f"none of {times} is as expected: {wrong[0]}")
    succeeded = [outcome.answers[0] for outcome in outcomes if outcome.answers]
    return succeeded[0] if succeeded else {}


def _require(outcome: Outcome, expected: Mapping[str, Any]) -> None:
    complaint = _complaint(outcome, expected)
    if complaint:
        raise StepError(complaint)


def _complaint(outcome: Outcome, expected: Mapping[str, Any]) -> str | None:
    """What is not as expected. None: all is."""
    code = expected.get("code", "OK")
    if outcome.code != code:
        return f"the code is {outcome.code}, not {code}: {outcome.text} {dict(outcome.details)}"
    details = dict(outcome.details)
    if len(details) != len(outcome.details):
        return f"a detail is there twice: {outcome.details}"
    return mismatch(dict(_wanted(expected)), {"response": _one(outcome.answers), **details})


def _one(answers: tuple[Any, ...]) -> Any:
    return answers[0] if answers else {}


def _wanted(expected: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is expected, by where it stands."""
    info = {name: expected[name] for name in ("reason", "metadata") if name in expected}
    spoken = {name: expected[name] for name in ("message", "locale") if name in expected}
    if "response" in expected:
        yield "response", expected["response"]
    if info:
        yield "ErrorInfo", {"domain": DOMAIN, **info}
    if spoken:
        yield "LocalizedMessage", spoken
    yield from expected.get("details", {}).items()
