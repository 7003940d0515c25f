"""What the statements that append on PostgreSQL are made of."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from psycopg import sql

from cartera.core.records import TABLES
from cartera.store.postgres_arrays import Array
from cartera.store.rows import Field, Kind, fields_of
from cartera.store.store import Head, Write
from cartera.store.tables import KEYS

HEAD_FIELDS = [*fields_of(Head), Field("base_revision", Kind.NUMBER, optional=False, hint=int)]
"""What is sent of a tenant's head: what it becomes, and the revision that it must still be at."""

ON_CONFLICT = """
    ON CONFLICT ({keys}) DO UPDATE SET {changing}"""


class Append(NamedTuple):
    """A statement and its parameters, $1 and so on, and whether to keep its plan.

    A plan made while a table is small may choose the wrong index of it for what is removed, and stay.
    """

    statement: bytes
    parameters: list[Array]
    keeps_plan: bool


def head_of(write: Write) -> tuple[Any, ...]:
    """The values of the head's fields."""
    return (write.tenant_id, write.revision, write.last_event_at, write.next_due_at, write.base_revision)


def on_conflict(record_type: type) -> sql.Composable:
    """What becomes of a row that is there: records are replaced, the log and the answers never rewritten."""
    if record_type not in TABLES:
        return sql.SQL("")
    keys = ["tenant_id", *KEYS[record_type]]
    changing = [
        sql.SQL("{name} = excluded.{name}").format(name=sql.Identifier(field.name))
        for field in fields_of(record_type)
        if field.name not in keys
    ]
    return sql.SQL(ON_CONFLICT).format(keys=columns(keys), changing=listed(changing))


def columns(names: Iterable[str]) -> sql.Composed:
    return listed(map(sql.Identifier, names))


def listed(parts: Iterable[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(parts)
