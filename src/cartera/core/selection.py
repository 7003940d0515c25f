"""Selection: an interaction looks for an agent.

The steps stand here in the order in which they are asked; the first that finds an agent decides.
"""

from collections.abc import Callable
from typing import NamedTuple

from cartera.core.availability import channels_handled
from cartera.core.methods import METHODS, NOBODY, method_of
from cartera.core.methods.method import Entry, Method, Pool, picked
from cartera.core.owners import backup_pool, owner_pool
from cartera.core.records import Agent, Interaction, Workgroup, WorkgroupActivity
from cartera.core.skills import need_of, score
from cartera.core.state import State
from cartera.core.vocabulary import AssignmentMethod, Channel, RoutingReason


class Choice(NamedTuple):
    """The agent who was chosen, the rule that decided, and the workgroup whose method chose, if one did."""

    agent_id: str
    reason: RoutingReason
    workgroup_id: str = ""


Step = Callable[[State, Interaction], Choice | None]


def steps_of(state: State, interaction: Interaction) -> tuple[Step, ...]:
    """The steps by which an interaction looks for an agent: its exclusive agent alone (E1); while it is kept, its
    owners (K1, K2, P8) or its last agent (M4) alone; otherwise these, then its workgroup (M1, M2, M5, M6, M8), then
    those that overflow added (C11). A MANUAL workgroup leaves it to those alone (M7).
    """
    if interaction.exclusive_agent_id:
        return (exclusive_agent,)
    owners = (owner, backup_owner) if interaction.portfolio_id else ()
    kept = interaction.owner_wait_until is not None
    if not _is_automatic(state, interaction.workgroup_id):
        return () if kept else (overflow_workgroups,)
    if kept:
        return owners or (last_agent,)
    return (*owners, last_agent, own_workgroup, overflow_workgroups)


def _is_automatic(state: State, workgroup_id: str) -> bool:
    workgroup = state.get(Workgroup, workgroup_id)
    return workgroup is not None and method_of(workgroup).automatic


def choose_agent(state: State, interaction: Interaction) -> Choice | None:
    """The agent for an interaction, and the rule that decides."""
    for step in steps_of(state, interaction):
        choice = step(state, interaction)
        if choice is not None:
            return choice
    return None


def exclusive_agent(state: State, interaction: Interaction) -> Choice | None:
    """The contact's exclusive agent in the campaign, online or not (E1)."""
    agent_id = interaction.exclusive_agent_id
    if not state.may_be_given_online_or_not(agent_id, interaction.channel):
        return None
    return Choice(agent_id, RoutingReason.EXCLUSIVE_AGENT)


def owner(state: State, interaction: Interaction) -> Choice | None:
    """An available owner of the contact's portfolio (K1, P6)."""
    agent_id = picked(owner_pool(state, interaction))
    return Choice(agent_id, RoutingReason.OWNER) if agent_id else None


def backup_owner(state: State, interaction: Interaction) -> Choice | None:
    """An available backup agent, while all owners are absent (P8)."""
    agent_id = picked(backup_pool(state, interaction))
    return Choice(agent_id, RoutingReason.BACKUP_OWNER) if agent_id else None


def last_agent(state: State, interaction: Interaction) -> Choice | None:
    """The agent who attended the contact last, online or not (M4)."""
    agent = state.get(Agent, interaction.last_agent_id)
    if agent is None or interaction.channel not in channels_handled(agent):
        return None
    if not state.may_be_given_online_or_not(agent.agent_id, interaction.channel):
        return None
    return Choice(agent.agent_id, METHODS[AssignmentMethod.LAST_AGENT].reason)


def own_workgroup(state: State, interaction: Interaction) -> Choice | None:
    """Whom the method of the interaction's workgroup chooses."""
    return _by_method(state, interaction, interaction.workgroup_id)


def overflow_workgroups(state: State, interaction: Interaction) -> Choice | None:
    """Whom the method of a workgroup that overflow added chooses, in the order in which they were added (C11)."""
    choices = (_by_method(state, interaction, each) for each in interaction.overflow_workgroup_ids)
    return next((choice for choice in choices if choice is not None), None)


def _by_method(state: State, interaction: Interaction, workgroup_id: str) -> Choice | None:
    pool = workgroup_pool(state, interaction, workgroup_id)
    agent_id = picked(pool)
    return Choice(agent_id, pool.method.reason, workgroup_id) if agent_id else None


def workgroup_pool(state: State, interaction: Interaction, workgroup_id: str) -> Pool:
    """The members whom a workgroup may give an interaction to now; nobody where it assigns nothing by itself (M7). Of
    one that overflow added only those who are available, whatever its method (C11).
    """
    workgroup = state.get(Workgroup, workgroup_id)
    if workgroup is None:
        return NOBODY
    method = method_of(workgroup)
    lists = eligible(state, interaction, workgroup) if method.automatic else []
    if workgroup_id != interaction.workgroup_id:
        lists = state.availability.who_are_there(workgroup_id, interaction.channel, lists)
    turn = turn_position(state, workgroup, method, interaction.channel) if lists and method.rotates else -1
    return Pool(method, lists, turn)


def eligible(state: State, interaction: Interaction, workgroup: Workgroup) -> list[list[Entry]]:
    """The members whom the workgroup's method may choose from now, in lists that are in its order; with BEST_SKILL
    only those who meet the skills demanded best (M8).
    """
    availability = state.availability
    if not interaction.skills:
        return availability.ready(workgroup.workgroup_id, interaction.channel)
    need = need_of(interaction.skills)
    if not method_of(workgroup).best_skill_first:
        return availability.ready(workgroup.workgroup_id, interaction.channel, need)
    groups = availability.skilled(workgroup.workgroup_id, interaction.channel, need)
    best = max((score(profile, need) for profile, _ in groups), default=0)
    return [entries for profile, entries in groups if score(profile, need) == best]


def turn_position(state: State, workgroup: Workgroup, method: Method, channel: Channel) -> int:
    """The place among the members of who had the last turn; -1 where nobody had."""
    agent_id = turn_agent(state, workgroup, method, channel)
    return state.availability.position(workgroup.workgroup_id, agent_id) if agent_id else -1


def turn_agent(state: State, workgroup: Workgroup, method: Method, channel: Channel) -> str:
    """Who had the last turn in a workgroup's rotation; "" where nobody had."""
    activity = state.get(WorkgroupActivity, workgroup.workgroup_id)
    if activity is None:
        return ""
    if not method.turn_per_channel:
        return activity.turn_agent_id
    return next((turn.agent_id for turn in activity.channel_turns if turn.channel is channel), "")
