"""EventService."""

import time
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import aclosing
from datetime import datetime

from cartera.contract import encode_change
from cartera.contract.times import moment_of, timestamp_parts
from cartera.core.change import Change
from cartera.core.records import Interaction
from cartera.engine.engine import Engine
from cartera.engine.errors import Draining, WatcherTooSlow
from cartera.engine.submission import Bookmark, Delivery
from cartera.routing.v1 import event_service_pb2 as pb
from cartera.rpc.audit import Audit
from cartera.rpc.call import Call
from cartera.rpc.event_filter import EventFilter, filter_of
from cartera.rpc.limits import Streams
from cartera.rpc.reading import Reading
from cartera.rpc.sight import Sight, View, view_of
from cartera.rpc.visibility import hidden_from
from cartera.store.reads import Hidden, Snapshot

BOOKMARK_SECONDS = 10.0
"""On a stream that is sent nothing, a progress mark comes at least this often (W1)."""

ASKED_AT_ONCE = 1000
"""Of how many interactions it is asked with one statement of which campaign they are."""

_CHANGE_TAG = bytes([pb.WatchEventsResponse.CHANGE_FIELD_NUMBER << 3 | 2])
_SEVEN_BITS = 0x7F


class EventServicer:
    """Delivers what happens."""

    def __init__(
        self,
        engine: Engine,
        reading: Reading,
        streams: Streams,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._reading = reading
        self._audit = Audit(reading)
        self._streams = streams
        self._monotonic = monotonic

    async def WatchEvents(self, call: Call[pb.WatchEventsRequest]) -> AsyncGenerator[bytes]:
        request = call.request
        start = request.start_after_revision if request.HasField("start_after_revision") else None
        watcher = Watcher(filter_of(request), self._monotonic)
        feed = self._engine.watch(request.tenant_id, start, _seen_at(request))
        with self._streams.one(request.tenant_id, call.actor):
            async with aclosing(feed):
                async for item in feed:
                    if watcher.sight is None:
                        # Not before the feed has begun: what changes from now on, the feed tells.
                        watcher.sight = await self._sight(call)
                    if isinstance(item, Delivery) and not watcher.sight.is_whole:
                        await self._keep_up(call, watcher.sight, item.change)
                    before = watcher.reached
                    step = watcher.step(item)
                    if step is not None:
                        try:
                            yield step
                        except TimeoutError:
                            raise WatcherTooSlow(before) from None
            if watcher.reached > watcher.marked:
                yield bookmark(watcher.reached, watcher.reached_at)
            # The feed ends by itself only when the service does. An error, because a stream that ends well is one
            # that nobody resumes.
            raise Draining

    async def ListAudit(self, call: Call[pb.ListAuditRequest]) -> bytes:
        return await self._audit.page(call)

    async def _sight(self, call: Call[pb.WatchEventsRequest]) -> Sight:
        whole = Sight(call.caller)
        if whole.is_whole:
            return whole

        def question(snapshot: Snapshot) -> tuple[int, Hidden]:
            return snapshot.revision, hidden_from(call.caller, snapshot)

        return Sight(call.caller, *await self._reading.ask(call, question), await self._view(call))

    async def _view(self, call: Call[pb.WatchEventsRequest]) -> View:
        return await self._reading.ask_state(call, lambda state, _now: view_of(state, call.caller))

    async def _keep_up(self, call: Call[pb.WatchEventsRequest], sight: Sight, change: Change) -> None:
        """Ask what a sight must know to judge a change."""
        if sight.is_outdated_by(change):
            sight.renew(await self._view(call))
        unknown = sight.unknown(change)
        if unknown:
            sight.learn(unknown, await self._reading.ask(call, lambda snapshot: _campaigns_of(snapshot, unknown)))


class Watcher:
    """What one watcher is sent of the feed."""

    def __init__(self, event_filter: EventFilter, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.reached = self.marked = 0
        """The revision up to which it has been sent all that passes its filters, and the one of its last bookmark."""
        self.reached_at: datetime | None = None
        """When the change of that revision happened, where that is known."""
        self.sight: Sight | None = None
        """What the caller may see of the feed. None: not known yet; nothing is kept from it."""
        self._filter = event_filter
        self._monotonic = monotonic
        self._sent_at = monotonic()

    def step(self, item: Delivery | Bookmark) -> bytes | None:
        """What to send for the next of the feed. None: nothing, for now."""
        step = self._bookmark(item) if isinstance(item, Bookmark) else self._change(item)
        if step is not None:
            self._sent_at = self._monotonic()
        return step

    def _bookmark(self, item: Bookmark) -> bytes:
        self.reached, self.reached_at = item
        self.marked = item.revision
        return bookmark(*item)

    def _change(self, item: Delivery) -> bytes | None:
        self.reached, self.reached_at = item.change.revision, item.change.occurred_at
        seen = self.sight.seen(item.change) if self.sight else item.change
        kept = seen if self._filter.passes_all else self._filter.kept(seen)
        if kept.events or kept is item.change:
            same = len(kept.events) == len(item.change.events)
            return change_of(item.payload if same else encode_change(kept))
        quiet = self._monotonic() - self._sent_at
        return bookmark(self.reached, self.reached_at) if quiet >= BOOKMARK_SECONDS else None


def bookmark(revision: int, occurred_at: datetime | None) -> bytes:
    mark = pb.Bookmark(revision=revision)
    if occurred_at is not None:
        mark.occurred_at.seconds, mark.occurred_at.nanos = timestamp_parts(occurred_at)
    return pb.WatchEventsResponse(bookmark=mark).SerializeToString()


def _campaigns_of(snapshot: Snapshot, interaction_ids: Collection[str]) -> dict[str, str]:
    """Asked in blocks: one change may end all interactions that wait, and a statement takes only so many."""
    ids = sorted(interaction_ids)
    campaigns = {}
    for first in range(0, len(ids), ASKED_AT_ONCE):
        where = {"interaction_id": ids[first : first + ASKED_AT_ONCE]}
        found = snapshot.page(Interaction, where=where, limit=ASKED_AT_ONCE).records
        campaigns.update({each.interaction_id: each.campaign_id for each in found})
    return campaigns


def _seen_at(request: pb.WatchEventsRequest) -> datetime | None:
    """When the last change happened that the watcher has seen."""
    return moment_of(request.start_after_occurred_at) if request.HasField("start_after_occurred_at") else None


def change_of(payload: bytes) -> bytes:
    """The step that holds a change, put around its stored bytes: thousands of watchers get the same ones."""
    return _CHANGE_TAG + _varint(len(payload)) + payload


def _varint(value: int) -> bytes:
    groups = bytearray()
    while value > _SEVEN_BITS:
        groups.append(value & _SEVEN_BITS | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)
