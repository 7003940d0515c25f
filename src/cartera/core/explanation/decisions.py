"""Decisions: the events of the log that say who has an interaction, or that it waits."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from cartera.core import events
from cartera.core.change import Change
from cartera.core.events import Event
from cartera.core.vocabulary import DecisionCause, RoutingReason


class Decision(NamedTuple):
    """An event that decided about an interaction, with its change, and how many events of that came before it."""

    interaction_id: str
    change: Change
    earlier: int

    @property
    def event(self) -> Event:
        """What was decided."""
        return self.change.events[self.earlier]


_GIVEN = (events.InteractionAssigned, events.InteractionOffered, events.InteractionTransferredToAgent)
_WAITS = (events.InteractionKeptForOwner, events.InteractionQueued, events.InteractionUnassigned)

_CAUSES: dict[type, DecisionCause] = {
    events.InteractionArrived: DecisionCause.ARRIVED,
    events.InteractionTransferredToCampaign: DecisionCause.TRANSFERRED_TO_CAMPAIGN,
    events.InteractionTransferredToWorkgroup: DecisionCause.TRANSFERRED_TO_WORKGROUP,
    events.InteractionReturned: DecisionCause.RETURNED,
    events.InteractionRerouted: DecisionCause.REROUTED,
    events.InteractionOfferRejected: DecisionCause.OFFER_REJECTED,
    events.InteractionOfferMissed: DecisionCause.OFFER_MISSED,
    events.InteractionOfferWithdrawn: DecisionCause.OFFER_WITHDRAWN,
    events.InteractionOwnerWaitEnded: DecisionCause.OWNER_WAIT_ENDED,
    events.InteractionHoursBegan: DecisionCause.HOURS_BEGAN,
    events.InteractionOverflowed: DecisionCause.OVERFLOWED,
    events.InteractionSkillDropped: DecisionCause.SKILL_DROPPED,
}
"""The events after which an interaction looks for an agent anew, or more widely."""

_REQUESTED = {
    RoutingReason.CLAIMED: DecisionCause.CLAIMED,
    RoutingReason.ASSIGNED_BY_ADMINISTRATOR: DecisionCause.ASSIGNED_BY_ADMINISTRATOR,
}

ASKED_FOR = frozenset(
    {
        *_REQUESTED.values(),
        DecisionCause.TRANSFERRED_TO_AGENT,
        DecisionCause.OFFER_ACCEPTED,
        DecisionCause.MESSAGE_JOINED,
    }
)
"""The causes that decide by themselves: nobody is looked for."""


def concerns(event: Event, interaction_id: str) -> bool:
    """Whether an event is about an interaction."""
    return bool(interaction_of(event) == interaction_id)


def interaction_of(event: Event) -> str:
    """The id of the interaction that an event is about; "" where it is about something else."""
    concerned: Any = getattr(event, "interaction", event)
    return getattr(concerned, "interaction_id", "")


def decisions_of(interaction_id: str, changes: Iterable[Change]) -> Iterator[Decision]:
    """The decisions about an interaction in changes from its arrival on: where it went, not that an offer was accepted
    or that a message joined it.
    """
    offered = False
    for change in changes:
        for index, event in enumerate(change.events):
            if not concerns(event, interaction_id):
                continue
            accepted = offered and isinstance(event, events.InteractionAssigned)
            if isinstance(event, (*_GIVEN, *_WAITS)) and not accepted:
                yield Decision(interaction_id, change, index)
            offered = isinstance(event, events.InteractionOffered) or (offered and not _ends_offer(event))


def _ends_offer(event: Event) -> bool:
    return isinstance(event, _GIVEN) or type(event) in _CAUSES


def decision_in(interaction_id: str, change: Change) -> Decision | None:
    """The last decision about an interaction in a change, of any kind."""
    kinds = (*_GIVEN, *_WAITS, events.InteractionMessageJoined)
    found = [
        index
        for index, event in enumerate(change.events)
        if isinstance(event, kinds) and concerns(event, interaction_id)
    ]
    return Decision(interaction_id, change, found[-1]) if found else None


def cause_of(decision: Decision, *, accepts: bool) -> DecisionCause:
    """What set a decision off, which may be that an offer is accepted: else what somebody asked for, or the last thing
    before it in its change that made the interaction look for an agent.
    """
    event = decision.event
    if isinstance(event, events.InteractionMessageJoined):
        return DecisionCause.MESSAGE_JOINED
    if isinstance(event, events.InteractionTransferredToAgent):
        return DecisionCause.TRANSFERRED_TO_AGENT
    if accepts:
        return DecisionCause.OFFER_ACCEPTED
    if isinstance(event, events.InteractionAssigned) and event.reason in _REQUESTED:
        return _REQUESTED[event.reason]
    return _last_cause(decision)


def _last_cause(decision: Decision) -> DecisionCause:
    """The last thing since the decision before that made it look for an agent; where there is none, somebody became
    available.
    """
    for event in reversed(decision.change.events[: decision.earlier]):
        if concerns(event, decision.interaction_id) and isinstance(event, (*_GIVEN, *_WAITS)):
            break
        if concerns(event, decision.interaction_id) and type(event) in _CAUSES:
            return _CAUSES[type(event)]
    return DecisionCause.AGENT_AVAILABLE
