"""What SIPp wrote down: how each call ended for its caller, and when each phone was busy with which call."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CALL_ID = re.compile(r"(\d+)-(\d+)@")


@dataclass(frozen=True)
class Ending:
    """How a call ended, as its caller tells it."""

    call_id: str
    caller: str
    outcome: str
    """talked or left; "" where it came to no end."""
    phone: str
    """The process that answered, by the tag in its answer."""

    @property
    def key(self) -> str:
        """As kamailio/calls.py names the call. The tag is that of the scenarios."""
        found = CALL_ID.match(self.call_id)
        assert found is not None
        identity = f"{self.call_id}\n{found[2]}caller{found[1]}\n1"
        return hashlib.sha256(identity.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Ringing:
    """A phone was rung, and from when to when it had to do with the call."""

    call_id: str
    begun: float
    ended: float
    answered: bool


def endings(directory: Path) -> Iterator[Ending]:
    callers: dict[str, str] = {}
    outcomes: dict[str, tuple[str, str]] = {}
    for line in _lines(directory, "logs"):
        what, call_id, caller, *phone = line.split()
        callers[call_id] = caller
        if what != "calls":
            outcomes[call_id] = what, "".join(phone).removesuffix("phone")
    for call_id, caller in callers.items():
        yield Ending(call_id, caller, *outcomes.get(call_id, ("", "")))


def callers_seen(directory: Path) -> dict[str, str]:
    """Whose calls a phone was rung with, by Call-ID."""
    return {call_id: caller.removeprefix("sip:") for _, call_id, caller in map(str.split, _lines(directory, "logs"))}


def ringings(directory: Path) -> list[Ringing]:
    """From each INVITE to the last that was said about it. A call may ring the same phone again."""
    found: list[Ringing] = []
    latest: dict[str, int] = {}
    for line in _lines(directory, "shortmessages"):
        _, moment, direction, call_id, cseq, first = line.split("\t")[1:7]
        if direction == "R" and first.startswith("INVITE"):
            latest[call_id] = len(found)
            found.append(Ringing(call_id, float(moment), float(moment), answered=False))
            continue
        before = found[latest[call_id]]
        answered = before.answered or (direction == "S" and " 200 " in first and cseq.endswith("INVITE"))
        found[latest[call_id]] = Ringing(call_id, before.begun, float(moment), answered)
    return found


def most_at_once(ringings: list[Ringing]) -> int:
    """How many calls a phone had at the same time, at most."""
    moments = sorted([(each.begun, 1) for each in ringings] + [(each.ended, -1) for each in ringings])
    most = now = 0
    for _, change in moments:
        now += change
        most = max(most, now)
    return most


def _lines(directory: Path, kind: str) -> list[str]:
    return [line for path in directory.glob(f"*_{kind}.log") for line in path.read_text().splitlines() if line]
