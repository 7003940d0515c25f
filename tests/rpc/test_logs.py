"""Logs: a line for each call, and nothing of what people wrote."""

import json

import pytest
import structlog

from cartera.observability import configure_logging

pytestmark = pytest.mark.req("G4")


def failing(comment):
    raise RuntimeError("broken")


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_tracebacks_show_no_variables(log_stream, log_format):
    """A traceback in the log says where, not with what."""
    configure_logging(log_format, "info", log_stream)
    secret = "+34600" + "123456"
    try:
        failing(secret)
    except RuntimeError as error:
        structlog.get_logger().error("internal error", exc_info=error)
    assert "broken" in log_stream.getvalue()
    assert "in failing" in log_stream.getvalue()
    assert secret not in log_stream.getvalue()


def test_json_is_one_object_a_line(log_stream):
    """Machines read a line at a time."""
    configure_logging("json", "info", log_stream)
    log = structlog.get_logger()
    log.debug("unseen")
    log.info("call refused", method="/x", code="NOT_FOUND")
    (line,) = map(json.loads, log_stream.getvalue().splitlines())
    assert (line["event"], line["method"], line["level"]) == ("call refused", "/x", "info")
