"""Reads: from one snapshot of the database each, in a few threads beside the loop; or from the state in memory."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

from cartera.core.decide.required import subject_of
from cartera.core.records import Key, Record, Tenant
from cartera.core.rejection import Rejected, reject
from cartera.core.state import State
from cartera.core.vocabulary import ErrorReason
from cartera.engine.engine import Engine
from cartera.engine.errors import DeadlinePassed
from cartera.engine.lookout import READING
from cartera.engine.turns import TurnLimits, Turns
from cartera.rpc.call import Call
from cartera.store.reads import Reads, Snapshot

Answer = TypeVar("Answer")

Fields = dict[str, Any]
"""Fields of a response, by name; their values are core values."""

DEFAULT_PAGE_SIZE = 100


class Reading:
    """Asks questions of a tenant, as new as the call asks."""

    def __init__(self, engine: Engine, reads: Reads, threads: int) -> None:
        self._engine = engine
        self._reads = reads
        self._threads = ThreadPoolExecutor(threads, "cartera-reads")
        # While others read too, a tenant leaves them a thread.
        self._turns = Turns(TurnLimits(places=threads, shared=threads, least=max(1, threads - 1)))

    async def ask(self, call: Call[Any], question: Callable[[Snapshot], Answer]) -> Answer:
        """What the question finds in a snapshot."""
        with self._engine.lookout.waiting(READING):
            return await self._ask_in_turn(call, question)

    async def _ask_in_turn(self, call: Call[Any], question: Callable[[Snapshot], Answer]) -> Answer:
        loop = asyncio.get_running_loop()
        place = await self._turns.enter(call.request.tenant_id)
        reading = self._threads.submit(self._ask, call, question)
        try:
            return await asyncio.wrap_future(reading)
        finally:
            if reading.done():
                self._turns.leave(place)
            else:  # the caller has left, and the thread is still taken
                reading.add_done_callback(lambda _: loop.call_soon_threadsafe(self._turns.leave, place))

    async def answer(self, call: Call[Any], question: Callable[[Snapshot], Fields]) -> bytes:
        """The response with the fields that the question finds in a snapshot, and the revision they show."""
        return await self.ask(call, lambda snapshot: call.answer(revision=snapshot.revision, **question(snapshot)))

    async def ask_state(self, call: Call[Any], question: Callable[[State, datetime], Answer]) -> Answer:
        """What the question finds in the state in memory, which routing itself uses."""

        def guarded(state: State, now: datetime) -> tuple[Answer] | Rejected:
            # A refusal is an answer: raised, it would look like a fault in the engine.
            try:
                _require(call, state.tenant(), state.revision)
                return (question(state, now),)
            except Rejected as rejected:
                return rejected

        found = await self._engine.query(call.request.tenant_id, guarded, call.deadline)
        if isinstance(found, Rejected):
            raise found
        return found[0]

    def close(self) -> None:
        self._threads.shutdown()

    def _ask(self, call: Call[Any], question: Callable[[Snapshot], Answer]) -> Answer:
        seconds = None if call.deadline is None else call.deadline - time.monotonic()
        if seconds is not None and seconds <= 0:
            raise DeadlinePassed
        self._engine.lookout.require(READING)
        with self._reads.snapshot(call.request.tenant_id, seconds) as snapshot:
            _require(call, snapshot.get(Tenant, ()), snapshot.revision)
            return question(snapshot)


def _require(call: Call[Any], tenant: Tenant | None, revision: int) -> None:
    """The tenant must be there, and as new as the call asks: all replicas read one database, so a revision that it
    doesn't have is one that no answer had.
    """
    if tenant is None:
        raise reject(ErrorReason.TENANT_NOT_FOUND, f"tenant/{call.request.tenant_id}")
    least: int = getattr(call.request, "min_revision", 0)
    if revision < least:
        raise reject(ErrorReason.REVISION_IN_THE_FUTURE, "min_revision", current=str(revision), asked=str(least))


def page_size(call: Call[Any]) -> int:
    return call.request.page_size or DEFAULT_PAGE_SIZE


def missing(record_type: type[Record], key: Key) -> Rejected:
    return reject(ErrorReason.RESOURCE_NOT_FOUND, subject_of(record_type, *key))
