"""Who is there (C3), and who may be given something now."""

from tests.oracle.router.slots import has_slot
from tests.oracle.router.world import World


def handles(world: World, agent_id: str, channel: str) -> bool:
    """Whether an agent handles a channel, whatever it is doing now."""
    channels = world.agent(agent_id).channels
    return not channels or channel in channels


def is_online(world: World, agent_id: str) -> bool:
    return world.presence(agent_id).status == "ONLINE"


def takes(world: World, agent_id: str, channel: str) -> bool:
    """C3: whether an agent is online for a channel."""
    channels = world.presence(agent_id).channels
    chosen = not channels or channel in channels
    return is_online(world, agent_id) and chosen and handles(world, agent_id, channel)


def cools_down(world: World, agent_id: str) -> bool:
    """C9, C14: whether an agent is given nothing automatically for a while. It counts only while online."""
    until = world.presence(agent_id).cool_down_until
    return is_online(world, agent_id) and until is not None and world.now < until


def available(world: World, agent_id: str, channel: str) -> bool:
    """K1: online for the channel, not cooling down, and with a free slot."""
    ready = takes(world, agent_id, channel) and not cools_down(world, agent_id)
    return ready and has_slot(world, agent_id, channel)


def has_room(world: World, agent_id: str, channel: str) -> bool:
    """E1: with a free slot, online or not, whatever the agent is set up for."""
    return has_slot(world, agent_id, channel) and not cools_down(world, agent_id)


def reachable(world: World, agent_id: str, channel: str) -> bool:
    """M4, M5, M6: handling the channel and with a free slot, online or not."""
    return handles(world, agent_id, channel) and has_room(world, agent_id, channel)
