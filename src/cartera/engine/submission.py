"""What goes into the engine, and what comes out."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from cartera.core.caller import Caller
from cartera.core.change import Change
from cartera.core.commands import Command
from cartera.core.events import Event
from cartera.core.state import State


class Outcome(NamedTuple):
    """What became of a command: the revision that it made, or the present one where it changed nothing."""

    revision: int
    occurred_at: datetime
    events: tuple[Event, ...]


Respond = Callable[[State, Outcome], bytes]
"""Makes the response, after the command's events are evolved and before they are committed. Pure and quick."""


class Submission(NamedTuple):
    """A command on its way to its tenant's queue. The deadline is in seconds of `time.monotonic`; None is never."""

    tenant_id: str
    command: Command
    caller: Caller
    respond: Respond
    request_id: str = ""
    fingerprint: bytes = b""
    validate_only: bool = False
    deadline: float | None = None
    why: str = ""
    """The reason that the caller gave, for the log."""


class Delivery(NamedTuple):
    """A change on its way to a watcher, as it is stored and as values."""

    payload: bytes
    change: Change


class Bookmark(NamedTuple):
    """Everything up to the revision has been delivered."""

    revision: int
    occurred_at: datetime | None = None
    """When the change of that revision happened; None where nobody has read it."""
