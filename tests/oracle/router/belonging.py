"""To whom an interaction belongs: its exclusive agent (E1), its owners (K1, K2, P6, P8, P9), its last agent (M4)."""

from tests.oracle.router.configuration import Portfolio, Workgroup
from tests.oracle.router.presence import handles
from tests.oracle.router.world import Interaction, Place, World


def belong(world: World, interaction: Interaction, passed_on_by: str = "") -> None:
    """Decide anew to whom it belongs, and how long it is kept for them; not to the agent who passes it on (T2)."""
    belong_to_nobody(interaction)
    exclusive = world.exclusive(interaction.contact_id, interaction.campaign_id)
    if exclusive:
        interaction.exclusive_agent_id = exclusive.agent_id
        return
    belong_to_owners(world, interaction, passed_on_by)
    belong_to_last_agent(world, interaction, passed_on_by)
    interaction.owner_wait_until = wait_until(world, interaction)


def belong_to_nobody(interaction: Interaction) -> None:
    """T4: no exclusive agent, no owner, no last agent."""
    interaction.exclusive_agent_id = interaction.portfolio_id = interaction.last_agent_id = ""
    interaction.owner_agent_ids, interaction.owner_workgroup_ids, interaction.backup_agent_ids = [], [], []
    interaction.owner_wait_until = None


def belong_to_owners(world: World, interaction: Interaction, passed_on_by: str) -> None:
    """K1, P4, P8, P9: the owners of an active portfolio in which the contact's place has not expired; none where the
    workgroup gives nothing to owners (M7), or one of them passed it on (T2).
    """
    place = world.place(interaction.contact_id)
    if world.workgroup(interaction.workgroup_id).method == "MANUAL":
        return
    if place is None or has_expired(world, place) or not is_sticky(world, world.portfolio(place.portfolio_id)):
        return
    portfolio = world.portfolio(place.portfolio_id)
    if owns(world, portfolio, passed_on_by):
        return
    take_owners(interaction, portfolio)
    if all(world.presence(each).status == "OFFLINE" for each in owners(world, interaction)):
        interaction.backup_agent_ids = list(portfolio.backup_agent_ids)


def take_owners(interaction: Interaction, portfolio: Portfolio) -> None:
    interaction.portfolio_id = portfolio.portfolio_id
    interaction.owner_agent_ids = list(portfolio.owner_agent_ids)
    interaction.owner_workgroup_ids = list(portfolio.owner_workgroup_ids)


def owns(world: World, portfolio: Portfolio, agent_id: str) -> bool:
    """P5, P6: as an agent, or as a member of a team."""
    teams = [world.workgroup(each).member_ids for each in portfolio.owner_workgroup_ids]
    return agent_id in portfolio.owner_agent_ids or any(agent_id in team for team in teams)


def is_sticky(world: World, portfolio: Portfolio) -> bool:
    """P4: an inactive portfolio, or one that is nobody's, makes nothing sticky."""
    teams = [world.workgroup(each).member_ids for each in portfolio.owner_workgroup_ids]
    return portfolio.active and bool(portfolio.owner_agent_ids or any(teams))


def has_expired(world: World, place: Place) -> bool:
    """P9: not where the portfolio no longer lets any expire."""
    expires = world.portfolio(place.portfolio_id).ownership_expiry is not None and place.expires_at is not None
    return expires and (place.expires_at or 0) <= world.now


def owners(world: World, interaction: Interaction) -> list[str]:
    """P6: the owners, agents first and then the members of teams, nobody twice."""
    found = list(interaction.owner_agent_ids)
    for workgroup_id in interaction.owner_workgroup_ids:
        found += world.workgroup(workgroup_id).member_ids
    return list(dict.fromkeys(found))


def belong_to_last_agent(world: World, interaction: Interaction, passed_on_by: str) -> None:
    """M4: who attended the contact last, where the workgroup may choose that agent and it handles the channel."""
    workgroup = world.workgroup(interaction.workgroup_id)
    last = world.last_attended.get(interaction.contact_id, "")
    if workgroup.method != "LAST_AGENT" or last in ("", passed_on_by):
        return
    if may_be_chosen(world, workgroup, last):
        interaction.last_agent_id = last if handles(world, last, interaction.channel) else ""


def may_be_chosen(world: World, workgroup: Workgroup, agent_id: str) -> bool:
    """M4: one of the agents or workgroups chosen for it; with none chosen, a member."""
    if not workgroup.last_agent_ids and not workgroup.last_workgroup_ids:
        return agent_id in workgroup.member_ids
    teams = [world.workgroup(each).member_ids for each in workgroup.last_workgroup_ids]
    return agent_id in workgroup.last_agent_ids or any(agent_id in team for team in teams)


def wait_until(world: World, interaction: Interaction) -> int | None:
    """K2, P8, M4, C12: until when it is kept for its owners or its last agent, from now or from the opening of its
    campaign. MANUAL keeps nothing for anybody (M7).
    """
    workgroup = world.workgroup(interaction.workgroup_id)
    if workgroup.method == "MANUAL":
        return None
    own = owners(world, interaction)
    wait = owner_wait(world, workgroup, own) if own else workgroup.owner_wait if interaction.last_agent_id else None
    since = world.now if interaction.opens_at is None else interaction.opens_at
    return since + wait if wait else None


def owner_wait(world: World, workgroup: Workgroup, own: list[str]) -> int | None:
    """P8: by the state of the owners; what is not set falls back on the common wait."""
    statuses = [world.presence(each).status for each in own]
    if "ONLINE" in statuses:
        wait = workgroup.owner_wait_busy
    elif "PAUSED" in statuses:
        wait = workgroup.owner_wait_paused
    else:
        wait = workgroup.owner_wait_offline
    return workgroup.owner_wait if wait is None else wait


def is_kept(world: World, interaction: Interaction) -> bool:
    """K2, C12: whether the owner wait is on. It is not before the campaign opens."""
    until = interaction.owner_wait_until
    return until is not None and world.now < until and interaction.opens_at is None


def is_displaced(world: World, interaction: Interaction) -> bool:
    """E1, P4, P9, M4: whether it waits for somebody whom it no longer belongs to."""
    if interaction.exclusive_agent_id:
        exclusive = world.exclusive(interaction.contact_id, interaction.campaign_id)
        return exclusive is None or exclusive.agent_id != interaction.exclusive_agent_id
    if interaction.last_agent_id and not may_have_last_agent(world, interaction):
        return True
    if not interaction.portfolio_id:
        return False
    place, portfolio = world.place(interaction.contact_id), world.portfolio(interaction.portfolio_id)
    if place is None or place.portfolio_id != interaction.portfolio_id or not portfolio.active:
        return True
    owned_by = (tuple(interaction.owner_agent_ids), tuple(interaction.owner_workgroup_ids))
    backed_up = interaction.backup_agent_ids in ([], list(portfolio.backup_agent_ids))
    return owned_by != (portfolio.owner_agent_ids, portfolio.owner_workgroup_ids) or not backed_up


def may_have_last_agent(world: World, interaction: Interaction) -> bool:
    """M4: whether its workgroup still goes by the last agent, and may choose that one for its channel."""
    workgroup, last = world.workgroup(interaction.workgroup_id), interaction.last_agent_id
    if workgroup.method != "LAST_AGENT" or all(each.agent_id != last for each in world.agents):
        return False
    return handles(world, last, interaction.channel) and may_be_chosen(world, workgroup, last)
