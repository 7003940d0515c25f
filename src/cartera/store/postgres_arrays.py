"""Columns as PostgreSQL's binary arrays.

The driver makes an array by asking every element for its type. A column's type is known, so here the bytes are joined
at once; on the path of every write that is a third of the client's time.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from struct import Struct
from typing import Any, ClassVar, NamedTuple

from psycopg import postgres
from psycopg.adapt import AdaptersMap, Dumper
from psycopg.pq import Format

from cartera.store.columns import MICROSECOND
from cartera.store.nested import Conversion
from cartera.store.rows import Field, Kind, to_json

POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

_header = Struct(">iiIii").pack
_length = Struct(">i").pack
_small = Struct(">ih").pack
_big = Struct(">iq").pack
_flag = Struct(">i?").pack
NULL = _length(-1)
JSONB_VERSION = b"\x01"


class Array(bytes):
    """An array as PostgreSQL receives it."""

    __slots__ = ()
    type_name: ClassVar[str]


class WordsArray(Array):
    __slots__ = ()
    type_name = "text"


class NumberArray(Array):
    __slots__ = ()
    type_name = "int8"


class CodeArray(Array):
    __slots__ = ()
    type_name = "int2"


class FlagArray(Array):
    __slots__ = ()
    type_name = "bool"


class MomentArray(Array):
    __slots__ = ()
    type_name = "timestamptz"


class PayloadArray(Array):
    __slots__ = ()
    type_name = "bytea"


class NestedArray(Array):
    __slots__ = ()
    type_name = "jsonb"


# Most are tenants, what tenants have configured, and nothing at all.
@lru_cache(4096)
def words(text: str) -> bytes:
    encoded = text.encode()
    return _length(len(encoded)) + encoded


def payload(value: bytes) -> bytes:
    return _length(len(value)) + value


def nested(text: str) -> bytes:
    return payload(JSONB_VERSION + text.encode())


def number(value: int) -> bytes:
    return _big(8, value)


@lru_cache(1024)
def code(value: int) -> bytes:
    return _small(2, value)


def flag(value: bool) -> bytes:  # noqa: FBT001 (a conversion takes its value)
    return _flag(1, value)


# All that a batch changes has the same few moments, a hundred times.
@lru_cache(1024)
def moment(value: datetime) -> bytes:
    return _big(8, (value - POSTGRES_EPOCH) // MICROSECOND)


def duration(value: Any) -> bytes:
    return _big(8, value // MICROSECOND)


ARRAYS: dict[Kind, tuple[type[Array], Conversion]] = {
    Kind.WORDS: (WordsArray, words),
    Kind.NUMBER: (NumberArray, number),
    Kind.CODE: (CodeArray, code),
    Kind.FLAG: (FlagArray, flag),
    Kind.MOMENT: (MomentArray, moment),
    Kind.DURATION: (NumberArray, duration),
    Kind.PAYLOAD: (PayloadArray, payload),
    Kind.NESTED: (NestedArray, nested),
}

EMPTY_NESTED = nested("[]")


def element_of(field: Field) -> Conversion:
    """The conversion of a field's value to an element of an array of its type."""
    element = _element_of_some(field)
    return (lambda value: NULL if value is None else element(value)) if field.optional else element


def _element_of_some(field: Field) -> Conversion:
    if field.kind is not Kind.NESTED:
        return ARRAYS[field.kind][1]
    encode = to_json(field.hint)
    return lambda value: EMPTY_NESTED if value == () else nested(encode(value) or "null")


Maker = Callable[[Sequence[Any]], Array]
"""A function that makes an array of a column's values."""


def array_of(field: Field) -> Maker:
    """The function that makes an array of all values."""
    array_type, _ = ARRAYS[field.kind]
    element = element_of(field)
    oid = postgres.types[array_type.type_name].oid

    def make(values: Sequence[Any]) -> Array:
        return array_type(_header(1, field.optional, oid, len(values), 1) + b"".join(map(element, values)))

    return make


def brief_array_of(field: Field) -> Maker:
    """The function that makes an array which has one element only where all values are the same, as in most columns of
    a batch. Of a column that may be empty that is done only where all of it is: what reads the array takes it that
    nothing stands for nothing.
    """
    make, optional = array_of(field), field.optional

    def make_brief(values: Sequence[Any]) -> Array:
        first = values[0]
        if (first is None or not optional) and values.count(first) == len(values):
            return make((first,))
        return make(values)

    return make_brief


class Mixed(NamedTuple):
    """An array of one value each of several fields, all of one type."""

    array_type: type[Array]
    places: list[int]
    """Which of a row's values they are."""
    make: Maker
    """The function that makes the array of the row."""


def mixed_arrays(fields: Sequence[Field]) -> list[Mixed]:
    """The arrays, one for each type, that have all values of a row."""
    places: dict[type[Array], list[int]] = {}
    for place, field in enumerate(fields):
        places.setdefault(ARRAYS[field.kind][0], []).append(place)
    return [Mixed(array_type, each, _mixed_array(array_type, fields, each)) for array_type, each in places.items()]


def _mixed_array(array_type: type[Array], fields: Sequence[Field], places: list[int]) -> Maker:
    header = _header(1, True, postgres.types[array_type.type_name].oid, len(places), 1)
    elements = [(place, element_of(fields[place])) for place in places]
    return lambda row: array_type(header + b"".join([element(row[place]) for place, element in elements]))


def register(adapters: AdaptersMap) -> None:
    """Let a connection take these arrays."""
    for array_type in Array.__subclasses__():
        adapters.register_dumper(array_type, _dumper(array_type))


def _dumper(array_type: type[Array]) -> type[Dumper]:
    class ArrayDumper(Dumper):
        format = Format.BINARY
        oid = postgres.types[array_type.type_name].array_oid

        def dump(self, obj: Array) -> Array:
            return obj

    return ArrayDumper
