"""Assignment: an interaction looks for an agent, and what goes with being given to one."""

from datetime import datetime

from cartera.core.events import ContactAssignedToPortfolio, Event, InteractionAssigned, PortfolioSaved
from cartera.core.methods import METHODS
from cartera.core.owners import available_owner
from cartera.core.records import (
    Actor,
    Agent,
    Contact,
    Interaction,
    Portfolio,
    PortfolioContact,
    Workgroup,
    WorkgroupActivity,
)
from cartera.core.state import State
from cartera.core.vocabulary import PortfolioMode, PortfolioState, Role, RoutingReason

FROM_QUEUE = frozenset({RoutingReason.ROUND_ROBIN, RoutingReason.LEAST_LOAD, RoutingReason.CLAIMED})
"""The reasons for which an agent has an interaction from the queue (K4)."""


def choose_agent(state: State, interaction: Interaction) -> tuple[str, RoutingReason]:
    """The agent for an interaction that somebody is available for, and the rule that decides: its exclusive agent
    (E1), an owner (K1, K2), or whom the workgroup's method picks.
    """
    if interaction.exclusive_agent_id:
        return interaction.exclusive_agent_id, RoutingReason.EXCLUSIVE_AGENT
    owner = available_owner(state, interaction)
    if owner is not None:
        return owner, RoutingReason.OWNER
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    assert workgroup is not None, "an interaction that is matched is under a workgroup"
    method = METHODS[workgroup.method]
    activity = state.get(WorkgroupActivity, workgroup.workgroup_id)
    turn = state.availability.position(workgroup.workgroup_id, activity.turn_agent_id) if activity else -1
    lists = state.availability.ready(workgroup.workgroup_id, interaction.channel)
    entries = lists[0] if len(lists) == 1 else sorted(method.pick(each, turn) for each in lists)
    return method.pick(entries, turn)[1], method.reason


def assign(state: State, interaction: Interaction, agent_id: str, reason: RoutingReason, now: datetime) -> list[Event]:
    """An agent gets an interaction, with the comment and script of the contact's portfolio (K5); in an AUTOMATIC
    workgroup the contact may join the agent's portfolio (K4).
    """
    place = state.get(PortfolioContact, interaction.contact_id)
    assigned = InteractionAssigned(
        interaction_id=interaction.interaction_id,
        workgroup_id=interaction.workgroup_id,
        agent_id=agent_id,
        reason=reason,
        portfolio_id=interaction.portfolio_id if reason is RoutingReason.OWNER else "",
        comment=place.comment if place else "",
        script_id=place.script_id if place else "",
    )
    if place is None and reason in FROM_QUEUE:
        return [assigned, *_join_portfolio(state, interaction, agent_id, now)]
    return [assigned]


def _join_portfolio(state: State, interaction: Interaction, agent_id: str, now: datetime) -> list[Event]:
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    if workgroup is None or workgroup.portfolio_mode is not PortfolioMode.AUTOMATIC:
        return []
    if state.get(Contact, interaction.contact_id) is None:
        return []
    portfolio, made = personal_portfolio(state, agent_id)
    if portfolio.state is PortfolioState.INACTIVE or agent_id not in portfolio.owner_agent_ids:
        return []
    place = PortfolioContact(
        interaction.contact_id,
        portfolio.portfolio_id,
        assigned_at=now,
        assigned_by=Actor(Role.AGENT, agent_id),
    )
    return [*made, ContactAssignedToPortfolio(place, previous_portfolio_id="")]


def personal_portfolio(state: State, agent_id: str) -> tuple[Portfolio, list[Event]]:
    """An agent's own portfolio, and, where it has to be made first, the event that makes it."""
    existing = state.personal_portfolio(agent_id)
    if existing:
        return existing, []
    agent = state.get(Agent, agent_id)
    made = Portfolio(
        portfolio_id=_unused_portfolio_id(state, agent_id),
        name=(agent.name if agent else "") or agent_id,
        owner_agent_ids=(agent_id,),
        personal_agent_id=agent_id,
        etag=str(state.revision + 1),
    )
    return made, [PortfolioSaved(made)]


def _unused_portfolio_id(state: State, agent_id: str) -> str:
    portfolio_id = f"personal-{agent_id}"
    while state.get(Portfolio, portfolio_id):
        portfolio_id += "-"
    return portfolio_id
