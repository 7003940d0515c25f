"""An interaction looks for an agent: the order of the rules, from the exclusive agent to overflow."""

from dataclasses import dataclass

from tests.oracle.router.belonging import is_kept, owners
from tests.oracle.router.configuration import Workgroup
from tests.oracle.router.methods import Rotation, pick
from tests.oracle.router.presence import available, has_room, reachable, takes
from tests.oracle.router.skills import has_skills
from tests.oracle.router.world import Interaction, World

Turn = tuple[str, str, str]
BY_TURN = ("ROUND_ROBIN", "DEFAULT_GROUP", "BY_CHANNEL")


@dataclass(frozen=True)
class Choice:
    """Who gets it, by which rule, and whose turn that moves."""

    agent_id: str
    reason: str
    turn: Turn | None = None


def choose(world: World, interaction: Interaction) -> Choice | None:
    """Who is to have it now, by the first rule that applies; nobody if it has to wait."""
    if interaction.opens_at is not None:
        return None
    if interaction.exclusive_agent_id:
        return exclusive_agent(world, interaction)
    home = world.workgroup(interaction.workgroup_id)
    if home.method == "MANUAL":
        return overflow(world, interaction)
    owner = owner_or_backup(world, interaction, home)
    if is_kept(world, interaction):
        return owner if owners(world, interaction) else last_agent(world, interaction)
    return (
        owner
        or last_agent(world, interaction)
        or by_method(world, interaction, home, online_only=False)
        or overflow(world, interaction)
    )


def exclusive_agent(world: World, interaction: Interaction) -> Choice | None:
    """E1: that agent, online or not, within its capacity."""
    agent_id = interaction.exclusive_agent_id
    return Choice(agent_id, "EXCLUSIVE_AGENT") if has_room(world, agent_id, interaction.channel) else None


def owner_or_backup(world: World, interaction: Interaction, home: Workgroup) -> Choice | None:
    """K1, P6, P8: an available owner by the workgroup's method; behind them a backup."""
    turn, own = ("portfolio", interaction.portfolio_id, ""), owners(world, interaction)
    rotation = Rotation(list(dict.fromkeys([*own, *interaction.backup_agent_ids])), world.turns.get(turn, ""))
    for group, reason in ((own, "OWNER"), (interaction.backup_agent_ids, "BACKUP_OWNER")):
        ready = [each for each in group if available(world, each, interaction.channel)]
        if ready:
            return Choice(pick(world, among_owners(home), rotation, ready, interaction), reason, turn)
    return None


def among_owners(home: Workgroup) -> str:
    """P6: the workgroup's method, where it compares agents; in rotation otherwise."""
    return home.fallback_method if home.method == "LAST_AGENT" else home.method


def last_agent(world: World, interaction: Interaction) -> Choice | None:
    """M4: who attended the contact last, online or not."""
    agent_id = interaction.last_agent_id
    if agent_id and reachable(world, agent_id, interaction.channel):
        return Choice(agent_id, "LAST_AGENT")
    return None


def by_method(world: World, interaction: Interaction, workgroup: Workgroup, *, online_only: bool) -> Choice | None:
    """M1, M2, M5, M6, M8: the member whom the workgroup's method picks, of those with the skills demanded."""
    method = workgroup.fallback_method if workgroup.method == "LAST_AGENT" else workgroup.method
    if method == "MANUAL":
        return None
    ready = [each for each in chosen_for(workgroup, interaction.channel) if has_skills(world, each, interaction)]
    anyway = method in ("DEFAULT_GROUP", "BY_CHANNEL") and not online_only
    free = reachable if anyway else available
    ready = [each for each in ready if free(world, each, interaction.channel)]
    if not ready:
        return None
    turn = turn_of(workgroup, interaction.channel)
    rotation = Rotation(workgroup.member_ids, world.turns.get(turn, ""))
    picked = pick(world, method, rotation, ready, interaction)
    return Choice(picked, method, turn if method in BY_TURN else None)


def chosen_for(workgroup: Workgroup, channel: str) -> list[str]:
    """M5, M6: the agents whom the method chooses from, in the order of the members."""
    chosen = workgroup.member_ids
    if workgroup.method == "DEFAULT_GROUP":
        chosen = workgroup.default_agent_ids
    if workgroup.method == "BY_CHANNEL":
        chosen = dict(workgroup.channel_agents).get(channel, ())
    return [each for each in workgroup.member_ids if each in chosen]


def turn_of(workgroup: Workgroup, channel: str) -> Turn:
    """M1, M5, M6: a workgroup has one rotation, or one for each channel."""
    if workgroup.method == "BY_CHANNEL":
        return ("channel", workgroup.workgroup_id, channel)
    return ("workgroup", workgroup.workgroup_id, "")


def overflow(world: World, interaction: Interaction) -> Choice | None:
    """C11: the workgroups that were added, one after another, each by its method; only who is available."""
    for workgroup_id in interaction.overflow_workgroup_ids:
        choice = by_method(world, interaction, world.workgroup(workgroup_id), online_only=True)
        if choice:
            return choice
    return None


def somebody_online(world: World, interaction: Interaction) -> bool:
    """M3: whether any member is online for the channel, of its workgroup or of those that overflow added."""
    teams = [interaction.workgroup_id, *interaction.overflow_workgroup_ids]
    members = [each for team in teams for each in world.workgroup(team).member_ids]
    return any(takes(world, each, interaction.channel) for each in members)
