"""Declaration: a configuration is applied all at once; what it leaves out stays as it is."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cartera.core.commands import ApplyConfiguration
from cartera.core.decide.context import Context
from cartera.core.decide.saving import Declared, changes, violations
from cartera.core.events import ContactAssignedToPortfolio, Event, ExclusiveAgentSet
from cartera.core.ownership import Circumstances, assigned, circumstances, effective_place, expired, expiry
from cartera.core.record_tables import key_of
from cartera.core.records import ExclusiveAgent, Key, Portfolio, PortfolioContact, Tenant
from cartera.core.rejection import Violation, reject_any
from cartera.core.state import State
from cartera.core.vocabulary import ErrorReason, PortfolioState


class Plan(NamedTuple):
    """What a configuration is applied to, and under what circumstances."""

    state: State
    under: Circumstances
    portfolios: Mapping[str, Portfolio]
    """Those declared."""

    def portfolio(self, portfolio_id: str) -> Portfolio | None:
        """A portfolio as it is declared, or as it is."""
        return self.portfolios.get(portfolio_id) or self.state.get(Portfolio, portfolio_id)


def apply_configuration(state: State, command: ApplyConfiguration, context: Context) -> list[Event]:
    """Create and update all that differs; what is wrong is named all at once, and then nothing is applied. A contact
    who is declared in another portfolio than its own is moved.
    """
    declared = list(_declared(command))
    portfolios = {each.portfolio_id: each for _, each in declared if isinstance(each, Portfolio)}
    plan = Plan(state, circumstances(state, context.actor, context.now), portfolios)
    reject_any(violations(state, declared) + _inactive(plan, declared) + _repeated(declared))
    return [event for _, resource in declared for event in _brought_about(plan, resource)]


def _declared(command: ApplyConfiguration) -> Iterator[tuple[str, Any]]:
    """Every resource that is declared, with its path."""
    for field, value in zip(command.configuration._fields, command.configuration, strict=True):
        if isinstance(value, Tenant):
            yield f"configuration.{field}", value
        elif value:
            for index, resource in enumerate(value):
                yield f"configuration.{field}[{index}]", resource


def _repeated(declared: Declared) -> list[Violation]:
    seen: set[tuple[type, Key]] = set()
    found = []
    for path, resource in declared:
        key = (type(resource), key_of(resource))
        if key in seen:
            found.append(Violation(ErrorReason.DUPLICATE_VALUE, path, {"value": "/".join(key[1])}))
        seen.add(key)
    return found


def _inactive(plan: Plan, declared: Declared) -> list[Violation]:
    """Where contacts shall come into an inactive portfolio (P4); those who are in one may stay."""
    coming = (
        (f"{path}.portfolio_id", place)
        for path, place in declared
        if isinstance(place, PortfolioContact) and not _is_there(plan, place)
    )
    return [
        Violation(ErrorReason.PORTFOLIO_INACTIVE, path, {"id": place.portfolio_id})
        for path, place in coming
        if (portfolio := plan.portfolio(place.portfolio_id)) and portfolio.state is PortfolioState.INACTIVE
    ]


def _is_there(plan: Plan, place: PortfolioContact) -> bool:
    under = plan.under
    former = effective_place(plan.state, place.contact_id, under.now)
    return former is not None and former.portfolio_id == place.portfolio_id


def _brought_about(plan: Plan, resource: Any) -> list[Event]:
    if isinstance(resource, PortfolioContact):
        return _placed(plan, resource)
    if isinstance(resource, ExclusiveAgent):
        return _made_exclusive(plan.state, resource)
    return changes(plan.state, resource, plan.under)


def _placed(plan: Plan, place: PortfolioContact) -> list[Event]:
    """A contact comes to the place that is declared for it (P1). Where it is there already, its comment and its script
    may change; what is not declared of them stays.
    """
    under = plan.under
    former = effective_place(plan.state, place.contact_id, under.now)
    if former and former.portfolio_id == place.portfolio_id:
        kept = former._replace(
            comment=place.comment or former.comment,
            script_id=place.script_id or former.script_id,
        )
        return [] if kept == former else [ContactAssignedToPortfolio(kept, "")]
    portfolio = plan.portfolio(place.portfolio_id)
    come = place._replace(
        assigned_at=under.now,
        assigned_by=under.actor,
        expires_at=expiry(portfolio, under.now) if portfolio else None,
    )
    former_id = former.portfolio_id if former else ""
    return [*expired(plan.state, place.contact_id, under), *assigned(come, under, former_id)]


def _made_exclusive(state: State, exclusive: ExclusiveAgent) -> list[Event]:
    """An agent becomes the one who attends a contact in a campaign (E1)."""
    former = state.get(ExclusiveAgent, exclusive.contact_id, exclusive.campaign_id)
    if former == exclusive:
        return []
    return [ExclusiveAgentSet(exclusive, former.agent_id if former else "")]
