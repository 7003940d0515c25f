"""The tables are the records, and everything in them begins with the tenant."""

import re
from collections.abc import Iterable

import pytest
from sqlalchemy import BigInteger, Boolean, LargeBinary, SmallInteger, Table, Text
from sqlalchemy.exc import IntegrityError

from cartera.core.audience import OPEN
from cartera.core.records import TABLES, ExclusiveAgent, PortfolioContact
from cartera.core.vocabulary import InteractionState
from cartera.store.columns import NESTED, WORDS, Duration, Moment
from cartera.store.engines import engine_of
from cartera.store.postgres import PostgresStore
from cartera.store.postgres_single_call import form_of
from cartera.store.postgres_statement import Shape, statement_of
from cartera.store.queries import Query
from cartera.store.rows import Kind, fields_of
from cartera.store.sqlite import SqliteStore
from cartera.store.store import Head
from cartera.store.tables import ENDED_STATES, KEYS, METADATA, ROW_TYPES, table_of
from tests.store.examples import FULL, row_of

COLUMN_TYPES = {
    Kind.WORDS: Text,
    Kind.NUMBER: BigInteger,
    Kind.FLAG: Boolean,
    Kind.CODE: SmallInteger,
    Kind.MOMENT: Moment,
    Kind.DURATION: Duration,
    Kind.PAYLOAD: LargeBinary,
    Kind.NESTED: type(NESTED),
}

EVERY_TABLE = [pytest.param(table, id=table.name) for table in METADATA.tables.values()]


@pytest.mark.parametrize("record_type", ROW_TYPES)
def test_a_tables_columns_are_the_records_fields(record_type: type) -> None:
    columns = list(table_of(record_type).columns)
    if record_type is not Head:
        tenant_id = columns.pop(0)
        assert (tenant_id.name, tenant_id.type, tenant_id.nullable) == ("tenant_id", WORDS, False)
    assert [(column.name, column.nullable) for column in columns] == [
        (field.name, field.optional) for field in fields_of(record_type)
    ]
    for column, field in zip(columns, fields_of(record_type), strict=True):
        assert isinstance(column.type, COLUMN_TYPES[field.kind]), column


@pytest.mark.parametrize("record_type", ROW_TYPES)
def test_a_tables_key_is_the_tenant_and_the_records_key(record_type: type) -> None:
    names = [column.name for column in table_of(record_type).primary_key.columns]
    assert names == ["tenant_id", *KEYS[record_type]]


def test_what_has_not_ended_is_open() -> None:
    """The tables and the core agree on which interactions have ended."""
    assert set(ENDED_STATES) == set(InteractionState) - OPEN - {InteractionState.UNSPECIFIED}


def test_every_record_has_a_table_and_every_table_a_record() -> None:
    assert set(TABLES) <= set(ROW_TYPES)
    assert len(METADATA.tables) == len(ROW_TYPES)


@pytest.mark.parametrize("table", EVERY_TABLE)
def test_every_key_constraint_and_index_begins_with_the_tenant(table: Table) -> None:
    across_tenants = {"ix_heads_due"}  # who is due is asked for all tenants at once
    keyed = [table.primary_key, *(each for each in table.indexes if each.name not in across_tenants)]
    assert [next(iter(each.columns)).name for each in keyed] == ["tenant_id"] * len(keyed)
    assert {type(each).__name__ for each in table.constraints} == {"PrimaryKeyConstraint"}


@pytest.mark.parametrize("store", [SqliteStore, PostgresStore])
def test_every_query_begins_with_the_tenant(store: type) -> None:
    across_tenants = {store.queries.due.text, store.queries.all_heads.text}
    texts = {query.text for query in queries_in(vars(store.queries).values())} - across_tenants
    assert len(texts) > 30
    for text in texts:
        first_condition = re.search(r"\b(?:WHERE|ON) (\S+)", text)
        assert first_condition is not None, text
        assert first_condition[1].endswith(".tenant_id"), text


def queries_in(values: Iterable) -> list[Query]:
    found = []
    for value in values:
        if isinstance(value, Query):
            found.append(value)
        elif isinstance(value, list | dict):
            found += queries_in(value.values() if isinstance(value, dict) else value)
    return found


PUT_TYPES = tuple(set(ROW_TYPES) - {Head})
MANY = Shape(PUT_TYPES, tuple(TABLES))


@pytest.mark.parametrize(
    ("statement", "parts", "tie"),
    [
        pytest.param(statement_of(MANY), len(PUT_TYPES) + len(TABLES), "JOIN won USING (tenant_id)", id="many"),
        pytest.param(form_of(PUT_TYPES).statement, len(PUT_TYPES), "FROM won", id="one call"),
    ],
)
def test_every_part_of_the_append_is_tied_to_the_tenants_that_won(statement: bytes, parts: int, tie: str) -> None:
    found = re.findall(r'"(?:put|keys)_\w+" AS (?:MATERIALIZED )?\((.*?)\n\)', statement.decode(), re.DOTALL)
    assert len(found) == parts
    assert all(tie in part for part in found)


@pytest.mark.parametrize(
    ("record_type", "changed"),
    [
        pytest.param(PortfolioContact, {"portfolio_id": "p2"}, marks=pytest.mark.req("P1")),
        pytest.param(ExclusiveAgent, {"agent_id": "luis"}, marks=pytest.mark.req("E1")),
    ],
)
def test_the_database_itself_allows_one(url: str, record_type: type, changed: dict[str, str]) -> None:
    """A contact has one portfolio, and one exclusive agent in a campaign, whoever writes the row."""
    [record] = [each for each in FULL if type(each) is record_type]
    rows = [{"tenant_id": "t1", **row_of(each)} for each in (record, record._replace(**changed))]
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.execute(table_of(record_type).insert(), rows[0])
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(table_of(record_type).insert(), rows[1])
    with engine.begin() as connection:
        connection.execute(table_of(record_type).insert(), {**rows[1], "tenant_id": "t2"})
    engine.dispose()
