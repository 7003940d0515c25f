"""Explain: a decision in the log, and why it was made (W3)."""

from collections.abc import Callable, Iterator
from typing import Any

from cartera.core.decide.attending import assignment_violations, claim_violations
from cartera.core.decide.required import kind_of
from cartera.core.decide.transfer import target_violations
from cartera.core.evolve import evolve
from cartera.core.explanation.background import Background
from cartera.core.explanation.decisions import ASKED_FOR, Decision, cause_of
from cartera.core.explanation.records import CheckedCondition, Explanation, PolicyVersion
from cartera.core.explanation.steps import Search, search
from cartera.core.line import counted_priority
from cartera.core.record_tables import key_of
from cartera.core.records import Agent, Campaign, Interaction, Portfolio, Record, Tenant, Workgroup
from cartera.core.rejection import Violation
from cartera.core.state import State
from cartera.core.vocabulary import DecisionCause, ErrorReason, InteractionState, Priority

CANDIDATES = 100
"""How many candidates are told of each step, unless the caller says otherwise."""


def explain(state: State, decision: Decision, background: Background, most: int = CANDIDATES) -> Explanation:
    """Why a decision was made, by the state just before it: evolved up to the change that it is in, and in that up to
    its event. The state is as it was afterwards.
    """
    change, interaction_id = decision.change, decision.interaction_id
    before, after = _before(state, interaction_id), _after(state, decision)
    cause = cause_of(decision, accepts=before.state is InteractionState.OFFERED)
    asked_for = cause in ASKED_FOR
    found = Search((), None) if asked_for else search(state, before, background, most)
    conditions = tuple(_conditions(state, cause, before, after.agent_id))
    return Explanation(
        interaction_id=interaction_id,
        revision=change.revision,
        decided_at=change.occurred_at,
        actor=change.actor,
        cause=cause,
        state=after.state,
        reason=after.reason,
        agent_id=after.agent_id,
        interaction=before,
        counted_priority=_counted_priority(state, before, decision),
        entry=background.entry,
        steps=found.steps,
        conditions=conditions,
        state_revision=change.revision - 1,
        policies=tuple(_policies(state, before)),
        reproduced=_holds(conditions) if asked_for else _agrees(found, after),
    )


def _before(state: State, interaction_id: str) -> Interaction:
    interaction = state.get(Interaction, interaction_id)
    assert interaction is not None, f"a decision is about an interaction that is not there: {interaction_id}"
    return interaction


def _after(state: State, decision: Decision) -> Interaction:
    """The interaction as the decision left it."""
    mark = state.mark()
    evolve(state, decision.event, decision.change.occurred_at)
    after = _before(state, decision.interaction_id)
    state.rollback(mark)
    return after


def _counted_priority(state: State, interaction: Interaction, decision: Decision) -> Priority:
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    ageing = workgroup.ageing_interval if workgroup else None
    at = decision.change.occurred_at
    return Priority(counted_priority(interaction.priority, interaction.arrived_at, ageing, at))


def _agrees(found: Search, after: Interaction) -> bool:
    """Whether the search comes to the same as the log says."""
    if found.choice is None:
        return not after.agent_id
    return (found.choice.agent_id, found.choice.reason) == (after.agent_id, after.reason)


# What somebody asked for

_CHECKED: dict[DecisionCause, tuple[ErrorReason, ...]] = {
    DecisionCause.CLAIMED: (
        ErrorReason.INTERACTION_NOT_WAITING,
        ErrorReason.AGENT_NOT_ONLINE,
        ErrorReason.AGENT_LACKS_CHANNEL,
        ErrorReason.AGENT_AT_CAPACITY,
        ErrorReason.INTERACTION_KEPT_FOR_EXCLUSIVE_AGENT,
        ErrorReason.INTERACTION_KEPT_FOR_OWNER,
        ErrorReason.AGENT_NOT_IN_WORKGROUP,
        ErrorReason.AGENT_LACKS_SKILL,
    ),
    DecisionCause.ASSIGNED_BY_ADMINISTRATOR: (
        ErrorReason.INTERACTION_NOT_WAITING,
        ErrorReason.AGENT_AT_CAPACITY,
        ErrorReason.INTERACTION_KEPT_FOR_EXCLUSIVE_AGENT,
    ),
    DecisionCause.TRANSFERRED_TO_AGENT: (
        ErrorReason.INTERACTION_NOT_ASSIGNED,
        ErrorReason.DISPOSITION_UNKNOWN,
        ErrorReason.AGENT_NOT_ONLINE,
        ErrorReason.AGENT_LACKS_CHANNEL,
        ErrorReason.AGENT_NOT_IN_CAMPAIGN,
        ErrorReason.CAMPAIGN_LACKS_CHANNEL,
        ErrorReason.AGENT_AT_CAPACITY,
        ErrorReason.AGENT_ALREADY_HOLDS,
    ),
    DecisionCause.OFFER_ACCEPTED: (ErrorReason.INTERACTION_NOT_OFFERED,),
}
"""What had to hold: the errors that there are where it doesn't."""

_VIOLATIONS: dict[DecisionCause, Callable[[State, Agent, Interaction], list[Violation]]] = {
    DecisionCause.CLAIMED: claim_violations,
    DecisionCause.ASSIGNED_BY_ADMINISTRATOR: assignment_violations,
    DecisionCause.TRANSFERRED_TO_AGENT: target_violations,
}
"""What is asked whether it held; the others hold, or there would be no event."""


def _conditions(
    state: State, cause: DecisionCause, interaction: Interaction, agent_id: str
) -> Iterator[CheckedCondition]:
    agent, violations_of = state.get(Agent, agent_id), _VIOLATIONS.get(cause)
    violations = violations_of(state, agent, interaction) if agent and violations_of else []
    broken = {each.reason for each in violations}
    for condition in _CHECKED.get(cause, ()):
        yield CheckedCondition(condition, condition not in broken)


def _holds(conditions: tuple[CheckedCondition, ...]) -> bool:
    """Whether all held but the one that an administrator may waive (C1)."""
    return all(each.held or each.condition is ErrorReason.AGENT_AT_CAPACITY for each in conditions)


# The configuration that counted


def _policies(state: State, interaction: Interaction) -> Iterator[PolicyVersion]:
    serving = (interaction.workgroup_id, *interaction.overflow_workgroup_ids)
    counted: tuple[Record | None, ...] = (
        state.tenant(),
        state.get(Campaign, interaction.campaign_id),
        *(state.get(Workgroup, each) for each in serving),
        state.get(Portfolio, interaction.portfolio_id),
    )
    for each in counted:
        if each is not None:
            yield _version(each)


def _version(resource: Any) -> PolicyVersion:
    identifier = "" if isinstance(resource, Tenant) else key_of(resource)[0]
    return PolicyVersion(kind_of(type(resource)), identifier, resource.etag)
