"""Reads for callers who look: each shows one revision, whole."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, func, select, text, tuple_
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from cartera.core.records import TABLES, Interaction, Key
from cartera.core.vocabulary import InteractionState
from cartera.store.engines import pooled_engine_of
from cartera.store.rows import SQLMODEL, reader
from cartera.store.store import Head, StoreUnavailable, Timeouts
from cartera.store.tables import IS_OPEN, KEYS, table_of

R = TypeVar("R")

Where = Mapping[str, Any]
"""Fields, each with the value or the collection of values that a record's may have."""

EVERYWHERE: Where = MappingProxyType({})

READERS: dict[type, Callable[[Any], list[Any]]] = {each: reader(each, SQLMODEL) for each in TABLES}


class Page(NamedTuple, Generic[R]):
    """Some records, in order, and whether there are more."""

    records: list[R]
    more: bool


class Snapshot:
    """A tenant as it is at one revision; 0 where it doesn't exist."""

    def __init__(self, session: Session, tenant_id: str) -> None:
        self._session = session
        self._tenant_id = tenant_id
        heads = table_of(Head)
        self.revision: int = self._one(select(heads.c.revision).where(heads.c.tenant_id == tenant_id)) or 0

    def get(self, record_type: type[R], key: Key) -> R | None:
        """The record with that key."""
        where = dict(zip(KEYS[record_type], key, strict=True))
        records = self._records(record_type, _conditions(record_type, where))
        return records[0] if records else None

    def page(
        self,
        record_type: type[R],
        *,
        after: Key | None = None,
        limit: int,
        where: Where = EVERYWHERE,
        newest_first: bool = False,
    ) -> Page[R]:
        """The next records after the one with that key, up to a limit, in the order of their keys.

        Interactions come in the order of their arrival.
        """
        columns = _order(record_type)
        conditions = _conditions(record_type, where)
        if after is not None:
            place, start = tuple_(*columns), self._place(record_type, after)
            conditions.append(place < start if newest_first else place > start)
        order = [column.desc() if newest_first else column.asc() for column in columns]
        records = self._records(record_type, conditions, order_by=order, limit=limit + 1)
        return Page(records[:limit], len(records) > limit)

    def units_in_use(self, agent_id: str) -> int:
        """How many interactions the agent holds."""
        interactions = table_of(Interaction)
        counted = select(func.count()).where(
            interactions.c.tenant_id == self._tenant_id,
            interactions.c.agent_id == agent_id,
            interactions.c.state == InteractionState.ASSIGNED,
            text(IS_OPEN),  # follows from the line above; said for the index's sake
        )
        held: int = self._one(counted)
        return held

    def _one(self, statement: Any) -> Any:
        return self._session.connection().execute(statement).scalar()

    def _records(
        self,
        record_type: type[R],
        conditions: list[ColumnElement[bool]],
        *,
        order_by: Any = (),
        limit: int | None = None,
    ) -> list[R]:
        table = table_of(record_type)
        columns = [table.c[name] for name in record_type._fields]  # type: ignore[attr-defined]
        statement = select(*columns).where(table.c.tenant_id == self._tenant_id, *conditions)
        rows = self._session.connection().execute(statement.order_by(*order_by).limit(limit)).all()
        return READERS[record_type](rows)

    def _place(self, record_type: type, key: Key) -> Any:
        """Where the record with that key stands in its order. Interactions are never deleted, so theirs is found."""
        if record_type is not Interaction:
            return key
        interactions = table_of(Interaction)
        is_it = interactions.c.interaction_id == key[0]
        sequence = select(interactions.c.sequence).where(interactions.c.tenant_id == self._tenant_id, is_it)
        return tuple_(sequence.scalar_subquery())


class Reads:
    """Opens snapshots; from any thread."""

    def __init__(self, url: str, timeouts: Timeouts, *, connections: int = 8) -> None:
        engine = pooled_engine_of(url, timeouts, connections)
        if engine.dialect.name == "postgresql":
            engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._engine = engine

    @contextmanager
    def snapshot(self, tenant_id: str) -> Iterator[Snapshot]:
        """Open a tenant at its present revision. Raises StoreUnavailable."""
        try:
            with Session(self._engine) as session:
                yield Snapshot(session, tenant_id)
        except (DBAPIError, PoolTimeoutError) as error:
            raise StoreUnavailable(str(error)) from error

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _conditions(record_type: type, where: Where) -> list[ColumnElement[bool]]:
    columns = table_of(record_type).c
    return [
        columns[name].in_(wanted) if _is_collection(wanted) else columns[name] == wanted
        for name, wanted in where.items()
    ]


def _is_collection(wanted: Any) -> bool:
    return isinstance(wanted, Collection) and not isinstance(wanted, str)


def _order(record_type: type) -> list[ColumnElement[Any]]:
    columns = table_of(record_type).c
    return [columns[name] for name in (("sequence",) if record_type is Interaction else KEYS[record_type])]
