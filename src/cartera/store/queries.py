"""What is read, written once from the tables' metadata and compiled for each database."""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Dialect, FromClause, Select, Table, bindparam, select, text

from cartera.core.records import (
    TABLES,
    Contact,
    ContactActivity,
    ExclusiveAgent,
    Interaction,
    OwnershipChange,
    PortfolioContact,
)
from cartera.core.references import CONTACT_REFERENCES
from cartera.store.rows import Form, R, reader
from cartera.store.store import Answer, Head, LoggedChange
from cartera.store.tables import IS_OPEN, KEYS, table_of

OF_CONTACTS = (Contact, ContactActivity, PortfolioContact, ExclusiveAgent)
"""The records of a contact: contacts are many, so they are read by id."""

NEVER_LOADED = {OwnershipChange}
"""The records that are history only."""

KEPT_IN_MEMORY = tuple(set(TABLES) - {*OF_CONTACTS, *NEVER_LOADED, Interaction})


class Query(NamedTuple):
    """A statement's text, the parameters it brings with it, and what makes records of its rows."""

    text: str
    constants: dict[str, Any]
    records: Callable[[Any], list[Any]]


class Queries:
    """The statements for one database. `wanted` has rows of tenant_id and id, out of the parameters for them."""

    def __init__(self, dialect: Dialect, form: Form, wanted: FromClause) -> None:
        self._dialect = dialect
        self.form = form
        self._wanted = wanted
        self.head = self._query(Head, _of_tenant(Head))
        self.heads = self._query(Head, self._of_wanted(Head))
        self.due = self._query(Head, _due())
        self.changes_since = self._query(LoggedChange, _changes_since())
        self.answers = self._query(Answer, self._of_wanted(Answer, "request_id", with_tenant=True))
        self.kept_in_memory = [self._query(each, self._of_wanted(each, with_tenant=True)) for each in KEPT_IN_MEMORY]
        self.contacts_in_open = [self._query(each, self._of_contacts_in_open(each)) for each in OF_CONTACTS]
        is_open = self._of_wanted(Interaction, with_tenant=True).where(text(IS_OPEN))
        self.open_interactions = self._query(Interaction, is_open)
        self.contacts = [
            self._query(each, self._of_wanted(each, "contact_id", with_tenant=True)) for each in OF_CONTACTS
        ]
        self.interactions = self._query(Interaction, self._of_wanted(Interaction, "interaction_id", with_tenant=True))
        self.everything = [self._query(each, _in_order(each)) for each in TABLES]
        self.contacts_naming = {
            (record_type, field): self._query(record_type, _contacts_naming(record_type, field))
            for each in CONTACT_REFERENCES.values()
            for record_type, field in each
        }
        self.all_heads = self._query(Head, select(*_columns(Head)).order_by("tenant_id"))

    def _query(self, record_type: type[R], statement: Select[Any]) -> Query:
        compiled = statement.compile(dialect=self._dialect)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        return Query(str(compiled), constants, reader(record_type, self.form))

    def _of_wanted(self, record_type: type, id_name: str = "", *, with_tenant: bool = False) -> Select[Any]:
        table = table_of(record_type)
        meets: ColumnElement[bool] = table.c.tenant_id == self._wanted.c.tenant_id
        if id_name:
            meets &= table.c[id_name] == self._wanted.c.id
        columns = _columns(record_type)
        if with_tenant:
            columns = [*columns, table.c.tenant_id]
        return select(*columns).select_from(self._wanted.join(table, meets))

    def _of_contacts_in_open(self, record_type: type) -> Select[Any]:
        """Of the contacts who have an open interaction, those of all tenants wanted."""
        interactions, table = table_of(Interaction), table_of(record_type)
        of_wanted = self._wanted.join(interactions, interactions.c.tenant_id == self._wanted.c.tenant_id)
        pairs = select(interactions.c.tenant_id, interactions.c.contact_id).select_from(of_wanted)
        named = pairs.where(text(IS_OPEN)).distinct().subquery("named")
        meets = (table.c.tenant_id == named.c.tenant_id) & (table.c.contact_id == named.c.contact_id)
        return select(*_columns(record_type), table.c.tenant_id).select_from(named.join(table, meets))


def _columns(record_type: Any) -> list[ColumnElement[Any]]:
    table = table_of(record_type)
    return [table.c[name] for name in record_type._fields]


def _is_tenant(table: Table) -> ColumnElement[bool]:
    is_tenant: ColumnElement[bool] = table.c.tenant_id == bindparam("tenant_id")
    return is_tenant


def _of_tenant(record_type: type) -> Select[Any]:
    return select(*_columns(record_type)).where(_is_tenant(table_of(record_type)))


def _in_order(record_type: type) -> Select[Any]:
    table = table_of(record_type)
    return _of_tenant(record_type).order_by(*(table.c[name] for name in KEYS[record_type]))


def _due() -> Select[Any]:
    due_at = table_of(Head).c.next_due_at
    is_due = due_at <= bindparam("now")
    return select(*_columns(Head)).where(is_due).order_by(due_at).limit(bindparam("limit"))


def _changes_since() -> Select[Any]:
    revision = table_of(LoggedChange).c.revision
    later = _of_tenant(LoggedChange).where(revision > bindparam("revision"))
    return later.order_by(revision).limit(bindparam("limit"))


def _contacts_naming(record_type: type, field: str) -> Select[Any]:
    names = table_of(record_type).c[field] == bindparam("value")
    return _of_tenant(record_type).where(names).limit(bindparam("limit"))
