"""Core values to the bytes of their messages.

Every core type has the fields of the message of its name, so the way from one to the other is compiled once per type
from its annotations. What is compiled joins bytes and makes no message: every call writes an interaction twice, and to
build a message only to serialise it takes more than twice as long.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from google.protobuf.message import Message

from cartera.contract.messages import class_of, descriptor_of, message_class
from cartera.contract.shape import Field, once_per_type, shape
from cartera.contract.wire import NUMBERS, double_bytes, double_tag, moment_bytes, span_bytes, tagged

Writer = Callable[[Any], bytes]
Names = dict[str, Any]
"""What a piece of source refers to."""


def encode(value: Any) -> Message:
    """The message of a record, an event or another core value."""
    return message_class(type(value)).FromString(to_bytes(value))


def to_bytes(value: Any) -> bytes:
    """The message of a core value, in bytes."""
    return writer(type(value))(value)


def fields_to_bytes(message: type[Message], fields: Mapping[str, Any]) -> bytes:
    """A message with those fields, in bytes. Their values are core values, or fields again; None is unset."""
    writers = _field_writers(message)
    return b"".join([writers[name](value) for name, value in fields.items() if value is not None])


@once_per_type
def writer(core_type: type[Any]) -> Writer:
    """Compiles what turns a value of the type into bytes."""
    if issubclass(core_type, datetime):
        return moment_bytes
    if issubclass(core_type, timedelta):
        return span_bytes
    return compile_writer(core_type, shape(core_type))


def compile_writer(core_type: type[Any], fields: Iterable[Field]) -> Writer:
    """Compiles what turns these fields of a value into bytes; empty fields are left out.

    From source, as named tuples are: a call for each field would take longer than all that is done.
    """
    numbered = descriptor_of(core_type).fields_by_name
    names: Names = {"_numbers": NUMBERS, "_double": double_bytes}
    ordered = sorted(fields, key=lambda field: numbered[field.name].number)
    parts = [_source(field, numbered[field.name], names) for field in ordered]
    source = f"def write(value):\n ({', '.join(core_type._fields)},) = value\n return b''.join(({', '.join(parts)},))"
    exec(source, names)  # noqa: S102 - made of the names of the core's own fields, nothing from outside
    write: Writer = names["write"]
    return write


def _source(field: Field, descriptor: Any, names: Names) -> str:
    """The source of a field's bytes, none where it is empty."""
    name = field.name
    names[f"tagged_{name}"] = double_tag(descriptor) if field.kind is float else tagged(descriptor)
    if field.repeated:
        return f"({_source_of_many(field, names)} if {name} else b'')"
    # What is empty to Python may be a value to the contract: a span of zero, an optional zero.
    may_be_empty = field.is_record or field.is_time or field.optional
    return f"({_source_of_one(field, name, names)} if {name}{' is not None' if may_be_empty else ''} else b'')"


def _source_of_many(field: Field, names: Names) -> str:
    if field.is_record or field.kind is str:
        return f"b''.join([{_source_of_one(field, '_item', names)} for _item in {field.name}])"
    return _with_length(field, f"b''.join([_numbers[_item] for _item in {field.name}])")


def _source_of_one(field: Field, value: str, names: Names) -> str:
    if field.is_record or field.is_time:
        names[f"write_{field.name}"] = writer(field.kind)
        return _with_length(field, f"write_{field.name}({value})")
    if field.kind is str:
        return _with_length(field, f"{value}.encode()")
    if field.kind is float:
        return f"tagged_{field.name} + _double({value})"
    return f"tagged_{field.name}[{value}]"


def _with_length(field: Field, source: str) -> str:
    return f"tagged_{field.name}[len(_part := {source})] + _part"


@once_per_type
def _field_writers(message: type[Message]) -> dict[str, Writer]:
    return {field.name: _field_writer(field) for field in message.DESCRIPTOR.fields}


def _field_writer(field: Any) -> Writer:
    """What writes a field of a message whose fields have no type in the core."""
    if field.is_repeated:
        return _field_writer_of_many(field)
    is_written = (lambda _value: True) if field.has_presence else bool
    if field.type == field.TYPE_DOUBLE:
        tag = double_tag(field)
        return lambda value: tag + double_bytes(value) if is_written(value) else b""
    heads, write = tagged(field), _writer_of_one(field)
    if write is None:
        return lambda number: heads[number] if is_written(number) else b""
    return lambda value: heads[len(part := write(value))] + part if is_written(value) else b""


def _field_writer_of_many(field: Any) -> Writer:
    heads, write = tagged(field), _writer_of_one(field)
    if write is None:
        return lambda numbers: heads[len(part := b"".join([NUMBERS[each] for each in numbers]))] + part
    return lambda values: b"".join([heads[len(part := write(value))] + part for value in values])


def _writer_of_one(field: Any) -> Writer | None:
    """What writes a text, a core value or, as fields by name, a message that has no value in the core."""
    if field.type == field.TYPE_STRING:
        return str.encode
    if field.type != field.TYPE_MESSAGE:
        return None
    message = class_of(field.message_type)
    return lambda value: fields_to_bytes(message, value) if type(value) is dict else writer(type(value))(value)
