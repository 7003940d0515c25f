"""Logs: one line per event, for people on a terminal or as JSON for machines. No personal data, no contents."""

import logging
import sys
from typing import Literal, TextIO

import structlog
from structlog.dev import plain_traceback
from structlog.typing import Processor

LogFormat = Literal["console", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]


def configure_logging(log_format: LogFormat, level: LogLevel, stream: TextIO | None = None) -> None:
    """Sets up the logs of the process, on stderr unless told otherwise."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    stream = stream or sys.stderr
    # grpc, asyncio and alembic log by the standard library; what is worth a warning there is worth one here.
    logging.basicConfig(level=max(threshold, logging.WARNING), stream=stream, format="%(name)s: %(message)s")
    structlog.configure(
        processors=[*_common(), *_last(log_format, stream)],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )


def logs_each_call() -> bool:
    """Whether a line for each call would be seen; making one costs more than most of what a call does."""
    return bool(structlog.get_logger().is_enabled_for(logging.DEBUG))


def _common() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


# Tracebacks are plain: the fancier ones show variables, and with them what contacts and agents wrote.
def _last(log_format: LogFormat, stream: TextIO) -> list[Processor]:
    if log_format == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    return [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain_traceback)]
