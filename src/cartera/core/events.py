"""Events: what happened, in the past tense; facts, with everything in them that is needed to fold them again.

Each has the name and the fields of the contract's message of that name (`protos/cartera/routing/v1/event.proto`).
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from cartera.core.records import (
    Agent,
    AgentPresence,
    Campaign,
    Contact,
    ExclusiveAgent,
    Interaction,
    Note,
    Organization,
    Portfolio,
    PortfolioContact,
    Script,
    Tenant,
    Trigger,
    Workgroup,
)
from cartera.core.vocabulary import AgentStatus, RoutingReason


class TenantSaved(NamedTuple):
    """The tenant was created or changed."""

    tenant: Tenant


class AgentSaved(NamedTuple):
    """An agent was created or changed."""

    agent: Agent


class WorkgroupSaved(NamedTuple):
    """A workgroup was created or changed."""

    workgroup: Workgroup


class CampaignSaved(NamedTuple):
    """A campaign was created or changed."""

    campaign: Campaign


class TriggerSaved(NamedTuple):
    """A trigger was created or changed."""

    trigger: Trigger


class OrganizationSaved(NamedTuple):
    """An organization was created or changed."""

    organization: Organization


class ScriptSaved(NamedTuple):
    """A script was created or changed."""

    script: Script


class PortfolioSaved(NamedTuple):
    """A portfolio was created or changed."""

    portfolio: Portfolio


class ContactSaved(NamedTuple):
    """A contact was created or changed."""

    contact: Contact


class AgentDeleted(NamedTuple):
    """An agent was deleted."""

    agent_id: str


class WorkgroupDeleted(NamedTuple):
    """A workgroup was deleted."""

    workgroup_id: str


class CampaignDeleted(NamedTuple):
    """A campaign was deleted."""

    campaign_id: str


class TriggerDeleted(NamedTuple):
    """A trigger was deleted."""

    trigger_id: str


class OrganizationDeleted(NamedTuple):
    """An organization was deleted."""

    organization_id: str


class ScriptDeleted(NamedTuple):
    """A script was deleted."""

    script_id: str


class PortfolioDeleted(NamedTuple):
    """A portfolio was deleted."""

    portfolio_id: str


class ContactDeleted(NamedTuple):
    """A contact was deleted."""

    contact_id: str


class ContactAssignedToPortfolio(NamedTuple):
    """A contact came into a portfolio, or its comment or script there changed."""

    portfolio_contact: PortfolioContact
    previous_portfolio_id: str


class ContactRemovedFromPortfolio(NamedTuple):
    """A contact left its portfolio."""

    contact_id: str
    portfolio_id: str


class ExclusiveAgentSet(NamedTuple):
    """A contact has an exclusive agent in a campaign."""

    exclusive_agent: ExclusiveAgent
    previous_agent_id: str


class ExclusiveAgentRemoved(NamedTuple):
    """A contact has no exclusive agent in a campaign any more."""

    exclusive_agent: ExclusiveAgent


class AgentStatusChanged(NamedTuple):
    """An agent's presence changed."""

    presence: AgentPresence
    previous_status: AgentStatus
    session_limit_reached: bool


class AgentSessionAlerted(NamedTuple):
    """An agent's session ends soon."""

    agent_id: str
    session_ends_at: datetime


class AgentSessionExtended(NamedTuple):
    """An agent's session was begun anew."""

    presence: AgentPresence


class InteractionArrived(NamedTuple):
    """An interaction was recorded, after the triggers ran and before it is placed."""

    interaction: Interaction


class InteractionMessageJoined(NamedTuple):
    """A message joined an open interaction."""

    interaction_id: str
    workgroup_id: str
    agent_id: str
    messages: int


class InteractionAssigned(NamedTuple):
    """An agent holds the interaction."""

    interaction_id: str
    workgroup_id: str
    agent_id: str
    reason: RoutingReason
    portfolio_id: str
    comment: str
    script_id: str


class InteractionKeptForOwner(NamedTuple):
    """No owner is available; it is kept for one."""

    interaction_id: str
    workgroup_id: str
    owner_wait_until: datetime


class InteractionQueued(NamedTuple):
    """It waits."""

    interaction_id: str
    workgroup_id: str
    reason: RoutingReason


class InteractionUnassigned(NamedTuple):
    """Nobody is online; it waits to be claimed or assigned."""

    interaction_id: str
    workgroup_id: str


class InteractionOwnerWaitEnded(NamedTuple):
    """The owner wait ran out; the next available agent of the queue gets it."""

    interaction_id: str
    workgroup_id: str


class InteractionTransferredToAgent(NamedTuple):
    """It went from one agent to another."""

    interaction_id: str
    workgroup_id: str
    from_agent_id: str
    agent_id: str
    disposition: str
    note: Note
    comment: str
    script_id: str


class InteractionTransferredToCampaign(NamedTuple):
    """It left its agent and is routed anew in a campaign."""

    interaction: Interaction
    from_agent_id: str
    from_campaign_id: str


class InteractionRerouted(NamedTuple):
    """What kept it waiting is gone; it is routed anew where it is."""

    interaction: Interaction


class InteractionCompleted(NamedTuple):
    """It ended with a disposition."""

    interaction_id: str
    workgroup_id: str
    agent_id: str
    disposition: str
    sub_disposition: str
    note: Note | None
    handling: timedelta


class InteractionCancelled(NamedTuple):
    """The contact left."""

    interaction_id: str
    workgroup_id: str
    agent_id: str


Event = (
    TenantSaved
    | AgentSaved
    | WorkgroupSaved
    | CampaignSaved
    | TriggerSaved
    | OrganizationSaved
    | ScriptSaved
    | PortfolioSaved
    | ContactSaved
    | AgentDeleted
    | WorkgroupDeleted
    | CampaignDeleted
    | TriggerDeleted
    | OrganizationDeleted
    | ScriptDeleted
    | PortfolioDeleted
    | ContactDeleted
    | ContactAssignedToPortfolio
    | ContactRemovedFromPortfolio
    | ExclusiveAgentSet
    | ExclusiveAgentRemoved
    | AgentStatusChanged
    | AgentSessionAlerted
    | AgentSessionExtended
    | InteractionArrived
    | InteractionMessageJoined
    | InteractionAssigned
    | InteractionKeptForOwner
    | InteractionQueued
    | InteractionUnassigned
    | InteractionOwnerWaitEnded
    | InteractionTransferredToAgent
    | InteractionTransferredToCampaign
    | InteractionRerouted
    | InteractionCompleted
    | InteractionCancelled
)
"""Any event."""

NUMBERS: dict[type, int] = {
    TenantSaved: 1,
    AgentSaved: 2,
    WorkgroupSaved: 3,
    CampaignSaved: 4,
    TriggerSaved: 5,
    OrganizationSaved: 6,
    ScriptSaved: 7,
    PortfolioSaved: 8,
    ContactSaved: 9,
    AgentDeleted: 10,
    WorkgroupDeleted: 11,
    CampaignDeleted: 12,
    TriggerDeleted: 13,
    OrganizationDeleted: 14,
    ScriptDeleted: 15,
    PortfolioDeleted: 16,
    ContactDeleted: 17,
    ContactAssignedToPortfolio: 20,
    ContactRemovedFromPortfolio: 21,
    ExclusiveAgentSet: 22,
    ExclusiveAgentRemoved: 23,
    AgentStatusChanged: 24,
    AgentSessionAlerted: 25,
    AgentSessionExtended: 26,
    InteractionArrived: 30,
    InteractionMessageJoined: 31,
    InteractionAssigned: 32,
    InteractionKeptForOwner: 33,
    InteractionQueued: 34,
    InteractionUnassigned: 35,
    InteractionOwnerWaitEnded: 36,
    InteractionTransferredToAgent: 37,
    InteractionTransferredToCampaign: 38,
    InteractionRerouted: 39,
    InteractionCompleted: 40,
    InteractionCancelled: 41,
}
"""The kinds of events, each with its number in the contract."""
