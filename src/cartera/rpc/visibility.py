"""What a caller may see, where its role alone doesn't say it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cartera.core.permission import owns
from cartera.core.records import Portfolio, Workgroup
from cartera.core.state import State
from cartera.core.vocabulary import PortfolioState, Role
from cartera.rpc.call import Call
from cartera.rpc.reading import Reading, missing

Visible = Callable[[State, Any], bool]


async def require_visible_portfolio(reading: Reading, call: Call[Any]) -> None:
    """To an agent, a portfolio that is not assigned to it is as none (P5).

    Raises:
        Rejected: RESOURCE_NOT_FOUND.

    """
    if call.actor.role is not Role.AGENT:
        return
    agent_id, portfolio_id = call.actor.subject_id, call.request.portfolio_id

    def question(state: State, _now: datetime) -> bool:
        portfolio = state.get(Portfolio, portfolio_id)
        return portfolio is not None and owns(state, portfolio, agent_id)

    if not await reading.ask_state(call, question):
        raise missing(Portfolio, (portfolio_id,))


def assigned_portfolios(call: Call[Any]) -> Visible | None:
    """An agent lists the portfolios assigned to it (P5), without the inactive ones if it asks so (P4). None: everybody
    else lists all.
    """
    agent_id, assignable_only = call.actor.subject_id, call.request.assignable_only

    def visible(state: State, portfolio: Portfolio) -> bool:
        active = portfolio.state is PortfolioState.ACTIVE or not assignable_only
        return active and owns(state, portfolio, agent_id)

    return visible if call.actor.role is Role.AGENT else None


def managed_workgroups(call: Call[Any]) -> Visible | None:
    """A supervisor lists the workgroups that it manages (K7). None: everybody else lists all."""
    supervisor_id = call.actor.subject_id

    def visible(_state: State, workgroup: Workgroup) -> bool:
        return supervisor_id in workgroup.supervisor_ids

    return visible if call.actor.role is Role.SUPERVISOR else None
