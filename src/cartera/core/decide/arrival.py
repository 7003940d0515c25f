"""Arrival: an interaction enters a campaign, anew or by a transfer."""

from cartera.core.belonging import belong
from cartera.core.commands import RouteInteraction
from cartera.core.decide.context import Context
from cartera.core.decide.required import require, subject_of
from cartera.core.events import Event, InteractionArrived, InteractionMessageJoined
from cartera.core.records import (
    Campaign,
    CampaignAddress,
    Contact,
    Interaction,
    Organization,
)
from cartera.core.rejection import reject
from cartera.core.state import State
from cartera.core.triggers import run_triggers, starting_priority
from cartera.core.vocabulary import (
    Channel,
    Direction,
    ErrorReason,
    InteractionState,
    RoutingReason,
)


def route_interaction(state: State, command: RouteInteraction, context: Context) -> list[Event]:
    """Record an interaction, before anyone answers it, with what the triggers set (Z1); or let a message join the
    contact's open interaction (Z6).
    """
    campaign = require(state, Campaign, command.campaign_id)
    address = _address(campaign, command)
    joined = _open_interaction(state, command)
    if joined:
        return [
            InteractionMessageJoined(joined.interaction_id, joined.workgroup_id, joined.agent_id, joined.messages + 1),
        ]
    interaction = Interaction(
        interaction_id=f"i{state.revision + 1}",
        sequence=state.revision + 1,
        campaign_id=command.campaign_id,
        workgroup_id="",
        contact_id=command.contact_id,
        channel=command.channel,
        address=address.address,
        direction=command.direction or Direction.INBOUND,
        priority=starting_priority(command.priority, priority_line=address.priority_line),
        tags=command.tags,
        organization_id="",
        trigger_ids=(),
        state=InteractionState.RECEIVED,
        reason=RoutingReason.UNSPECIFIED,
        arrived_at=context.now,
        state_since=context.now,
    )
    return [InteractionArrived(enter(state, interaction, campaign, context))]


def _address(campaign: Campaign, command: RouteInteraction) -> CampaignAddress:
    """The campaign's address that is meant: the one named, or the first of the channel."""
    of_channel = [address for address in campaign.addresses if address.channel is command.channel]
    subject = subject_of(Campaign, campaign.campaign_id)
    if not of_channel:
        raise reject(ErrorReason.CAMPAIGN_LACKS_CHANNEL, subject, channel=command.channel.name)
    for address in of_channel:
        if command.address in ("", address.address):
            return address
    raise reject(ErrorReason.CAMPAIGN_ADDRESS_DIFFERS, subject, address=command.address)


def _open_interaction(state: State, command: RouteInteraction) -> Interaction | None:
    """The open interaction that a message joins; calls are always new (Z6)."""
    if command.channel is Channel.VOICE:
        return None
    for interaction in state.open_interactions(command.contact_id):
        if (interaction.campaign_id, interaction.channel) == (command.campaign_id, command.channel):
            return interaction
    return None


def enter(state: State, interaction: Interaction, campaign: Campaign, context: Context) -> Interaction:
    """The interaction as it enters a campaign: with the tags of its contact and organization (Z3), what the triggers
    set (Z2), and whom it belongs to.
    """
    contact = state.get(Contact, interaction.contact_id)
    organization_id = contact.organization_id if contact else ""
    organization = state.get(Organization, organization_id) if organization_id else None
    tags = (
        *interaction.tags,
        *(contact.tags if contact else ()),
        *(organization.tags if organization else ()),
    )
    entered = interaction._replace(
        campaign_id=campaign.campaign_id,
        workgroup_id=campaign.workgroup_ids[0],
        organization_id=organization_id,
        tags=tuple(dict.fromkeys(tags)),
        trigger_ids=(),
    )
    return belong(state, run_triggers(state.active_triggers(), entered), context.now)
