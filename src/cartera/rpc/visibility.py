"""What a caller may see, where its role alone doesn't say it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cartera.core.permission import owns
from cartera.core.records import Portfolio, Workgroup
from cartera.core.state import State
from cartera.core.vocabulary import Role
from cartera.rpc.call import Call
from cartera.rpc.reading import Reading, missing
from cartera.store.reads import Owners

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


async def owners_seen(reading: Reading, call: Call[Any]) -> Owners | None:
    """Whose portfolios the caller may see: an agent its own and its teams' (P5). None: everybody else sees all."""
    if call.actor.role is not Role.AGENT:
        return None
    agent_id = call.actor.subject_id
    return await reading.ask_state(
        call, lambda state, _now: Owners(agent_id, tuple(state.availability.workgroups_of(agent_id)))
    )


def managed_workgroups(call: Call[Any]) -> Visible | None:
    """A supervisor lists the workgroups that it manages (K7). None: everybody else lists all."""
    supervisor_id = call.actor.subject_id

    def visible(_state: State, workgroup: Workgroup) -> bool:
        return supervisor_id in workgroup.supervisor_ids

    return visible if call.actor.role is Role.SUPERVISOR else None
