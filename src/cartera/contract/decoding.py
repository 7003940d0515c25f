"""Messages to core values, compiled once per type as in `encoding`."""

from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeVar

from cartera.contract.shape import Field, once_per_type, shape
from cartera.contract.times import moment_of, span_of

Value = TypeVar("Value")
Reader = Callable[[Any], Any]


def decode(message: Any, core_type: type[Value]) -> Value:
    """The core value in a message: of the message's own name, or a command in the request of its name."""
    value: Value = decoder(core_type)(message)
    return value


@once_per_type
def decoder(core_type: type[Any]) -> Reader:
    """Compiles what reads a value of the type from a message that has its fields."""
    readers = tuple(_reader(field) for field in shape(core_type))

    def read(message: Any) -> Any:
        return tuple.__new__(core_type, [read_field(message) for read_field in readers])

    return read


def _reader(field: Field) -> Reader:
    get = attrgetter(field.name)
    convert = _converter(field)
    if field.repeated:
        return _repeated(get, convert)
    if convert is None:
        return get
    if field.optional:
        return _optional(field.name, get, convert)
    return lambda message: convert(get(message))


def _repeated(get: Reader, convert: Reader | None) -> Reader:
    if convert is None:
        return lambda message: tuple(get(message))
    return lambda message: tuple(map(convert, get(message)))


def _optional(name: str, get: Reader, convert: Reader) -> Reader:
    return lambda message: convert(get(message)) if message.HasField(name) else None


def _converter(field: Field) -> Reader | None:
    """What the value of a message's field becomes. None: it stays as it is."""
    if field.is_record:
        return decoder(field.kind)
    if field.is_enumeration:
        # A dictionary's lookup takes a fifth of the enumeration's own. KeyError: the number is of a later contract.
        return {int(member): member for member in field.kind}.__getitem__
    if field.is_time:
        return moment_of if issubclass(field.kind, datetime) else span_of
    return None
