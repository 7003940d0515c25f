"""Agents come and go (C3, C4, C5)."""

from tests.oracle.router.belonging import has_expired, is_sticky, may_be_chosen
from tests.oracle.router.presence import handles
from tests.oracle.router.world import Interaction, Presence, World

SESSION = 12 * 3600


def change_status(
    world: World, presence: Presence, status: str, channels: tuple[str, ...] = (), reason_code: str = ""
) -> None:
    """C3: what follows when an agent comes, pauses or goes."""
    former, presence.status = presence.status, status
    presence.channels = () if status == "OFFLINE" else channels
    presence.reason_code = reason_code if status == "PAUSED" else ""
    if status == "ONLINE" and former != "ONLINE":
        presence.idle_since, presence.misses = world.now, 0
    if status == "OFFLINE" and former != "OFFLINE":
        presence.session_ends_at = None
        leave(world, presence.agent_id)
    if status != "OFFLINE":
        if former == "OFFLINE":
            begin_session(world, presence)
        stay(world, presence.agent_id)


def begin_session(world: World, presence: Presence) -> None:
    """C4."""
    presence.session_ends_at = world.now + (world.tenant.session_limit or SESSION)


def leave(world: World, agent_id: str) -> None:
    """C5: when what the agent holds is returned, by the policy of each one's workgroup."""
    for each in world.held_by(agent_id):
        workgroup = world.workgroup(each.workgroup_id)
        if each.state != "ASSIGNED" or is_kept_anyway(world, each):
            continue
        if workgroup.leaving_policy == "RETURN":
            each.state_until = world.now
        if workgroup.leaving_policy == "RETURN_AFTER_DEBOUNCE":
            each.state_until = world.now + (workgroup.leaving_debounce or 0)


def is_kept_anyway(world: World, interaction: Interaction) -> bool:
    """C5: what would come to the same agent again, online or not."""
    workgroup, agent_id = world.workgroup(interaction.workgroup_id), interaction.agent_id
    exclusive = world.exclusive(interaction.contact_id, interaction.campaign_id)
    if exclusive or not handles(world, agent_id, interaction.channel):
        return exclusive is not None and exclusive.agent_id == agent_id
    if workgroup.method == "DEFAULT_GROUP":
        return agent_id in workgroup.default_agent_ids
    if workgroup.method == "BY_CHANNEL":
        return agent_id in dict(workgroup.channel_agents).get(interaction.channel, ())
    place = world.place(interaction.contact_id)
    if place and not has_expired(world, place) and is_sticky(world, world.portfolio(place.portfolio_id)):
        return False
    is_last = workgroup.method == "LAST_AGENT" and world.last_attended.get(interaction.contact_id) == agent_id
    return is_last and may_be_chosen(world, workgroup, agent_id)


def stay(world: World, agent_id: str) -> None:
    """C5: the agent is back in time."""
    for each in world.held_by(agent_id):
        if each.state == "ASSIGNED":
            each.state_until = None
