"""Values with parts, to JSON and back, by their type hints.

A named tuple becomes an object of its fields, so that a field added later finds its default in rows written before it;
other tuples become arrays, enumerations their numbers, times microseconds.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import IntEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from cartera.store.columns import (
    duration_of_microseconds,
    microseconds_of_duration,
    microseconds_of_moment,
    moment_of_microseconds,
)

Conversion = Callable[[Any], Any]

TIMES_TO_PLAIN: dict[Any, Conversion] = {
    datetime: microseconds_of_moment,
    timedelta: microseconds_of_duration,
}
TIMES_FROM_PLAIN: dict[Any, Conversion] = {
    datetime: moment_of_microseconds,
    timedelta: duration_of_microseconds,
}

encode_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
decode_json = json.JSONDecoder().decode


def without_none(hint: Any) -> Any:
    """The hint without `| None`."""
    if get_origin(hint) is not UnionType:
        return hint
    [some] = [part for part in get_args(hint) if part is not NoneType]
    return some


def is_named_tuple(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields")


@cache
def to_plain(hint: Any) -> Conversion | None:
    """The conversion of a value of that type to what JSON knows; None where it is that already."""
    some = without_none(hint)
    if some is not hint:
        return _optional(to_plain(some))
    if hint in TIMES_TO_PLAIN:
        return TIMES_TO_PLAIN[hint]
    if is_named_tuple(hint):
        return _object_of(hint)
    if get_origin(hint) is tuple:
        item = to_plain(get_args(hint)[0])
        return None if item is None else lambda items: [item(each) for each in items]
    return None


@cache
def from_plain(hint: Any) -> Conversion | None:
    """The way back: the conversion of what JSON knows to a value of that type; None where it is that already."""
    some = without_none(hint)
    if some is not hint:
        return _optional(from_plain(some))
    if hint in TIMES_FROM_PLAIN:
        return TIMES_FROM_PLAIN[hint]
    if is_named_tuple(hint):
        return _named_tuple_of(hint)
    if get_origin(hint) is tuple:
        item = from_plain(get_args(hint)[0])
        return tuple if item is None else lambda items: tuple([item(each) for each in items])
    if isinstance(hint, type) and issubclass(hint, IntEnum):
        return {int(member): member for member in hint}.__getitem__
    return None


def _optional(conversion: Conversion | None) -> Conversion | None:
    if conversion is None:
        return None
    return lambda value: None if value is None else conversion(value)


def _object_of(hint: Any) -> Conversion:
    fields = [(name, to_plain(part)) for name, part in get_type_hints(hint).items()]

    def convert(value: Any) -> dict[str, Any]:
        return {
            name: part if conversion is None else conversion(part)
            for (name, conversion), part in zip(fields, value, strict=True)
        }

    return convert


def _named_tuple_of(hint: Any) -> Conversion:
    fields = [(name, from_plain(part)) for name, part in get_type_hints(hint).items()]

    def convert(plain: dict[str, Any]) -> Any:
        return hint(
            **{
                name: plain[name] if conversion is None else conversion(plain[name])
                for name, conversion in fields
                if name in plain
            }
        )

    return convert
