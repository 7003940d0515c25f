"""Verify: the rows are the fold of the log; where they are not, say what differs (G6)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from cartera.core.record_tables import key_of
from cartera.core.records import TABLES, Key, Record
from cartera.core.state import State
from cartera.engine.folding import Folding, LogBroken, PrunedMeanwhile, fold
from cartera.store.kept import Checkpoint
from cartera.store.store import Head, Store, StoreUnavailable
from cartera.store.upkeep import CheckpointGone

ATTEMPTS = 5
"""How often it is begun anew because the log was pruned meanwhile."""

Progress = Callable[[int, int], None]
"""Told up to which of how many revisions the log has been folded."""


class Difference(NamedTuple):
    """Something that the log and the rows do not agree on."""

    record_type: str
    key: Key
    from_log: Any
    """What the log says; None where it says there is nothing."""
    in_rows: Any
    """What the rows say; None where there is nothing."""
    checkpoint: int = 0
    """The revision of the checkpoint that says so, in place of the rows."""


def verify(store: Store, tenant_id: str, progress: Progress = lambda _done, _of: None) -> list[Difference]:
    """Fold a tenant's log up to where its rows are, and compare. It reads only, and may run beside the service.

    A log that is pruned is folded from the oldest checkpoint that is left. Those that come after it are compared too:
    one of them is what the log will be folded from next.

    Raises:
        StoreError: the database can't be read.

    """
    for _ in range(ATTEMPTS):
        try:
            return _verify(store, tenant_id, progress)
        except PrunedMeanwhile:
            continue
    raise StoreUnavailable(f"the log of {tenant_id} is pruned faster than it is read")


def _verify(store: Store, tenant_id: str, progress: Progress) -> list[Difference]:
    with store.all_records(tenant_id) as (head, records):
        rows = by_key(records)
    until = head.revision if head and not _log_goes_on(store, head) else None
    differences: list[Difference] = []

    def passing(state: State, checkpoint: Checkpoint) -> None:
        differences.extend(_in_checkpoint(store, tenant_id, state, checkpoint))

    try:
        folded = fold(store, tenant_id, until, lambda done: progress(done, until or done), passing)
    except LogBroken as broken:
        return [*differences, Difference("change", (str(broken.revision),), None, broken.found)]
    return [*differences, *_of_head(store, tenant_id, folded, head), *_between(folded.state, rows)]


def _log_goes_on(store: Store, head: Head) -> bool:
    """Whether there are changes beyond the head. The head is read after them: who writes a change moves it too."""
    beyond = store.changes_since(head.tenant_id, head.revision, 1)
    return bool(beyond) and store.heads([head.tenant_id]).get(head.tenant_id) == head


def _of_head(store: Store, tenant_id: str, folded: Folding, head: Head | None) -> Iterator[Difference]:
    from_log = folded.head(tenant_id) if folded.state.revision else None
    if head is None and tenant_id in store.heads([tenant_id]):
        raise PrunedMeanwhile  # it didn't exist a moment ago
    if from_log != head:
        yield Difference("Head", (tenant_id,), from_log, head)


def _in_checkpoint(store: Store, tenant_id: str, state: State, checkpoint: Checkpoint) -> list[Difference]:
    try:
        rows = by_key(store.checkpoint_records(tenant_id, checkpoint.revision))
    except CheckpointGone as gone:
        raise PrunedMeanwhile from gone
    return [each._replace(checkpoint=checkpoint.revision) for each in _between(state, rows)]


def by_key(records: Iterable[Record]) -> dict[tuple[type, Key], Record]:
    """The records by their type and key."""
    return {(type(record), key_of(record)): record for record in records}


def _between(state: State, rows: dict[tuple[type, Key], Record]) -> Iterator[Difference]:
    for record_type, key, from_log, in_rows in differing(state, rows):
        yield Difference(record_type.__name__, key, from_log, in_rows)


class Differing(NamedTuple):
    """A record that the log and the rows do not agree on."""

    record_type: type
    key: Key
    from_log: Record | None
    in_rows: Record | None


def differing(state: State, rows: dict[tuple[type, Key], Record]) -> Iterator[Differing]:
    """The records that are not what the log says."""
    keys: dict[type, set[Key]] = {record_type: set() for record_type in TABLES}
    for record_type, key in rows:
        keys[record_type].add(key)
    for record_type in TABLES:
        folded: Mapping[Key, Record] = state.table(record_type)
        for key in sorted({*folded, *keys[record_type]}):
            from_log, in_rows = folded.get(key), rows.get((record_type, key))
            if from_log != in_rows:
                yield Differing(record_type, key, from_log, in_rows)
