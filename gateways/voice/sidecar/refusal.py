"""What a caller is told who can't be served."""

from dataclasses import dataclass
from datetime import UTC, datetime

from cartera.client import CarteraError


@dataclass(frozen=True)
class Refusal:
    """A final answer in SIP's words."""

    status: int
    phrase: str
    retry_after: int = 0
    """In how many seconds it makes sense to call again; 0: nobody knows."""


NO_SUCH_NUMBER = Refusal(404, "Not Found")
GONE = Refusal(480, "Temporarily Unavailable")
"""It waited as long as it may, or somebody ended the interaction."""

FAULT = Refusal(500, "Server Internal Error")


def refusal_of(error: CarteraError) -> Refusal | None:
    """None where trying again may help."""
    if error.reason == "WORKGROUP_QUEUE_FULL":
        delay = error.retry_delay.total_seconds() if error.retry_delay else 0
        return Refusal(486, "Busy Here", max(1, round(delay)))
    if error.reason == "CAMPAIGN_CLOSED":
        return Refusal(480, "Closed", _seconds_until(error.metadata.get("opens_at", "")))
    unknown_outcome = error.code.name in ("UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "UNAUTHENTICATED")
    return None if unknown_outcome else FAULT


def _seconds_until(moment: str) -> int:
    if not moment:
        return 0
    return max(1, round((datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds()))
