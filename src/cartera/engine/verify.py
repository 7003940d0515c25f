"""Verify: the rows are the fold of the log; where they are not, say what differs (G6)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from cartera.contract import decode_change
from cartera.core.evolve import evolve_change
from cartera.core.record_tables import key_of
from cartera.core.records import TABLES, Key, Record
from cartera.core.state import State
from cartera.store.store import LoggedChange, Store

READ = 1000
"""How many changes are read at a time."""

Progress = Callable[[int, int], None]
"""Told how many of how many changes have been folded."""


class Difference(NamedTuple):
    """Something that the log and the rows do not agree on."""

    record_type: str
    key: Key
    from_log: Any
    """What the log says; None where it says there is nothing."""
    in_rows: Any
    """What the rows say; None where there is nothing."""


def verify(store: Store, tenant_id: str, progress: Progress = lambda _done, _of: None) -> list[Difference]:
    """Fold a tenant's log up to where its rows are, and compare. It reads only, and may run beside the service.

    Raises:
        StoreError: the database can't be read.

    """
    with store.all_records(tenant_id) as (head, records):
        if head is None:
            return []
        rows = {(type(record), key_of(record)): record for record in records}
    state = State()
    differences = []
    for change in _log(store, tenant_id, head.revision):
        if change.revision != state.revision + 1:
            differences.append(Difference("change", (str(state.revision + 1),), None, change.revision))
        evolve_change(state, decode_change(change.payload))
        state.accept_changes()
        progress(state.revision, head.revision)
    if state.revision != head.revision:
        differences.append(Difference("head", (tenant_id,), state.revision, head.revision))
    return differences + list(_differences(state, rows))


def _log(store: Store, tenant_id: str, until: int) -> Iterator[LoggedChange]:
    revision = 0
    while logged := store.changes_since(tenant_id, revision, READ):
        for change in logged:
            if change.revision > until:
                return
            yield change
            revision = change.revision


def _differences(state: State, rows: dict[tuple[type, Key], Record]) -> Iterator[Difference]:
    for record_type in TABLES:
        folded: Mapping[Key, Record] = state.table(record_type)
        for key in sorted({*folded, *(key for each, key in rows if each is record_type)}):
            from_log, in_rows = folded.get(key), rows.get((record_type, key))
            if from_log != in_rows:
                yield Difference(record_type.__name__, key, from_log, in_rows)
