"""Reads for callers who look: each shows one revision, whole."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from psycopg import Error as DriverError
from sqlalchemy import ColumnElement, func, or_, select, text, tuple_
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from cartera.core.audience import HELD
from cartera.core.records import TABLES, Agent, Interaction, Key, OwnershipChange, Portfolio
from cartera.core.vocabulary import Channel
from cartera.store import reports
from cartera.store.engines import pooled_engine_of
from cartera.store.patience import patience_of
from cartera.store.postgres_connection import Connection, Lines, limit_waiting
from cartera.store.reports import AgentReport, PortfolioReport
from cartera.store.rows import SQLMODEL, reader
from cartera.store.store import Head, LoggedChange, StoreUnavailable, Timeouts
from cartera.store.tables import IS_OPEN, KEYS, key_of, table_of

R = TypeVar("R")

Where = Mapping[str, Any]
"""Fields, each with the value or the collection of values that a record's may have."""

EVERYWHERE: Where = MappingProxyType({})

BLOCK = 1_000
"""How many ids one statement names at most."""

READERS: dict[type, Callable[[Any], list[Any]]] = {each: reader(each, SQLMODEL) for each in TABLES}


class Page(NamedTuple, Generic[R]):
    """Some records, in order, and whether there are more."""

    records: list[R]
    more: bool


class Hidden(NamedTuple):
    """Interactions that a reader may not see: those under the workgroups, but for the agent's own (Z5); and all that
    are not under certain workgroups, or not of certain campaigns, where these are named.
    """

    workgroup_ids: Collection[str]
    agent_id: str = ""
    except_under: Collection[str] | None = None
    except_of: Collection[str] | None = None


NOTHING_HIDDEN = Hidden(())


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
        hidden: Hidden = NOTHING_HIDDEN,
    ) -> Page[R]:
        """The next records after the one with that key, up to a limit, in the order of their keys.

        Interactions come in the order of their arrival.
        """
        columns = _order(record_type)
        conditions = _conditions(record_type, where) + _not_hidden(hidden)
        if after is not None:
            place, start = tuple_(*columns), self._place(record_type, after)
            conditions.append(place < start if newest_first else place > start)
        order = [column.desc() if newest_first else column.asc() for column in columns]
        records = self._records(record_type, conditions, order_by=order, limit=limit + 1)
        return Page(records[:limit], len(records) > limit)

    def held(self, agent_id: str) -> dict[Channel, int]:
        """How many interactions of each channel take a slot of the agent."""
        interactions = table_of(Interaction)
        counted = select(interactions.c.channel, func.count()).where(
            interactions.c.tenant_id == self._tenant_id,
            interactions.c.agent_id == agent_id,
            interactions.c.state.in_(HELD),
            text(IS_OPEN),  # follows from the line above; said for the index's sake
        )
        rows = self._all(counted.group_by(interactions.c.channel))
        return {Channel(channel): number for channel, number in rows}

    def contact_history(self, contact_id: str, limit: int, hidden: Hidden = NOTHING_HIDDEN) -> list[Interaction]:
        """The last interactions of a contact, the newest first (T6)."""
        where = {"contact_id": contact_id}
        return self.page(Interaction, where=where, limit=limit, newest_first=True, hidden=hidden).records

    def ownership_changes(
        self,
        *,
        contact_id: str = "",
        portfolio_ids: Collection[str] | None = None,
        after: Key | None = None,
        limit: int,
    ) -> Page[OwnershipChange]:
        """How ownership of a contact, or into, out of or of certain portfolios, changed, the newest first (P9)."""
        of_contact: dict[str, Any] = {"contact_id": contact_id} if contact_id else {}
        ways = ("portfolio_id", "previous_portfolio_id")
        wheres = [of_contact] if portfolio_ids is None else [{**of_contact, way: portfolio_ids} for way in ways]
        pages = [
            self.page(OwnershipChange, after=after, limit=limit, where=where, newest_first=True) for where in wheres
        ]
        found = {key_of(change): change for page in pages for change in page.records}
        newest = [found[key] for key in sorted(found, reverse=True)]
        return Page(newest[:limit], len(newest) > limit or any(page.more for page in pages))

    def changes_before(self, revision: int, limit: int) -> list[LoggedChange]:
        """The last changes before a revision, the newest first."""
        changes = table_of(LoggedChange).c
        statement = select(changes.revision, changes.occurred_at, changes.payload)
        before = statement.where(changes.tenant_id == self._tenant_id, changes.revision < revision)
        return [LoggedChange(*row) for row in self._all(before.order_by(changes.revision.desc()).limit(limit))]

    def occurred_at(self, revision: int) -> datetime | None:
        """When a change happened; None where it isn't kept."""
        changes = table_of(LoggedChange).c
        is_it = (changes.tenant_id == self._tenant_id, changes.revision == revision)
        found: datetime | None = self._one(select(changes.occurred_at).where(*is_it))
        return found

    def portfolio_reports(
        self, *, after: Key | None = None, limit: int, where: Where = EVERYWHERE
    ) -> Page[PortfolioReport]:
        """How much there is in each of the next portfolios, by id (P7)."""
        page = self.page(Portfolio, after=after, limit=limit, where=where)
        ids = [portfolio.portfolio_id for portfolio in page.records]
        contacts = self._numbers(reports.contacts(self._tenant_id, ids))
        now_open = self._numbers(reports.open_of_portfolios(self._tenant_id))
        total = self._numbers(reports.total_of_portfolios(self._tenant_id, ids))
        return Page([PortfolioReport(each, contacts[each], now_open[each], total[each]) for each in ids], page.more)

    def agent_reports(self, *, after: Key | None = None, limit: int, where: Where = EVERYWHERE) -> Page[AgentReport]:
        """How much there is with each of the next agents, by id (P7)."""
        page = self.page(Agent, after=after, limit=limit, where=where)
        ids = [agent.agent_id for agent in page.records]
        contacts = self._contacts_owned_by(ids)
        now_open = self._numbers(reports.open_of_agents(self._tenant_id))
        total = self._numbers(reports.total_of_agents(self._tenant_id, ids))
        return Page([AgentReport(each, contacts[each], now_open[each], total[each]) for each in ids], page.more)

    def _contacts_owned_by(self, agent_ids: Collection[str]) -> Counter[str]:
        """Portfolios are few beside contacts, so all are looked through; a contact is in one of them only."""
        owned = dict(self._all(reports.owners(self._tenant_id)))
        wanted = set(agent_ids)
        portfolio_ids = [each for each in owned if wanted.intersection(owned[each])]
        found = Counter[str]()
        for first in range(0, len(portfolio_ids), BLOCK):
            block = portfolio_ids[first : first + BLOCK]
            for portfolio_id, number in self._numbers(reports.contacts(self._tenant_id, block)).items():
                found.update(dict.fromkeys(owned[portfolio_id], number))
        return found

    def _numbers(self, statement: Any) -> Counter[str]:
        found = Counter[str]()
        for each, number in self._all(statement):
            found[each] += int(number)
        return found

    def _all(self, statement: Any) -> list[Any]:
        return list(self._session.connection().execute(statement).all())

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
        return READERS[record_type](self._all(statement.order_by(*order_by).limit(limit)))

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
        self._timeouts = timeouts
        self._lines = Lines()
        engine = pooled_engine_of(url, timeouts, connections, self._lines)
        if engine.dialect.name == "postgresql":
            engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._engine = engine

    @contextmanager
    def snapshot(self, tenant_id: str, seconds: float | None = None) -> Iterator[Snapshot]:
        """Open a tenant at its present revision, for a caller who waits for so long. Raises StoreUnavailable."""
        try:
            with Session(self._engine) as session:
                self._limit(session, seconds)
                yield Snapshot(session, tenant_id)
        except (DBAPIError, DriverError, PoolTimeoutError) as error:
            raise StoreUnavailable(str(error)) from error

    def _limit(self, session: Session, seconds: float | None) -> None:
        """Let no statement take longer than anybody waits for it. SQLite has nothing for it."""
        connection = session.connection().connection.driver_connection
        if isinstance(connection, Connection):
            limit_waiting(connection, patience_of(self._timeouts, seconds))

    def cut(self) -> None:
        """Have all that waits for the database fail at once; from any thread. What comes later connects anew."""
        self._lines.cut()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _conditions(record_type: type, where: Where) -> list[ColumnElement[bool]]:
    columns = table_of(record_type).c
    return [
        columns[name].in_(wanted) if _is_collection(wanted) else columns[name] == wanted
        for name, wanted in where.items()
    ]


def _not_hidden(hidden: Hidden) -> list[ColumnElement[bool]]:
    columns = table_of(Interaction).c
    found = []
    if hidden.workgroup_ids:
        elsewhere = columns.workgroup_id.not_in(hidden.workgroup_ids)
        found.append(or_(elsewhere, columns.agent_id == hidden.agent_id) if hidden.agent_id else elsewhere)
    if hidden.except_under is not None:
        found.append(columns.workgroup_id.in_(hidden.except_under))
    if hidden.except_of is not None:
        found.append(columns.campaign_id.in_(hidden.except_of))
    return found


def _is_collection(wanted: Any) -> bool:
    return isinstance(wanted, Collection) and not isinstance(wanted, str)


def _order(record_type: type) -> list[ColumnElement[Any]]:
    columns = table_of(record_type).c
    return [columns[name] for name in (("sequence",) if record_type is Interaction else KEYS[record_type])]
