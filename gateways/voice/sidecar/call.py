"""A call, as Kamailio tells of it."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Self


class Phase(StrEnum):
    """Where a call is, by what its caller and the phones have said."""

    NEW = "new"
    """It has come; the caller has heard nothing yet."""
    WAITING = "waiting"
    """The caller was told that it is queued."""
    RINGING = "ringing"
    ANSWERED = "answered"
    """The phone has answered; the caller isn't told so yet."""
    STOPPING = "stopping"
    """The phone is told to be quiet; next it is DECLINED."""
    DECLINED = "declined"
    """The phone didn't answer, or declined; the caller waits."""
    LEAVING = "leaving"
    """The caller leaves while a phone rings; next it is ABANDONED."""
    TALKING = "talking"
    ABANDONED = "abandoned"
    """The caller has left before anyone talked to it."""
    REFUSED = "refused"
    """The caller was refused."""
    OVER = "over"
    """One of the two has hung up."""


HELD = {Phase.NEW, Phase.WAITING, Phase.DECLINED}
"""The caller waits, and no phone rings."""

ENDED = {Phase.ABANDONED, Phase.REFUSED, Phase.OVER}


@dataclass(frozen=True, kw_only=True)
class Call:
    """A version of a call; every change at Kamailio makes a new one."""

    key: str
    version: int
    phase: Phase
    caller: str = ""
    number: str = ""
    interaction: str = ""
    agent: str = ""
    """Whose phone was rung last."""
    offer: str = ""
    """Why it was: see decision.offer_of."""
    status: int = 0
    """With what the phone declined."""

    @classmethod
    def told(cls, message: dict[str, Any]) -> Self:
        known = {field.name for field in fields(cls)}
        return cls(
            **{name: value for name, value in message.items() if name in known} | {"phase": Phase(message["phase"])}
        )

    @property
    def ended(self) -> bool:
        return self.phase in ENDED
