"""The limit of a queue: how many may wait in a workgroup (C13)."""

from collections.abc import Iterable

from cartera.core.audience import QUEUED, AudienceKind, audience
from cartera.core.decide.required import subject_of
from cartera.core.events import (
    Event,
    InteractionArrived,
    InteractionTransferredToCampaign,
    InteractionTransferredToWorkgroup,
)
from cartera.core.records import Interaction, Workgroup
from cartera.core.rejection import Violation
from cartera.core.slots import ALL_CHANNELS
from cartera.core.state import State
from cartera.core.vocabulary import ErrorReason
from cartera.core.waiting import Demand

_COMING = (InteractionArrived, InteractionTransferredToCampaign, InteractionTransferredToWorkgroup)


def overfull(state: State, decided: Iterable[Event]) -> list[Violation]:
    """What came into a queue that was full already, by what was decided, and found nobody. Who waits for an exclusive
    agent is never refused (E1), and what nobody may be given is in no queue.
    """
    came = [state.get(Interaction, event.interaction.interaction_id) for event in decided if isinstance(event, _COMING)]
    return [violation for interaction in came if interaction for violation in _overfull(state, interaction)]


def _overfull(state: State, interaction: Interaction) -> list[Violation]:
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    if workgroup is None or not workgroup.queue_limit:
        return []
    if interaction.state not in QUEUED or interaction.exclusive_agent_id:
        return []
    if number_waiting(state, workgroup.workgroup_id) <= workgroup.queue_limit:
        return []
    subject = subject_of(Workgroup, workgroup.workgroup_id)
    return [Violation(ErrorReason.WORKGROUP_QUEUE_FULL, subject, {"limit": str(workgroup.queue_limit)})]


def number_waiting(state: State, workgroup_id: str) -> int:
    """How many wait in a workgroup's queue, those kept for an owner among them."""
    whom = audience(AudienceKind.WORKGROUP, workgroup_id)
    return sum(state.queues.number_at((whom, Demand(channel))) for channel in ALL_CHANNELS)
