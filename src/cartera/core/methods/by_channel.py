"""BY_CHANNEL (M6): the agents chosen for the channel in a rotation of its own, online or not; full ones are skipped."""

from cartera.core.methods.method import Method
from cartera.core.methods.round_robin import pick_next, rank_by_position
from cartera.core.records import Workgroup
from cartera.core.vocabulary import Channel, RoutingReason


def _chosen(workgroup: Workgroup, channel: Channel) -> tuple[str, ...]:
    return next((each.agent_ids for each in workgroup.channel_agents if each.channel is channel), ())


BY_CHANNEL = Method(
    RoutingReason.BY_CHANNEL, rank_by_position, pick_next, chosen=_chosen, rotates=True, turn_per_channel=True
)
