"""A change: one revision of a tenant."""

from datetime import datetime
from typing import NamedTuple

from cartera.core.events import Event
from cartera.core.records import Actor


class Change(NamedTuple):
    """All that one command, or one timer, brought about; written, kept and delivered whole (W1)."""

    revision: int
    occurred_at: datetime
    actor: Actor
    request_id: str
    events: tuple[Event, ...]
    why: str = ""
    """The reason that the caller gave."""
