"""Interactions arrive (Z1, Z3, Z4, Z6, C12, P9), and are entered into campaigns and workgroups (T2, T4, C13)."""

from collections.abc import Callable
from copy import deepcopy

from tests.oracle.router.belonging import belong, belong_to_nobody, has_expired
from tests.oracle.router.commands import Route
from tests.oracle.router.configuration import Address, Campaign
from tests.oracle.router.giving import begin_waiting, mark_released, put, route_anew
from tests.oracle.router.hours import is_open, opening
from tests.oracle.router.settling import settle
from tests.oracle.router.skills import demand
from tests.oracle.router.triggers import run, tag
from tests.oracle.router.world import Interaction, Refused, World

NORMAL, HIGH = 2, 3
COUNTED = ("WAITING_FOR_OWNER", "QUEUED")
JOINABLE = ("RECEIVED", "WAITING_FOR_OWNER", "QUEUED", "UNASSIGNED", "OFFERED", "ASSIGNED")


def route(world: World, command: Route) -> None:
    """Z1: record, run the triggers, decide."""
    if all(each.campaign_id != command.campaign_id for each in world.campaigns):
        raise Refused("RESOURCE_NOT_FOUND")
    campaign = world.campaign(command.campaign_id)
    address = address_of(campaign, command)
    if address is None:
        on_channel = any(each.channel == command.channel for each in campaign.addresses)
        raise Refused("CAMPAIGN_ADDRESS_DIFFERS" if on_channel else "CAMPAIGN_LACKS_CHANNEL")
    if joined(world, command):
        return
    refuse_closed(world, campaign, command.contact_id)
    refuse_full(world, lambda imagined: arrive(imagined, command, address))
    arrive(world, command, address)


def address_of(campaign: Campaign, command: Route) -> Address | None:
    """The address that is named, or else the first of the channel."""
    on_channel = [each for each in campaign.addresses if each.channel == command.channel]
    return next((each for each in on_channel if command.address in ("", each.address)), None)


def joined(world: World, command: Route) -> bool:
    """Z6: a message joins what is open in that campaign and channel; a call is always new."""
    for each in world.in_state(*JOINABLE):
        alike = (each.contact_id, each.campaign_id, each.channel)
        if command.channel != "VOICE" and alike == (command.contact_id, command.campaign_id, command.channel):
            each.messages += 1
            return True
    return False


def refuse_closed(world: World, campaign: Campaign, contact_id: str) -> None:
    """C12: closed, and it refuses what arrives."""
    if is_closed(world, campaign, contact_id, "REFUSE"):
        raise Refused("CAMPAIGN_CLOSED")


def is_closed(world: World, campaign: Campaign, contact_id: str, outside: str) -> bool:
    """C12: closed, for which the campaign has that rule; a contact with an exclusive agent there is let in (E1)."""
    hours = campaign.hours
    if hours is None or is_open(hours, world.now) or hours.outside != outside:
        return False
    return world.exclusive(contact_id, campaign.campaign_id) is None


def arrive(world: World, command: Route, address: Address) -> Interaction:
    contact = world.contact(command.contact_id)
    interaction = Interaction(
        number=len(world.interactions),
        contact_id=command.contact_id,
        campaign_id=command.campaign_id,
        channel=command.channel,
        address=address.address,
        direction=command.direction,
        priority=command.priority or NORMAL,
        arrived_at=world.now,
        waiting_since=world.now,
        workgroup_id="",
        organization_id=contact.organization_id if contact else "",
        language=command.language or (contact.language if contact else ""),
    )
    add_tags(world, interaction, command)
    demand(interaction, command.skills)
    renew_place(world, command.contact_id)
    world.interactions.append(interaction)
    enter_campaign(world, interaction)
    belong(world, interaction)
    begin_waiting(world, interaction)
    return interaction


def add_tags(world: World, interaction: Interaction, command: Route) -> None:
    """Z3: its own tags, its contact's and its organization's."""
    contact = world.contact(command.contact_id)
    organization = world.organization(interaction.organization_id)
    tag(interaction, command.tags)
    tag(interaction, contact.tags if contact else ())
    tag(interaction, organization.tags if organization else ())


def renew_place(world: World, contact_id: str) -> None:
    """P9: the place in a portfolio is renewed, or removed where it has expired."""
    place = world.place(contact_id)
    if place and has_expired(world, place):
        world.places.remove(place)
    elif place:
        put(world, contact_id, world.portfolio(place.portfolio_id))


def enter_campaign(world: World, interaction: Interaction) -> None:
    """Z2, Z4, C12: the priority line, the first workgroup or the one for outside hours, the triggers, the hours."""
    campaign = world.campaign(interaction.campaign_id)
    for each in campaign.addresses:
        if (each.channel, each.address) == (interaction.channel, interaction.address) and each.priority_line:
            interaction.priority = max(interaction.priority, HIGH)
    interaction.workgroup_id = campaign.workgroup_ids[0]
    if campaign.hours and is_closed(world, campaign, interaction.contact_id, "WORKGROUP"):
        interaction.workgroup_id = campaign.hours.outside_workgroup_id
    run(world, interaction)
    if campaign.hours and is_closed(world, campaign, interaction.contact_id, "QUEUE"):
        interaction.opens_at = opening(campaign.hours, world.now)


def transfer_to_campaign(world: World, interaction: Interaction, campaign_id: str) -> None:
    """T2: routed anew there, with its arrival time; not to the agent who passes it on as an owner or last agent."""
    mark_released(world, interaction.agent_id)
    interaction.campaign_id = campaign_id
    enter_campaign(world, interaction)
    route_anew(world, interaction, passed_on_by=interaction.agent_id)


def transfer_to_workgroup(world: World, interaction: Interaction, workgroup_id: str) -> None:
    """T4: routed anew there, with its arrival time; it belongs to nobody."""
    mark_released(world, interaction.agent_id)
    interaction.workgroup_id = workgroup_id
    route_anew(world, interaction)
    belong_to_nobody(interaction)


def refuse_full(world: World, enter: Callable[[World], Interaction]) -> None:
    """C13: refused where it would wait, and as many others wait in its workgroup as may."""
    if not any(each.queue_limit for each in world.workgroups):
        return
    imagined = deepcopy(world)
    entered = enter(imagined)
    settle(imagined)
    limit = imagined.workgroup(entered.workgroup_id).queue_limit
    waiting = [each for each in imagined.in_state(*COUNTED) if each.workgroup_id == entered.workgroup_id]
    if limit and entered in waiting and len(waiting) > limit and not entered.exclusive_agent_id:
        raise Refused("WORKGROUP_QUEUE_FULL")
