"""Records to rows and rows to records, a column at a time: what its values need is looked up once, not per row."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum, IntEnum, auto
from functools import cache, lru_cache
from itertools import starmap
from typing import Any, NamedTuple, TypeVar, get_type_hints

from cartera.store.columns import (
    duration_of_microseconds,
    microseconds_of_duration,
    microseconds_of_moment,
    moment_of_microseconds,
)
from cartera.store.nested import Conversion, decode_json, encode_json, from_plain, to_plain, without_none

R = TypeVar("R")


class Kind(Enum):
    """What a column holds."""

    WORDS = auto()
    NUMBER = auto()
    FLAG = auto()
    CODE = auto()
    MOMENT = auto()
    DURATION = auto()
    PAYLOAD = auto()
    NESTED = auto()


SIMPLE = {
    str: Kind.WORDS,
    int: Kind.NUMBER,
    bool: Kind.FLAG,
    datetime: Kind.MOMENT,
    timedelta: Kind.DURATION,
    bytes: Kind.PAYLOAD,
}


class Field(NamedTuple):
    """A record's field, as a column. `hint` is its type, without None."""

    name: str
    kind: Kind
    optional: bool
    hint: Any


@cache
def fields_of(record_type: type) -> tuple[Field, ...]:
    """The fields of a record type, in order."""
    return tuple(_field(name, hint) for name, hint in get_type_hints(record_type).items())


def _field(name: str, hint: Any) -> Field:
    some = without_none(hint)
    is_code = isinstance(some, type) and issubclass(some, IntEnum)
    kind = Kind.CODE if is_code else SIMPLE.get(some, Kind.NESTED)
    return Field(name, kind, optional=some is not hint, hint=some)


@cache
def to_json(hint: Any) -> Callable[[Any], str | None]:
    """The conversion of a nested value of that type to JSON's text."""
    convert = to_plain(hint)
    if convert is None:
        # Texts and numbers: the same tags and ids again and again.
        return lru_cache(1024)(_json_of)
    return lambda value: _json_of(value if value is None else convert(value)) if value != () else "[]"


def _json_of(plain: Any) -> str | None:
    return None if plain is None else encode_json(plain)


@cache
def from_json(hint: Any) -> Conversion:
    """The conversion of JSON's text to a nested value of that type."""
    convert = from_plain(hint) or (lambda plain: plain)

    def decode(text: str) -> Any:
        return () if text == "[]" else convert(decode_json(text))

    return decode


class Form(NamedTuple):
    """In which form a database's driver gives and takes values, where it isn't the record's own."""

    given: dict[Kind, Conversion]
    taken: dict[Kind, Conversion]
    nested_given_as_text: bool


def as_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


SQLITE = Form(
    given={
        Kind.FLAG: bool,
        Kind.MOMENT: moment_of_microseconds,
        Kind.DURATION: duration_of_microseconds,
    },
    taken={
        Kind.FLAG: int,
        Kind.CODE: int,
        Kind.MOMENT: microseconds_of_moment,
        Kind.DURATION: microseconds_of_duration,
    },
    nested_given_as_text=True,
)
POSTGRES = Form(
    given={Kind.MOMENT: as_utc, Kind.DURATION: duration_of_microseconds},
    taken={Kind.CODE: int, Kind.DURATION: microseconds_of_duration},
    nested_given_as_text=True,
)
SQLMODEL = Form(given={}, taken={}, nested_given_as_text=False)
"""As the tables' columns convert by themselves."""


def reader(record_type: type[R], form: Form) -> Callable[[Sequence[Sequence[Any]]], list[R]]:
    """The function that makes records of rows of that form."""
    record_class: type = record_type
    conversions = [_on_reading_column(field, form) for field in fields_of(record_class)]

    def read(rows: Sequence[Sequence[Any]]) -> list[R]:
        columns = [
            values if convert is None else convert(values)
            for convert, values in zip(conversions, zip(*rows, strict=True), strict=False)
        ]
        return list(starmap(record_type, zip(*columns, strict=True)))

    return read


def writer(record_type: type, form: Form) -> Callable[[Iterable[Any]], list[Iterable[Any]]]:
    """The function that makes columns, of that form, of records."""
    conversions = [(_on_writing(field, form), field.optional) for field in fields_of(record_type)]

    def write(records: Iterable[Any]) -> list[Iterable[Any]]:
        return [
            values if convert is None else _each(convert, values, optional=optional)
            for (convert, optional), values in zip(conversions, zip(*records, strict=True), strict=True)
        ]

    return write


def _on_reading(field: Field, form: Form) -> Conversion | None:
    if field.kind is Kind.NESTED and form.nested_given_as_text:
        return from_json(field.hint)
    if field.kind in {Kind.NESTED, Kind.CODE}:
        return from_plain(field.hint)
    return form.given.get(field.kind)


def _on_reading_column(field: Field, form: Form) -> Callable[[Sequence[Any]], Iterable[Any]] | None:
    convert = _on_reading(field, form)
    if convert is None:
        return None
    if field.kind is Kind.NESTED and not form.nested_given_as_text:
        return lambda values: _each(convert, values, optional=field.optional)
    return lambda values: _each_value_once(convert, values, optional=field.optional)


def _each_value_once(convert: Conversion, values: Sequence[Any], *, optional: bool) -> Iterable[Any]:
    """Most columns hold few values, again and again: each is converted once, and the records share what comes of it."""
    different = set(values)
    if len(different) > len(values) // 2:
        return _each(convert, values, optional=optional)
    converted = dict(zip(different, _each(convert, different, optional=optional), strict=True))
    return map(converted.__getitem__, values)


def _on_writing(field: Field, form: Form) -> Conversion | None:
    return to_json(field.hint) if field.kind is Kind.NESTED else form.taken.get(field.kind)


def _each(convert: Conversion, values: Iterable[Any], *, optional: bool) -> Iterable[Any]:
    if optional:
        return [None if value is None else convert(value) for value in values]
    return map(convert, values)
