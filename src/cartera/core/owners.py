"""Owners: which of the contact's owners is given a sticky interaction (K1, P6, P8)."""

from bisect import insort
from collections.abc import Sequence

from cartera.core.availability import candidate
from cartera.core.methods import NOBODY, method_of
from cartera.core.methods.method import Entry, Pool
from cartera.core.records import Agent, AgentPresence, Interaction, PortfolioActivity, Workgroup
from cartera.core.skills import Need, need_of, profile_of, score
from cartera.core.state import State


def owner_agents(state: State, interaction: Interaction) -> list[str]:
    """All owners, in the order of their rotation: the agents, then the members of the workgroups."""
    owners = dict.fromkeys(interaction.owner_agent_ids)
    for workgroup_id in interaction.owner_workgroup_ids:
        team = state.get(Workgroup, workgroup_id)
        owners.update(dict.fromkeys(team.member_ids if team else ()))
    return list(owners)


def owner_pool(state: State, interaction: Interaction) -> Pool:
    """The available owners, of whom the workgroup's method picks; the rotation of owners is the portfolio's own, since
    sticky interactions don't move the workgroup's turn (M1).
    """
    return _pool(state, interaction, owner_agents(state, interaction))


def backup_pool(state: State, interaction: Interaction) -> Pool:
    """The available backup agents, of whom the workgroup's method picks, while the owners are absent (P8)."""
    return _pool(state, interaction, interaction.backup_agent_ids)


def _pool(state: State, interaction: Interaction, agent_ids: Sequence[str]) -> Pool:
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    if workgroup is None:
        return NOBODY
    entries = ranked(state, workgroup, interaction, agent_ids)
    if method_of(workgroup).best_skill_first:
        entries = _best_skilled(state, entries, need_of(interaction.skills))
    turn = owner_turn(state, interaction)
    position = agent_ids.index(turn) if turn in agent_ids else -1
    return Pool(method_of(workgroup), (entries,) if entries else (), position)


def _best_skilled(state: State, entries: list[Entry], need: Need) -> list[Entry]:
    """Those who meet the skills demanded best; owners need not have them all (M8)."""
    agents = ((entry, state.get(Agent, entry[-1])) for entry in entries)
    scores = [(score(profile_of(agent.skills), need), entry) for entry, agent in agents if agent]
    best = max((each for each, _ in scores), default=0)
    return [entry for each, entry in scores if each == best]


def owner_turn(state: State, interaction: Interaction) -> str:
    """Who had the last turn in the rotation of the portfolio's owners; "" where nobody had."""
    activity = state.get(PortfolioActivity, interaction.portfolio_id)
    return activity.turn_agent_id if activity else ""


def ranked(state: State, workgroup: Workgroup, interaction: Interaction, agent_ids: Sequence[str]) -> list[Entry]:
    """Those of the agents who are available for an interaction, in the order of the workgroup's method."""
    method = method_of(workgroup)
    entries: list[Entry] = []
    for position, agent_id in enumerate(agent_ids):
        agent = state.get(Agent, agent_id)
        if agent and state.availability.is_ready(agent_id, interaction.channel):
            presence = state.get(AgentPresence, agent_id) or AgentPresence(agent_id)
            insort(entries, (*method.rank(candidate(agent, presence, state.load_of(agent_id), position)), agent_id))
    return entries
