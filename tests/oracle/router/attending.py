"""What agents and administrators do with interactions (C9, C10, M9, M10, T1, T2, T4, T5)."""

from tests.oracle.router.arrival import refuse_closed, refuse_full, transfer_to_campaign, transfer_to_workgroup
from tests.oracle.router.belonging import is_kept, owners
from tests.oracle.router.commands import (
    AcceptOffer,
    Assign,
    Cancel,
    Claim,
    Complete,
    FinishWrapUp,
    RejectOffer,
    Transfer,
)
from tests.oracle.router.configuration import Workgroup
from tests.oracle.router.deadlines import end_wrap_up
from tests.oracle.router.giving import assign, cool_down, let_go, mark_released
from tests.oracle.router.presence import handles, is_online, takes
from tests.oracle.router.settling import order_of_service
from tests.oracle.router.skills import has_skills
from tests.oracle.router.slots import has_slot
from tests.oracle.router.world import ENDED, WAITING, Interaction, Refused, World


def refuse(*reasons: str) -> None:
    """Refuse for all the reasons that there are."""
    if any(reasons):
        raise Refused(*(each for each in reasons if each))


def found(world: World, number: int, to_others: str = "RESOURCE_NOT_FOUND") -> Interaction:
    """The interaction; where there is none, an agent is told what it is told of those that aren't its own (G7)."""
    refuse(to_others if number >= len(world.interactions) else "")
    return world.interactions[number]


def only_for(holder: str, by: str) -> None:
    """An agent acts on what is its own; empty is an administrator."""
    refuse("PERMISSION_DENIED" if by and by != holder else "")


def accept_offer(world: World, command: AcceptOffer) -> None:
    """C9: the agent attends it, for the reason that it was offered for."""
    only_for(command.agent_id, command.by)
    interaction = offered(world, command)
    world.presence(interaction.agent_id).misses = 0
    assign(world, interaction, interaction.agent_id, interaction.reason)


def reject_offer(world: World, command: RejectOffer) -> None:
    """C9: it is placed anew, and the agent cools down."""
    only_for(command.agent_id, command.by)
    interaction = offered(world, command)
    cool_down(world, interaction)
    let_go(world, interaction)


def offered(world: World, command: AcceptOffer | RejectOffer) -> Interaction:
    is_agent = any(each.agent_id == command.by for each in world.agents)
    interaction = found(world, command.number, "INTERACTION_NOT_OFFERED" if is_agent else "RESOURCE_NOT_FOUND")
    refuse(
        "INTERACTION_NOT_OFFERED" if (interaction.state, interaction.agent_id) != ("OFFERED", command.agent_id) else ""
    )
    return interaction


def waiting(world: World, number: int) -> Interaction:
    interaction = found(world, number)
    if interaction.state in ENDED:
        raise Refused("INTERACTION_ENDED")
    refuse("INTERACTION_NOT_WAITING" if interaction.state not in WAITING else "")
    return interaction


def claim(world: World, command: Claim) -> None:
    """M9: a given interaction, or the next in order that the agent may have."""
    only_for(command.agent_id, command.by)
    agent_id = command.agent_id
    if command.number is not None:
        interaction = waiting(world, command.number)
        channel = interaction.channel
        refuse(
            "" if is_online(world, agent_id) else "AGENT_NOT_ONLINE",
            "" if takes(world, agent_id, channel) or not is_online(world, agent_id) else "AGENT_LACKS_CHANNEL",
            "" if has_slot(world, agent_id, channel) else "AGENT_AT_CAPACITY",
            *hindrances(world, agent_id, interaction),
        )
    else:
        interaction = next_to_claim(world, agent_id)
    assign(world, interaction, agent_id, "CLAIMED")


def next_to_claim(world: World, agent_id: str) -> Interaction:
    """M9: the first in the order of service."""
    refuse(
        "" if is_online(world, agent_id) else "AGENT_NOT_ONLINE",
        "AGENT_AT_CAPACITY" if is_full(world, agent_id) else "",
    )
    may_have = [
        each
        for each in world.in_state(*WAITING)
        if takes(world, agent_id, each.channel)
        and has_slot(world, agent_id, each.channel)
        and not hindrances(world, agent_id, each)
    ]
    refuse("" if may_have else "NOTHING_TO_CLAIM")
    return min(may_have, key=lambda each: order_of_service(world, each))


def is_full(world: World, agent_id: str) -> bool:
    """C2: no free slot for any channel that the agent takes, or handles while it isn't online."""
    takes_now = takes if is_online(world, agent_id) else handles
    taken = [each for each in ("VOICE", "CHAT", "MESSAGING", "EMAIL") if takes_now(world, agent_id, each)]
    return bool(taken) and not any(has_slot(world, agent_id, each) for each in taken)


def hindrances(world: World, agent_id: str, interaction: Interaction) -> list[str]:
    """M9, E1, K2, M8: why an agent who is there and has room may not claim something."""
    if interaction.exclusive_agent_id:
        other = interaction.exclusive_agent_id != agent_id
        return ["INTERACTION_KEPT_FOR_EXCLUSIVE_AGENT"] if other else []
    if agent_id in belongs_to(world, interaction):
        return []
    if is_kept(world, interaction):
        return ["INTERACTION_KEPT_FOR_OWNER"]
    teams = [world.workgroup(each) for each in (interaction.workgroup_id, *interaction.overflow_workgroup_ids)]
    if all(agent_id not in each.member_ids for each in teams):
        return ["AGENT_NOT_IN_WORKGROUP"]
    return [] if has_skills(world, agent_id, interaction) else ["AGENT_LACKS_SKILL"]


def belongs_to(world: World, interaction: Interaction) -> list[str]:
    """K2, P8, M4: its owners and their backups; its last agent too, but not while it is kept for owners."""
    own = [*owners(world, interaction), *interaction.backup_agent_ids]
    return own if own and is_kept(world, interaction) else [*own, interaction.last_agent_id]


def assign_by_administrator(world: World, command: Assign) -> None:
    """M10, C1, E1."""
    interaction = waiting(world, command.number)
    exclusive = interaction.exclusive_agent_id
    full = not command.over_capacity and not has_slot(world, command.agent_id, interaction.channel)
    refuse(
        "INTERACTION_KEPT_FOR_EXCLUSIVE_AGENT" if exclusive not in ("", command.agent_id) else "",
        "AGENT_AT_CAPACITY" if full else "",
    )
    assign(world, interaction, command.agent_id, "ASSIGNED_BY_ADMINISTRATOR")


def held(world: World, number: int, by: str) -> Interaction:
    """What an agent attends."""
    interaction = found(world, number, "PERMISSION_DENIED" if by else "RESOURCE_NOT_FOUND")
    if by and by != interaction.agent_id:
        raise Refused("PERMISSION_DENIED")
    if interaction.state in ENDED:
        raise Refused("INTERACTION_ENDED")
    refuse("INTERACTION_NOT_ASSIGNED" if interaction.state != "ASSIGNED" else "")
    return interaction


def complete(world: World, command: Complete) -> None:
    """T5, C10."""
    interaction = held(world, command.number, command.by)
    refuse(disposition_fault(world, interaction, command.disposition, command.sub_disposition))
    wrap_up = world.workgroup(interaction.workgroup_id).wrap_up
    interaction.state_until = None
    if wrap_up:
        interaction.state, interaction.state_until = "WRAP_UP", world.now + wrap_up
    else:
        end_wrap_up(world, interaction)


def disposition_fault(world: World, interaction: Interaction, name: str, sub: str) -> str:
    """T5: a disposition of its campaign, and a sub-disposition where it has any."""
    dispositions = dict(world.campaign(interaction.campaign_id).dispositions)
    if name not in dispositions:
        return "DISPOSITION_UNKNOWN"
    if dispositions[name] and not sub:
        return "SUB_DISPOSITION_REQUIRED"
    return "SUB_DISPOSITION_UNKNOWN" if sub and sub not in dispositions[name] else ""


def finish_wrap_up(world: World, command: FinishWrapUp) -> None:
    """C10."""
    interaction = found(world, command.number, "PERMISSION_DENIED" if command.by else "RESOURCE_NOT_FOUND")
    only_for(interaction.agent_id, command.by)
    refuse("INTERACTION_NOT_IN_WRAP_UP" if interaction.state != "WRAP_UP" else "")
    end_wrap_up(world, interaction)


def cancel(world: World, command: Cancel) -> None:
    """The contact has left: the slot is free at once (C9)."""
    interaction = found(world, command.number)
    refuse("INTERACTION_ENDED" if interaction.state in ENDED else "")
    if interaction.agent_id:
        mark_released(world, interaction.agent_id)
    interaction.state, interaction.state_until = "CANCELLED", None


def transfer(world: World, command: Transfer) -> None:
    """T1, T2, T3, T4."""
    interaction = held(world, command.number, command.by)
    fault = transfer_fault(world, interaction, command.disposition)
    if command.agent_id:
        transfer_to_agent(world, interaction, command.agent_id, fault)
    elif command.campaign_id:
        refuse(fault, *campaign_faults(world, interaction, command.campaign_id))
        refuse_closed(world, world.campaign(command.campaign_id), interaction.contact_id)
        refuse_full(world, lambda it: moved_to_campaign(it, interaction.number, command.campaign_id))
        moved_to_campaign(world, interaction.number, command.campaign_id)
    else:
        refuse(fault)
        refuse_full(world, lambda it: moved_to_workgroup(it, interaction.number, command.workgroup_id))
        moved_to_workgroup(world, interaction.number, command.workgroup_id)


def transfer_fault(world: World, interaction: Interaction, disposition: str) -> str:
    """T3: "Transferencia", or one of the campaign's."""
    known = dict(world.campaign(interaction.campaign_id).dispositions)
    return "DISPOSITION_UNKNOWN" if disposition and disposition not in known else ""


def transfer_to_agent(world: World, interaction: Interaction, agent_id: str, fault: str) -> None:
    """T1: every condition that fails is named at once."""
    channel, source = interaction.channel, interaction.agent_id
    campaign = world.campaign(interaction.campaign_id)
    takes_it = takes(world, agent_id, channel) or not is_online(world, agent_id)
    refuse(
        fault,
        "AGENT_ALREADY_HOLDS" if agent_id == source else "",
        "" if is_online(world, agent_id) else "AGENT_NOT_ONLINE",
        "" if any(agent_id in each.member_ids for each in teams_of(world, interaction)) else "AGENT_NOT_IN_CAMPAIGN",
        "" if any(each.channel == channel for each in campaign.addresses) else "CAMPAIGN_LACKS_CHANNEL",
        "" if handles(world, agent_id, channel) and takes_it else "AGENT_LACKS_CHANNEL",
        "" if handles(world, source, channel) else "AGENT_LACKS_CHANNEL",
        "" if agent_id == source or has_slot(world, agent_id, channel) else "AGENT_AT_CAPACITY",
    )
    mark_released(world, source)
    assign(world, interaction, agent_id, "TRANSFERRED")


def teams_of(world: World, interaction: Interaction) -> list[Workgroup]:
    """T1: the workgroups of the campaign, and the one that the interaction is under."""
    named = (*world.campaign(interaction.campaign_id).workgroup_ids, interaction.workgroup_id)
    return [world.workgroup(each) for each in named]


def campaign_faults(world: World, interaction: Interaction, campaign_id: str) -> list[str]:
    """T2."""
    places = [(each.channel, each.address) for each in world.campaign(campaign_id).addresses]
    return [
        "CAMPAIGN_IS_ONLY_ONE" if len(world.campaigns) < 2 else "",
        "CAMPAIGN_UNCHANGED" if campaign_id == interaction.campaign_id else "",
        "CAMPAIGN_ADDRESS_DIFFERS" if (interaction.channel, interaction.address) not in places else "",
    ]


def moved_to_campaign(world: World, number: int, campaign_id: str) -> Interaction:
    transfer_to_campaign(world, world.interactions[number], campaign_id)
    return world.interactions[number]


def moved_to_workgroup(world: World, number: int, workgroup_id: str) -> Interaction:
    transfer_to_workgroup(world, world.interactions[number], workgroup_id)
    return world.interactions[number]
