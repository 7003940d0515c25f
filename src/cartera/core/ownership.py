"""Ownership: whose contacts are, until when, and how that changed (P9)."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count, zip_longest
from typing import NamedTuple

from cartera.core.events import ContactAssignedToPortfolio, ContactRemovedFromPortfolio, Event, OwnershipChanged
from cartera.core.records import SYSTEM, Actor, OwnershipChange, Portfolio, PortfolioContact
from cartera.core.state import State
from cartera.core.vocabulary import OwnershipChangeKind


class Circumstances(NamedTuple):
    """Under which one decision changes ownership: who makes it, when and why, and ids for the changes it makes."""

    actor: Actor
    now: datetime
    why: str
    change_ids: Iterator[str]


def circumstances(state: State, actor: Actor, now: datetime, why: str = "") -> Circumstances:
    """The circumstances of a decision. All changes that it makes must be made under these, so that their ids differ."""
    return Circumstances(actor, now, why, _change_ids(state))


def _change_ids(state: State) -> Iterator[str]:
    """Ids in the order of the changes: by revision, then by number within it. What was decided for this revision
    already has been evolved, and has its numbers.
    """
    for number in count(1):
        change_id = f"{state.revision + 1:012d}-{number:06d}"
        if state.get(OwnershipChange, change_id) is None:
            yield change_id


# Places


def effective_place(state: State, contact_id: str, now: datetime) -> PortfolioContact | None:
    """The contact's place in a portfolio; None where it has expired, though it may not be removed yet."""
    place = state.get(PortfolioContact, contact_id)
    return None if place is None or _has_expired(state, place, now) else place


def _has_expired(state: State, place: PortfolioContact, now: datetime) -> bool:
    """A portfolio whose ownership no longer expires keeps what it has."""
    portfolio = state.get(Portfolio, place.portfolio_id)
    expires = portfolio is not None and bool(portfolio.ownership_expiry)
    return expires and place.expires_at is not None and place.expires_at <= now


def expiry(portfolio: Portfolio, now: datetime) -> datetime | None:
    """When the place expires of a contact who comes to the portfolio, or is heard of, now."""
    return now + portfolio.ownership_expiry if portfolio.ownership_expiry else None


def assigned(place: PortfolioContact, under: Circumstances, former_id: str = "") -> list[Event]:
    """A contact comes to a place, from another portfolio where that is named."""
    kind = OwnershipChangeKind.MOVED if former_id else OwnershipChangeKind.ASSIGNED
    return [ContactAssignedToPortfolio(place, former_id), _of_place(kind, place, under, former_id)]


def joined(place: PortfolioContact, under: Circumstances) -> list[Event]:
    """A contact joins the portfolio of the agent who attends it (K4)."""
    return [ContactAssignedToPortfolio(place, ""), _of_place(OwnershipChangeKind.JOINED, place, under)]


def removed(place: PortfolioContact, under: Circumstances) -> list[Event]:
    """A contact is taken out of a portfolio (P3)."""
    change = _of_place(OwnershipChangeKind.REMOVED, place, under)
    return [ContactRemovedFromPortfolio(place.contact_id, place.portfolio_id), change]


def expired(state: State, contact_id: str, under: Circumstances) -> list[Event]:
    """A contact's place that has expired is removed, by nobody but time; nothing where there is none."""
    place = state.get(PortfolioContact, contact_id)
    if place is None or not _has_expired(state, place, under.now):
        return []
    change = _of_place(OwnershipChangeKind.EXPIRED, place, under._replace(actor=SYSTEM, why=""))
    return [ContactRemovedFromPortfolio(contact_id, place.portfolio_id), change]


def heard_of(state: State, contact_id: str, now: datetime) -> list[Event]:
    """What the arrival of an interaction does to its contact's place: it expires, if it has, or later than before."""
    if state.get(PortfolioContact, contact_id) is None:
        return []
    place = effective_place(state, contact_id, now)
    if place is None:
        return expired(state, contact_id, circumstances(state, SYSTEM, now))
    portfolio = state.get(Portfolio, place.portfolio_id)
    renewed = place._replace(expires_at=expiry(portfolio, now) if portfolio else None)
    return [] if renewed == place else [ContactAssignedToPortfolio(renewed, "")]


def _of_place(
    kind: OwnershipChangeKind, place: PortfolioContact, under: Circumstances, former_id: str = ""
) -> OwnershipChanged:
    change = OwnershipChange(
        change_id=next(under.change_ids),
        contact_id=place.contact_id,
        portfolio_id=place.portfolio_id,
        previous_portfolio_id=former_id,
        kind=kind,
        from_agent_id="",
        to_agent_id="",
        why=under.why,
        actor=under.actor,
        changed_at=under.now,
    )
    return OwnershipChanged(change)


# Owners


def owners_changed(former: Portfolio | None, portfolio: Portfolio, under: Circumstances) -> list[Event]:
    """How the owners of a portfolio changed: one change for each agent who went with the one who came instead; one
    without agents where only teams did.
    """
    if former is None or _owners(former) == _owners(portfolio):
        return []
    gone = [each for each in former.owner_agent_ids if each not in portfolio.owner_agent_ids]
    come = [each for each in portfolio.owner_agent_ids if each not in former.owner_agent_ids]
    pairs = list(zip_longest(gone, come, fillvalue="")) or [("", "")]
    return [handed_over(portfolio.portfolio_id, under, *pair) for pair in pairs]


def _owners(portfolio: Portfolio) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(portfolio.owner_agent_ids), frozenset(portfolio.owner_workgroup_ids)


def handed_over(portfolio_id: str, under: Circumstances, from_agent_id: str, to_agent_id: str) -> OwnershipChanged:
    """A whole portfolio goes from one agent to another."""
    change = OwnershipChange(
        change_id=next(under.change_ids),
        contact_id="",
        portfolio_id=portfolio_id,
        previous_portfolio_id="",
        kind=OwnershipChangeKind.HANDED_OVER,
        from_agent_id=from_agent_id,
        to_agent_id=to_agent_id,
        why=under.why,
        actor=under.actor,
        changed_at=under.now,
    )
    return OwnershipChanged(change)
