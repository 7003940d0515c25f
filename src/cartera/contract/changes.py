"""Changes and their events: what the log keeps and the feed sends."""

from typing import Any, cast

from cartera.contract.decoding import decode, decoder
from cartera.contract.encoding import compile_writer, to_bytes
from cartera.contract.shape import shape
from cartera.contract.times import moment_of
from cartera.contract.wire import tagged
from cartera.core.change import Change
from cartera.core.events import NUMBERS, Event
from cartera.core.records import Actor
from cartera.routing.v1 import event_pb2

KINDS: dict[type[Any], str] = {
    core_type: event_pb2.Event.DESCRIPTOR.fields_by_number[number].name for core_type, number in NUMBERS.items()
}
"""The kinds of events, each with the name of its field in Event."""

_TYPES = {name: core_type for core_type, name in KINDS.items()}


_KIND_TAGS = {
    core_type: tagged(event_pb2.Event.DESCRIPTOR.fields_by_number[number]) for core_type, number in NUMBERS.items()
}
_EVENTS_TAG = tagged(event_pb2.Change.DESCRIPTOR.fields_by_name["events"])
_write_head = compile_writer(Change, [field for field in shape(Change) if field.name != "events"])


def encode_event(event: Event) -> event_pb2.Event:
    return event_pb2.Event.FromString(_event_bytes(event))


def decode_event(message: event_pb2.Event) -> Event:
    kind = message.WhichOneof("kind")
    if kind is None:
        raise ValueError("the event is of a kind that this version does not know")
    return cast("Event", decoder(_TYPES[kind])(getattr(message, kind)))


def encode_change(change: Change) -> bytes:
    """The change as it is stored and delivered."""
    events = [_EVENTS_TAG[len(part := _event_bytes(event))] + part for event in change.events]
    return b"".join((_write_head(change), *events))


def decode_change(payload: bytes) -> Change:
    message = event_pb2.Change.FromString(payload)
    return Change(
        revision=message.revision,
        occurred_at=moment_of(message.occurred_at),
        actor=decode(message.actor, Actor),
        request_id=message.request_id,
        events=tuple(map(decode_event, message.events)),
        why=message.why,
    )


def _event_bytes(event: Event) -> bytes:
    part = to_bytes(event)
    return _KIND_TAGS[type(event)][len(part)] + part
