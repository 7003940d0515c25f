"""Owners: which of the contact's owners is given a sticky interaction (K1, P6)."""

from bisect import insort

from cartera.core.methods import METHODS
from cartera.core.methods.method import Candidate, Entry
from cartera.core.records import Agent, AgentPresence, Interaction, PortfolioActivity, Workgroup
from cartera.core.state import State


def owner_agents(state: State, interaction: Interaction) -> list[str]:
    """All owners, in the order of their rotation: the agents, then the members of the workgroups."""
    owners = dict.fromkeys(interaction.owner_agent_ids)
    for workgroup_id in interaction.owner_workgroup_ids:
        team = state.get(Workgroup, workgroup_id)
        owners.update(dict.fromkeys(team.member_ids if team else ()))
    return list(owners)


def available_owner(state: State, interaction: Interaction) -> str | None:
    """The available owner whom the workgroup's method picks; the rotation of owners is the portfolio's own, since
    sticky interactions don't move the workgroup's turn (M1).
    """
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    if workgroup is None or not (interaction.owner_agent_ids or interaction.owner_workgroup_ids):
        return None
    method = METHODS[workgroup.method]
    owners = owner_agents(state, interaction)
    entries: list[Entry] = []
    for position, agent_id in enumerate(owners):
        if state.availability.is_ready(agent_id, interaction.channel):
            insort(entries, (method.rank(_candidate(state, agent_id, position)), agent_id))
    if not entries:
        return None
    activity = state.get(PortfolioActivity, interaction.portfolio_id)
    turn = owners.index(activity.turn_agent_id) if activity and activity.turn_agent_id in owners else -1
    return method.pick(entries, turn)[1]


def _candidate(state: State, agent_id: str, position: int) -> Candidate:
    agent = state.get(Agent, agent_id)
    presence = state.get(AgentPresence, agent_id)
    assert agent is not None, "only an agent who exists is ready"
    load = state.units_in_use(agent_id) / agent.capacity
    return Candidate(load, presence.last_assigned_at if presence else None, position)
