"""Offers: an agent accepts or rejects what it is offered (C9)."""

from cartera.core.assignment import assign
from cartera.core.commands import AcceptOffer, RejectOffer
from cartera.core.decide.context import Context
from cartera.core.decide.required import require, subject_of
from cartera.core.events import Event, InteractionOfferRejected
from cartera.core.falling_due import cool_down_until
from cartera.core.permission import require_agent, sees_all
from cartera.core.records import Agent, Interaction
from cartera.core.rejection import reject
from cartera.core.selection import Choice
from cartera.core.state import State
from cartera.core.vocabulary import ErrorReason, InteractionState


def accept_offer(state: State, command: AcceptOffer, context: Context) -> list[Event]:
    """The agent has the interaction, for the reason for which it was offered."""
    interaction = _require_offered(state, command, context)
    return assign(state, interaction, Choice(command.agent_id, interaction.reason), context.now)


def reject_offer(state: State, command: RejectOffer, context: Context) -> list[Event]:
    """The interaction looks for another agent, in its place; this one is not asked again for a while."""
    interaction = _require_offered(state, command, context)
    until = cool_down_until(state, interaction, context.now)
    return [InteractionOfferRejected(interaction.interaction_id, interaction.workgroup_id, command.agent_id, until)]


def _require_offered(state: State, command: AcceptOffer | RejectOffer, context: Context) -> Interaction:
    """The interaction, which is offered to that agent now."""
    require_agent(state, context.caller, command.agent_id)
    require(state, Agent, command.agent_id)
    # Whoever sees all is told what is not there; to others it is as what others are offered.
    find = require if sees_all(context.caller) else State.get
    interaction = find(state, Interaction, command.interaction_id)
    if interaction and interaction.state is InteractionState.OFFERED and interaction.agent_id == command.agent_id:
        return interaction
    subject = subject_of(Interaction, command.interaction_id)
    raise reject(ErrorReason.INTERACTION_NOT_OFFERED, subject, agent_id=command.agent_id)
