"""Where something comes from: the call that a line in the log, an error, a batch or a span belongs to.

A caller, its gateway and the service's log know a call by its correlation id.
"""

import re
from collections.abc import Iterable
from contextvars import ContextVar
from random import getrandbits
from typing import Any

CORRELATION_KEY = "x-correlation-id"
TRACE_KEY = "traceparent"

LONGEST = 64
"""Longer ids are cut: they go into every line of the log that the call writes."""

_CLEAN = re.compile(rf"[A-Za-z0-9._:=-]{{1,{LONGEST}}}").fullmatch
_UNCLEAN = re.compile(r"[^A-Za-z0-9._:=-]")
_TRACE = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?").fullmatch
_NO_TRACE = "0" * 32

Metadata = Iterable[tuple[str, str | bytes]]


class Origin:
    """A call, as far as others have to find what belongs to it."""

    __slots__ = ("_correlation_id", "_metadata", "span", "trace_id")

    def __init__(self, metadata: Metadata = ()) -> None:
        self._metadata = metadata
        self._correlation_id = ""
        self.span: Any = None
        """For who traces. None: the call isn't traced."""
        self.trace_id = ""
        """Of that trace."""

    @property
    def correlation_id(self) -> str:
        """Looked up when it is first asked for: of most calls nobody does."""
        if not self._correlation_id:
            self._correlation_id = correlation_of(self._metadata)
        return self._correlation_id


ORIGIN: ContextVar[Origin | None] = ContextVar("origin", default=None)
"""The call that is being answered. Each has a task of its own, so nobody has to put back what was there before."""


def correlation_of(metadata: Metadata) -> str:
    """The caller's own id, cleaned; else that of the trace that it is part of; else a new one."""
    trace = ""
    for key, value in metadata:
        if key == CORRELATION_KEY and (cleaned := _cleaned(str(value))):
            return cleaned
        if key == TRACE_KEY:
            trace = _trace_of(str(value))
    return trace or f"{getrandbits(64):016x}"


def _cleaned(value: str) -> str:
    return value if _CLEAN(value) else _UNCLEAN.sub("_", value[:LONGEST])


def _trace_of(parent: str) -> str:
    found = _TRACE(parent)
    return found[1] if found and found[1] != _NO_TRACE else ""
