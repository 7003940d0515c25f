"""ListAudit: who did what to configuration, ownership and assignment, read from the log."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from cartera.contract.changes import KINDS, decode_event
from cartera.contract.times import moment_of
from cartera.core.audit import AUDITED, is_audited
from cartera.core.caller import Caller
from cartera.core.events import Event
from cartera.core.permission import sees_all
from cartera.core.rejection import reject
from cartera.core.state import State
from cartera.core.vocabulary import AuditedObject, ErrorReason
from cartera.routing.v1 import event_pb2
from cartera.routing.v1 import event_service_pb2 as pb
from cartera.rpc.call import Call
from cartera.rpc.mentions import AGENTS, mentions_any
from cartera.rpc.page_tokens import key_after, page_token
from cartera.rpc.reading import Reading, page_size
from cartera.rpc.sight import Sight, View, view_of
from cartera.rpc.visibility import workgroups_seen
from cartera.store.reads import Snapshot

READ = 500
"""How many changes are read at a time."""

LOOKED_THROUGH = 5_000
"""How many changes one call looks through at most. The log isn't ordered by what changed: to have it so would cost
every call something, for a question that is rarely asked.
"""

MOST_BYTES = 1 << 20
"""Beyond which a page takes in no more: one change may be a whole configuration."""

_NAMES = frozenset(KINDS[each] for each in AUDITED)


def _endings() -> dict[AuditedObject, tuple[str, ...]]:
    """How the fields end that name a thing of each kind; of any kind, where it is unspecified."""
    found = {each: (f"{each.name.lower()}_id", f"{each.name.lower()}_ids") for each in AuditedObject}
    endings: dict[AuditedObject, tuple[str, ...]] = {**found, AuditedObject.AGENT: AGENTS}
    of_any = dict.fromkeys(ending for each in endings.values() for ending in each)
    return {**endings, AuditedObject.UNSPECIFIED: tuple(of_any)}


_ENDINGS = _endings()


class _Found(NamedTuple):
    """What a call has found."""

    changes: list[event_pb2.Change]
    reached: int
    """The revision down to which all has been looked through; 1 or less: to the end."""


class Audit:
    """Answers ListAudit."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    async def page(self, call: Call[pb.ListAuditRequest]) -> bytes:
        before = _revision_before(call)
        sees = await self._sees(call)

        def question(snapshot: Snapshot) -> bytes:
            found = _look(call, snapshot, before, sees)
            token = page_token(call, (str(found.reached),)) if found.reached > 1 else ""
            answer = pb.ListAuditResponse(revision=snapshot.revision, changes=found.changes, next_page_token=token)
            return answer.SerializeToString()

        return await self._reading.ask(call, question)

    async def _sees(self, call: Call[pb.ListAuditRequest]) -> Callable[[Event], bool]:
        """What the caller is shown: a supervisor what is of its workgroups, also where its calls show more."""
        if sees_all(call.caller):
            return lambda _event: True

        def narrow(state: State, _now: datetime) -> tuple[Caller, View]:
            narrowed = call.caller._replace(workgroup_ids=workgroups_seen(state, call.caller))
            return narrowed, view_of(state, narrowed)

        caller, view = await self._reading.ask_state(call, narrow)
        # A sight learns from what it sees; here each event is judged by what is so now.
        return lambda event: Sight(caller, view=view).sees(event)


def _revision_before(call: Call[pb.ListAuditRequest]) -> int | None:
    """The revision before which the page begins; None for the first page."""
    after = key_after(call)
    if after is None:
        return None
    if not after[0].isascii() or not after[0].isdecimal() or len(after[0]) > len(str(2**63 - 1)) - 1:
        raise reject(ErrorReason.PAGE_TOKEN_INVALID, "page_token")
    return int(after[0])


def _look(
    call: Call[pb.ListAuditRequest], snapshot: Snapshot, before: int | None, sees: Callable[[Event], bool]
) -> _Found:
    """Look through the log, from the newest change to the oldest, until the page is full."""
    request, size = call.request, 0
    start = moment_of(request.start_time) if request.HasField("start_time") else None
    reached = _first_revision(call, snapshot) if before is None else before
    changes: list[event_pb2.Change] = []
    stop = max(reached - LOOKED_THROUGH, 1)
    for logged in _backwards(snapshot, reached):
        if logged.revision < stop:
            return _Found(changes, reached)
        if start is not None and logged.occurred_at < start:
            return _Found(changes, 0)
        reached = logged.revision
        change = _audited(call, event_pb2.Change.FromString(logged.payload), sees)
        if change is not None:
            changes.append(change)
            size += change.ByteSize()
        if len(changes) == page_size(call) or size > MOST_BYTES:
            return _Found(changes, reached)
    return _Found(changes, 0)


def _first_revision(call: Call[pb.ListAuditRequest], snapshot: Snapshot) -> int:
    """The revision before which the first page begins: revisions are in the order of time, so the end is found in a few
    steps however long the log is.
    """
    if not call.request.HasField("end_time"):
        return snapshot.revision + 1
    end = moment_of(call.request.end_time)

    def is_later(revision: int) -> bool:
        occurred_at = snapshot.occurred_at(revision)  # None: it isn't kept any more
        return occurred_at is not None and occurred_at >= end

    return bisect_left(range(1, snapshot.revision + 1), x=True, key=is_later) + 1


def _backwards(snapshot: Snapshot, before: int) -> Iterator[Any]:
    """The changes before a revision, the newest first."""
    while changes := snapshot.changes_before(before, READ):
        yield from changes
        before = changes[-1].revision


def _audited(
    call: Call[pb.ListAuditRequest], change: event_pb2.Change, sees: Callable[[Event], bool]
) -> event_pb2.Change | None:
    """The change with those of its events that are asked for; None where there are none."""
    request = call.request
    if request.actor_role not in (0, change.actor.role) or request.actor_id not in ("", change.actor.subject_id):
        return None
    kept = [each for each in change.events if each.WhichOneof("kind") in _NAMES and _is_meant(request, each, sees)]
    if not kept:
        return None
    del change.events[:]
    change.events.extend(kept)
    return change


def _is_meant(request: pb.ListAuditRequest, message: event_pb2.Event, sees: Callable[[Event], bool]) -> bool:
    event, object_type = decode_event(message), AuditedObject(request.object_type)
    if not is_audited(event):
        return False
    if request.object_id:
        return mentions_any(event, _ENDINGS[object_type], frozenset({request.object_id})) and sees(event)
    return (not object_type or object_type in AUDITED[type(event)]) and sees(event)
