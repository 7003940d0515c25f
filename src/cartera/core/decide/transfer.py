"""Transfer: an interaction passes to another agent, to another campaign, or to a workgroup."""

from cartera.core.availability import channels_handled, channels_online
from cartera.core.belonging import unbound
from cartera.core.commands import Transfer
from cartera.core.decide.arrival import enter
from cartera.core.decide.attending import at_capacity, require_assigned
from cartera.core.decide.context import Context
from cartera.core.decide.required import require, require_interaction, subject_of
from cartera.core.events import (
    Event,
    InteractionTransferredToAgent,
    InteractionTransferredToCampaign,
    InteractionTransferredToWorkgroup,
)
from cartera.core.ownership import effective_place
from cartera.core.records import (
    Agent,
    AgentPresence,
    Campaign,
    CampaignAddress,
    Interaction,
    Note,
    Workgroup,
)
from cartera.core.rejection import Violation, reject_any
from cartera.core.state import State
from cartera.core.triggers import starting_priority
from cartera.core.vocabulary import AgentStatus, ErrorReason
from cartera.core.waiting_clock import start_waiting

DEFAULT_DISPOSITION = "Transferencia"
"""The disposition of a transfer unless another is given (T3)."""


def transfer(state: State, command: Transfer, context: Context) -> list[Event]:
    """Pass an interaction to an agent (T1), to a campaign (T2) or to a workgroup (T4), with a note and a disposition
    (T3). Whatever fails is named at once, and then the source keeps the interaction.
    """
    interaction = require_interaction(state, command.interaction_id, context.caller)
    require_assigned(interaction)
    if command.agent_id:
        return [_to_agent(state, command, interaction, context)]
    if command.workgroup_id:
        return [_to_workgroup(state, command, interaction, context)]
    return [_to_campaign(state, command, interaction, context)]


def _to_agent(state: State, command: Transfer, interaction: Interaction, context: Context) -> Event:
    target = require(state, Agent, command.agent_id)
    reject_any(_disposition(state, command, interaction) + target_violations(state, target, interaction))
    place = effective_place(state, interaction.contact_id, context.now)
    return InteractionTransferredToAgent(
        interaction_id=interaction.interaction_id,
        workgroup_id=interaction.workgroup_id,
        from_agent_id=interaction.agent_id,
        agent_id=target.agent_id,
        disposition=command.disposition or DEFAULT_DISPOSITION,
        note=Note(command.note, context.actor, context.now),
        comment=place.comment if place else "",
        script_id=place.script_id if place else "",
    )


def target_violations(state: State, target: Agent, interaction: Interaction) -> list[Violation]:
    """Why an interaction may not pass to an agent (T1)."""
    return [
        *_presence(state, target, interaction),
        *_membership(state, target, interaction),
        *_channel_of_campaign(state, interaction),
        *_channel_of_source(state, interaction),
        *_slot(state, target, interaction),
    ]


def _disposition(state: State, command: Transfer, interaction: Interaction) -> list[Violation]:
    if command.disposition in ("", DEFAULT_DISPOSITION):
        return []
    campaign = state.get(Campaign, interaction.campaign_id)
    if campaign and any(each.name == command.disposition for each in campaign.dispositions):
        return []
    data = {"disposition": command.disposition}
    return [Violation(ErrorReason.DISPOSITION_UNKNOWN, subject_of(Campaign, interaction.campaign_id), data)]


def _presence(state: State, target: Agent, interaction: Interaction) -> list[Violation]:
    """The target is online, and handles the channel and takes it now."""
    subject = subject_of(Agent, target.agent_id)
    presence = state.get(AgentPresence, target.agent_id)
    lacking = Violation(ErrorReason.AGENT_LACKS_CHANNEL, subject, {"channel": interaction.channel.name})
    if presence is None or presence.status is not AgentStatus.ONLINE:
        handles = interaction.channel in channels_handled(target)
        return [Violation(ErrorReason.AGENT_NOT_ONLINE, subject), *([] if handles else [lacking])]
    return [] if interaction.channel in channels_online(target, presence) else [lacking]


def _membership(state: State, target: Agent, interaction: Interaction) -> list[Violation]:
    """The target is a member of a workgroup of the campaign, or of the one that the interaction is under."""
    campaign = state.get(Campaign, interaction.campaign_id)
    serving = {interaction.workgroup_id, *(campaign.workgroup_ids if campaign else ())}
    if not serving.isdisjoint(state.workgroups_of(target.agent_id)):
        return []
    data = {"campaign_id": interaction.campaign_id}
    return [Violation(ErrorReason.AGENT_NOT_IN_CAMPAIGN, subject_of(Agent, target.agent_id), data)]


def _channel_of_campaign(state: State, interaction: Interaction) -> list[Violation]:
    campaign = state.get(Campaign, interaction.campaign_id)
    if campaign and any(address.channel is interaction.channel for address in campaign.addresses):
        return []
    data = {"channel": interaction.channel.name}
    return [Violation(ErrorReason.CAMPAIGN_LACKS_CHANNEL, subject_of(Campaign, interaction.campaign_id), data)]


def _channel_of_source(state: State, interaction: Interaction) -> list[Violation]:
    source = state.get(Agent, interaction.agent_id)
    if source is None or interaction.channel in channels_handled(source):
        return []
    data = {"channel": interaction.channel.name}
    return [Violation(ErrorReason.AGENT_LACKS_CHANNEL, subject_of(Agent, source.agent_id), data)]


def _slot(state: State, target: Agent, interaction: Interaction) -> list[Violation]:
    if target.agent_id == interaction.agent_id:
        return [Violation(ErrorReason.AGENT_ALREADY_HOLDS, subject_of(Agent, target.agent_id))]
    return [] if state.has_free_slot(target.agent_id, interaction.channel) else [at_capacity(target)]


def _to_campaign(state: State, command: Transfer, interaction: Interaction, context: Context) -> Event:
    target = require(state, Campaign, command.campaign_id)
    reject_any(_disposition(state, command, interaction) + _campaign_violations(state, target, interaction))
    address = next(each for each in target.addresses if _is_address_of(each, interaction))
    moved = _noted(command, interaction, context)._replace(
        priority=starting_priority(interaction.priority, priority_line=address.priority_line),
    )
    return InteractionTransferredToCampaign(
        interaction=enter(state, moved, target, context),
        from_agent_id=interaction.agent_id,
        from_campaign_id=interaction.campaign_id,
    )


def _to_workgroup(state: State, command: Transfer, interaction: Interaction, context: Context) -> Event:
    """It is routed anew there, for whoever the workgroup has: it belongs to nobody, or it would come back at once."""
    require(state, Workgroup, command.workgroup_id)
    reject_any(_disposition(state, command, interaction))
    moved = _noted(command, interaction, context)._replace(workgroup_id=command.workgroup_id, state_until=None)
    return InteractionTransferredToWorkgroup(
        interaction=start_waiting(state, unbound(moved, context.now), context.now),
        from_agent_id=interaction.agent_id,
        from_workgroup_id=interaction.workgroup_id,
    )


def _noted(command: Transfer, interaction: Interaction, context: Context) -> Interaction:
    """The interaction with the transfer's note and disposition (T3)."""
    note = Note(command.note, context.actor, context.now)
    return interaction._replace(
        disposition=command.disposition or DEFAULT_DISPOSITION, notes=(*interaction.notes, note)
    )


def _campaign_violations(state: State, target: Campaign, interaction: Interaction) -> list[Violation]:
    """Two campaigns or more, another one than now, and the same channel address."""
    subject = subject_of(Campaign, target.campaign_id)
    violations = []
    if len(state.table(Campaign)) < 2:  # noqa: PLR2004 - T2 says two
        violations.append(Violation(ErrorReason.CAMPAIGN_IS_ONLY_ONE, subject))
    if target.campaign_id == interaction.campaign_id:
        violations.append(Violation(ErrorReason.CAMPAIGN_UNCHANGED, subject))
    if not any(_is_address_of(address, interaction) for address in target.addresses):
        data = {"address": interaction.address, "channel": interaction.channel.name}
        violations.append(Violation(ErrorReason.CAMPAIGN_ADDRESS_DIFFERS, subject, data))
    return violations


def _is_address_of(address: CampaignAddress, interaction: Interaction) -> bool:
    return (address.channel, address.address) == (interaction.channel, interaction.address)
