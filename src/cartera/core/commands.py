"""Commands: what callers ask for, in the imperative.

Each has the name of the RPC that asks for it and the fields of its request, without those that concern the carrying
(tenant_id, request_id, validate_only). Create, Update and Delete stand for those RPCs of every kind of resource.
"""

from typing import NamedTuple

from cartera.core.records import (
    Agent,
    Campaign,
    Contact,
    Key,
    Organization,
    Portfolio,
    Script,
    Tenant,
    Trigger,
    Workgroup,
)
from cartera.core.vocabulary import AgentStatus, Channel, ConflictPolicy, Direction, Priority

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


class Transfer(NamedTuple):
    """Pass an interaction to an agent (T1) or a campaign (T2): exactly one of the two is set."""

    interaction_id: str
    agent_id: str = ""
    campaign_id: str = ""
    note: str = ""
    disposition: str = ""


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
    | ClaimInteraction
    | AssignInteraction
    | CompleteInteraction
    | CancelInteraction
    | SetAgentStatus
    | ExtendSession
    | AssignPortfolio
    | AddToOwnPortfolio
    | RemoveFromPortfolio
    | SetExclusiveAgent
    | RemoveExclusiveAgent
    | Tick
)
"""Any command."""
