"""Messages with every field set, each with a value that tells it from its neighbours."""

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

DEEPEST = 1
"""Messages within messages: below that they stay empty, which keeps what refers to itself finite."""

_MOMENT = 1_772_442_000

_WELL_KNOWN: Mapping[str, Callable[[int], dict[str, Any]]] = {
    "google.protobuf.Timestamp": lambda number: {"seconds": _MOMENT + number, "nanos": 250_000_000},
    "google.protobuf.Duration": lambda number: {"seconds": number, "nanos": 500_000_000},
    "google.protobuf.FieldMask": lambda _number: {"paths": ["name", "owner_wait"]},
}


def full(
    message: Descriptor, chosen: Mapping[str, FieldDescriptor] | None = None, depth: int = 0, turn: int = 0
) -> Message:
    """A message with all fields set; of each oneof the member chosen, or its first."""
    filled = message_factory.GetMessageClass(message)()
    for field in message.fields:
        oneof = field.containing_oneof
        if oneof is None or field == (chosen or {}).get(oneof.name, oneof.fields[0]):
            _set(filled, field, depth, turn)
    return filled


def _set(filled: Any, field: FieldDescriptor, depth: int, turn: int) -> None:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        _set_map(filled, field)
    elif field.is_repeated:
        getattr(filled, field.name).extend(_value(field, depth, turn + more) for more in range(2))
    elif field.message_type is not None:
        getattr(filled, field.name).CopyFrom(_value(field, depth, turn))
    else:
        setattr(filled, field.name, _value(field, depth, turn))


def _set_map(filled: Any, field: FieldDescriptor) -> None:
    key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
    getattr(filled, field.name)[_value(key, DEEPEST, 0)] = _value(value, DEEPEST, 1)


def _value(field: FieldDescriptor, depth: int, turn: int) -> Any:
    if field.message_type is not None:
        return _message(field, depth, turn)
    if field.enum_type is not None:
        return _enum(field, turn)
    return _SCALARS[field.cpp_type](field, turn)


def _message(field: FieldDescriptor, depth: int, turn: int) -> Message:
    message = field.message_type
    if message.full_name in _WELL_KNOWN:
        return message_factory.GetMessageClass(message)(**_WELL_KNOWN[message.full_name](field.number + turn))
    if depth >= DEEPEST:
        return message_factory.GetMessageClass(message)()
    return full(message, depth=depth + 1, turn=turn)


def _enum(field: FieldDescriptor, turn: int) -> int:
    """Never zero, which isn't written."""
    numbers = [value.number for value in field.enum_type.values if value.number]
    return numbers[(field.number + turn) % len(numbers)]


def _text(field: FieldDescriptor, turn: int) -> str | bytes:
    text = f"{field.name} ñ😀{turn or ''}"
    return text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text


_SCALARS: Mapping[int, Callable[[FieldDescriptor, int], Any]] = {
    FieldDescriptor.CPPTYPE_STRING: _text,
    FieldDescriptor.CPPTYPE_BOOL: lambda _field, _turn: True,
    FieldDescriptor.CPPTYPE_INT32: lambda field, turn: (field.number + turn) * (-1) ** field.number,
    FieldDescriptor.CPPTYPE_INT64: lambda field, turn: (1 << 53) + field.number + turn,
    FieldDescriptor.CPPTYPE_DOUBLE: lambda field, turn: field.number + turn + 0.125,
}
"""The kinds that the contract has; one that it hasn't yet is missed here, and to be added."""
