"""DEFAULT_GROUP (M5): the agents chosen for it in rotation, online or not; who has no free slot is skipped."""

from cartera.core.methods.method import Method
from cartera.core.methods.round_robin import pick_next, rank_by_position
from cartera.core.records import Workgroup
from cartera.core.vocabulary import Channel, RoutingReason


def _chosen(workgroup: Workgroup, _channel: Channel) -> tuple[str, ...]:
    return workgroup.default_agent_ids


DEFAULT_GROUP = Method(RoutingReason.DEFAULT_GROUP, rank_by_position, pick_next, chosen=_chosen, rotates=True)
