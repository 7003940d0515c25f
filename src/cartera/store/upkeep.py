"""What keeps a database from growing for ever: checkpoints, pruning in small steps, and what watchers hold.

All of it may be called from any thread, beside the one that appends: each call is one short transaction. Several
replicas may do the same at once.
"""

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, ClassVar

from cartera.core.records import Record
from cartera.store.blocks import decode_block
from cartera.store.kept import Begun, Checkpoint, CheckpointBlock, Kept, PageOfAnswers
from cartera.store.reading import C, Reading
from cartera.store.rows import reader
from cartera.store.store import StoreError
from cartera.store.upkeep_statements import (
    ADD_BLOCK,
    ANNOUNCE,
    ANSWERS_PRUNED,
    BEGIN,
    BLOCK,
    CHECKPOINTS,
    DROP_ABANDONED,
    DROP_BLOCKS,
    DROP_CHECKPOINTS,
    DROP_LAPSED,
    FINISH,
    HELD,
    HOLD,
    LEFT_BLOCKS,
    LOOK,
    OLDEST,
    PAGE_OF_ANSWERS,
    PRUNE_ANSWERS,
    PRUNE_CHANGES,
    PRUNE_LAST_ANSWERS,
    PRUNED,
    RELEASE,
    TOUCH,
    Wording,
    worded,
)


class CheckpointGone(StoreError):  # noqa: N818 - names what happened
    """The checkpoint was dropped while it was read: there is a newer one."""


PATIENCE = 300.0
"""Seconds without a word after which the writer of a checkpoint is taken for dead."""


class Upkeep(Reading[C]):
    """The part of a store that prunes."""

    wording: ClassVar[Wording]

    @abstractmethod
    def changing(self) -> AbstractContextManager[C]:
        """Lend a connection, in a transaction that is committed at the end; from any thread."""

    # What there is

    def look(self, after: str, limit: int) -> list[Kept]:
        """What the next tenants after the one with that id keep, in the order of their ids."""
        return self._found(Kept, LOOK, after=after, limit=limit)

    def checkpoints(self, tenant_id: str) -> list[Checkpoint]:
        """A tenant's checkpoints, complete or not, the oldest first."""
        return self._found(Checkpoint, CHECKPOINTS, tenant_id=tenant_id)

    def checkpoint_records(self, tenant_id: str, revision: int) -> Iterator[Record]:
        """The records of a complete checkpoint.

        Raises CheckpointGone where it is dropped meanwhile, and StoreUnavailable.
        """
        for checkpoint in self.checkpoints(tenant_id):
            if checkpoint.revision == revision and checkpoint.complete:
                for number in range(checkpoint.blocks):
                    yield from self._block(tenant_id, revision, number)
                return
        raise CheckpointGone(f"there is no checkpoint of {tenant_id} at {revision}")

    def _block(self, tenant_id: str, revision: int, number: int) -> list[Record]:
        rows = self._rows(BLOCK, tenant_id=tenant_id, revision=revision, number=number)
        if not rows:
            raise CheckpointGone(f"block {number} of the checkpoint of {tenant_id} at {revision} is gone")
        return decode_block(rows[0][0])

    def oldest_revision(self, tenant_id: str) -> int:
        """The first revision of a tenant that is kept: 1 beyond the last where none is."""
        rows = self._rows(PRUNED, tenant_id=tenant_id) or [(0,)]
        oldest = self._rows(OLDEST, tenant_id=tenant_id) or [(1,)]
        return max(int(rows[0][0]) + 1, int(oldest[0][0]))

    # Checkpoints

    def drop_abandoned(self, tenant_id: str) -> None:
        self._change(DROP_ABANDONED, tenant_id=tenant_id, minus_patience=-PATIENCE)

    def begin_checkpoint(self, tenant_id: str, begun: Begun) -> bool:
        times = {"taken_at": self.moment(begun.taken_at), "last_event_at": self.moment(begun.last_event_at)}
        return bool(self._change(BEGIN, **_named(tenant_id, begun), **times))

    def add_block(self, tenant_id: str, begun: Begun, block: CheckpointBlock, records: int) -> bool:
        with self.changing() as connection:
            if not self._run(connection, TOUCH, **_named(tenant_id, begun), records=records):
                return False
            self._run(connection, ADD_BLOCK, tenant_id=tenant_id, **block._asdict())
        return True

    def finish_checkpoint(self, tenant_id: str, begun: Begun) -> bool:
        return bool(self._change(FINISH, **_named(tenant_id, begun)))

    def drop_checkpoints(self, tenant_id: str, before: int) -> None:
        """Drop those before a revision. What they hold goes with `drop_blocks`."""
        self._change(DROP_CHECKPOINTS, tenant_id=tenant_id, revision=before)

    def drop_blocks(self, tenant_id: str, limit: int) -> int:
        """Drop some blocks of checkpoints that are no more; says how many."""
        left = self._rows(LEFT_BLOCKS, tenant_id=tenant_id, limit=limit)
        if not left:
            return 0
        revision, first = left[0]
        last = max(number for of, number in left if of == revision)
        return self._change(DROP_BLOCKS, tenant_id=tenant_id, revision=revision, first=first, last=last)

    # The log

    def announce_pruning(self, tenant_id: str, revision: int) -> None:
        """Say that the log is going, up to a revision: whoever begins to watch before it is refused from now on."""
        self._change(ANNOUNCE, tenant_id=tenant_id, revision=revision)

    def prune_changes(self, tenant_id: str, after: int, until: int) -> int:
        """Drop changes; says how many."""
        return self._change(PRUNE_CHANGES, tenant_id=tenant_id, after=after, until=until)

    def held_revision(self, tenant_id: str) -> int | None:
        """The first revision of which a watcher needs what follows; None where nobody does."""
        [[revision]] = self._rows(HELD, tenant_id=tenant_id)
        return None if revision is None else int(revision)

    def hold(self, tenant_id: str, holder: str, revision: int, lease: float) -> None:
        """Keep what follows a revision from being pruned, for so many seconds; in place of what was held before."""
        self._change(HOLD, tenant_id=tenant_id, holder=holder, revision=revision, lease=lease)

    def release(self, tenant_id: str, holder: str) -> None:
        """Hold nothing any more."""
        self._change(RELEASE, tenant_id=tenant_id, holder=holder)

    def drop_lapsed(self, tenant_id: str) -> None:
        """Drop what was held by those who are gone."""
        self._change(DROP_LAPSED, tenant_id=tenant_id, minus_patience=-PATIENCE)

    # Answers

    def prune_answers(self, tenant_id: str, after: str, rows: int, before: datetime) -> PageOfAnswers:
        """Look through the next answers, in the order of their request ids, and drop those from before a time."""
        found = self._rows(PAGE_OF_ANSWERS, tenant_id=tenant_id, after=after, rows=rows - 1)
        last = str(found[0][0]) if found else ""
        statement, until = (PRUNE_ANSWERS, {"until": last}) if last else (PRUNE_LAST_ANSWERS, {})
        given = {"tenant_id": tenant_id, "after": after, "before": self.moment(before), **until}
        return PageOfAnswers(last, self._change(statement, **given))

    def note_answers_pruned(self, tenant_id: str, at: datetime) -> None:
        """Say when they were looked through."""
        self._change(ANSWERS_PRUNED, tenant_id=tenant_id, at=self.moment(at))

    def _found(self, record_type: type, statement: str, **given: Any) -> list[Any]:
        return reader(record_type, self.queries.form)(self._rows(statement, **given))

    def _rows(self, statement: str, **given: Any) -> list[tuple[Any, ...]]:
        with self.connected() as connection:
            rows: list[tuple[Any, ...]] = connection.execute(worded(statement, self.wording), given).fetchall()
        return rows

    def _change(self, statement: str, **given: Any) -> int:
        with self.changing() as connection:
            return self._run(connection, statement, **given)

    def _run(self, connection: C, statement: str, **given: Any) -> int:
        changed: int = connection.execute(worded(statement, self.wording), given).rowcount
        return changed


def _named(tenant_id: str, begun: Begun) -> dict[str, Any]:
    return {"tenant_id": tenant_id, "revision": begun.revision, "writer": begun.writer}
