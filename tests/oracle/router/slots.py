"""What an agent holds and has room for (C1, C2)."""

from fractions import Fraction

from tests.oracle.router.configuration import ChannelRule
from tests.oracle.router.world import World


def rule(world: World, agent_id: str, channel: str) -> ChannelRule:
    """C2: the agent's own rule, or else the tenant's, or else one unit, no limit, not exclusive."""
    for each in (*world.agent(agent_id).channel_rules, *world.tenant.channel_rules):
        if each.channel == channel:
            return each
    return ChannelRule(channel)


def units(world: World, agent_id: str) -> int:
    """C2: what is held, by today's costs."""
    return sum(rule(world, agent_id, each.channel).cost for each in world.held_by(agent_id))


def load(world: World, agent_id: str) -> Fraction:
    """M2: units in use over capacity."""
    return Fraction(units(world, agent_id), world.agent(agent_id).capacity)


def has_slot(world: World, agent_id: str, channel: str) -> bool:
    """C1, C2: whether one more of the channel may be held."""
    held, wanted = world.held_by(agent_id), rule(world, agent_id, channel)
    if any(rule(world, agent_id, each.channel).exclusive for each in held):
        return False
    if wanted.limit and sum(each.channel == channel for each in held) >= wanted.limit:
        return False
    return units(world, agent_id) + wanted.cost <= world.agent(agent_id).capacity
