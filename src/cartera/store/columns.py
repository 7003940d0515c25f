"""How a field's value stands in a column, on SQLite and on PostgreSQL."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, TIMESTAMP, BigInteger, Dialect, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


# All that a batch changes has the same few moments, a hundred times.
@lru_cache(1024)
def microseconds_of_moment(moment: datetime) -> int:
    """Microseconds since 1970, UTC."""
    return (moment - EPOCH) // MICROSECOND


def moment_of_microseconds(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def microseconds_of_duration(duration: timedelta) -> int:
    return duration // MICROSECOND


def duration_of_microseconds(microseconds: int) -> timedelta:
    return timedelta(microseconds=microseconds)


WORDS = Text().with_variant(Text(collation="C"), "postgresql")
"""Text, ordered by code point: a page ends at the same key on every database, whatever its locale."""

NESTED = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""A value with parts."""


class Moment(TypeDecorator[datetime]):
    """A time with zone; on SQLite, which has none, microseconds since 1970."""

    impl = TIMESTAMP
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        moment = TIMESTAMP(timezone=True) if dialect.name == "postgresql" else BigInteger()
        return dialect.type_descriptor(moment)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        if value is None or dialect.name == "postgresql":
            return value
        return microseconds_of_moment(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if dialect.name == "postgresql" else moment_of_microseconds(value)


class Duration(TypeDecorator[timedelta]):
    """A length of time, in microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else microseconds_of_duration(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:  # noqa: ARG002
        return None if value is None else duration_of_microseconds(value)
