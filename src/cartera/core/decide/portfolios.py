"""Portfolios: contacts come into them and leave them, and have exclusive agents; owners hand them over."""

from datetime import datetime

from cartera.core.assignment import personal_portfolio
from cartera.core.caller import Caller
from cartera.core.commands import (
    AddToOwnPortfolio,
    AssignPortfolio,
    HandOverPortfolios,
    RemoveExclusiveAgent,
    RemoveFromPortfolio,
    SetExclusiveAgent,
)
from cartera.core.decide.context import Context
from cartera.core.decide.required import missing, require, subject_of
from cartera.core.events import (
    ContactAssignedToPortfolio,
    Event,
    ExclusiveAgentRemoved,
    ExclusiveAgentSet,
    PortfolioSaved,
)
from cartera.core.ownership import (
    Circumstances,
    assigned,
    circumstances,
    effective_place,
    expired,
    expiry,
    handed_over,
    removed,
)
from cartera.core.permission import may_edit, require_agent, require_exclusive, require_portfolio
from cartera.core.records import (
    Agent,
    Campaign,
    Contact,
    ExclusiveAgent,
    Portfolio,
    PortfolioContact,
    Script,
)
from cartera.core.rejection import Violation, reject, reject_any
from cartera.core.state import State
from cartera.core.vocabulary import (
    AssignmentOutcome,
    ConflictPolicy,
    ErrorReason,
    PortfolioState,
)


def assign_portfolio(state: State, command: AssignPortfolio, context: Context) -> list[Event]:
    """Put contacts into a portfolio (P2): those that are free, and by the conflict policy those of another."""
    portfolio = state.get(Portfolio, command.portfolio_id)
    require_portfolio(state, context.caller, portfolio, command.portfolio_id)
    portfolio = require(state, Portfolio, command.portfolio_id)
    reject_any(_inactive(portfolio) + _unknown_script(state, command.script_id))
    under = circumstances(state, context.actor, context.now, command.why)
    found: list[Event] = []
    for contact_id in command.contact_ids:
        outcome, former_id = outcome_of(state, command, contact_id, context.caller, context.now)
        if outcome in (AssignmentOutcome.ASSIGNED, AssignmentOutcome.MOVED):
            place = PortfolioContact(
                contact_id,
                portfolio.portfolio_id,
                command.comment,
                command.script_id,
                context.now,
                context.actor,
                expiry(portfolio, context.now),
            )
            found += _placed(state, place, former_id, under)
    return found


def outcome_of(
    state: State, command: AssignPortfolio, contact_id: str, caller: Caller, now: datetime
) -> tuple[AssignmentOutcome, str]:
    """What AssignPortfolio does with one contact, and the other portfolio that it is in (P2). What is in a portfolio
    that the caller may not edit can't be moved out of it (P5); a place that has expired is none (P9).
    """
    if state.get(Contact, contact_id) is None:
        return AssignmentOutcome.NOT_FOUND, ""
    place = effective_place(state, contact_id, now)
    if place is None or place.portfolio_id == command.portfolio_id:
        return AssignmentOutcome.ASSIGNED, ""
    other = state.get(Portfolio, place.portfolio_id)
    if command.conflict_policy is ConflictPolicy.MOVE and may_edit(state, caller, other):
        return AssignmentOutcome.MOVED, place.portfolio_id
    if command.conflict_policy is ConflictPolicy.KEEP:
        return AssignmentOutcome.KEPT, place.portfolio_id
    return AssignmentOutcome.CONFLICT, place.portfolio_id


def _placed(state: State, place: PortfolioContact, former_id: str, under: Circumstances) -> list[Event]:
    """A contact comes to its place. Where it is there already, only its comment and script may change."""
    former = effective_place(state, place.contact_id, under.now)
    if former is None or former.portfolio_id != place.portfolio_id:
        return [*expired(state, place.contact_id, under), *assigned(place, under, former_id)]
    kept = former._replace(comment=place.comment or former.comment, script_id=place.script_id or former.script_id)
    return [] if kept == former else [ContactAssignedToPortfolio(kept, "")]


def _inactive(portfolio: Portfolio) -> list[Violation]:
    if portfolio.state is PortfolioState.ACTIVE:
        return []
    return [Violation(ErrorReason.PORTFOLIO_INACTIVE, subject_of(Portfolio, portfolio.portfolio_id))]


def _unknown_script(state: State, script_id: str) -> list[Violation]:
    return missing(state, Script, script_id) if script_id else []


def _unknown_contact(state: State, contact_id: str) -> list[Violation]:
    if state.get(Contact, contact_id):
        return []
    return [Violation(ErrorReason.CONTACT_MUST_BE_CREATED_FIRST, subject_of(Contact, contact_id))]


def add_to_own_portfolio(state: State, command: AddToOwnPortfolio, context: Context) -> list[Event]:
    """An agent adds a contact to its own portfolio, with a comment and a script (K5); the contact must be in the
    contact list (K6) and in no other portfolio (P1).
    """
    require_agent(state, context.caller, command.agent_id)
    require(state, Agent, command.agent_id)
    portfolio, made = personal_portfolio(state, command.agent_id)
    former = effective_place(state, command.contact_id, context.now)
    if command.agent_id not in portfolio.owner_agent_ids:
        raise reject(ErrorReason.PERMISSION_DENIED, subject_of(Portfolio, portfolio.portfolio_id))
    violations = _unknown_contact(state, command.contact_id) + _inactive(portfolio)
    violations += _unknown_script(state, command.script_id)
    if former and former.portfolio_id != portfolio.portfolio_id:
        data = {"portfolio_id": former.portfolio_id}
        subject = subject_of(Contact, command.contact_id)
        violations.append(Violation(ErrorReason.CONTACT_IN_ANOTHER_PORTFOLIO, subject, data))
    reject_any(violations)
    place = PortfolioContact(
        command.contact_id,
        portfolio.portfolio_id,
        command.comment,
        command.script_id,
        former.assigned_at if former else context.now,
        former.assigned_by if former else context.actor,
        former.expires_at if former else expiry(portfolio, context.now),
    )
    if former:
        return [] if place == former else [ContactAssignedToPortfolio(place, "")]
    under = circumstances(state, context.actor, context.now)
    return [*expired(state, command.contact_id, under), *made, *assigned(place, under)]


def remove_from_portfolio(state: State, command: RemoveFromPortfolio, context: Context) -> list[Event]:
    """Take contacts out of a portfolio (P3)."""
    portfolio = state.get(Portfolio, command.portfolio_id)
    require_portfolio(state, context.caller, portfolio, command.portfolio_id)
    require(state, Portfolio, command.portfolio_id)
    under = circumstances(state, context.actor, context.now, command.why)
    places = (state.get(PortfolioContact, contact_id) for contact_id in command.contact_ids)
    leaving = (place for place in places if place and place.portfolio_id == command.portfolio_id)
    return [event for place in leaving for event in removed(place, under)]


def hand_over_portfolios(state: State, command: HandOverPortfolios, context: Context) -> list[Event]:
    """All that an agent owns goes to another, who keeps what it owned before (P9); what waits for the owners is routed
    anew.
    """
    both = (command.from_agent_id, command.to_agent_id)
    for agent_id in both:
        require_agent(state, context.caller, agent_id)
    reject_any(missing(state, Agent, *both))
    if command.from_agent_id == command.to_agent_id:
        raise reject(ErrorReason.AGENT_UNCHANGED, subject_of(Agent, command.to_agent_id))
    under = circumstances(state, context.actor, context.now, command.why)
    found: list[Event] = []
    for _, portfolio in sorted(state.table(Portfolio).items()):
        passed_on = _passed_on(portfolio, *both)
        if passed_on != portfolio:
            saved = PortfolioSaved(passed_on._replace(etag=str(state.revision + 1)))
            found += [saved, handed_over(portfolio.portfolio_id, under, *both)]
    return found


def _passed_on(portfolio: Portfolio, from_agent_id: str, to_agent_id: str) -> Portfolio:
    """The portfolio with one agent in the place of another, where it names the other; who owns it is no backup too."""
    owners, backups, personal = portfolio.owner_agent_ids, portfolio.backup_agent_ids, portfolio.personal_agent_id
    if from_agent_id != personal and from_agent_id not in owners + backups:
        return portfolio
    owners = _replaced(owners, from_agent_id, to_agent_id)
    backups = _replaced(backups, from_agent_id, to_agent_id)
    return portfolio._replace(
        owner_agent_ids=owners,
        backup_agent_ids=tuple(each for each in backups if each not in owners),
        personal_agent_id="" if personal == from_agent_id else personal,
    )


def _replaced(agent_ids: tuple[str, ...], former: str, latter: str) -> tuple[str, ...]:
    """The agents in their order, one in the place of another, and nobody twice."""
    return tuple(dict.fromkeys(latter if each == former else each for each in agent_ids))


def set_exclusive_agent(state: State, command: SetExclusiveAgent, context: Context) -> list[Event]:
    """An agent becomes the one who attends a contact in a campaign, from its next interaction on (E1)."""
    require_agent(state, context.caller, command.agent_id)
    unknown = missing(state, Campaign, command.campaign_id) + missing(state, Agent, command.agent_id)
    reject_any(unknown + _unknown_contact(state, command.contact_id))
    former = state.get(ExclusiveAgent, command.contact_id, command.campaign_id)
    exclusive = ExclusiveAgent(*command)
    if former == exclusive:
        return []
    if former:
        require_exclusive(state, context.caller, former)
    return [ExclusiveAgentSet(exclusive, former.agent_id if former else "")]


def remove_exclusive_agent(state: State, command: RemoveExclusiveAgent, context: Context) -> list[Event]:
    """A contact has no exclusive agent in a campaign any more (E1); what waits for that agent is routed anew."""
    former = state.get(ExclusiveAgent, command.contact_id, command.campaign_id)
    require_exclusive(state, context.caller, former)
    return [ExclusiveAgentRemoved(require(state, ExclusiveAgent, command.contact_id, command.campaign_id))]
