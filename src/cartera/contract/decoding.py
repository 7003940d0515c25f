"""Messages to core values, compiled once per type as in `encoding`."""

from collections.abc import Callable
from datetime import datetime
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
    """Compiles what reads a value of the type from a message that has its fields.

    From source, as `encoding` does: a call for each field would take as long as the message takes to answer it.
    """
    names: dict[str, Any] = {"core_type": core_type, "new": tuple.__new__}
    parts = [_source(field, names) for field in shape(core_type)]
    exec(f"def read(message):\n return new(core_type, ({', '.join(parts)},))", names)  # noqa: S102 - as in `encoding`
    read: Reader = names["read"]
    return read


def _source(field: Field, names: dict[str, Any]) -> str:
    """The source of a field's value."""
    name, convert = field.name, f"convert_{field.name}"
    names[convert] = _converter(field)
    if field.repeated:
        # A part of a repeated field is a list, and made much faster than one item after another is got.
        values = "found[:]" if names[convert] is None else f"map({convert}, found[:])"
        return f"(tuple({values}) if (found := message.{name}) else ())"
    if names[convert] is None:
        return f"message.{name}"
    if field.optional:
        return f"({convert}(message.{name}) if message.HasField({name!r}) else None)"
    return f"{convert}(message.{name})"


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
