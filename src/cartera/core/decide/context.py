"""What a decision knows besides the state and the command."""

from datetime import datetime
from typing import NamedTuple

from cartera.core.records import Actor


class Context(NamedTuple):
    """Who asks, and when: the time is that of every event that follows."""

    actor: Actor
    now: datetime
