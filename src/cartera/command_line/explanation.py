"""Explanations as trees of lines for people."""

from collections.abc import Iterable, Iterator

from google.protobuf.timestamp_pb2 import Timestamp
from rich.text import Text
from rich.tree import Tree

from cartera.command_line.plain import plain
from cartera.command_line.words import word
from cartera.routing.v1.access_pb2 import ROLE_SYSTEM, Actor, Role
from cartera.routing.v1.channel_pb2 import Priority
from cartera.routing.v1.error_reason_pb2 import ErrorReason
from cartera.routing.v1.explanation_pb2 import (
    CheckedCondition,
    ComparedKey,
    ComparisonKey,
    DecisionCause,
    EntryHours,
    ExplainedCandidate,
    ExplainedStep,
    Explanation,
    InteractionEntry,
    LeftOut,
    NotAsked,
    PolicyVersion,
    SelectionStep,
)
from cartera.routing.v1.interaction_pb2 import InteractionState, RoutingReason
from cartera.routing.v1.workgroup_pb2 import AssignmentMethod

CAUSES = {
    DecisionCause.DECISION_CAUSE_ARRIVED: "it had arrived",
    DecisionCause.DECISION_CAUSE_TRANSFERRED_TO_CAMPAIGN: "it had been transferred to the campaign",
    DecisionCause.DECISION_CAUSE_TRANSFERRED_TO_WORKGROUP: "it had been transferred to the workgroup",
    DecisionCause.DECISION_CAUSE_RETURNED: "its agent had left",
    DecisionCause.DECISION_CAUSE_REROUTED: "whom it belonged to had changed",
    DecisionCause.DECISION_CAUSE_OFFER_REJECTED: "its offer had been rejected",
    DecisionCause.DECISION_CAUSE_OFFER_MISSED: "its offer had rung out",
    DecisionCause.DECISION_CAUSE_OFFER_WITHDRAWN: "its offer had been withdrawn",
    DecisionCause.DECISION_CAUSE_OWNER_WAIT_ENDED: "the time for which it was kept had run out",
    DecisionCause.DECISION_CAUSE_HOURS_BEGAN: "its campaign had opened",
    DecisionCause.DECISION_CAUSE_OVERFLOWED: "a step of overflow had been taken",
    DecisionCause.DECISION_CAUSE_SKILL_DROPPED: "it had ceased to demand a skill",
    DecisionCause.DECISION_CAUSE_AGENT_AVAILABLE: "it waited, and somebody became available",
    DecisionCause.DECISION_CAUSE_CLAIMED: "it was claimed",
    DecisionCause.DECISION_CAUSE_ASSIGNED_BY_ADMINISTRATOR: "it was assigned by an administrator",
    DecisionCause.DECISION_CAUSE_TRANSFERRED_TO_AGENT: "it was transferred to the agent",
    DecisionCause.DECISION_CAUSE_OFFER_ACCEPTED: "its offer was accepted",
    DecisionCause.DECISION_CAUSE_MESSAGE_JOINED: "a message joined it",
}
"""How each cause is told. A test compares these tables with the contract's."""

NOT_ASKED = {
    NotAsked.NOT_ASKED_DECIDED_BEFORE: "it was decided",
    NotAsked.NOT_ASKED_OUTSIDE_HOURS: "the campaign was closed",
    NotAsked.NOT_ASKED_HAS_EXCLUSIVE_AGENT: "it is for its exclusive agent alone",
    NotAsked.NOT_ASKED_NO_EXCLUSIVE_AGENT: "the contact had none",
    NotAsked.NOT_ASKED_METHOD_MANUAL: "the workgroup assigns nothing by itself",
    NotAsked.NOT_ASKED_OWNER_WAIT: "it was kept for an owner or the last agent",
    NotAsked.NOT_ASKED_NO_PORTFOLIO: "the contact was in no portfolio",
    NotAsked.NOT_ASKED_PORTFOLIO_INACTIVE: "the contact's portfolio was inactive",
    NotAsked.NOT_ASKED_PORTFOLIO_WITHOUT_OWNERS: "the contact's portfolio had no owners",
    NotAsked.NOT_ASKED_PASSED_ON_BY_OWNER: "an owner had passed it on",
    NotAsked.NOT_ASKED_BELONGS_TO_NOBODY: "it was transferred to the workgroup, for whoever that has",
    NotAsked.NOT_ASKED_NO_BACKUP_AGENTS: "there was none, or an owner was there when it was routed",
    NotAsked.NOT_ASKED_METHOD_WITHOUT_LAST_AGENT: "the workgroup does not go by it",
    NotAsked.NOT_ASKED_NO_LAST_AGENT: "nobody had attended the contact",
    NotAsked.NOT_ASKED_LAST_AGENT_LACKS_CHANNEL: "that agent does not handle the channel",
    NotAsked.NOT_ASKED_LAST_AGENT_NOT_CHOSEN: "that agent is not among those who may be chosen",
    NotAsked.NOT_ASKED_PASSED_ON_BY_LAST_AGENT: "that agent had passed it on",
    NotAsked.NOT_ASKED_NO_OVERFLOW: "none was added",
}

LEFT_OUT = {
    LeftOut.LEFT_OUT_AGENT_DELETED: "there is no such agent",
    LeftOut.LEFT_OUT_OFFLINE: "offline",
    LeftOut.LEFT_OUT_PAUSED: "paused{pause}",
    LeftOut.LEFT_OUT_LACKS_CHANNEL: "does not handle the channel",
    LeftOut.LEFT_OUT_NOT_TAKING_CHANNEL: "online for other channels",
    LeftOut.LEFT_OUT_NO_FREE_SLOT: "no free slot ({units})",
    LeftOut.LEFT_OUT_CHANNEL_LIMIT_REACHED: "holds as many of the channel as it may ({limit})",
    LeftOut.LEFT_OUT_HOLDS_EXCLUSIVE_CHANNEL: "holds one of an exclusive channel",
    LeftOut.LEFT_OUT_COOLING_DOWN: "cooling down",
    LeftOut.LEFT_OUT_LACKS_SKILL: "lacks {skills}",
    LeftOut.LEFT_OUT_NOT_CHOSEN_FOR_METHOD: "not among those chosen for it",
    LeftOut.LEFT_OUT_LOWER_SKILL_SCORE: "others meet the skills better",
    LeftOut.LEFT_OUT_RANKED_BEHIND: "behind",
}

STEPS = {
    SelectionStep.SELECTION_STEP_EXCLUSIVE_AGENT: "exclusive agent",
    SelectionStep.SELECTION_STEP_OWNER: "owners",
    SelectionStep.SELECTION_STEP_BACKUP_OWNER: "backup owners",
    SelectionStep.SELECTION_STEP_LAST_AGENT: "last agent",
    SelectionStep.SELECTION_STEP_OWN_WORKGROUP: "workgroup",
    SelectionStep.SELECTION_STEP_OVERFLOW_WORKGROUP: "workgroups of overflow",
}


def tree_of(explanation: Explanation) -> Tree:
    """The decision, with what led to it and every step below."""
    tree = Tree(Text(plain(_decision(explanation)), style="bold"))
    for fact in _facts(explanation):
        tree.add(Text(plain(fact)))
    for step in explanation.steps:
        branch = tree.add(Text(plain(_step(step)), style="bold" if step.agent_id else ""))
        for line in _candidates(step):
            branch.add(Text(plain(line)))
    return tree


def _decision(explanation: Explanation) -> str:
    state = word(InteractionState.DESCRIPTOR, explanation.state).upper()
    whom = f" to {explanation.agent_id}" if explanation.agent_id else ""
    reason = word(RoutingReason.DESCRIPTOR, explanation.reason)
    when = f"revision {explanation.revision}, {_moment(explanation.decided_at)}"
    return f"{explanation.interaction_id} {state}{whom}: {reason} ({when})"


def _facts(explanation: Explanation) -> Iterator[str]:
    yield f"because {CAUSES.get(explanation.cause, '?')}, by {actor_of(explanation.actor)}"
    if explanation.HasField("entry"):
        yield ", ".join(_entry(explanation.entry))
    yield ", ".join(_standing(explanation))
    for held in (True, False):
        checked = [each for each in explanation.conditions if each.held is held]
        if checked:
            yield f"{'checked, and not so' if held else 'so, and allowed'}: {', '.join(map(_condition, checked))}"
    policies = ", ".join(map(_policy, explanation.policies))
    yield f"went by {policies}, on the state of revision {explanation.state_revision}"
    if not explanation.reproduced:
        yield "the rules of this version decide otherwise: it was decided by those of an earlier one"


def actor_of(actor: Actor) -> str:
    """Who did something, as role and id."""
    role = "the service itself" if actor.role == ROLE_SYSTEM else word(Role.DESCRIPTOR, actor.role)
    return f"{role} {actor.subject_id}".rstrip()


def _entry(entry: InteractionEntry) -> Iterator[str]:
    yield f"entered {entry.campaign_id} at {_moment(entry.entered_at)} (revision {entry.revision})"
    if entry.priority_line:
        yield "on a priority line"
    yield f"hours {word(EntryHours.DESCRIPTOR, entry.hours)}"
    if entry.HasField("opens_at"):
        yield f"held until {_moment(entry.opens_at)}"
    yield from (f"trigger {each.name or each.trigger_id} (version {each.etag})" for each in entry.triggers)
    yield f"so under {entry.workgroup_id} with priority {word(Priority.DESCRIPTOR, entry.priority)}"


def _standing(explanation: Explanation) -> Iterator[str]:
    """How the interaction stood."""
    interaction = explanation.interaction
    yield f"under {interaction.workgroup_id}"
    yield f"priority {word(Priority.DESCRIPTOR, interaction.priority)}"
    if explanation.counted_priority != interaction.priority:
        yield f"counted as {word(Priority.DESCRIPTOR, explanation.counted_priority)}"
    if interaction.skills:
        yield f"demands {', '.join(f'{each.skill} {each.level}' for each in interaction.skills)}"
    if interaction.HasField("owner_wait_until"):
        yield f"kept until {_moment(interaction.owner_wait_until)}"


def _condition(checked: CheckedCondition) -> str:
    return word(ErrorReason.DESCRIPTOR, checked.condition)


def _policy(policy: PolicyVersion) -> str:
    return f"{' '.join(filter(None, (policy.resource_type, policy.resource_id)))} (version {policy.etag})"


def _step(step: ExplainedStep) -> str:
    name = " ".join(filter(None, (STEPS.get(step.step, "?"), step.workgroup_id)))
    if step.not_asked:
        return f"{name}: not asked, {NOT_ASKED.get(step.not_asked, '?')}"
    method = f", by {word(AssignmentMethod.DESCRIPTOR, step.method)}" if step.method else ""
    turn = f", after {step.turn_agent_id}" if step.turn_agent_id else ""
    before = f", before {step.runner_up_agent_id}" if step.runner_up_agent_id else ""
    key = f" by {word(ComparisonKey.DESCRIPTOR, step.decided_by)}" if step.decided_by else ""
    return f"{name}{method}{turn}: {step.agent_id or 'nobody'}{before}{key}"


def _candidates(step: ExplainedStep) -> Iterator[str]:
    yield from map(_candidate, step.candidates)
    more = step.candidate_count - len(step.candidates)
    if more:
        counted = ", ".join(f"{each.candidates} {word(LeftOut.DESCRIPTOR, each.reason)}" for each in step.left_out)
        yield f"and {more} more; of all {step.candidate_count}: {counted or 'not to be told'}"


def _candidate(candidate: ExplainedCandidate) -> str:
    compared = f" ({', '.join(map(_key, candidate.keys))})" if candidate.keys else ""
    if not candidate.left_out:
        return f"{candidate.agent_id}: chosen{compared}"
    return f"{candidate.agent_id}: left out, {', '.join(_reasons(candidate))}{compared}"


def _reasons(candidate: ExplainedCandidate) -> Iterable[str]:
    values = {
        "pause": f" ({candidate.reason_code})" if candidate.reason_code else "",
        "units": _units(candidate),
        "limit": f"{candidate.held_of_channel} of {candidate.channel_limit}",
        "skills": ", ".join(candidate.lacking_skills),
    }
    return (LEFT_OUT.get(reason, "?").format(**values) for reason in candidate.left_out)


def _units(candidate: ExplainedCandidate) -> str:
    needs = f", it takes {candidate.cost}" if candidate.cost > 1 else ""
    return f"{candidate.units_in_use} of {candidate.capacity} units{needs}"


def _key(key: ComparedKey) -> str:
    name = word(ComparisonKey.DESCRIPTOR, key.key)
    if key.HasField("number"):
        return f"{name} {key.number:g}"
    return f"{name} {_moment(key.time) if key.HasField('time') else 'never'}"


def _moment(time: Timestamp) -> str:
    return time.ToDatetime().strftime("%Y-%m-%d %H:%M:%S")
