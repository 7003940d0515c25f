"""The calls, in memory that all processes of Kamailio share. Of each change the sidecar is told the whole call."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import KSR
from settings import SECRET

Call = dict[str, Any]

NAME = "calls"

SUSPENDED = ("new", "waiting", "declined")
"""The caller waits, and no phone rings."""

RINGING = ("ringing", "answered", "stopping", "leaving")
ENDED = ("abandoned", "refused", "over")


def key_of_message() -> str:
    """Names an attempt to call: a retransmission, its CANCEL and its replies have the same, a new attempt another."""
    identity = "\n".join(str(KSR.pv.get(name)) for name in ("$ci", "$ft", "$cs"))
    return hashlib.sha256(identity.encode()).hexdigest()[:32]


def seal(key: str, interaction: str) -> str:
    """Shows that a Record-Route is ours, and of this call: otherwise anybody could end anybody's interaction."""
    sealed = f"{KSR.pv.get('$ci')}\n{key}\n{interaction}"
    return hmac.new(SECRET, sealed.encode(), "sha256").hexdigest()[:32]


def read(key: str) -> Call | None:
    text = KSR.htable.sht_get(NAME, key)
    return json.loads(text) if text else None


def change(key: str, version: int | None = None, **fields: Any) -> Call | None:
    """Change a call under the lock of its slot: processes neither overwrite nor overtake each other. With a version,
    only if it is still that one; None where it isn't.
    """
    KSR.htable.sht_lock(NAME, key)
    try:
        call = read(key) or {"key": key, "version": _first_version()}
        if version not in (None, call["version"]):
            return None
        call.update(fields, version=call["version"] + 1)
        KSR.htable.sht_sets(NAME, key, json.dumps(call))
        tell(call)
        return call
    finally:
        KSR.htable.sht_unlock(NAME, key)


def leave(key: str) -> Call | None:
    """The caller has hung up before it was connected. Where a phone rings, the call is abandoned once that is quiet:
    until then the agent is busy.
    """
    while (call := read(key)) and call["phase"] in SUSPENDED + RINGING:
        phase = "leaving" if call["phase"] in RINGING else "abandoned"
        if left := change(key, call["version"], phase=phase):
            return left
    return None


def forget(key: str) -> None:
    KSR.htable.sht_rm(NAME, key)


def all_calls() -> Iterator[Call]:
    KSR.htable.sht_iterator_start("all", NAME)
    try:
        while KSR.htable.sht_iterator_next("all") > 0:
            yield json.loads(KSR.pv.get("$shtitval(all)"))
    finally:
        KSR.htable.sht_iterator_end("all")


def tell(message: dict[str, Any]) -> None:
    KSR.evapi.relay(json.dumps(message))


def _first_version() -> int:
    """Versions go up, also from one Kamailio to the next, which knows nothing of the calls before."""
    return time.time_ns() // 1_000
