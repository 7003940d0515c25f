"""Changes and their events: what the log keeps and the feed sends."""

from typing import Any, cast

from cartera.contract.decoding import decode, decoder
from cartera.contract.encoding import Fields, encoder
from cartera.contract.times import moment_of, timestamp_fields
from cartera.core.change import Change
from cartera.core.events import NUMBERS, Event
from cartera.core.records import Actor
from cartera.routing.v1 import event_pb2

KINDS: dict[type[Any], str] = {
    core_type: event_pb2.Event.DESCRIPTOR.fields_by_number[number].name for core_type, number in NUMBERS.items()
}
"""The kinds of events, each with the name of its field in Event."""

_TYPES = {name: core_type for core_type, name in KINDS.items()}


def encode_event(event: Event) -> event_pb2.Event:
    return event_pb2.Event(**_event_fields(event))


def decode_event(message: event_pb2.Event) -> Event:
    kind = message.WhichOneof("kind")
    if kind is None:
        raise ValueError("the event is of a kind that this version does not know")
    return cast("Event", decoder(_TYPES[kind])(getattr(message, kind)))


def encode_change(change: Change) -> bytes:
    """The change as it is stored and delivered."""
    message = event_pb2.Change(
        revision=change.revision,
        occurred_at=cast("Any", timestamp_fields(change.occurred_at)),
        actor=cast("Any", encoder(Actor)(change.actor)),
        request_id=change.request_id,
        events=cast("Any", [_event_fields(event) for event in change.events]),
    )
    return message.SerializeToString()


def decode_change(payload: bytes) -> Change:
    message = event_pb2.Change.FromString(payload)
    return Change(
        revision=message.revision,
        occurred_at=moment_of(message.occurred_at),
        actor=decode(message.actor, Actor),
        request_id=message.request_id,
        events=tuple(map(decode_event, message.events)),
    )


def _event_fields(event: Event) -> Fields:
    core_type = type(event)
    return {KINDS[core_type]: encoder(core_type)(event)}
