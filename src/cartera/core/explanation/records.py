"""What an explanation tells (W3). Each record has the name and the fields of the contract's message of that name
(`protos/cartera/routing/v1/explanation.proto`), where every field is explained.
"""

from datetime import datetime
from typing import NamedTuple

from cartera.core.records import Actor, Interaction, TriggerActions
from cartera.core.vocabulary import (
    AgentStatus,
    AssignmentMethod,
    ComparisonKey,
    DecisionCause,
    EntryHours,
    ErrorReason,
    InteractionState,
    LeftOut,
    NotAsked,
    Priority,
    RoutingReason,
    SelectionStep,
)


class ComparedKey(NamedTuple):
    """A key with its value: a number or a time, which may never have been."""

    key: ComparisonKey
    number: float | None = None
    time: datetime | None = None


class ExplainedCandidate(NamedTuple):
    """An agent who was considered, as it stood then."""

    agent_id: str
    left_out: tuple[LeftOut, ...] = ()
    keys: tuple[ComparedKey, ...] = ()
    status: AgentStatus = AgentStatus.UNSPECIFIED
    reason_code: str = ""
    units_in_use: int = 0
    capacity: int = 0
    cost: int = 0
    held_of_channel: int = 0
    channel_limit: int = 0
    lacking_skills: tuple[str, ...] = ()


class LeftOutCount(NamedTuple):
    """How many candidates a reason left out."""

    reason: LeftOut
    candidates: int


class ExplainedStep(NamedTuple):
    """A step of the search for an agent."""

    step: SelectionStep
    workgroup_id: str = ""
    method: AssignmentMethod = AssignmentMethod.UNSPECIFIED
    not_asked: NotAsked = NotAsked.UNSPECIFIED
    agent_id: str = ""
    candidate_count: int = 0
    candidates: tuple[ExplainedCandidate, ...] = ()
    left_out: tuple[LeftOutCount, ...] = ()
    turn_agent_id: str = ""
    runner_up_agent_id: str = ""
    decided_by: ComparisonKey = ComparisonKey.UNSPECIFIED


class TriggerRun(NamedTuple):
    """A trigger that held, as it was then."""

    trigger_id: str
    name: str
    etag: str
    actions: TriggerActions


class InteractionEntry(NamedTuple):
    """How an interaction entered its campaign, by arriving or by a transfer."""

    revision: int
    entered_at: datetime
    campaign_id: str
    workgroup_id: str
    priority: Priority
    priority_line: bool
    hours: EntryHours
    opens_at: datetime | None
    triggers: tuple[TriggerRun, ...]


class CheckedCondition(NamedTuple):
    """A condition of what somebody asked for: the error that there is where it does not hold, and whether it held."""

    condition: ErrorReason
    held: bool


class PolicyVersion(NamedTuple):
    """A part of the configuration that counted."""

    resource_type: str
    resource_id: str
    etag: str


class Explanation(NamedTuple):
    """A decision about an interaction, and why it was made."""

    interaction_id: str
    revision: int
    decided_at: datetime
    actor: Actor
    cause: DecisionCause
    state: InteractionState
    reason: RoutingReason
    agent_id: str
    interaction: Interaction
    counted_priority: Priority
    entry: InteractionEntry | None
    steps: tuple[ExplainedStep, ...]
    conditions: tuple[CheckedCondition, ...]
    state_revision: int
    policies: tuple[PolicyVersion, ...]
    reproduced: bool
