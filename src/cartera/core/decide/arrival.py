"""Arrival: an interaction enters a campaign, anew or by a transfer."""

from datetime import datetime

from cartera.core.belonging import belong
from cartera.core.commands import RouteInteraction
from cartera.core.decide.context import Context
from cartera.core.decide.required import require, subject_of
from cartera.core.events import Event, InteractionArrived, InteractionMessageJoined
from cartera.core.hours import LOOK_AHEAD, is_open, next_opening
from cartera.core.ownership import heard_of
from cartera.core.permission import require_campaign
from cartera.core.records import (
    BusinessHours,
    Campaign,
    CampaignAddress,
    Contact,
    ExclusiveAgent,
    Interaction,
    Organization,
)
from cartera.core.rejection import reject
from cartera.core.state import State
from cartera.core.triggers import run_triggers, starting_priority, united_skills
from cartera.core.vocabulary import (
    Channel,
    Direction,
    ErrorReason,
    InteractionState,
    OutsideHours,
    RoutingReason,
)
from cartera.core.waiting_clock import start_waiting


def route_interaction(state: State, command: RouteInteraction, context: Context) -> list[Event]:
    """Record an interaction, before anyone answers it, with what the triggers set (Z1); or let a message join the
    contact's open interaction (Z6). An interaction keeps its contact in the portfolio for longer; a place that has
    expired by then is removed (P9).
    """
    require_campaign(context.caller, command.campaign_id)
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
        language=command.language,
        skills=united_skills((), command.skills),
    )
    arrived = InteractionArrived(enter(state, interaction, campaign, context))
    return [*heard_of(state, command.contact_id, context.now), arrived]


def _address(campaign: Campaign, command: RouteInteraction) -> CampaignAddress:
    """The campaign's address that is meant: the one named, or the first of the channel."""
    of_channel = [address for address in campaign.addresses if address.channel is command.channel]
    for address in of_channel:
        if command.address in ("", address.address):
            return address
    subject = subject_of(Campaign, campaign.campaign_id)
    if not of_channel:
        raise reject(ErrorReason.CAMPAIGN_LACKS_CHANNEL, subject, channel=command.channel.name)
    raise reject(ErrorReason.CAMPAIGN_ADDRESS_DIFFERS, subject, address=command.address)


def _open_interaction(state: State, command: RouteInteraction) -> Interaction | None:
    """The open interaction that a message joins; calls are always new, and what is in wrap-up has ended (Z6, C10)."""
    if command.channel is Channel.VOICE:
        return None
    for interaction in state.open_interactions(command.contact_id):
        same = (interaction.campaign_id, interaction.channel) == (command.campaign_id, command.channel)
        if same and interaction.ended_at is None:
            return interaction
    return None


def enter(state: State, interaction: Interaction, campaign: Campaign, context: Context) -> Interaction:
    """The interaction as it enters a campaign: with the tags of its contact and organization (Z3), what the triggers
    set (Z2), and whom it belongs to. Outside the campaign's hours (C12) it may be refused, or held until they begin.
    """
    contact = state.get(Contact, interaction.contact_id)
    organization_id = contact.organization_id if contact else ""
    organization = state.get(Organization, organization_id) if organization_id else None
    tags = (
        *interaction.tags,
        *(contact.tags if contact else ()),
        *(organization.tags if organization else ()),
    )
    closed = _closed(state, interaction.contact_id, campaign, context.now)
    entered = interaction._replace(
        campaign_id=campaign.campaign_id,
        workgroup_id=_first_workgroup(campaign, closed),
        organization_id=organization_id,
        tags=tuple(dict.fromkeys(tags)),
        language=interaction.language or (contact.language if contact else ""),
        trigger_ids=(),
        state_until=None,
    )
    triggered = run_triggers(state.active_triggers(), entered, contact, context.now)
    routed = start_waiting(state, belong(state, triggered, context.now), context.now)
    return _held_until_opening(state, routed, closed, context.now) if closed else routed


def _closed(state: State, contact_id: str, campaign: Campaign, now: datetime) -> BusinessHours | None:
    """The campaign's hours, where it is outside them for this contact: one with an exclusive agent there is not bound
    to them (E1).

    Raises:
        Rejected: CAMPAIGN_CLOSED where it refuses what arrives outside them.

    """
    hours = campaign.hours
    if hours is None or is_open(hours, now) or state.get(ExclusiveAgent, contact_id, campaign.campaign_id):
        return None
    if hours.outside is OutsideHours.REFUSE:
        opens_at = next_opening(hours, now)
        subject = subject_of(Campaign, campaign.campaign_id)
        raise reject(ErrorReason.CAMPAIGN_CLOSED, subject, **({"opens_at": opens_at.isoformat()} if opens_at else {}))
    return hours


def _first_workgroup(campaign: Campaign, closed: BusinessHours | None) -> str:
    """Under which workgroup it begins, before any trigger sends it elsewhere."""
    if closed and closed.outside is OutsideHours.WORKGROUP:
        return closed.outside_workgroup_id
    return campaign.workgroup_ids[0]


def _held_until_opening(state: State, interaction: Interaction, closed: BusinessHours, now: datetime) -> Interaction:
    """The interaction, given to nobody until the campaign opens, from when on its waits count; unless the workgroup for
    outside its hours takes it. What never opens is looked at again after as long as was looked ahead.
    """
    if closed.outside is OutsideHours.WORKGROUP:
        return interaction
    opens_at = next_opening(closed, now) or now + LOOK_AHEAD
    owner_wait = interaction.owner_wait_until - now if interaction.owner_wait_until else None
    return start_waiting(state, interaction, opens_at)._replace(
        state_until=opens_at,
        owner_wait_until=opens_at + owner_wait if owner_wait else None,
    )
