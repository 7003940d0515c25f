"""Commands: what callers ask for, in the imperative.

Each has the name of the RPC that asks for it and the fields of its request, without those that concern the carrying
(tenant_id, request_id, validate_only). Create, Update and Delete stand for those RPCs of every kind of resource.
"""

from typing import NamedTuple

from cartera.core.records import (
    Agent,
    Campaign,
    Contact,
    ExclusiveAgent,
    Key,
    Organization,
    Portfolio,
    PortfolioContact,
    Script,
    SkillRequirement,
    Tenant,
    Trigger,
    Workgroup,
)
from cartera.core.vocabulary import AgentStatus, Channel, ConflictPolicy, DeliveryState, Direction, Priority

Resource = Tenant | Agent | Workgroup | Campaign | Trigger | Organization | Script | Portfolio | Contact
"""What can be created, updated and deleted as it stands."""


class CreateResource(NamedTuple):
    """Add a resource."""

    resource: Resource


class UpdateResource(NamedTuple):
    """Change a resource: the named fields, or all where none is named."""

    resource: Resource
    update_mask: tuple[str, ...] = ()
    allow_missing: bool = False


class DeleteResource(NamedTuple):
    """Remove the resource of that type and key."""

    resource_type: type
    key: Key
    etag: str = ""


class Configuration(NamedTuple):
    """A tenant's configuration, or a part of it."""

    tenant: Tenant | None = None
    agents: tuple[Agent, ...] = ()
    workgroups: tuple[Workgroup, ...] = ()
    organizations: tuple[Organization, ...] = ()
    scripts: tuple[Script, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    portfolios: tuple[Portfolio, ...] = ()
    contacts: tuple[Contact, ...] = ()
    portfolio_contacts: tuple[PortfolioContact, ...] = ()
    exclusive_agents: tuple[ExclusiveAgent, ...] = ()


class ApplyConfiguration(NamedTuple):
    """Create and update, all at once, what differs from a configuration."""

    configuration: Configuration


class RouteInteraction(NamedTuple):
    """Record an interaction and find it an agent (Z1)."""

    campaign_id: str
    contact_id: str
    channel: Channel
    address: str = ""
    direction: Direction = Direction.UNSPECIFIED
    priority: Priority = Priority.UNSPECIFIED
    tags: tuple[str, ...] = ()
    language: str = ""
    skills: tuple[SkillRequirement, ...] = ()


class Transfer(NamedTuple):
    """Pass an interaction to an agent (T1), a campaign (T2) or a workgroup (T4): exactly one of the three is set."""

    interaction_id: str
    agent_id: str = ""
    campaign_id: str = ""
    workgroup_id: str = ""
    note: str = ""
    disposition: str = ""


class AcceptOffer(NamedTuple):
    """Take an offered interaction (C9)."""

    interaction_id: str
    agent_id: str


class RejectOffer(NamedTuple):
    """Decline an offered interaction (C9)."""

    interaction_id: str
    agent_id: str


class FinishWrapUp(NamedTuple):
    """End the time after an interaction (C10)."""

    interaction_id: str


class WriteNote(NamedTuple):
    """Add a note to an interaction, or replace the one at a position, from 1 (T6)."""

    interaction_id: str
    text: str
    position: int = 0


class ReportDelivery(NamedTuple):
    """Say how far a message has come (T8)."""

    interaction_id: str
    message_id: str
    delivery_state: DeliveryState


class ClaimInteraction(NamedTuple):
    """Take a waiting interaction, or the next that the agent may have (M9)."""

    agent_id: str
    interaction_id: str = ""


class AssignInteraction(NamedTuple):
    """Give a waiting or unassigned interaction to an agent (M10)."""

    interaction_id: str
    agent_id: str
    allow_over_capacity: bool = False


class CompleteInteraction(NamedTuple):
    """End an interaction with a disposition (T5)."""

    interaction_id: str
    disposition: str
    sub_disposition: str = ""
    note: str = ""


class CancelInteraction(NamedTuple):
    """End an interaction whose contact has left."""

    interaction_id: str


class SetAgentStatus(NamedTuple):
    """Say that an agent is online, paused or offline (C3)."""

    agent_id: str
    status: AgentStatus
    reason_code: str = ""
    channels: tuple[Channel, ...] = ()


class ExtendSession(NamedTuple):
    """Begin an agent's session anew (C4)."""

    agent_id: str


class AssignPortfolio(NamedTuple):
    """Put contacts into a portfolio (P2)."""

    portfolio_id: str
    contact_ids: tuple[str, ...]
    conflict_policy: ConflictPolicy = ConflictPolicy.UNSPECIFIED
    comment: str = ""
    script_id: str = ""
    why: str = ""


class AddToOwnPortfolio(NamedTuple):
    """Put a contact into an agent's own portfolio (K5, K6)."""

    agent_id: str
    contact_id: str
    comment: str = ""
    script_id: str = ""


class RemoveFromPortfolio(NamedTuple):
    """Take contacts out of a portfolio (P3)."""

    portfolio_id: str
    contact_ids: tuple[str, ...]
    why: str = ""


class HandOverPortfolios(NamedTuple):
    """Give all that an agent owns to another (P9)."""

    from_agent_id: str
    to_agent_id: str
    why: str = ""


class SetExclusiveAgent(NamedTuple):
    """Make an agent the one who attends a contact in a campaign (E1)."""

    contact_id: str
    campaign_id: str
    agent_id: str


class RemoveExclusiveAgent(NamedTuple):
    """End that (E1)."""

    contact_id: str
    campaign_id: str


class Tick(NamedTuple):
    """Do what has fallen due."""


Command = (
    CreateResource
    | UpdateResource
    | DeleteResource
    | ApplyConfiguration
    | RouteInteraction
    | Transfer
    | AcceptOffer
    | RejectOffer
    | ClaimInteraction
    | AssignInteraction
    | CompleteInteraction
    | CancelInteraction
    | FinishWrapUp
    | WriteNote
    | ReportDelivery
    | SetAgentStatus
    | ExtendSession
    | AssignPortfolio
    | AddToOwnPortfolio
    | RemoveFromPortfolio
    | HandOverPortfolios
    | SetExclusiveAgent
    | RemoveExclusiveAgent
    | Tick
)
"""Any command."""
