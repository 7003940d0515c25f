"""Who belongs to whom (K5, K6, P2, P3, P4, P9, E1)."""

from tests.oracle.router.attending import refuse
from tests.oracle.router.belonging import has_expired, owns
from tests.oracle.router.commands import (
    AddToOwn,
    AssignPortfolio,
    HandOver,
    RemoveExclusive,
    RemoveFromPortfolio,
    SetExclusive,
)
from tests.oracle.router.configuration import Portfolio
from tests.oracle.router.giving import own_portfolio, put, replace_portfolio
from tests.oracle.router.world import Exclusive, Place, Refused, World


def assign_portfolio(world: World, command: AssignPortfolio) -> None:
    """P2: by the conflict policy; who is there already stays as it is."""
    portfolio = found(world, command.portfolio_id)
    refuse("" if portfolio.active else "PORTFOLIO_INACTIVE")
    for contact_id in command.contact_ids:
        if world.contact(contact_id) is None:
            continue
        place = living_place(world, contact_id)
        if place is None or (place.portfolio_id != command.portfolio_id and command.policy == "MOVE"):
            put(world, contact_id, portfolio)


def living_place(world: World, contact_id: str) -> Place | None:
    """P9: an expired place counts as none."""
    place = world.place(contact_id)
    return None if place is None or has_expired(world, place) else place


def found(world: World, portfolio_id: str) -> Portfolio:
    refuse("" if any(each.portfolio_id == portfolio_id for each in world.portfolios) else "RESOURCE_NOT_FOUND")
    return world.portfolio(portfolio_id)


def add_to_own(world: World, command: AddToOwn) -> None:
    """K5, K6: made on demand."""
    if world.contact(command.contact_id) is None:
        raise Refused("CONTACT_MUST_BE_CREATED_FIRST")
    place, own_id = living_place(world, command.contact_id), world.personal.get(command.agent_id, "")
    own = world.portfolio(own_id) if own_id else None
    refuse(
        "PORTFOLIO_INACTIVE" if own and not own.active else "",
        "PERMISSION_DENIED" if own and not owns(world, own, command.agent_id) else "",
        "CONTACT_IN_ANOTHER_PORTFOLIO" if place and place.portfolio_id != own_id else "",
    )
    if place is None:
        put(world, command.contact_id, own_portfolio(world, command.agent_id))


def remove_from_portfolio(world: World, command: RemoveFromPortfolio) -> None:
    """P3."""
    found(world, command.portfolio_id)
    world.places = [
        each
        for each in world.places
        if each.contact_id not in command.contact_ids or each.portfolio_id != command.portfolio_id
    ]


def hand_over(world: World, command: HandOver) -> None:
    """P9: the other takes the agent's place among the owners and the backups of every portfolio."""
    refuse("AGENT_UNCHANGED" if command.from_agent_id == command.to_agent_id else "")
    for each in list(world.portfolios):
        if command.from_agent_id in (*each.owner_agent_ids, *each.backup_agent_ids):
            owners = instead(each.owner_agent_ids, command)
            backups = [it for it in instead(each.backup_agent_ids, command) if it not in owners]
            replace_portfolio(world, each, owner_agent_ids=tuple(owners), backup_agent_ids=tuple(backups))
    world.personal.pop(command.from_agent_id, None)


def instead(agent_ids: tuple[str, ...], command: HandOver) -> list[str]:
    """The agents with the one in the place of the other, nobody twice."""
    changed = [command.to_agent_id if each == command.from_agent_id else each for each in agent_ids]
    return list(dict.fromkeys(changed))


def set_exclusive(world: World, command: SetExclusive) -> None:
    """E1: one for a contact in a campaign."""
    refuse("" if world.contact(command.contact_id) else "CONTACT_MUST_BE_CREATED_FIRST")
    former = world.exclusive(command.contact_id, command.campaign_id)
    if former:
        world.exclusives.remove(former)
    world.exclusives.append(Exclusive(command.contact_id, command.campaign_id, command.agent_id))


def remove_exclusive(world: World, command: RemoveExclusive) -> None:
    """E1."""
    former = world.exclusive(command.contact_id, command.campaign_id)
    if former is None:
        raise Refused("RESOURCE_NOT_FOUND")
    world.exclusives.remove(former)
