"""Belonging: whom an interaction belongs to: its exclusive agent, its contact's owners, its contact's last agent."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from cartera.core.availability import channels_handled
from cartera.core.methods import may_be_last_agent, method_of, remembers
from cartera.core.owners import owner_agents
from cartera.core.ownership import effective_place
from cartera.core.permission import owns
from cartera.core.records import (
    Agent,
    AgentPresence,
    ContactActivity,
    ExclusiveAgent,
    Interaction,
    Portfolio,
    Workgroup,
)
from cartera.core.state import State
from cartera.core.vocabulary import AgentStatus, InteractionState, NotAsked, PortfolioState, RoutingReason


def unbound(interaction: Interaction, now: datetime) -> Interaction:
    """The interaction, to be placed, that belongs to nobody and is held by nobody."""
    if interaction.waiting_since is None:  # it arrives just now, and is all that yet
        return interaction
    return interaction._replace(
        state=InteractionState.RECEIVED,
        reason=RoutingReason.UNSPECIFIED,
        state_since=now,
        exclusive_agent_id="",
        portfolio_id="",
        owner_agent_ids=(),
        owner_workgroup_ids=(),
        owner_wait_until=None,
        agent_id="",
        assigned_at=None,
        backup_agent_ids=(),
        last_agent_id="",
    )


def belong(state: State, interaction: Interaction, now: datetime) -> Interaction:
    """The interaction, to be placed, with whom it belongs to as things are now: its exclusive agent (E1), else its
    owners (K1, K2) and its last agent (M4). An agent who still holds it passes it on, and is neither (T2).
    """
    passed_on_by = interaction.agent_id
    interaction = unbound(interaction, now)
    exclusive = state.get(ExclusiveAgent, interaction.contact_id, interaction.campaign_id)
    if exclusive:
        return interaction._replace(exclusive_agent_id=exclusive.agent_id)
    last_agent_id = last_agent_of(state, interaction, passed_on_by)
    if last_agent_id:
        interaction = interaction._replace(last_agent_id=last_agent_id)
    portfolio = sticky_portfolio(state, interaction, passed_on_by, now)
    if isinstance(portfolio, Portfolio):
        return _owned(state, interaction, portfolio, now)
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    wait = workgroup.owner_wait if workgroup and interaction.last_agent_id else None
    return interaction._replace(owner_wait_until=now + wait) if wait else interaction


def belong_anew(state: State, interaction: Interaction, now: datetime) -> Interaction:
    """A waiting interaction with whom it belongs to once that has changed. The time for which it is kept for somebody
    goes on, for whomever it is, and one that has run out does not begin again. Hours don't bind who has an exclusive
    agent (E1). What is UNASSIGNED goes on waiting to be claimed, by those who may by now (M3).
    """
    renewed = belong(state, interaction, now)
    if interaction.state is InteractionState.UNASSIGNED:
        return renewed._replace(
            state=interaction.state,
            reason=interaction.reason,
            state_since=interaction.state_since,
            owner_wait_until=None,
        )
    if renewed.exclusive_agent_id:
        return renewed._replace(state_until=None)
    if _is_somebodys(interaction) and _is_somebodys(renewed):
        return renewed._replace(owner_wait_until=interaction.owner_wait_until)
    return renewed


def _is_somebodys(interaction: Interaction) -> bool:
    return bool(interaction.portfolio_id or interaction.last_agent_id)


def _owned(state: State, interaction: Interaction, portfolio: Portfolio, now: datetime) -> Interaction:
    interaction = interaction._replace(
        portfolio_id=portfolio.portfolio_id,
        owner_agent_ids=portfolio.owner_agent_ids,
        owner_workgroup_ids=portfolio.owner_workgroup_ids,
    )
    statuses = set(_statuses(state, owner_agents(state, interaction)))
    absent = statuses <= {AgentStatus.OFFLINE}
    wait = _owner_wait(state.get(Workgroup, interaction.workgroup_id), statuses)
    return interaction._replace(
        backup_agent_ids=portfolio.backup_agent_ids if absent else (),
        owner_wait_until=now + wait if wait else None,
    )


def _statuses(state: State, agent_ids: Iterable[str]) -> Iterable[AgentStatus]:
    presences = (state.get(AgentPresence, agent_id) for agent_id in agent_ids)
    return (presence.status if presence else AgentStatus.OFFLINE for presence in presences)


def _owner_wait(workgroup: Workgroup | None, statuses: set[AgentStatus]) -> timedelta | None:
    """How long an interaction is kept, by what its owners are doing (P8): the best of them counts."""
    if workgroup is None:
        return None
    if AgentStatus.ONLINE in statuses:
        by_status = workgroup.owner_wait_busy
    elif AgentStatus.PAUSED in statuses:
        by_status = workgroup.owner_wait_paused
    else:
        by_status = workgroup.owner_wait_offline
    return workgroup.owner_wait if by_status is None else by_status


def sticky_portfolio(state: State, interaction: Interaction, passed_on_by: str, now: datetime) -> Portfolio | NotAsked:
    """The portfolio that makes an interaction sticky, or why none does: an active one (P4) with owners, whose hold on
    the contact has not expired (P9), unless the workgroup assigns nothing by itself (M7).
    """
    place = effective_place(state, interaction.contact_id, now)
    portfolio = state.get(Portfolio, place.portfolio_id) if place else None
    if portfolio is None:
        return NotAsked.NO_PORTFOLIO
    if portfolio.state is not PortfolioState.ACTIVE:
        return NotAsked.PORTFOLIO_INACTIVE
    if not _has_owners(state, portfolio):
        return NotAsked.PORTFOLIO_WITHOUT_OWNERS
    if passed_on_by and owns(state, portfolio, passed_on_by):
        return NotAsked.PASSED_ON_BY_OWNER
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    return portfolio if workgroup and method_of(workgroup).automatic else NotAsked.METHOD_MANUAL


def _has_owners(state: State, portfolio: Portfolio) -> bool:
    """Whether it is anybody's: a team without members is nobody."""
    teams = (state.get(Workgroup, each) for each in portfolio.owner_workgroup_ids)
    return bool(portfolio.owner_agent_ids) or any(team.member_ids for team in teams if team)


def last_agent_of(state: State, interaction: Interaction, passed_on_by: str = "") -> str:
    """Who attended the contact last, if the workgroup goes by that and may choose that agent (M4)."""
    found = remembered_agent(state, interaction, passed_on_by)
    return found.agent_id if isinstance(found, Agent) else ""


def remembered_agent(state: State, interaction: Interaction, passed_on_by: str = "") -> Agent | NotAsked:
    """The same agent, or why there is none."""
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    if workgroup is None or not remembers(workgroup):
        return NotAsked.METHOD_WITHOUT_LAST_AGENT
    activity = state.get(ContactActivity, interaction.contact_id)
    agent = state.get(Agent, activity.last_agent_id) if activity else None
    if agent is None:
        return NotAsked.NO_LAST_AGENT
    if agent.agent_id == passed_on_by:
        return NotAsked.PASSED_ON_BY_LAST_AGENT
    if interaction.channel not in channels_handled(agent):
        return NotAsked.LAST_AGENT_LACKS_CHANNEL
    if not may_be_last_agent(workgroup, agent.agent_id, state.workgroups_of(agent.agent_id)):
        return NotAsked.LAST_AGENT_NOT_CHOSEN
    return agent
