"""Correlation ids, and what a log line may say of an error."""

import json
import logging

import pytest
import structlog

from cartera.observability import configure_logging
from cartera.origin import ORIGIN, Origin, correlation_of

pytestmark = pytest.mark.req("G4")

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"x-correlation-id": "call-1"}, "call-1"),
        ({"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}, TRACE),
        ({"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "x-correlation-id": "call-1"}, "call-1"),
        ({"x-correlation-id": "call-1", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}, "call-1"),
        ({"x-correlation-id": "a b\r\nñ/é"}, "a_b_____"),
        ({"x-correlation-id": "x" * 500}, "x" * 64),
    ],
)
def test_the_callers_own_id_comes_first(metadata, expected):
    """Then its trace's; whatever it is, it is short and has no surprises in it."""
    assert correlation_of(metadata.items()) == expected


@pytest.mark.parametrize(
    "metadata",
    [{}, {"x-correlation-id": ""}, {"traceparent": "nonsense"}, {"traceparent": f"00-{'0' * 32}-{'0' * 16}-00"}],
)
def test_who_gives_none_gets_one(metadata):
    """Another for each call, and the same one for all that belongs to the call."""
    origins = [Origin(metadata.items()) for _ in range(100)]
    assert len({origin.correlation_id for origin in origins}) == 100
    assert origins[0].correlation_id == origins[0].correlation_id


class Quoting(Exception):  # noqa: N818 - it stands for any
    """As those of drivers and of protobuf: it says what it was given."""


@pytest.fixture
def lines(log_stream):
    configure_logging("json", "debug", log_stream)
    return lambda: [json.loads(line) for line in log_stream.getvalue().splitlines()]


def test_an_exception_is_named_and_not_quoted(lines):
    """Neither it nor what it came of, in our lines and in those of libraries; ours, and the system's, may speak."""
    canary = "+34" + "600111222"
    try:
        try:
            raise OSError("no space left")  # noqa: TRY301 - what it came of
        except OSError as cause:
            raise Quoting(f"no integer: {canary}") from cause
    except Quoting as error:
        structlog.get_logger().exception("broken", error=f"first line\nDETAIL: ({canary})")
        logging.getLogger("library").exception("failed\nfuture: %r", error)  # noqa: TRY401 - as asyncio does
    ours, theirs = lines()
    for line in (ours, theirs):
        assert "Quoting" in line["exception"]
        assert "OSError: no space left" in line["exception"]
        assert canary not in json.dumps(line)
    assert (ours["error"], theirs["event"], theirs["logger"]) == ("first line", "failed", "library")


def test_a_line_says_of_which_call_it_is(lines):
    """Whoever writes it; outside of calls there is none."""
    token = ORIGIN.set(Origin({"x-correlation-id": "call-1"}.items()))
    structlog.get_logger().info("within")
    ORIGIN.reset(token)
    structlog.get_logger().info("without")
    assert [line.get("correlation_id") for line in lines()] == ["call-1", None]
