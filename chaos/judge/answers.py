"""What the answers to mutations must show: the state at their revision, and what their own change did."""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from cartera.core import events
from cartera.core.change import Change
from cartera.core.events import Event
from cartera.core.queue import owner_estimate, queue_position
from cartera.core.records import Agent, AgentPresence, Contact, ExclusiveAgent, Interaction, PortfolioContact
from cartera.core.state import State
from cartera.core.vocabulary import AssignmentOutcome, InteractionState, RemovalOutcome, RoutingOutcome

Fields = dict[str, Any]
"""Fields of a response, by name."""

Show = Callable[["Scene", Any], Fields]

OUTCOMES = {
    InteractionState.ASSIGNED: RoutingOutcome.ASSIGNED,
    InteractionState.OFFERED: RoutingOutcome.OFFERED,
    InteractionState.WAITING_FOR_OWNER: RoutingOutcome.WAITING_FOR_OWNER,
    InteractionState.QUEUED: RoutingOutcome.QUEUED,
    InteractionState.UNASSIGNED: RoutingOutcome.UNASSIGNED,
}


class Scene(NamedTuple):
    """The state as it was at a revision, and the change that the request made there, if it made one."""

    state: State
    at: datetime
    open: Collection[str] = ()
    """The interactions that have not ended."""
    own: Change | None = None

    @property
    def events(self) -> tuple[Event, ...]:
        return self.own.events if self.own else ()


def _interaction(scene: Scene, request: Any) -> Fields:
    return {"interaction": scene.state.get(Interaction, request.interaction_id)}


def _routed(scene: Scene, request: Any) -> Fields:
    arrived = next(each for each in scene.events if isinstance(each, _ARRIVALS))
    joined = isinstance(arrived, events.InteractionMessageJoined)
    interaction_id = arrived.interaction_id if joined else arrived.interaction.interaction_id  # type: ignore[union-attr]
    interaction = scene.state.get(Interaction, interaction_id)
    assert interaction is not None, "it is in the state that its arrival was folded into"
    assert interaction.contact_id == request.contact_id, "it is of the contact who was routed"
    return {
        "interaction": interaction,
        "outcome": OUTCOMES.get(interaction.state),
        "reason": interaction.reason,
        "joined": joined,
        "queue_position": queue_position(scene.state, interaction, scene.at),
        "owner_estimate": owner_estimate(scene.state, interaction, scene.at),
    }


_ARRIVALS = (events.InteractionArrived, events.InteractionMessageJoined)


def _transferred(scene: Scene, request: Any) -> Fields:
    interaction = scene.state.get(Interaction, request.interaction_id)
    return {"interaction": interaction, "outcome": OUTCOMES.get(interaction.state) if interaction else None}


def _claimed(scene: Scene, request: Any) -> Fields:
    claimed = next(each for each in scene.events if isinstance(each, events.InteractionAssigned))
    right = claimed.agent_id == request.agent_id and request.interaction_id in ("", claimed.interaction_id)
    return {"interaction": scene.state.get(Interaction, claimed.interaction_id) if right else None}


def _presence(scene: Scene, request: Any) -> Fields:
    return {"presence": scene.state.get(AgentPresence, request.agent_id)}


def _status(scene: Scene, request: Any) -> Fields:
    given = (
        scene.state.get(Interaction, each.interaction_id)
        for each in scene.events
        if isinstance(each, events.InteractionAssigned | events.InteractionOffered)
        and each.agent_id == request.agent_id
    )
    return {**_presence(scene, request), "assigned": tuple(given)}


def _agent(scene: Scene, request: Any) -> Fields:
    return {"agent": scene.state.get(Agent, request.agent.agent_id)}


def _contact(scene: Scene, request: Any) -> Fields:
    return {"contact": scene.state.get(Contact, request.contact.contact_id)}


def _place(scene: Scene, request: Any) -> Fields:
    return {"portfolio_contact": scene.state.get(PortfolioContact, request.contact_id)}


def _assignments(scene: Scene, request: Any) -> Fields:
    moved = {
        each.portfolio_contact.contact_id: each.previous_portfolio_id
        for each in scene.events
        if isinstance(each, events.ContactAssignedToPortfolio)
    }
    return {"assignments": [_assignment(scene, request, each, moved) for each in request.contact_ids]}


def _assignment(scene: Scene, request: Any, contact_id: str, moved: dict[str, str]) -> Fields:
    outcome, other = AssignmentOutcome.ASSIGNED, ""
    place = scene.state.get(PortfolioContact, contact_id)
    if scene.state.get(Contact, contact_id) is None:
        outcome = AssignmentOutcome.NOT_FOUND
    elif place is None or place.portfolio_id != request.portfolio_id:
        keep = request.conflict_policy == _KEEP
        outcome = AssignmentOutcome.KEPT if keep else AssignmentOutcome.CONFLICT
        other = place.portfolio_id if place else ""
    elif moved.get(contact_id, request.portfolio_id) not in ("", request.portfolio_id):
        outcome, other = AssignmentOutcome.MOVED, moved[contact_id]
    return {"contact_id": contact_id, "outcome": outcome, "other_portfolio_id": other}


_KEEP = 3
"""The conflict policy that leaves a contact where it is, as asked."""


def _removals(scene: Scene, request: Any) -> Fields:
    removed = {each.contact_id for each in scene.events if isinstance(each, events.ContactRemovedFromPortfolio)}
    return {"removals": [_removal(each, each in removed) for each in request.contact_ids]}


def _removal(contact_id: str, removed: bool) -> Fields:  # noqa: FBT001 - what became of it
    outcome = RemovalOutcome.REMOVED if removed else RemovalOutcome.NOT_IN_PORTFOLIO
    return {"contact_id": contact_id, "outcome": outcome}


def _exclusive(scene: Scene, request: Any) -> Fields:
    return {"exclusive_agent": scene.state.get(ExclusiveAgent, request.contact_id, request.campaign_id)}


def _nothing(_scene: Scene, _request: Any) -> Fields:
    return {}


ANSWERS: dict[str, Show] = {
    "RouteInteraction": _routed,
    "Transfer": _transferred,
    "AcceptOffer": _interaction,
    "RejectOffer": _interaction,
    "ClaimInteraction": _claimed,
    "AssignInteraction": _interaction,
    "CompleteInteraction": _interaction,
    "FinishWrapUp": _interaction,
    "CancelInteraction": _interaction,
    "WriteNote": _interaction,
    "ReportDelivery": _nothing,
    "SetAgentStatus": _status,
    "ExtendSession": _presence,
    "UpdateAgent": _agent,
    "CreateContact": _contact,
    "DeleteContact": _nothing,
    "AddToOwnPortfolio": _place,
    "AssignPortfolio": _assignments,
    "RemoveFromPortfolio": _removals,
    "SetExclusiveAgent": _exclusive,
    "RemoveExclusiveAgent": _nothing,
}
"""What the answer to each method shows, besides its revision."""


def names(changes: Iterable[Event], request: Any) -> bool:
    """Whether a request's own change says something about what the request is about."""
    subject = next((name for name in _SUBJECTS if getattr(request, name, "")), "")
    if not subject:
        return True
    told = {getattr(each, subject, "") for event in changes for each in (event, event[0])}
    return getattr(request, subject) in told


_SUBJECTS = ("interaction_id", "contact_id", "agent_id")


def interactions_of(change: Change) -> Iterator[str]:
    """The interactions that a change tells of."""
    for event in change.events:
        interaction = getattr(event, "interaction", None)
        interaction_id = interaction.interaction_id if interaction else getattr(event, "interaction_id", "")
        if interaction_id:
            yield interaction_id
