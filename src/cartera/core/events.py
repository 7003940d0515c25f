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
    OverflowStep,
    OwnershipChange,
    Portfolio,
    PortfolioContact,
    Script,
    Tenant,
    Trigger,
    Workgroup,
)
from cartera.core.vocabulary import AgentStatus, DeliveryState, RoutingReason


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


class AgentCoolDownEnded(NamedTuple):
    """An agent may be given interactions again."""

    agent_id: str


class OwnershipChanged(NamedTuple):
    """A contact's or a portfolio's owners changed: who did it and why (P9)."""

    ownership_change: OwnershipChange


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
    chosen_in_workgroup_id: str


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
    wrap_up_until: datetime | None


class InteractionCancelled(NamedTuple):
    """The contact left."""

    interaction_id: str
    workgroup_id: str
    agent_id: str


class InteractionOffered(NamedTuple):
    """It is proposed to an agent, who may accept, reject or let it ring out (C9)."""

    interaction_id: str
    workgroup_id: str
    agent_id: str
    reason: RoutingReason
    portfolio_id: str
    offer_until: datetime
    chosen_in_workgroup_id: str


class InteractionOfferRejected(NamedTuple):
    """The agent rejected it, and is not asked again before the cool-down is over."""

    interaction_id: str
    workgroup_id: str
    agent_id: str
    cool_down_until: datetime


class InteractionOfferMissed(NamedTuple):
    """It rang out: the agent did not answer, so many times in a row."""

    interaction_id: str
    workgroup_id: str
    agent_id: str
    misses: int
    cool_down_until: datetime


class InteractionOfferWithdrawn(NamedTuple):
    """The agent can't take it any more."""

    interaction_id: str
    workgroup_id: str
    agent_id: str


class InteractionWrapUpEnded(NamedTuple):
    """The agent's time after it is over, and the slot free."""

    interaction_id: str
    workgroup_id: str
    agent_id: str


class InteractionReturnScheduled(NamedTuple):
    """Its agent has left: it is returned to the queue at that time, unless the agent comes back."""

    interaction_id: str
    workgroup_id: str
    agent_id: str
    return_at: datetime


class InteractionReturnCancelled(NamedTuple):
    """Its agent came back in time."""

    interaction_id: str
    workgroup_id: str
    agent_id: str


class InteractionReturned(NamedTuple):
    """Its agent has left; it is routed anew."""

    interaction: Interaction
    from_agent_id: str


class InteractionOverflowed(NamedTuple):
    """It has waited so long that a step of its workgroup's overflow was taken (C11)."""

    interaction_id: str
    workgroup_id: str
    step: OverflowStep


class InteractionSkillDropped(NamedTuple):
    """It has waited so long that it no longer demands a skill (M8)."""

    interaction_id: str
    workgroup_id: str
    skill: str


class InteractionExpired(NamedTuple):
    """It waited as long as its workgroup lets any wait, and has ended (C13)."""

    interaction_id: str
    workgroup_id: str


class InteractionUnattended(NamedTuple):
    """It has waited so long that somebody should be told (T9)."""

    interaction_id: str
    workgroup_id: str
    waiting_since: datetime


class InteractionHoursBegan(NamedTuple):
    """Its campaign has opened; it may be given to agents (C12)."""

    interaction_id: str
    workgroup_id: str


class InteractionTransferredToWorkgroup(NamedTuple):
    """It left its agent and is routed anew in a workgroup (T4)."""

    interaction: Interaction
    from_agent_id: str
    from_workgroup_id: str


class InteractionNoteWritten(NamedTuple):
    """A note was added, or the one at that position, from 1, replaced (T6)."""

    interaction_id: str
    workgroup_id: str
    agent_id: str
    note: Note
    position: int


class MessageDeliveryChanged(NamedTuple):
    """A message of an interaction came further on its way (T8)."""

    interaction_id: str
    workgroup_id: str
    agent_id: str
    message_id: str
    delivery_state: DeliveryState


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
    | AgentCoolDownEnded
    | OwnershipChanged
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
    | InteractionOffered
    | InteractionOfferRejected
    | InteractionOfferMissed
    | InteractionOfferWithdrawn
    | InteractionWrapUpEnded
    | InteractionReturnScheduled
    | InteractionReturnCancelled
    | InteractionReturned
    | InteractionOverflowed
    | InteractionSkillDropped
    | InteractionExpired
    | InteractionUnattended
    | InteractionHoursBegan
    | InteractionTransferredToWorkgroup
    | InteractionNoteWritten
    | MessageDeliveryChanged
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
    AgentCoolDownEnded: 27,
    OwnershipChanged: 28,
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
    InteractionOffered: 42,
    InteractionOfferRejected: 43,
    InteractionOfferMissed: 44,
    InteractionOfferWithdrawn: 45,
    InteractionWrapUpEnded: 46,
    InteractionReturnScheduled: 47,
    InteractionReturnCancelled: 48,
    InteractionReturned: 49,
    InteractionOverflowed: 50,
    InteractionSkillDropped: 51,
    InteractionExpired: 52,
    InteractionUnattended: 53,
    InteractionHoursBegan: 54,
    InteractionTransferredToWorkgroup: 55,
    InteractionNoteWritten: 56,
    MessageDeliveryChanged: 57,
}
"""The kinds of events, each with its number in the contract."""
