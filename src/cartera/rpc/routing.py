"""RoutingService."""

from collections.abc import Sequence
from typing import Any

from cartera.contract import decode
from cartera.core.commands import (
    AcceptOffer,
    AssignInteraction,
    CancelInteraction,
    ClaimInteraction,
    CompleteInteraction,
    FinishWrapUp,
    RejectOffer,
    ReportDelivery,
    RouteInteraction,
    Transfer,
    WriteNote,
)
from cartera.core.events import Event, InteractionArrived, InteractionAssigned, InteractionMessageJoined
from cartera.core.queue import owner_estimate, queue_position
from cartera.core.records import Interaction
from cartera.core.state import State
from cartera.core.vocabulary import InteractionState, RoutingOutcome
from cartera.engine.engine import Engine
from cartera.engine.submission import Outcome, Respond
from cartera.routing.v1 import routing_service_pb2 as pb
from cartera.rpc.call import Call
from cartera.rpc.explanations import Explanations
from cartera.rpc.interactions import Interactions
from cartera.rpc.submission import submit

_OUTCOMES = {
    InteractionState.ASSIGNED: RoutingOutcome.ASSIGNED,
    InteractionState.OFFERED: RoutingOutcome.OFFERED,
    InteractionState.WAITING_FOR_OWNER: RoutingOutcome.WAITING_FOR_OWNER,
    InteractionState.QUEUED: RoutingOutcome.QUEUED,
    InteractionState.UNASSIGNED: RoutingOutcome.UNASSIGNED,
}


class RoutingServicer:
    """Routes interactions to agents, and follows them to their end."""

    def __init__(self, engine: Engine, interactions: Interactions, explanations: Explanations) -> None:
        self._engine = engine
        self._interactions = interactions
        self._explanations = explanations

    async def RouteInteraction(self, call: Call[pb.RouteInteractionRequest]) -> bytes:
        def respond(state: State, outcome: Outcome) -> bytes:
            interaction, joined = _arrived(state, outcome.events)
            shown = interaction
            if call.request.validate_only and not joined:
                shown = interaction._replace(interaction_id="", sequence=0)
            return call.answer(
                revision=outcome.revision,
                interaction=shown,
                outcome=_OUTCOMES[interaction.state],
                reason=interaction.reason,
                joined=joined,
                queue_position=queue_position(state, interaction, outcome.occurred_at),
                owner_estimate=owner_estimate(state, interaction, outcome.occurred_at),
            )

        return await submit(self._engine, call, decode(call.request, RouteInteraction), respond)

    async def Transfer(self, call: Call[pb.TransferRequest]) -> bytes:
        def respond(state: State, outcome: Outcome) -> bytes:
            interaction = _interaction(state, call.request.interaction_id)
            return call.answer(revision=outcome.revision, interaction=interaction, outcome=_OUTCOMES[interaction.state])

        return await submit(self._engine, call, decode(call.request, Transfer), respond)

    async def AcceptOffer(self, call: Call[pb.AcceptOfferRequest]) -> bytes:
        command = decode(call.request, AcceptOffer)
        return await submit(self._engine, call, command, _show(call, command.interaction_id))

    async def RejectOffer(self, call: Call[pb.RejectOfferRequest]) -> bytes:
        command = decode(call.request, RejectOffer)
        return await submit(self._engine, call, command, _show(call, command.interaction_id))

    async def ClaimInteraction(self, call: Call[pb.ClaimInteractionRequest]) -> bytes:
        def respond(state: State, outcome: Outcome) -> bytes:
            claimed = next(event for event in outcome.events if isinstance(event, InteractionAssigned))
            interaction = _interaction(state, claimed.interaction_id)
            return call.answer(revision=outcome.revision, interaction=interaction)

        return await submit(self._engine, call, decode(call.request, ClaimInteraction), respond)

    async def AssignInteraction(self, call: Call[pb.AssignInteractionRequest]) -> bytes:
        command = decode(call.request, AssignInteraction)
        return await submit(self._engine, call, command, _show(call, command.interaction_id))

    async def CompleteInteraction(self, call: Call[pb.CompleteInteractionRequest]) -> bytes:
        command = decode(call.request, CompleteInteraction)
        return await submit(self._engine, call, command, _show(call, command.interaction_id))

    async def FinishWrapUp(self, call: Call[pb.FinishWrapUpRequest]) -> bytes:
        command = decode(call.request, FinishWrapUp)
        return await submit(self._engine, call, command, _show(call, command.interaction_id))

    async def CancelInteraction(self, call: Call[pb.CancelInteractionRequest]) -> bytes:
        command = decode(call.request, CancelInteraction)
        return await submit(self._engine, call, command, _show(call, command.interaction_id))

    async def WriteNote(self, call: Call[pb.WriteNoteRequest]) -> bytes:
        command = decode(call.request, WriteNote)
        return await submit(self._engine, call, command, _show(call, command.interaction_id))

    async def ReportDelivery(self, call: Call[pb.ReportDeliveryRequest]) -> bytes:
        def respond(_state: State, outcome: Outcome) -> bytes:
            return call.answer(revision=outcome.revision)

        return await submit(self._engine, call, decode(call.request, ReportDelivery), respond)

    async def GetInteraction(self, call: Call[pb.GetInteractionRequest]) -> bytes:
        return await self._interactions.get(call)

    async def ListInteractions(self, call: Call[pb.ListInteractionsRequest]) -> bytes:
        return await self._interactions.page(call)

    async def ExplainInteraction(self, call: Call[pb.ExplainInteractionRequest]) -> bytes:
        return await self._explanations.explain(call)


def _arrived(state: State, events: Sequence[Event]) -> tuple[Interaction, bool]:
    """The interaction that a call of RouteInteraction brought, and whether it joined an open one."""
    for event in events:
        if isinstance(event, InteractionArrived):
            return _interaction(state, event.interaction.interaction_id), False
        if isinstance(event, InteractionMessageJoined):
            return _interaction(state, event.interaction_id), True
    raise AssertionError("an interaction was routed and did not arrive")


def _interaction(state: State, interaction_id: str) -> Interaction:
    interaction = state.get(Interaction, interaction_id)
    assert interaction is not None, "what a command concerned is in the state until its answer is made"
    return interaction


def _show(call: Call[Any], interaction_id: str) -> Respond:
    def respond(state: State, outcome: Outcome) -> bytes:
        return call.answer(revision=outcome.revision, interaction=_interaction(state, interaction_id))

    return respond
