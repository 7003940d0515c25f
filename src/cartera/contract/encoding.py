"""Core values to messages.

Every core type has the fields of the message of its name, so the way from one to the other is compiled once per type
from its annotations. Nested values become dictionaries, from which protobuf builds a message in one go: that saves the
copy of each nested message.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from google.protobuf.message import Message

from cartera.contract.messages import message_class
from cartera.contract.shape import Field, once_per_type, shape
from cartera.contract.times import duration_fields, timestamp_fields

Fields = dict[str, Any]
Encoder = Callable[[Any], Fields]


def encode(value: Any) -> Message:
    """The message of a record, an event or another core value."""
    return message_class(type(value))(**encoder(type(value))(value))


def to_fields(value: Any) -> Any:
    """What a message's constructor takes for a field that holds the value."""
    if hasattr(value, "_fields"):
        return encoder(type(value))(value)
    if isinstance(value, tuple | list):
        return [to_fields(item) for item in value]
    if isinstance(value, datetime):
        return timestamp_fields(value)
    return value


@once_per_type
def encoder(core_type: type[Any]) -> Encoder:
    """Compiles what turns a value of the type into the fields of its message; empty fields are left out."""
    fields = shape(core_type)
    names = tuple(field.name for field in fields)
    converted = tuple(
        (index, field.name, _converter(field))
        for index, field in enumerate(fields)
        if field.is_record or field.is_time or field.optional
    )

    def encode_fields(value: Any) -> Fields:
        result = {name: item for name, item in zip(names, value, strict=True) if item}
        for index, name, convert in converted:
            item = value[index]
            # A span of zero is empty to Python and a value to the contract; so is an optional zero.
            if item is not None and item != ():
                result[name] = convert(item)
        return result

    return encode_fields


def _converter(field: Field) -> Callable[[Any], Any]:
    one = _converter_of_one(field)
    if not field.repeated:
        return one
    return lambda items: [one(item) for item in items]


def _converter_of_one(field: Field) -> Callable[[Any], Any]:
    if field.is_record:
        return encoder(field.kind)
    if not field.is_time:
        return _as_it_is
    return timestamp_fields if issubclass(field.kind, datetime) else duration_fields


def _as_it_is(value: Any) -> Any:
    return value
