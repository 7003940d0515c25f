"""The reading half of a store: the same on every database, but for how its driver is asked."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from itertools import chain
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from cartera.core.records import Interaction, Record
from cartera.store.queries import Queries, Query
from cartera.store.store import Answer, Head, Loaded, LoggedChange, Wanted

Parameters = Mapping[str, Any]


class Cursor(Protocol):
    def fetchall(self) -> list[tuple[Any, ...]]: ...


class Connection(Protocol):
    def execute(self, statement: Any, parameters: Any = ..., /) -> Cursor: ...


C = TypeVar("C", bound=Any)


class Reading(ABC, Generic[C]):
    """Reads through connections of their own, from any thread."""

    queries: ClassVar[Queries]
    begin_snapshot: ClassVar[str]
    """The statement that begins a transaction in which all reads see the same."""

    @abstractmethod
    def connected(self) -> AbstractContextManager[C]:
        """Lend a connection; what its driver raises inside becomes a StoreError."""

    @abstractmethod
    def moment(self, moment: datetime) -> Any:
        """A time as the driver takes it."""

    @abstractmethod
    def wanted(self, pairs: Sequence[tuple[str, str]]) -> Parameters:
        """The parameters that stand for pairs of tenant and id."""

    @abstractmethod
    def stream(self, connection: C, query: Query, parameters: Parameters) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a query in blocks, however many they are."""

    def load_tenants(self, tenant_ids: Collection[str]) -> dict[str, Loaded]:
        if not tenant_ids:
            return {}
        asked = self.wanted([(tenant_id, "") for tenant_id in tenant_ids])
        kept = self.queries.kept_in_memory + self.queries.contacts_in_open + [self.queries.open_interactions]
        with self.loading((self.queries.heads, *kept), asked) as blocks:
            loaded = {head.tenant_id: Loaded(head, []) for head in self.queries.heads.records(next(blocks))}
            for query, rows in zip(kept, blocks, strict=True):
                for row, record in zip(rows, query.records(rows), strict=True):
                    loaded[row[-1]].records.append(record)
        return loaded

    @contextmanager
    def loading(self, queries: Sequence[Query], parameters: Parameters) -> Iterator[Iterator[list[tuple[Any, ...]]]]:
        """The rows that each of the queries finds, all at one moment."""
        with self._snapshot() as connection:
            yield (connection.execute(each.text, {**each.constants, **parameters}).fetchall() for each in queries)

    def load_tenant(self, tenant_id: str) -> Loaded | None:
        return self.load_tenants([tenant_id]).get(tenant_id)

    def load_contacts(self, wanted: Wanted) -> dict[str, list[Record]]:
        return self._by_tenant(self.queries.contacts, wanted)

    def load_interactions(self, wanted: Wanted) -> dict[str, list[Interaction]]:
        return self._by_tenant([self.queries.interactions], wanted)

    def contacts_naming(self, tenant_id: str, record_type: type, field: str, value: str, limit: int) -> list[str]:
        asked = {"tenant_id": tenant_id, "value": value, "limit": limit}
        return [record.contact_id for record in self._read(self.queries.contacts_naming[record_type, field], asked)]

    def changes_since(self, tenant_id: str, revision: int, limit: int) -> list[LoggedChange]:
        asked = {"tenant_id": tenant_id, "revision": revision, "limit": limit}
        return self._read(self.queries.changes_since, asked)

    def heads(self, tenant_ids: Collection[str]) -> dict[str, Head]:
        if not tenant_ids:
            return {}
        asked = self.wanted([(tenant_id, "") for tenant_id in tenant_ids])
        return {head.tenant_id: head for head in self._read(self.queries.heads, asked)}

    def find_answers(self, wanted: Wanted) -> dict[tuple[str, str], Answer]:
        found: dict[str, list[Answer]] = self._by_tenant([self.queries.answers], wanted)
        return {(tenant_id, answer.request_id): answer for tenant_id in found for answer in found[tenant_id]}

    def due_tenants(self, now: datetime, limit: int) -> list[Head]:
        return self._read(self.queries.due, {"now": self.moment(now), "limit": limit})

    def tenant_ids(self) -> list[str]:
        return [head.tenant_id for head in self._read(self.queries.all_heads, {})]

    @contextmanager
    def all_records(self, tenant_id: str) -> Iterator[tuple[Head | None, Iterator[Record]]]:
        of_tenant = {"tenant_id": tenant_id}
        with self._snapshot() as connection:
            heads = fetch(connection, self.queries.head, of_tenant)
            blocks = (
                query.records(rows)
                for query in self.queries.everything
                for rows in self.stream(connection, query, of_tenant)
            )
            yield (heads[0] if heads else None), chain.from_iterable(blocks)

    @contextmanager
    def _snapshot(self) -> Iterator[C]:
        with self.connected() as connection:
            connection.execute(self.begin_snapshot)
            yield connection
            connection.execute("COMMIT")

    def _read(self, query: Query, parameters: Parameters) -> list[Any]:
        with self.connected() as connection:
            return fetch(connection, query, parameters)

    def _by_tenant(self, queries: Sequence[Query], wanted: Wanted) -> dict[str, list[Any]]:
        pairs = [(tenant_id, each) for tenant_id, ids in wanted.items() for each in ids]
        found: dict[str, list[Any]] = {tenant_id: [] for tenant_id in wanted}
        if not pairs:
            return found
        asked = self.wanted(pairs)
        with self.connected() as connection:
            for query in queries:
                rows = connection.execute(query.text, {**query.constants, **asked}).fetchall()
                for row, record in zip(rows, query.records(rows), strict=True):
                    found[row[-1]].append(record)
        return found


def fetch(connection: Connection, query: Query, parameters: Parameters) -> list[Any]:
    """The records that a query finds."""
    return query.records(connection.execute(query.text, {**query.constants, **parameters}).fetchall())
