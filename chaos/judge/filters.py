"""What passes a watcher's filters, found in the messages themselves: a second reading of what the contract says."""

from collections.abc import Iterator

from google.protobuf.message import Message

from cartera.routing.v1.event_pb2 import Change, Event
from cartera.routing.v1.event_service_pb2 import WatchEventsRequest

AGENTS = ("agent_id", "agent_ids", "member_ids")
WORKGROUPS = ("workgroup_id", "workgroup_ids")
INTERACTIONS = ("interaction_id",)


class Filter:
    """The filters of a stream; those that are set must all hold."""

    def __init__(self, request: WatchEventsRequest) -> None:
        self._kinds = frozenset(request.kinds)
        named = ((AGENTS, request.agent_ids), (WORKGROUPS, request.workgroup_ids))
        all_named = (*named, (INTERACTIONS, request.interaction_ids))
        self._named = [(endings, frozenset(ids)) for endings, ids in all_named if ids]

    @property
    def passes_all(self) -> bool:
        return not self._kinds and not self._named

    def kept(self, change: Change) -> list[Event]:
        """The events of a change that pass."""
        return [event for event in change.events if self._passes(event)]

    def _passes(self, event: Event) -> bool:
        kind = event.WhichOneof("kind")
        if kind is None or (self._kinds and Event.DESCRIPTOR.fields_by_name[kind].number not in self._kinds):
            return False
        return all(any(each in ids for each in _named(event, endings)) for endings, ids in self._named)


def _named(message: Message, endings: tuple[str, ...]) -> Iterator[str]:
    """The ids in a message's fields whose names end so, those of the messages within it too."""
    for field, value in message.ListFields():
        values = value if field.is_repeated else (value,)
        if field.message_type is not None:
            for within in values:
                yield from _named(within, endings)
        elif field.name.endswith(endings):
            yield from values
