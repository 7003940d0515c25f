"""The one statement that appends a batch on PostgreSQL.

All of its parts see the same snapshot, taken when it begins; what ties them together is `won`, the tenants whose head
it moved. The heads are locked in the order of their ids, so that two replicas with the same tenants don't deadlock. A
head that another replica moved meanwhile is looked at again once its lock is had, and then doesn't match any more.

What a single call changes has a statement of its own (`postgres_single_call.py`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import count, islice
from typing import Any, NamedTuple

from psycopg import sql

from cartera.core.records import TABLES
from cartera.store.batch import Rows, puts, removals
from cartera.store.postgres_arrays import Array, Maker, array_of, brief_array_of
from cartera.store.postgres_clauses import HEAD_FIELDS, Append, columns, head_of, listed, on_conflict
from cartera.store.postgres_single_call import append_of_single_call
from cartera.store.rows import Field, Kind, fields_of
from cartera.store.store import Head, Revisions, Write
from cartera.store.tables import KEYS, table_of

TENANT_ID = Field("tenant_id", Kind.WORDS, optional=False, hint=str)
REVISION = Field("revision", Kind.NUMBER, optional=False, hint=int)
HEAD_COLUMNS = [field.name for field in fields_of(Head)]

STATEMENT = """
WITH wanted AS MATERIALIZED (
    SELECT * FROM unnest({heads}) AS wanted ({head_columns}, base_revision)
), locked AS (
    SELECT tenant_id FROM heads JOIN wanted USING (tenant_id)
    WHERE heads.revision = wanted.base_revision
    ORDER BY tenant_id FOR NO KEY UPDATE OF heads
), moved AS (
    UPDATE heads
    SET revision = wanted.revision, last_event_at = wanted.last_event_at, next_due_at = wanted.next_due_at
    FROM locked JOIN wanted USING (tenant_id)
    WHERE heads.tenant_id = locked.tenant_id
    RETURNING heads.tenant_id
), created AS (
    INSERT INTO heads ({head_columns})
    SELECT {head_columns} FROM wanted WHERE base_revision = 0 ORDER BY tenant_id
    ON CONFLICT DO NOTHING
    RETURNING tenant_id
), won AS (
    SELECT tenant_id FROM moved UNION ALL SELECT tenant_id FROM created
), fresh AS (
    SELECT tenant_id FROM unnest({checks}) AS checked (tenant_id, revision) LEFT JOIN heads USING (tenant_id)
    WHERE coalesce(heads.revision, 0) = checked.revision
){parts}
SELECT tenant_id FROM won UNION ALL SELECT tenant_id FROM fresh
"""

PUT = """, {name} AS (
    INSERT INTO {table} ({columns})
    SELECT {values} FROM unnest({arrays}) AS put ({columns}) JOIN won USING (tenant_id){on_conflict}
)"""

SAME_FOR_ALL = "coalesce(put.{name}, ({array})[1])"
"""The value of a column that is never empty. Its array may have one element, for all rows: unnest then has nothing for
the others.
"""

REMOVAL = """, {keys_name} AS MATERIALIZED (
    SELECT {keys} FROM unnest({arrays}) AS removed ({keys}) JOIN won USING (tenant_id)
), {name} AS (
    DELETE FROM {table} USING {keys_name} AS removed WHERE {is_meant}
)"""
"""The keys stand apart, else the planner may look for all rows of the tenants that won and filter them."""


class Shape(NamedTuple):
    """Which tables a batch touches: batches of one shape have one statement."""

    put: tuple[type, ...]
    removed: tuple[type, ...]


Arrays = Callable[[Sequence[Sequence[Any]]], list[Array]]
"""The function that makes arrays of rows."""


def arrays(fields: Iterable[Field], maker_of: Callable[[Field], Maker] = array_of) -> Arrays:
    makers = [maker_of(field) for field in fields]
    return lambda rows: [
        make(values)
        for make, values in zip(makers, zip(*rows, strict=True) if rows else [()] * len(makers), strict=True)
    ]


def key_fields(record_type: type) -> list[Field]:
    return [field for field in fields_of(record_type) if field.name in KEYS[record_type]]


HEAD_ARRAYS = arrays(HEAD_FIELDS)
CHECK_ARRAYS = arrays([TENANT_ID, REVISION])
TENANT_ARRAY = array_of(TENANT_ID)
PUT_ARRAYS = {record_type: arrays(fields_of(record_type), brief_array_of) for record_type in KEYS}
REMOVAL_ARRAYS = {record_type: arrays(key_fields(record_type)) for record_type in TABLES}


def append_of(writes: Sequence[Write], checks: Revisions) -> Append:
    """The statement that appends these writes and answers these checks."""
    put, removed = puts(writes), removals(writes)
    if not checks and not removed and _puts_single_rows(writes, put):
        return append_of_single_call(writes[0], put)
    shape = Shape(tuple(rows.record_type for rows in put), tuple(rows.record_type for rows in removed))
    parameters = [*HEAD_ARRAYS(list(map(head_of, writes))), *CHECK_ARRAYS(list(checks.items()))]
    for rows in put:
        parameters += _rows_parameters(rows, PUT_ARRAYS)
    for rows in removed:
        parameters += _rows_parameters(rows, REMOVAL_ARRAYS)
    return Append(statement_of(shape), parameters, keeps_plan=not removed)


def _puts_single_rows(writes: Sequence[Write], put: Sequence[Rows]) -> bool:
    """Whether one known tenant is written, and no more than a row into each table."""
    return len(writes) == 1 and writes[0].base_revision > 0 and all(len(rows.values) == 1 for rows in put)


def _rows_parameters(rows: Rows, of_type: dict[type, Arrays]) -> list[Array]:
    return [TENANT_ARRAY(rows.tenant_ids), *of_type[rows.record_type](rows.values)]


@cache
def statement_of(shape: Shape) -> bytes:
    """The statement for batches of that shape. There are few in practice."""
    numbers = count(1)
    heads, checks = _placeholders(numbers, len(HEAD_FIELDS)), _placeholders(numbers, 2)
    parts = [_put_part(each, numbers) for each in shape.put]
    parts += [_removal_part(each, numbers) for each in shape.removed]
    statement = sql.SQL(STATEMENT).format(
        heads=listed(heads),
        head_columns=columns(HEAD_COLUMNS),
        checks=listed(checks),
        parts=sql.SQL("").join(parts),
    )
    return statement.as_string().encode()


def _put_part(record_type: type, numbers: Iterator[int]) -> sql.Composed:
    fields = fields_of(record_type)
    names = ["tenant_id", *(field.name for field in fields)]
    tenant_ids, *arrays_of_fields = _placeholders(numbers, len(names))
    return sql.SQL(PUT).format(
        name=sql.Identifier(f"put_{table_of(record_type).name}"),
        table=sql.Identifier(table_of(record_type).name),
        columns=columns(names),
        values=listed([sql.Identifier("tenant_id"), *map(_value, fields, arrays_of_fields)]),
        arrays=listed([tenant_ids, *arrays_of_fields]),
        on_conflict=on_conflict(record_type),
    )


def _value(field: Field, array: sql.Composable) -> sql.Composable:
    name = sql.Identifier(field.name)
    return name if field.optional else sql.SQL(SAME_FOR_ALL).format(name=name, array=array)


def _removal_part(record_type: type, numbers: Iterator[int]) -> sql.Composed:
    table = sql.Identifier(table_of(record_type).name)
    keys = ["tenant_id", *(field.name for field in key_fields(record_type))]
    is_meant = [sql.SQL("{table}.{key} = removed.{key}").format(table=table, key=sql.Identifier(key)) for key in keys]
    return sql.SQL(REMOVAL).format(
        name=sql.Identifier(f"removed_{table_of(record_type).name}"),
        keys_name=sql.Identifier(f"keys_{table_of(record_type).name}"),
        table=table,
        keys=columns(keys),
        arrays=listed(_placeholders(numbers, len(keys))),
        is_meant=sql.SQL(" AND ").join(is_meant),
    )


def _placeholders(numbers: Iterator[int], how_many: int) -> list[sql.SQL]:
    return [sql.SQL(f"${number}") for number in islice(numbers, how_many)]
