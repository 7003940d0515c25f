"""Decide: a command, a state and a time go in; events come out, or a rejection is raised. Nothing is changed.

To add a command: a class in `commands.py`, a function beside these, and a line here.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cartera.core import commands
from cartera.core.caller import Caller
from cartera.core.commands import Command
from cartera.core.decide.agents import extend_session, set_agent_status
from cartera.core.decide.arrival import route_interaction
from cartera.core.decide.attending import (
    assign_interaction,
    cancel_interaction,
    claim_interaction,
    complete_interaction,
    finish_wrap_up,
)
from cartera.core.decide.configuration import create_resource, delete_resource, update_resource
from cartera.core.decide.context import Context
from cartera.core.decide.declaration import apply_configuration
from cartera.core.decide.delivery import report_delivery
from cartera.core.decide.notes import write_note
from cartera.core.decide.offers import accept_offer, reject_offer
from cartera.core.decide.portfolios import (
    add_to_own_portfolio,
    assign_portfolio,
    hand_over_portfolios,
    remove_exclusive_agent,
    remove_from_portfolio,
    set_exclusive_agent,
)
from cartera.core.decide.transfer import transfer
from cartera.core.events import Event
from cartera.core.records import Tenant
from cartera.core.rejection import reject
from cartera.core.state import State
from cartera.core.vocabulary import ErrorReason


def decide(state: State, command: Command, caller: Caller, now: datetime) -> list[Event]:
    """What a command brings about by itself; what follows from that is settled afterwards.

    Raises:
        Rejected: it is refused, with all that is wrong.

    """
    if state.tenant() is None and not _begins_tenant(command):
        raise reject(ErrorReason.TENANT_NOT_FOUND, "tenant")
    return DECIDE[type(command)](state, command, Context(caller, now))


def _begins_tenant(command: Command) -> bool:
    """Whether a command may be the first of its tenant."""
    if isinstance(command, commands.ApplyConfiguration):
        return command.configuration.tenant is not None
    return isinstance(command, commands.CreateResource) and isinstance(command.resource, Tenant)


def _tick(_state: State, _command: commands.Tick, _context: Context) -> list[Event]:
    """Time passing brings about nothing but what falls due, which is settled."""
    return []


DECIDE: dict[type, Callable[[State, Any, Context], list[Event]]] = {
    commands.CreateResource: create_resource,
    commands.UpdateResource: update_resource,
    commands.DeleteResource: delete_resource,
    commands.ApplyConfiguration: apply_configuration,
    commands.RouteInteraction: route_interaction,
    commands.Transfer: transfer,
    commands.ClaimInteraction: claim_interaction,
    commands.AssignInteraction: assign_interaction,
    commands.CompleteInteraction: complete_interaction,
    commands.CancelInteraction: cancel_interaction,
    commands.AcceptOffer: accept_offer,
    commands.RejectOffer: reject_offer,
    commands.FinishWrapUp: finish_wrap_up,
    commands.WriteNote: write_note,
    commands.ReportDelivery: report_delivery,
    commands.SetAgentStatus: set_agent_status,
    commands.ExtendSession: extend_session,
    commands.AssignPortfolio: assign_portfolio,
    commands.AddToOwnPortfolio: add_to_own_portfolio,
    commands.RemoveFromPortfolio: remove_from_portfolio,
    commands.HandOverPortfolios: hand_over_portfolios,
    commands.SetExclusiveAgent: set_exclusive_agent,
    commands.RemoveExclusiveAgent: remove_exclusive_agent,
    commands.Tick: _tick,
}
"""How each command is decided."""
