"""A batch as rows: what several tenants' writes put into each table, and take out of it."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from cartera.core.records import TABLES
from cartera.store.store import Answer, LoggedChange, Write

WRITTEN = (LoggedChange, *TABLES, Answer)
"""In which order tables are written."""


class Rows(NamedTuple):
    """What goes into one table or, as keys, out of it: for each, the tenant it is of."""

    record_type: type
    tenant_ids: list[str]
    values: list[Any]


def puts(writes: Iterable[Write]) -> list[Rows]:
    """What is to be put into tables: the log's changes, rows, and answers."""
    return _gather(
        (write.tenant_id, {LoggedChange: write.changes, **write.upserts, Answer: write.answers}) for write in writes
    )


def removals(writes: Iterable[Write]) -> list[Rows]:
    """The keys of what is to be removed."""
    return _gather((write.tenant_id, write.deletes) for write in writes)


def _gather(shares: Iterable[tuple[str, Any]]) -> list[Rows]:
    gathered: dict[type, Rows] = {}
    for tenant_id, share in shares:
        for record_type, values in share.items():
            _add(gathered, record_type, tenant_id, values)
    return [gathered[record_type] for record_type in WRITTEN if record_type in gathered]


def _add(gathered: dict[type, Rows], record_type: type, tenant_id: str, values: Sequence[Any]) -> None:
    if values:
        rows = gathered.setdefault(record_type, Rows(record_type, [], []))
        rows.tenant_ids.extend([tenant_id] * len(values))
        rows.values.extend(values)
