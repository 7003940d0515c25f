"""Logs: one line per event, for people on a terminal or as JSON for machines. No personal data, no contents."""

import logging
import sys
from collections.abc import Iterator
from traceback import format_tb
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from cartera.origin import ORIGIN

LogFormat = Literal["console", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]

LONGEST = 500
"""Characters of what an error of the database or of the system says."""

_QUOTED = (AssertionError, ArithmeticError, ImportError, OSError, RuntimeError)
"""Exceptions whose text is ours or the system's. What others say may quote what they were given."""


def configure_logging(log_format: LogFormat, level: LogLevel, stream: TextIO | None = None) -> None:
    """Sets up the logs of the process, on stderr unless told otherwise."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    stream = stream or sys.stderr
    disregard_garbage()
    last = _last(log_format, stream)
    # grpc, asyncio and alembic log by the standard library; what is worth a warning there is worth one here.
    logging.basicConfig(level=max(threshold, logging.WARNING), handlers=[_handler(last, stream)], force=True)
    structlog.configure(
        processors=[*_common(), *last],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )


def disregard_garbage() -> None:
    """Let gRPC write nothing about headers that are no UTF-8: it is a traceback for each, and anybody may send them."""
    logging.getLogger("grpc._cython.cygrpc").addFilter(_is_no_garbage)


def _is_no_garbage(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("Invalid encoding on")


def logs_each_call() -> bool:
    """Whether a line for each call would be seen; making one costs more than most of what a call does."""
    return bool(structlog.get_logger().is_enabled_for(logging.DEBUG))


def _handler(last: list[Processor], stream: TextIO) -> logging.Handler:
    handler = logging.StreamHandler(stream)
    shape = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, _shorten, *_common()],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler.setFormatter(shape)
    return handler


def _common() -> list[Processor]:
    return [
        _name_origin,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _say_what_failed,
    ]


def _last(log_format: LogFormat, stream: TextIO) -> list[Processor]:
    if log_format == "json":
        return [structlog.processors.JSONRenderer()]
    return [structlog.dev.ConsoleRenderer(colors=stream.isatty())]


def _shorten(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """What others log may go on with what they were given."""
    line["event"] = _cut(line["event"])
    return line


def _name_origin(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Say of which call it is."""
    origin = ORIGIN.get()
    if origin is not None:
        line.setdefault("correlation_id", origin.correlation_id)
        if origin.trace_id:
            line.setdefault("trace_id", origin.trace_id)
    return line


def _say_what_failed(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Tracebacks say where, not with what: neither variables nor what exceptions quote."""
    if isinstance(line.get("error"), str):
        line["error"] = _cut(line["error"])
    found = line.pop("exc_info", None)
    error = sys.exception() if found is True else found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        line["exception"] = "\nafter\n".join(_told(error))
    return line


def _told(error: BaseException | None) -> Iterator[str]:
    """An exception, and those that it came of."""
    while error is not None:
        said = f": {_cut(str(error))}" if isinstance(error, _QUOTED) else ""
        yield "".join(format_tb(error.__traceback__)) + type(error).__qualname__ + said
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _cut(text: str) -> str:
    """The first line; what follows it may quote rows."""
    return text.strip().partition("\n")[0][:LONGEST]
