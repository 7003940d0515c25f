"""Reads: from one snapshot of the database each, in a few threads beside the loop; or from the state in memory."""

import asyncio
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

    async def ask(self, call: Call[Any], question: Callable[[Snapshot], Answer]) -> Answer:
        """What the question finds in a snapshot."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, call, question)

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

        found = await self._engine.query(call.request.tenant_id, guarded)
        if isinstance(found, Rejected):
            raise found
        return found[0]

    def close(self) -> None:
        self._threads.shutdown()

    def _ask(self, call: Call[Any], question: Callable[[Snapshot], Answer]) -> Answer:
        with self._reads.snapshot(call.request.tenant_id) as snapshot:
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
