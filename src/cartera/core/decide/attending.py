"""Attending: interactions are claimed, assigned, completed and cancelled."""

from cartera.core.assignment import assign
from cartera.core.audience import OPEN, WAITING, Audience, AudienceKind, audiences
from cartera.core.availability import channels_online
from cartera.core.commands import AssignInteraction, CancelInteraction, ClaimInteraction, CompleteInteraction
from cartera.core.decide.context import Context
from cartera.core.decide.required import require, subject_of
from cartera.core.events import Event, InteractionCancelled, InteractionCompleted
from cartera.core.permission import require_holder, require_self
from cartera.core.records import Agent, AgentPresence, Campaign, Interaction, Note
from cartera.core.rejection import Violation, reject, reject_any
from cartera.core.state import State
from cartera.core.vocabulary import AgentStatus, ErrorReason, InteractionState, RoutingReason


def claim_interaction(state: State, command: ClaimInteraction, context: Context) -> list[Event]:
    """An agent takes a given waiting interaction, or the next one that it may have (M9)."""
    require_self(context.actor, command.agent_id)
    agent = require(state, Agent, command.agent_id)
    if command.interaction_id:
        interaction = require(state, Interaction, command.interaction_id)
        _require_waiting(interaction)
        reject_any(_unable(state, agent) + _ineligible(state, agent, interaction))
    else:
        reject_any(_unable(state, agent))
        interaction = _next_claimable(state, agent, context)
    return assign(state, interaction, agent.agent_id, RoutingReason.CLAIMED, context.now)


def _require_waiting(interaction: Interaction) -> None:
    subject = subject_of(Interaction, interaction.interaction_id)
    if interaction.state not in OPEN:
        raise reject(ErrorReason.INTERACTION_ENDED, subject)
    if interaction.state not in WAITING:
        raise reject(ErrorReason.INTERACTION_NOT_WAITING, subject, agent_id=interaction.agent_id)


def _unable(state: State, agent: Agent) -> list[Violation]:
    """Why an agent may claim nothing now: claiming takes being online and a free slot (C1)."""
    violations = []
    subject = subject_of(Agent, agent.agent_id)
    presence = state.get(AgentPresence, agent.agent_id)
    if presence is None or presence.status is not AgentStatus.ONLINE:
        violations.append(Violation(ErrorReason.AGENT_NOT_ONLINE, subject))
    if not state.has_free_slot(agent.agent_id):
        violations.append(at_capacity(agent))
    return violations


def at_capacity(agent: Agent) -> Violation:
    """An agent has no free slot (C1)."""
    return Violation(
        ErrorReason.AGENT_AT_CAPACITY, subject_of(Agent, agent.agent_id), {"capacity": str(agent.capacity)}
    )


def _ineligible(state: State, agent: Agent, interaction: Interaction) -> list[Violation]:
    """Why an agent may not claim this interaction."""
    violations = []
    subject = subject_of(Interaction, interaction.interaction_id)
    presence = state.get(AgentPresence, agent.agent_id)
    online = presence is not None and presence.status is AgentStatus.ONLINE
    if online and interaction.channel not in channels_online(agent, presence):
        data = {"channel": interaction.channel.name}
        violations.append(Violation(ErrorReason.AGENT_LACKS_CHANNEL, subject_of(Agent, agent.agent_id), data))
    if not set(audiences(interaction)).isdisjoint(_audiences_of(state, agent.agent_id)):
        return violations
    if interaction.exclusive_agent_id:
        violations.append(Violation(ErrorReason.INTERACTION_KEPT_FOR_EXCLUSIVE_AGENT, subject))
    elif interaction.owner_wait_until is not None:
        violations.append(Violation(ErrorReason.INTERACTION_KEPT_FOR_OWNER, subject))
    else:
        data = {"workgroup_id": interaction.workgroup_id}
        violations.append(Violation(ErrorReason.AGENT_NOT_IN_WORKGROUP, subject_of(Agent, agent.agent_id), data))
    return violations


def _audiences_of(state: State, agent_id: str) -> list[Audience]:
    """The audiences that an agent belongs to."""
    workgroups = state.availability.workgroups_of(agent_id)
    return [
        Audience(AudienceKind.AGENT, agent_id),
        Audience(AudienceKind.EXCLUSIVE, agent_id),
        *(Audience(AudienceKind.WORKGROUP, workgroup_id) for workgroup_id in workgroups),
    ]


def _next_claimable(state: State, agent: Agent, context: Context) -> Interaction:
    """The first, by priority and arrival, of all that wait for somebody like this agent."""
    turns = (
        state.claimable.first((audience, channel), context.now)
        for audience in _audiences_of(state, agent.agent_id)
        for channel in channels_online(agent, state.get(AgentPresence, agent.agent_id))
    )
    turn = min((turn for turn in turns if turn is not None), default=None)
    if turn is None:
        raise reject(ErrorReason.NOTHING_TO_CLAIM, subject_of(Agent, agent.agent_id))
    return require(state, Interaction, turn[3])


def assign_interaction(state: State, command: AssignInteraction, context: Context) -> list[Event]:
    """An administrator gives a waiting or unassigned interaction to an agent (M10), over capacity only where the call
    says so (C1), and never past an exclusive agent (E1).
    """
    interaction = require(state, Interaction, command.interaction_id)
    agent = require(state, Agent, command.agent_id)
    _require_waiting(interaction)
    violations = []
    if not command.allow_over_capacity and not state.has_free_slot(agent.agent_id):
        violations.append(at_capacity(agent))
    if interaction.exclusive_agent_id not in ("", agent.agent_id):
        subject = subject_of(Interaction, interaction.interaction_id)
        violations.append(Violation(ErrorReason.INTERACTION_KEPT_FOR_EXCLUSIVE_AGENT, subject))
    reject_any(violations)
    return assign(state, interaction, agent.agent_id, RoutingReason.ASSIGNED_BY_ADMINISTRATOR, context.now)


def require_assigned(interaction: Interaction) -> None:
    """The interaction is held by an agent.

    Raises:
        Rejected: INTERACTION_ENDED or INTERACTION_NOT_ASSIGNED.

    """
    subject = subject_of(Interaction, interaction.interaction_id)
    if interaction.state not in OPEN:
        raise reject(ErrorReason.INTERACTION_ENDED, subject)
    if interaction.state is not InteractionState.ASSIGNED:
        raise reject(ErrorReason.INTERACTION_NOT_ASSIGNED, subject)


def complete_interaction(state: State, command: CompleteInteraction, context: Context) -> list[Event]:
    """End an interaction with a disposition of its campaign, and a sub-disposition where it has any (T5)."""
    interaction = require(state, Interaction, command.interaction_id)
    require_holder(context.actor, interaction)
    require_assigned(interaction)
    campaign = state.get(Campaign, interaction.campaign_id)
    reject_any(disposition_violations(campaign, command.disposition, command.sub_disposition))
    return [
        InteractionCompleted(
            interaction_id=interaction.interaction_id,
            workgroup_id=interaction.workgroup_id,
            agent_id=interaction.agent_id,
            disposition=command.disposition,
            sub_disposition=command.sub_disposition,
            note=Note(command.note, context.actor, context.now) if command.note else None,
            handling=context.now - (interaction.assigned_at or context.now),
        ),
    ]


def disposition_violations(campaign: Campaign | None, disposition: str, sub_disposition: str) -> list[Violation]:
    """What is wrong with a disposition and sub-disposition in a campaign (T5)."""
    dispositions = {each.name: each for each in campaign.dispositions} if campaign else {}
    chosen = dispositions.get(disposition)
    subject = subject_of(Campaign, campaign.campaign_id if campaign else "")
    data = {"disposition": disposition, "sub_disposition": sub_disposition}
    if chosen is None:
        return [Violation(ErrorReason.DISPOSITION_UNKNOWN, subject, data)]
    if not sub_disposition and chosen.sub_dispositions:
        return [Violation(ErrorReason.SUB_DISPOSITION_REQUIRED, subject, data)]
    if sub_disposition and sub_disposition not in chosen.sub_dispositions:
        return [Violation(ErrorReason.SUB_DISPOSITION_UNKNOWN, subject, data)]
    return []


def cancel_interaction(state: State, command: CancelInteraction, _context: Context) -> list[Event]:
    """End an interaction whose contact has left, waiting or not: what it held is free at once."""
    interaction = require(state, Interaction, command.interaction_id)
    if interaction.state not in OPEN:
        subject = subject_of(Interaction, interaction.interaction_id)
        raise reject(ErrorReason.INTERACTION_ENDED, subject)
    return [InteractionCancelled(interaction.interaction_id, interaction.workgroup_id, interaction.agent_id)]
