"""Attending: interactions are claimed, assigned, completed and cancelled."""

from collections.abc import Iterator

from cartera.core.assignment import assign
from cartera.core.audience import OF_MEMBERS, WAITING, Audience, AudienceKind, audience, audiences
from cartera.core.availability import Channels, channels_handled, channels_online
from cartera.core.commands import (
    AssignInteraction,
    CancelInteraction,
    ClaimInteraction,
    CompleteInteraction,
    FinishWrapUp,
)
from cartera.core.decide.context import Context
from cartera.core.decide.required import require, require_interaction, subject_of
from cartera.core.events import Event, InteractionCancelled, InteractionCompleted, InteractionWrapUpEnded
from cartera.core.permission import require_agent, require_seen
from cartera.core.records import Agent, AgentPresence, Campaign, Interaction, Note, Workgroup
from cartera.core.rejection import Violation, reject, reject_any
from cartera.core.selection import Choice
from cartera.core.skills import has_all, lacking, need_of, profile_of
from cartera.core.state import State
from cartera.core.vocabulary import AgentStatus, ErrorReason, InteractionState, RoutingReason
from cartera.core.waiting import Spot


def claim_interaction(state: State, command: ClaimInteraction, context: Context) -> list[Event]:
    """An agent takes a given waiting interaction, or the next one that it may have (M9)."""
    require_agent(state, context.caller, command.agent_id)
    agent = require(state, Agent, command.agent_id)
    if command.interaction_id:
        interaction = require(state, Interaction, command.interaction_id)
        if not _shared_audiences(state, agent, interaction):
            require_seen(state, context.caller, interaction)
        _require_waiting(interaction)
        reject_any(claim_violations(state, agent, interaction))
    else:
        reject_any(_unable(state, agent, _channels_now(state, agent)))
        interaction = _next_claimable(state, agent, context)
    return assign(state, interaction, Choice(agent.agent_id, RoutingReason.CLAIMED), context.now)


def claim_violations(state: State, agent: Agent, interaction: Interaction) -> list[Violation]:
    """Why an agent may not claim an interaction that waits."""
    return _unable(state, agent, (interaction.channel,)) + _ineligible(state, agent, interaction)


def _require_waiting(interaction: Interaction) -> None:
    subject = subject_of(Interaction, interaction.interaction_id)
    if interaction.ended_at is not None:
        raise reject(ErrorReason.INTERACTION_ENDED, subject)
    if interaction.state not in WAITING:
        raise reject(ErrorReason.INTERACTION_NOT_WAITING, subject, agent_id=interaction.agent_id)


def _channels_now(state: State, agent: Agent) -> Channels:
    return channels_online(agent, state.get(AgentPresence, agent.agent_id)) or channels_handled(agent)


def _unable(state: State, agent: Agent, channels: Channels) -> list[Violation]:
    """Why an agent may claim nothing of the channels now: claiming takes being online and a free slot (C1)."""
    violations = []
    subject = subject_of(Agent, agent.agent_id)
    presence = state.get(AgentPresence, agent.agent_id)
    if presence is None or presence.status is not AgentStatus.ONLINE:
        violations.append(Violation(ErrorReason.AGENT_NOT_ONLINE, subject))
    if not any(state.has_free_slot(agent.agent_id, channel) for channel in channels):
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
    shared = _shared_audiences(state, agent, interaction)
    if any(whom.kind not in OF_MEMBERS for whom in shared):
        return violations
    if shared:
        return violations + _lacking_skills(agent, interaction)
    if interaction.exclusive_agent_id:
        violations.append(Violation(ErrorReason.INTERACTION_KEPT_FOR_EXCLUSIVE_AGENT, subject))
    elif interaction.owner_wait_until is not None and interaction.state_until is None:
        violations.append(Violation(ErrorReason.INTERACTION_KEPT_FOR_OWNER, subject))
    else:
        data = {"workgroup_id": interaction.workgroup_id}
        violations.append(Violation(ErrorReason.AGENT_NOT_IN_WORKGROUP, subject_of(Agent, agent.agent_id), data))
    return violations


def _shared_audiences(state: State, agent: Agent, interaction: Interaction) -> set[Audience]:
    """As what an agent may have an interaction."""
    return set(audiences(interaction)).intersection(_audiences_of(state, agent.agent_id))


def _lacking_skills(agent: Agent, interaction: Interaction) -> list[Violation]:
    """The skills that the interaction demands and the agent lacks (M8)."""
    subject = subject_of(Agent, agent.agent_id)
    missing = lacking(profile_of(agent.skills), need_of(interaction.skills))
    return [Violation(ErrorReason.AGENT_LACKS_SKILL, subject, {"skill": skill}) for skill in missing]


def _audiences_of(state: State, agent_id: str) -> list[Audience]:
    """The audiences that an agent belongs to."""
    kinds = (AudienceKind.AGENT, AudienceKind.EXCLUSIVE, AudienceKind.LAST_AGENT)
    of_workgroup = (AudienceKind.TEAM, AudienceKind.WORKGROUP, AudienceKind.OVERFLOW)
    return [
        *(audience(kind, agent_id) for kind in kinds),
        *(audience(kind, each) for each in state.workgroups_of(agent_id) for kind in of_workgroup),
    ]


def _next_claimable(state: State, agent: Agent, context: Context) -> Interaction:
    """The first, by priority and arrival, of all that wait for somebody like this agent."""
    turns = (state.claimable.first(spot, context.now) for spot in _spots_of(state, agent))
    turn = min((turn for turn in turns if turn is not None), default=None)
    if turn is None:
        raise reject(ErrorReason.NOTHING_TO_CLAIM, subject_of(Agent, agent.agent_id))
    return require(state, Interaction, turn[3])


def _spots_of(state: State, agent: Agent) -> Iterator[Spot]:
    """Where anything waits that an agent is online for, has room for and has the skills for."""
    free = state.load_of(agent.agent_id).free
    channels = [each for each in channels_online(agent, state.get(AgentPresence, agent.agent_id)) if each in free]
    profile = profile_of(agent.skills)
    for whom in _audiences_of(state, agent.agent_id):
        for demand in state.claimable.demands_of(whom):
            if demand.channel in channels and has_all(profile, demand.skills):
                yield whom, demand


def assign_interaction(state: State, command: AssignInteraction, context: Context) -> list[Event]:
    """An administrator gives a waiting or unassigned interaction to an agent (M10), over capacity only where the call
    says so (C1), and never past an exclusive agent (E1).
    """
    interaction = require_interaction(state, command.interaction_id, context.caller)
    agent = require(state, Agent, command.agent_id)
    _require_waiting(interaction)
    violations = assignment_violations(state, agent, interaction)
    allowed = ErrorReason.AGENT_AT_CAPACITY if command.allow_over_capacity else None
    reject_any([each for each in violations if each.reason is not allowed])
    return assign(state, interaction, Choice(agent.agent_id, RoutingReason.ASSIGNED_BY_ADMINISTRATOR), context.now)


def assignment_violations(state: State, agent: Agent, interaction: Interaction) -> list[Violation]:
    """Why an administrator may not assign an interaction that waits to an agent."""
    violations = []
    if not state.has_free_slot(agent.agent_id, interaction.channel):
        violations.append(at_capacity(agent))
    if interaction.exclusive_agent_id not in ("", agent.agent_id):
        subject = subject_of(Interaction, interaction.interaction_id)
        violations.append(Violation(ErrorReason.INTERACTION_KEPT_FOR_EXCLUSIVE_AGENT, subject))
    return violations


def require_assigned(interaction: Interaction) -> None:
    """The interaction is held by an agent.

    Raises:
        Rejected: INTERACTION_ENDED or INTERACTION_NOT_ASSIGNED.

    """
    if interaction.ended_at is None and interaction.state is InteractionState.ASSIGNED:
        return
    ended = interaction.ended_at is not None
    reason = ErrorReason.INTERACTION_ENDED if ended else ErrorReason.INTERACTION_NOT_ASSIGNED
    raise reject(reason, subject_of(Interaction, interaction.interaction_id))


def complete_interaction(state: State, command: CompleteInteraction, context: Context) -> list[Event]:
    """End an interaction with a disposition of its campaign, and a sub-disposition where it has any (T5). Its workgroup
    may give the agent time to wrap up, which holds the slot (C10).
    """
    interaction = require_interaction(state, command.interaction_id, context.caller)
    require_assigned(interaction)
    campaign = state.get(Campaign, interaction.campaign_id)
    reject_any(disposition_violations(campaign, command.disposition, command.sub_disposition))
    workgroup = state.get(Workgroup, interaction.workgroup_id)
    wrap_up = workgroup.wrap_up if workgroup else None
    return [
        InteractionCompleted(
            interaction_id=interaction.interaction_id,
            workgroup_id=interaction.workgroup_id,
            agent_id=interaction.agent_id,
            disposition=command.disposition,
            sub_disposition=command.sub_disposition,
            note=Note(command.note, context.actor, context.now) if command.note else None,
            handling=context.now - (interaction.assigned_at or context.now),
            wrap_up_until=context.now + wrap_up if wrap_up else None,
        ),
    ]


def finish_wrap_up(state: State, command: FinishWrapUp, context: Context) -> list[Event]:
    """The agent needs no more time after an interaction: its slot is free at once (C10)."""
    interaction = require_interaction(state, command.interaction_id, context.caller)
    if interaction.state is not InteractionState.WRAP_UP:
        raise reject(ErrorReason.INTERACTION_NOT_IN_WRAP_UP, subject_of(Interaction, interaction.interaction_id))
    return [InteractionWrapUpEnded(interaction.interaction_id, interaction.workgroup_id, interaction.agent_id)]


def disposition_violations(campaign: Campaign | None, disposition: str, sub_disposition: str) -> list[Violation]:
    """What is wrong with a disposition and sub-disposition in a campaign (T5)."""
    dispositions = campaign.dispositions if campaign else ()
    chosen = next((each for each in dispositions if each.name == disposition), None)
    if chosen and (sub_disposition in chosen.sub_dispositions or not (sub_disposition or chosen.sub_dispositions)):
        return []
    subject = subject_of(Campaign, campaign.campaign_id if campaign else "")
    data = {"disposition": disposition, "sub_disposition": sub_disposition}
    if chosen is None:
        return [Violation(ErrorReason.DISPOSITION_UNKNOWN, subject, data)]
    reason = ErrorReason.SUB_DISPOSITION_UNKNOWN if sub_disposition else ErrorReason.SUB_DISPOSITION_REQUIRED
    return [Violation(reason, subject, data)]


def cancel_interaction(state: State, command: CancelInteraction, context: Context) -> list[Event]:
    """End an interaction whose contact has left, waiting or not: what it held is free at once."""
    interaction = require_interaction(state, command.interaction_id, context.caller)
    if interaction.ended_at is not None:
        subject = subject_of(Interaction, interaction.interaction_id)
        raise reject(ErrorReason.INTERACTION_ENDED, subject)
    return [InteractionCancelled(interaction.interaction_id, interaction.workgroup_id, interaction.agent_id)]
