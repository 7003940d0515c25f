"""Logs: a line for each call, and nothing of what people wrote."""

import io
import json

import pytest
import structlog

from cartera.observability import configure_logging

pytestmark = pytest.mark.req("G4")


@pytest.fixture
def restored():
    yield
    structlog.reset_defaults()


def failing(comment):
    raise RuntimeError("broken")


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_tracebacks_show_no_variables(restored, log_format):
    """A traceback in the log says where, not with what."""
    written = io.StringIO()
    configure_logging(log_format, "info", written)
    secret = "+34600" + "123456"
    try:
        failing(secret)
    except RuntimeError as error:
        structlog.get_logger().error("internal error", exc_info=error)
    assert "broken" in written.getvalue()
    assert "in failing" in written.getvalue()
    assert secret not in written.getvalue()


def test_json_is_one_object_a_line(restored):
    """Machines read a line at a time."""
    written = io.StringIO()
    configure_logging("json", "info", written)
    log = structlog.get_logger()
    log.debug("unseen")
    log.info("call refused", method="/x", code="NOT_FOUND")
    (line,) = map(json.loads, written.getvalue().splitlines())
    assert (line["event"], line["method"], line["level"]) == ("call refused", "/x", "info")
