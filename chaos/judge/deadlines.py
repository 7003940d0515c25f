"""What falls due in a tenant."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What falls due."""

    OFFER = "the offer"
    WRAP_UP = "the wrap-up"
    RETURN = "the return"
    OWNER_WAIT = "the owner wait"
    EXPIRY = "the longest wait"
    UNATTENDED = "the report that it is unattended"
    OPENING = "the opening"
    OVERFLOW = "the overflow step"
    SESSION_END = "the session"
    SESSION_ALERT = "the session's alert"
    COOL_DOWN = "the cool-down"


OF_WAITING = (Kind.OWNER_WAIT, Kind.EXPIRY, Kind.UNATTENDED, Kind.OPENING, Kind.OVERFLOW)
OF_HELD = (Kind.OFFER, Kind.WRAP_UP, Kind.RETURN)


class Wait(NamedTuple):
    """What falls due for an interaction while it waits."""

    due: dict[Kind, datetime]
    since: datetime
    workgroup_id: str
    taken: int
    """How many steps of overflow."""
