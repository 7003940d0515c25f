"""Assignment: what goes with an interaction being given to an agent."""

from datetime import datetime

from cartera.core.availability import channels_online
from cartera.core.events import Event, InteractionAssigned, InteractionOffered, PortfolioSaved
from cartera.core.ownership import circumstances, effective_place, expired, expiry, joined
from cartera.core.records import (
    Actor,
    Agent,
    AgentPresence,
    Contact,
    Interaction,
    Portfolio,
    PortfolioContact,
    Workgroup,
)
from cartera.core.selection import Choice
from cartera.core.state import State
from cartera.core.vocabulary import PortfolioMode, PortfolioState, Role, RoutingReason

LONGEST_ID = 128
"""How many characters an id has at most, in every call."""

FROM_QUEUE = frozenset(
    {
        RoutingReason.ROUND_ROBIN,
        RoutingReason.LEAST_LOAD,
        RoutingReason.CLAIMED,
        RoutingReason.LAST_AGENT,
        RoutingReason.DEFAULT_GROUP,
        RoutingReason.BY_CHANNEL,
        RoutingReason.LONGEST_IDLE,
        RoutingReason.BEST_SKILL,
    }
)
"""The reasons for which an agent has an interaction from the queue (K4)."""

OF_PORTFOLIO = frozenset({RoutingReason.OWNER, RoutingReason.BACKUP_OWNER})
"""The reasons for which an agent has an interaction because of the contact's portfolio."""


def give(state: State, interaction: Interaction, choice: Choice, now: datetime) -> list[Event]:
    """The agent who was chosen is offered the interaction, where its workgroup makes offers and the agent is online for
    it (C9); else has it at once.
    """
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    timeout = workgroup.offer_timeout if workgroup else None
    if not timeout or not _is_online_for(state, choice.agent_id, interaction):
        return assign(state, interaction, choice, now)
    offered = InteractionOffered(
        interaction_id=interaction.interaction_id,
        workgroup_id=interaction.workgroup_id,
        agent_id=choice.agent_id,
        reason=choice.reason,
        portfolio_id=interaction.portfolio_id if choice.reason in OF_PORTFOLIO else "",
        offer_until=now + timeout,
        chosen_in_workgroup_id=choice.workgroup_id,
    )
    return [offered]


def _is_online_for(state: State, agent_id: str, interaction: Interaction) -> bool:
    agent = state.get(Agent, agent_id)
    presence = state.get(AgentPresence, agent_id)
    return agent is not None and interaction.channel in channels_online(agent, presence)


def assign(state: State, interaction: Interaction, choice: Choice, now: datetime) -> list[Event]:
    """An agent has an interaction, with the comment and script of the contact's portfolio (K5); in an AUTOMATIC
    workgroup the contact may join the agent's portfolio (K4).
    """
    place = effective_place(state, interaction.contact_id, now)
    assigned = InteractionAssigned(
        interaction_id=interaction.interaction_id,
        workgroup_id=interaction.workgroup_id,
        agent_id=choice.agent_id,
        reason=choice.reason,
        portfolio_id=interaction.portfolio_id if choice.reason in OF_PORTFOLIO else "",
        comment=place.comment if place else "",
        script_id=place.script_id if place else "",
        chosen_in_workgroup_id=choice.workgroup_id,
    )
    if place is None and choice.reason in FROM_QUEUE:
        return [assigned, *_join_portfolio(state, interaction, choice.agent_id, now)]
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
        expires_at=expiry(portfolio, now),
    )
    under = circumstances(state, Actor(Role.AGENT, agent_id), now)
    return [*expired(state, interaction.contact_id, under), *made, *joined(place, under)]


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
    """One that can be named in calls, as any other: an agent's id may be as long as a portfolio's."""
    ending = ""
    while state.get(Portfolio, portfolio_id := f"personal-{agent_id}"[: LONGEST_ID - len(ending)] + ending):
        ending += "-"
    return portfolio_id
