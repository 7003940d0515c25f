"""Audit: which events tell that somebody did something to configuration, ownership or assignment, and to what."""

from collections.abc import Mapping

from cartera.core import events
from cartera.core.events import Event
from cartera.core.vocabulary import AuditedObject, RoutingReason

AUDITED: Mapping[type, frozenset[AuditedObject]] = {
    events.TenantSaved: frozenset({AuditedObject.TENANT}),
    events.AgentSaved: frozenset({AuditedObject.AGENT}),
    events.AgentDeleted: frozenset({AuditedObject.AGENT}),
    events.WorkgroupSaved: frozenset({AuditedObject.WORKGROUP}),
    events.WorkgroupDeleted: frozenset({AuditedObject.WORKGROUP}),
    events.CampaignSaved: frozenset({AuditedObject.CAMPAIGN}),
    events.CampaignDeleted: frozenset({AuditedObject.CAMPAIGN}),
    events.TriggerSaved: frozenset({AuditedObject.TRIGGER}),
    events.TriggerDeleted: frozenset({AuditedObject.TRIGGER}),
    events.OrganizationSaved: frozenset({AuditedObject.ORGANIZATION}),
    events.OrganizationDeleted: frozenset({AuditedObject.ORGANIZATION}),
    events.ScriptSaved: frozenset({AuditedObject.SCRIPT}),
    events.ScriptDeleted: frozenset({AuditedObject.SCRIPT}),
    events.PortfolioSaved: frozenset({AuditedObject.PORTFOLIO}),
    events.PortfolioDeleted: frozenset({AuditedObject.PORTFOLIO}),
    events.OwnershipChanged: frozenset({AuditedObject.PORTFOLIO, AuditedObject.CONTACT}),
    events.ExclusiveAgentSet: frozenset({AuditedObject.CONTACT}),
    events.ExclusiveAgentRemoved: frozenset({AuditedObject.CONTACT}),
    events.InteractionAssigned: frozenset({AuditedObject.INTERACTION}),
    events.InteractionTransferredToAgent: frozenset({AuditedObject.INTERACTION}),
    events.InteractionTransferredToCampaign: frozenset({AuditedObject.INTERACTION}),
    events.InteractionTransferredToWorkgroup: frozenset({AuditedObject.INTERACTION}),
}
"""The events that may be audited, each with the kinds of things it is about. That a contact comes into a portfolio or
leaves one is told by OwnershipChanged, with who and why; its place is written anew for other reasons too.
"""

BY_SOMEBODY = frozenset({RoutingReason.CLAIMED, RoutingReason.ASSIGNED_BY_ADMINISTRATOR})
"""Why interactions are assigned that a person gave or took; the others the router gave out by its rules."""


def is_audited(event: Event) -> bool:
    """Whether an event tells what somebody did, and not what the router did by its rules."""
    if isinstance(event, events.InteractionAssigned):
        return event.reason in BY_SOMEBODY
    return type(event) in AUDITED
