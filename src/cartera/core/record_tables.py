"""Record tables: the records of a tenant by type and key, and what a batch changed in them.

Every change goes through `put` and `remove`, which note what to restore; so what a batch changed is known, and what did
not come to be written can be taken back.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from cartera.core.records import TABLES, Key, Record

RecordType = TypeVar("RecordType", bound=Record)

_KEY_LENGTH = {record_type: len(key_fields) for record_type, key_fields in TABLES.items()}


def key_of(record: Record) -> Key:
    """A record's key within its tenant."""
    key: Any = record[: _KEY_LENGTH[type(record)]]
    return key  # type: ignore[no-any-return]


class Mark(NamedTuple):
    """A point to which a state can be taken back."""

    position: int
    revision: int
    last_event_at: datetime | None


class RecordTables:
    """The records, and a way back to where they were."""

    def __init__(self) -> None:
        self.revision = 0
        self.last_event_at: datetime | None = None
        self._tables: dict[type, dict[Key, Record]] = {record_type: {} for record_type in TABLES}
        self._undo: list[tuple[type, Key, Record | None]] = []

    def table(self, record_type: type[RecordType]) -> Mapping[Key, RecordType]:
        """All records of a type, by key."""
        return self._tables[record_type]  # type: ignore[return-value]

    def number_of_records(self) -> int:
        """How many records there are, of all types."""
        return sum(map(len, self._tables.values()))

    def get(self, record_type: type[RecordType], *key: str) -> RecordType | None:
        """The record of that key."""
        return self._tables[record_type].get(key)  # type: ignore[return-value]

    def put(self, record: Record) -> None:
        """Add or replace a record."""
        self._set(type(record), key_of(record), record)

    def remove(self, record_type: type[Record], *key: str) -> None:
        """Remove a record, where there is one."""
        if key in self._tables[record_type]:
            self._set(record_type, key, None)

    def _set(self, record_type: type, key: Key, record: Record | None, *, undo: bool = True) -> None:
        table = self._tables[record_type]
        former = table.get(key)
        if record is None:
            del table[key]
        else:
            table[key] = record
        if undo:
            self._undo.append((record_type, key, former))
        self._follow(record_type, former, record)

    def _follow(self, record_type: type, former: Record | None, record: Record | None) -> None:
        """What follows the changes of a type of record: it is told what stood there, and what stands there now."""

    # What a batch changed

    def mark(self) -> Mark:
        """The point where the state is now."""
        return Mark(len(self._undo), self.revision, self.last_event_at)

    def rollback(self, mark: Mark) -> None:
        """Take the state back to a point since the last `accept_changes`."""
        while len(self._undo) > mark.position:
            record_type, key, former = self._undo.pop()
            self._set(record_type, key, former, undo=False)
        self.revision, self.last_event_at = mark.revision, mark.last_event_at

    def changes(self) -> dict[type, dict[Key, Record | None]]:
        """What differs since the last `accept_changes`: by type and key the record, or None where it was removed."""
        changed: dict[type, dict[Key, Record | None]] = {}
        for record_type, key, _ in self._undo:
            changed.setdefault(record_type, {})[key] = self._tables[record_type].get(key)
        return changed

    def formers(self) -> dict[tuple[type, Key], Record | None]:
        """What stood where something was put or removed last since then; None where nothing did."""
        return {(record_type, key): former for record_type, key, former in self._undo}

    def accept_changes(self) -> None:
        """Forget how to take back: what changed is written."""
        self._undo.clear()

    def load(self, records: Iterable[Record]) -> None:
        """Take in records as they stand in the database."""
        for record in records:
            self._set(type(record), key_of(record), record, undo=False)
