"""What a decision knows besides the state and the command."""

from datetime import datetime
from typing import NamedTuple

from cartera.core.caller import Caller
from cartera.core.records import Actor


class Context(NamedTuple):
    """Who asks, and when: the time is that of every event that follows."""

    caller: Caller
    now: datetime

    @property
    def actor(self) -> Actor:
        """Who asks, as it is kept in the log."""
        return self.caller.actor
