"""Reports (P7), and how they are counted: each statement gives numbers by id, of one tenant, out of indexes."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, select, text

from cartera.core.audience import HELD, OPEN
from cartera.core.records import Interaction, Portfolio, PortfolioContact
from cartera.core.vocabulary import InteractionState
from cartera.store.tables import IS_OPEN, table_of

INTERACTIONS = table_of(Interaction)
PLACES = table_of(PortfolioContact)

Counts = Select[tuple[str, int]]


class PortfolioReport(NamedTuple):
    """How much there is in a portfolio (P7): contacts, and their interactions."""

    portfolio_id: str
    contacts: int
    open_interactions: int
    total_interactions: int


class AgentReport(NamedTuple):
    """How much there is with an agent (P7): contacts in portfolios that it owns itself, and interactions it has, or had
    when they ended.
    """

    agent_id: str
    contacts: int
    open_interactions: int
    total_interactions: int


def owners(tenant_id: str) -> Select[Any]:
    """The agents who own each portfolio."""
    portfolios = table_of(Portfolio).c
    return select(portfolios.portfolio_id, portfolios.owner_agent_ids).where(portfolios.tenant_id == tenant_id)


def contacts(tenant_id: str, portfolio_ids: Collection[str]) -> Counts:
    """How many contacts are in each portfolio."""
    is_meant = _is_meant(PLACES, tenant_id, "portfolio_id", portfolio_ids)
    return select(PLACES.c.portfolio_id, func.count()).where(is_meant).group_by(PLACES.c.portfolio_id)


def total_of_portfolios(tenant_id: str, portfolio_ids: Collection[str]) -> Counts:
    """How many interactions the contacts of each portfolio have."""
    of_contact = and_(INTERACTIONS.c.tenant_id == tenant_id, INTERACTIONS.c.contact_id == PLACES.c.contact_id)
    number = select(func.count()).select_from(INTERACTIONS).where(of_contact).correlate(PLACES).scalar_subquery()
    is_meant = _is_meant(PLACES, tenant_id, "portfolio_id", portfolio_ids)
    return select(PLACES.c.portfolio_id, func.sum(number)).where(is_meant).group_by(PLACES.c.portfolio_id)


def open_of_portfolios(tenant_id: str) -> Counts:
    """How many open interactions the contacts of each portfolio have, and those of none. Open ones are few beside
    others, so all are looked through.
    """
    of_contact = and_(PLACES.c.tenant_id == tenant_id, PLACES.c.contact_id == INTERACTIONS.c.contact_id)
    place = select(PLACES.c.portfolio_id).where(of_contact).correlate(INTERACTIONS)
    portfolio_id = place.scalar_subquery().label("of_portfolio_id")
    return select(portfolio_id, func.count()).where(_is_in(tenant_id, OPEN)).group_by(portfolio_id)


def open_of_agents(tenant_id: str) -> Counts:
    """How many open interactions each agent has, in several numbers: in the order of their index, so that it is used,
    and not that of all that the agents ever had.
    """
    state, agent_id = INTERACTIONS.c.state, INTERACTIONS.c.agent_id
    return select(agent_id, func.count()).where(_is_in(tenant_id, HELD)).group_by(state, agent_id)


def total_of_agents(tenant_id: str, agent_ids: Collection[str]) -> Counts:
    """How many interactions each agent has, or had when they ended."""
    is_meant = _is_meant(INTERACTIONS, tenant_id, "agent_id", agent_ids)
    return select(INTERACTIONS.c.agent_id, func.count()).where(is_meant).group_by(INTERACTIONS.c.agent_id)


def _is_in(tenant_id: str, open_states: Collection[InteractionState]) -> ColumnElement[bool]:
    """In one of the states; that they are open is said for the index's sake."""
    interactions = INTERACTIONS.c
    return and_(interactions.tenant_id == tenant_id, interactions.state.in_(open_states), text(IS_OPEN))


def _is_meant(table: FromClause, tenant_id: str, field: str, ids: Collection[str]) -> ColumnElement[bool]:
    return and_(table.c.tenant_id == tenant_id, table.c[field].in_(ids))
