"""Which events a watcher asked for."""

from typing import NamedTuple

from cartera.core.change import Change
from cartera.core.events import NUMBERS, Event
from cartera.routing.v1 import event_service_pb2 as pb
from cartera.rpc.mentions import AGENTS, INTERACTIONS, WORKGROUPS, mentions_any

_TYPES = {number: core_type for core_type, number in NUMBERS.items()}


class EventFilter(NamedTuple):
    """Filters that are set must all hold; an empty one asks nothing."""

    agent_ids: frozenset[str]
    workgroup_ids: frozenset[str]
    interaction_ids: frozenset[str]
    kinds: frozenset[type]

    @property
    def passes_all(self) -> bool:
        return not any(self)

    def passes(self, event: Event) -> bool:
        return (
            (not self.kinds or type(event) in self.kinds)
            and (not self.agent_ids or mentions_any(event, AGENTS, self.agent_ids))
            and (not self.workgroup_ids or mentions_any(event, WORKGROUPS, self.workgroup_ids))
            and (not self.interaction_ids or mentions_any(event, INTERACTIONS, self.interaction_ids))
        )

    def kept(self, change: Change) -> Change:
        """The change with those of its events that pass."""
        return change._replace(events=tuple(filter(self.passes, change.events)))


def filter_of(request: pb.WatchEventsRequest) -> EventFilter:
    return EventFilter(
        agent_ids=frozenset(request.agent_ids),
        workgroup_ids=frozenset(request.workgroup_ids),
        interaction_ids=frozenset(request.interaction_ids),
        kinds=frozenset(_TYPES[kind] for kind in request.kinds),
    )
