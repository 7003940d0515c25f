"""Belonging: whom an interaction belongs to, its exclusive agent or its contact's owners."""

from datetime import datetime, timedelta

from cartera.core.methods import METHODS
from cartera.core.records import ExclusiveAgent, Interaction, Portfolio, PortfolioContact, Workgroup
from cartera.core.state import State
from cartera.core.vocabulary import InteractionState, PortfolioState, RoutingReason


def belong(state: State, interaction: Interaction, now: datetime) -> Interaction:
    """The interaction, to be placed, with whom it belongs to as things are now: its exclusive agent (E1), else its
    owners (K1, K2).
    """
    interaction = interaction._replace(
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
    )
    exclusive = state.get(ExclusiveAgent, interaction.contact_id, interaction.campaign_id)
    if exclusive:
        return interaction._replace(exclusive_agent_id=exclusive.agent_id)
    portfolio = _sticky_portfolio(state, interaction)
    if portfolio is None:
        return interaction
    wait = _owner_wait(state, interaction)
    return interaction._replace(
        portfolio_id=portfolio.portfolio_id,
        owner_agent_ids=portfolio.owner_agent_ids,
        owner_workgroup_ids=portfolio.owner_workgroup_ids,
        owner_wait_until=now + wait if wait else None,
    )


def belong_anew(state: State, interaction: Interaction, now: datetime) -> Interaction:
    """A waiting interaction with whom it belongs to once that has changed. An owner wait goes on, and one that has run
    out does not begin again.
    """
    renewed = belong(state, interaction, now)
    if interaction.portfolio_id and renewed.portfolio_id:
        return renewed._replace(owner_wait_until=interaction.owner_wait_until)
    return renewed


def _sticky_portfolio(state: State, interaction: Interaction) -> Portfolio | None:
    """The portfolio that makes an interaction sticky: an active one (P4) with owners, unless the workgroup assigns
    nothing by itself (M7).
    """
    place = state.get(PortfolioContact, interaction.contact_id)
    portfolio = state.get(Portfolio, place.portfolio_id) if place else None
    if portfolio is None or portfolio.state is not PortfolioState.ACTIVE:
        return None
    if not portfolio.owner_agent_ids and not portfolio.owner_workgroup_ids:
        return None
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    return portfolio if workgroup and METHODS[workgroup.method].automatic else None


def _owner_wait(state: State, interaction: Interaction) -> timedelta | None:
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    return workgroup.owner_wait if workgroup else None
