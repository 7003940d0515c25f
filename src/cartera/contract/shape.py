"""What kind of value a field of a core type holds, read from its annotation."""

import types
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import IntEnum
from functools import cache
from typing import Any, NamedTuple, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Compiler = TypeVar("Compiler", bound=Callable[..., Any])


def once_per_type(compiler: Compiler) -> Compiler:
    """What compiles something for a type, and remembers it."""
    # functools.cache asks for what is hashable, and mypy does not see that types are.
    return cast("Compiler", cache(compiler))


class Field(NamedTuple):
    """A field of a core type."""

    name: str
    kind: type[Any]
    """str, int, bool, float, datetime, timedelta, an enumeration or another core type."""
    repeated: bool
    optional: bool
    """None stands for absent."""

    @property
    def is_record(self) -> bool:
        return issubclass(self.kind, tuple)

    @property
    def is_enumeration(self) -> bool:
        return issubclass(self.kind, IntEnum)

    @property
    def is_time(self) -> bool:
        return issubclass(self.kind, datetime | timedelta)


@once_per_type
def shape(core_type: type[Any]) -> tuple[Field, ...]:
    """The fields of a core type, in their order."""
    return tuple(_fields(core_type))


def _fields(core_type: type[Any]) -> Iterator[Field]:
    for name, annotation in get_type_hints(core_type).items():
        yield _field(name, annotation)


def _field(name: str, annotation: Any) -> Field:
    if get_origin(annotation) in (Union, types.UnionType):
        (kind,) = (choice for choice in get_args(annotation) if choice is not types.NoneType)
        return Field(name, kind, repeated=False, optional=True)
    if get_origin(annotation) is tuple:
        return Field(name, get_args(annotation)[0], repeated=True, optional=False)
    return Field(name, annotation, repeated=False, optional=False)
