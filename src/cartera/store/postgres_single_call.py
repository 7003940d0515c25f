"""The one statement that appends what a single call changes on PostgreSQL: of one known tenant, a row in each table.

To make rows of dozens of arrays costs more than to write one, and so does it to send dozens of parameters and to take
them in. Here all values of a type are in one array: there are seven parameters, however many columns there are.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from psycopg import sql

from cartera.store.batch import Rows
from cartera.store.postgres_arrays import Maker, mixed_arrays
from cartera.store.postgres_clauses import HEAD_FIELDS, Append, columns, head_of, listed, on_conflict
from cartera.store.rows import fields_of
from cartera.store.store import Write
from cartera.store.tables import table_of

STATEMENT = """
WITH won AS (
    UPDATE heads
    SET revision = {revision}, last_event_at = {last_event_at}, next_due_at = {next_due_at}
    WHERE tenant_id = {tenant_id} AND revision = {base_revision}
    RETURNING tenant_id
){parts}
SELECT tenant_id FROM won
"""

PUT = """, {name} AS (
    INSERT INTO {table} ({columns})
    SELECT {values} FROM won{on_conflict}
)"""


class Form(NamedTuple):
    """The statement that puts rows into certain tables, and what makes its parameters of the values of all columns."""

    statement: bytes
    makers: list[Maker]


def append_of_single_call(write: Write, put: Sequence[Rows]) -> Append:
    """The statement that appends what a call changes: a row into each table, of a tenant that has a head."""
    form = form_of(tuple(rows.record_type for rows in put))
    values = [*head_of(write)]
    for rows in put:
        values += rows.values[0]
    return Append(form.statement, [make(values) for make in form.makers], keeps_plan=True)


@cache
def form_of(put: tuple[type, ...]) -> Form:
    """The form for rows in those tables. There are few in practice."""
    fields = [*HEAD_FIELDS, *(field for record_type in put for field in fields_of(record_type))]
    arrays = mixed_arrays(fields)
    elements = {
        place: sql.SQL(f"(${number})[{index}]")
        for number, array in enumerate(arrays, start=1)
        for index, place in enumerate(array.places, start=1)
    }
    in_order = iter([elements[place] for place in range(len(fields))])
    head = {field.name: next(in_order) for field in HEAD_FIELDS}
    parts = [_put_part(record_type, [next(in_order) for _ in fields_of(record_type)]) for record_type in put]
    statement = sql.SQL(STATEMENT).format(parts=sql.SQL("").join(parts), **head)
    return Form(statement.as_string().encode(), [array.make for array in arrays])


def _put_part(record_type: type, values: Sequence[sql.Composable]) -> sql.Composed:
    tenant_id = sql.Identifier("tenant_id")
    return sql.SQL(PUT).format(
        name=sql.Identifier(f"put_{table_of(record_type).name}"),
        table=sql.Identifier(table_of(record_type).name),
        columns=columns(["tenant_id", *(field.name for field in fields_of(record_type))]),
        values=listed([tenant_id, *values]),
        on_conflict=on_conflict(record_type),
    )
