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
from cartera.contract.wire import NUMBERS, Remembered, double_bytes, double_tag, moment_bytes, span_bytes, tagged

Writer = Callable[[Any], bytes]
Names = dict[str, Any]
"""What a piece of source refers to."""

FEW = frozenset(
    {
        "address",
        "agent_id",
        "campaign_id",
        "chosen_in_workgroup_id",
        "disposition",
        "subject_id",
        "tags",
        "workgroup_id",
    }
)
"""The texts of which a tenant has few: their fields are remembered, as are moments, which a batch has in common."""


def encode(value: Any) -> Message:
    """The message of a record, an event or another core value."""
    return message_class(type(value)).FromString(to_bytes(value))


def to_bytes(value: Any) -> bytes:
    """The message of a core value, in bytes."""
    return writer(type(value))(value)


def fields_to_bytes(message: type[Message], fields: Mapping[str, Any]) -> bytes:
    """A message with those fields, in bytes. Their values are core values, or fields again; None is unset."""
    return message_writer(message)(**fields)


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
    if field.name in FEW:
        names[f"known_{field.name}"] = Remembered(_writer_of_texts(names[f"tagged_{field.name}"]))
        return f"known_{field.name}[{field.name}]"
    if field.is_record or field.kind is str:
        return f"b''.join([{_source_of_one(field, '_item', names)} for _item in {field.name}])"
    return _with_length(field, f"b''.join([_numbers[_item] for _item in {field.name}])")


def _writer_of_texts(heads: Mapping[int, bytes]) -> Writer:
    return lambda texts: b"".join([heads[len(part := text.encode())] + part for text in texts])


def _writer_of_part(heads: Mapping[int, bytes], write: Writer) -> Writer:
    return lambda value: heads[len(part := write(value))] + part


def _source_of_one(field: Field, value: str, names: Names) -> str:
    if field.kind is datetime or (field.name in FEW and field.kind is str):
        write = str.encode if field.kind is str else moment_bytes
        names[f"known_{field.name}"] = Remembered(_writer_of_part(names[f"tagged_{field.name}"], write))
        return f"known_{field.name}[{value}]"
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
def message_writer(message: type[Message]) -> Callable[..., bytes]:
    """Compiles what turns the fields of a message, given by name, into bytes."""
    fields: Any = message.DESCRIPTOR.fields
    names: Names = {f"write_{field.name}": _field_writer(field) for field in fields}
    parts = [f"(write_{field.name}({field.name}) if {field.name} is not None else b'')" for field in fields]
    given = [f"{field.name}=None" for field in fields]
    exec(f"def write({', '.join(given)}):\n return b''.join([{', '.join(parts)}])", names)  # noqa: S102 - as above
    write: Callable[..., bytes] = names["write"]
    return write


def _field_writer(field: Any) -> Writer:
    """What writes a field of a message whose fields have no type in the core."""
    if field.is_repeated:
        return _field_writer_of_many(field)
    write = _writer_of_presence(field)
    return write if field.has_presence else lambda value: write(value) if value else b""


def _writer_of_presence(field: Any) -> Writer:
    """What writes a field whether or not its value is empty."""
    if field.type == field.TYPE_DOUBLE:
        tag = double_tag(field)
        return lambda value: tag + double_bytes(value)
    heads, write = tagged(field), _writer_of_one(field)
    return heads.__getitem__ if write is None else _writer_of_part(heads, write)


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
    return lambda value: fields_to_bytes(message, value) if type(value) is dict else to_bytes(value)
