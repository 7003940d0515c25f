"""Saving: what is wrong with resources that shall be, and how they are kept."""

from collections.abc import Collection, Sequence
from typing import Any

from cartera.core import events
from cartera.core.decide.required import subject_of
from cartera.core.events import Event
from cartera.core.faults import faults, overflow_cycles
from cartera.core.leaving import withdrawals
from cartera.core.ownership import Circumstances, owners_changed
from cartera.core.record_tables import key_of
from cartera.core.records import (
    Agent,
    AgentPresence,
    Campaign,
    Contact,
    Organization,
    Portfolio,
    Script,
    Tenant,
    Trigger,
    Workgroup,
)
from cartera.core.references import references
from cartera.core.rejection import Violation
from cartera.core.state import State
from cartera.core.vocabulary import (
    AssignmentMethod,
    ErrorReason,
    OutsideHours,
    PortfolioMode,
    PortfolioState,
)

Declared = Sequence[tuple[str, Any]]
"""Resources that shall be, each with its path in the request; they may name each other."""

_SAVED: dict[type, Any] = {
    Tenant: events.TenantSaved,
    Agent: events.AgentSaved,
    Workgroup: events.WorkgroupSaved,
    Campaign: events.CampaignSaved,
    Trigger: events.TriggerSaved,
    Organization: events.OrganizationSaved,
    Script: events.ScriptSaved,
    Portfolio: events.PortfolioSaved,
    Contact: events.ContactSaved,
}


Named = tuple[type, str]
"""The type and id of what a resource names."""


def violations(state: State, declared: Declared, kept: Collection[Named] = ()) -> list[Violation]:
    """All that is wrong with the resources: what they name that is not there, or is kept from the caller as if it were
    not, and their faults.
    """
    pending = {(type(resource), key_of(resource)) for _, resource in declared}
    found = [
        Violation(ErrorReason.UNKNOWN_REFERENCE, f"{path}.{field}", {"value": subject_of(named, identifier)})
        for path, resource in declared
        for field, named, identifier in references(resource)
        if (named, identifier) in kept
        or (state.get(named, identifier) is None and (named, (identifier,)) not in pending)
    ]
    unknown = {each.subject for each in found}
    for path, resource in declared:
        found += [each for each in faults(resource, path) if each.subject not in unknown]
    return found + overflow_cycles(state, {path: each for path, each in declared if isinstance(each, Workgroup)})


def changes(state: State, resource: Any, under: Circumstances) -> list[Event]:
    """The resource is saved, where anything differs. Where it is a portfolio of which the owners change, that is told
    (P9); an agent is no longer offered what is of a channel that it ceases to handle (C9).
    """
    former: Any = state.get(type(resource), *key_of(resource))
    kept = normal(resource, former)
    if kept == former:
        return []
    saved: Event = _SAVED[type(resource)](kept._replace(etag=str(state.revision + 1)))
    if isinstance(kept, Portfolio):
        return [saved, *owners_changed(former, kept, under)]
    if isinstance(kept, Agent):
        return [saved, *withdrawals(state, kept, state.get(AgentPresence, kept.agent_id))]
    return [saved]


def normal(resource: Any, former: Any) -> Any:
    """A resource with what is left unsaid said: defaults, and what only the service sets."""
    unsaid = resource._replace(etag=former.etag if former else "")
    if isinstance(unsaid, Workgroup):
        return _normal_workgroup(unsaid)
    if isinstance(unsaid, Campaign) and unsaid.hours:
        return unsaid._replace(hours=unsaid.hours._replace(outside=unsaid.hours.outside or OutsideHours.QUEUE))
    if isinstance(unsaid, Portfolio):
        return unsaid._replace(
            state=unsaid.state or PortfolioState.ACTIVE,
            personal_agent_id=former.personal_agent_id if former else "",
        )
    return unsaid


def _normal_workgroup(workgroup: Workgroup) -> Workgroup:
    """A workgroup in its normal form. An owner wait of zero is none, but that of an owner's state is told apart from
    one that is left unsaid. A leaving policy may stay unsaid, as it is in workgroups from before there was any.
    """
    last_agent = workgroup.last_agent
    if last_agent:
        fallback = last_agent.fallback_method or AssignmentMethod.ROUND_ROBIN
        last_agent = last_agent._replace(fallback_method=fallback)
    return workgroup._replace(
        portfolio_mode=workgroup.portfolio_mode or PortfolioMode.MANUAL,
        owner_wait=workgroup.owner_wait or None,
        last_agent=last_agent,
    )
