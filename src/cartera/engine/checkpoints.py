"""Checkpoints: all of a tenant's records at one revision, written in blocks beside the calls, and where folding a log
begins.
"""

import time
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import structlog

from cartera.core.records import Record
from cartera.engine.pace import Pace
from cartera.store.blocks import blocks_of, encode_block
from cartera.store.kept import Begun, Checkpoint, CheckpointBlock
from cartera.store.store import Store

BLOCKS = 20
"""How many blocks of former checkpoints are dropped at once."""

_LOG = structlog.get_logger()


class TakenOver(Exception):  # noqa: N818 - names what happened
    """Another replica took this one for dead, and writes the checkpoint itself."""


class Checkpoints:
    """Takes and drops them; in the thread of retention."""

    def __init__(self, store: Store, now: Callable[[], datetime], pace: Pace) -> None:
        self._store = store
        self._now = now
        self._pace = pace

    def take(self, tenant_id: str) -> None:
        """Write down a tenant as it is. Its records go by in blocks, all of one snapshot.

        Raises StoreError and Stopped.
        """
        began = time.monotonic()
        # What is left of one at the same revision would stand in the way of this one.
        self._store.drop_abandoned(tenant_id)
        self._drop_blocks(tenant_id)
        with self._store.all_records(tenant_id) as (head, records):
            if head is None:
                return
            now = self._now()
            begun = Begun(head.revision, now, head.last_event_at or now, uuid4().hex)
            if not self._store.begin_checkpoint(tenant_id, begun):
                return
            written = 0
            for number, block in enumerate(blocks_of(records)):
                self._add(tenant_id, begun, number, block)
                written += len(block)
        if self._store.finish_checkpoint(tenant_id, begun):
            seconds = round(time.monotonic() - began, 3)
            _LOG.info(
                "checkpoint taken", tenant_id=tenant_id, revision=begun.revision, records=written, seconds=seconds
            )

    def _add(self, tenant_id: str, begun: Begun, number: int, block: list[Record]) -> None:
        payload = encode_block(block, self._pace.rest)
        if not self._store.add_block(tenant_id, begun, CheckpointBlock(begun.revision, number, payload), len(block)):
            raise TakenOver
        self._pace.pause()

    def drop(self, tenant_id: str, before: int) -> None:
        """Drop those before a revision, and what was left of others, in steps."""
        self._store.drop_checkpoints(tenant_id, before)
        self._drop_blocks(tenant_id)

    def _drop_blocks(self, tenant_id: str) -> None:
        while self._store.drop_blocks(tenant_id, BLOCKS):
            self._pace.pause()


def complete(store: Store, tenant_id: str) -> list[Checkpoint]:
    """A tenant's complete checkpoints, the oldest first."""
    return [each for each in store.checkpoints(tenant_id) if each.complete]
