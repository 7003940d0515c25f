"""Records: the immutable values that a tenant's state is made of.

Each has the name and the fields of the contract's message of that name (`protos/cartera/routing/v1/`), where every
field is explained, and, for those in `TABLES`, of the table that keeps it. Absent text is "", absent times are None.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from cartera.core.vocabulary import (
    AgentStatus,
    AssignmentMethod,
    Channel,
    Direction,
    InteractionState,
    PortfolioMode,
    PortfolioState,
    Priority,
    Role,
    RoutingReason,
)


class Actor(NamedTuple):
    """Who caused a change."""

    role: Role
    subject_id: str = ""


SYSTEM = Actor(Role.SYSTEM)
"""The service itself, when a timer acts."""


class Tenant(NamedTuple):
    """An account and its settings."""

    name: str
    number: str = ""
    session_limit: timedelta | None = None
    session_alert: timedelta | None = None
    etag: str = ""


class Agent(NamedTuple):
    """A person who attends interactions, as configured. Capacity is in units."""

    agent_id: str
    name: str = ""
    capacity: int = 1
    channels: tuple[Channel, ...] = ()
    etag: str = ""


class AgentPresence(NamedTuple):
    """What an agent is doing now."""

    agent_id: str
    status: AgentStatus = AgentStatus.OFFLINE
    reason_code: str = ""
    channels: tuple[Channel, ...] = ()
    status_since: datetime | None = None
    session_started_at: datetime | None = None
    session_ends_at: datetime | None = None
    session_alert_at: datetime | None = None
    last_assigned_at: datetime | None = None


class Workgroup(NamedTuple):
    """Agents plus the policy and the queue by which they are given interactions."""

    workgroup_id: str
    name: str = ""
    member_ids: tuple[str, ...] = ()
    supervisor_ids: tuple[str, ...] = ()
    method: AssignmentMethod = AssignmentMethod.ROUND_ROBIN
    portfolio_mode: PortfolioMode = PortfolioMode.MANUAL
    owner_wait: timedelta | None = None
    queue_when_nobody_online: bool = False
    ageing_interval: timedelta | None = None
    etag: str = ""


class WorkgroupActivity(NamedTuple):
    """Where a workgroup stands: its turn, and what it has done."""

    workgroup_id: str
    turn_agent_id: str = ""
    completed: int = 0
    mean_handling: timedelta | None = None


class CampaignAddress(NamedTuple):
    """Where a campaign is reached."""

    channel: Channel
    address: str
    priority_line: bool = False


class Disposition(NamedTuple):
    """How an interaction ended, as a campaign classifies it."""

    name: str
    sub_dispositions: tuple[str, ...] = ()


class Campaign(NamedTuple):
    """An entry point."""

    campaign_id: str
    name: str = ""
    project: str = ""
    client: str = ""
    addresses: tuple[CampaignAddress, ...] = ()
    workgroup_ids: tuple[str, ...] = ()
    dispositions: tuple[Disposition, ...] = ()
    etag: str = ""


class ChannelCondition(NamedTuple):
    """Holds for an interaction on one of the channels, in the direction."""

    channels: tuple[Channel, ...]
    direction: Direction = Direction.UNSPECIFIED


class TagsCondition(NamedTuple):
    """Holds for an interaction by its tags."""

    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()


class CampaignCondition(NamedTuple):
    """Holds for an interaction of one of the campaigns."""

    campaign_ids: tuple[str, ...]


class OrganizationCondition(NamedTuple):
    """Holds for an interaction whose contact is of one of the organizations."""

    organization_ids: tuple[str, ...]


class Condition(NamedTuple):
    """One test of an arriving interaction: exactly one field is set."""

    channel: ChannelCondition | None = None
    tags: TagsCondition | None = None
    campaign: CampaignCondition | None = None
    organization: OrganizationCondition | None = None


class TriggerActions(NamedTuple):
    """What a trigger sets."""

    workgroup_id: str = ""
    priority: Priority = Priority.UNSPECIFIED
    add_tags: tuple[str, ...] = ()


class Trigger(NamedTuple):
    """A condition over an arriving interaction, and what it sets."""

    trigger_id: str
    name: str = ""
    category: str = ""
    active: bool = False
    position: int = 0
    all_of: tuple[Condition, ...] = ()
    any_of: tuple[Condition, ...] = ()
    actions: TriggerActions = TriggerActions()
    etag: str = ""


class Organization(NamedTuple):
    """Contacts of one company."""

    organization_id: str
    name: str = ""
    tags: tuple[str, ...] = ()
    etag: str = ""


class Script(NamedTuple):
    """A text shown to the agent who attends a contact."""

    script_id: str
    name: str = ""
    text: str = ""
    etag: str = ""


class Contact(NamedTuple):
    """A customer in the tenant's contact list."""

    contact_id: str
    name: str = ""
    organization_id: str = ""
    tags: tuple[str, ...] = ()
    etag: str = ""


class Portfolio(NamedTuple):
    """A set of contacts that belong to one or more owners."""

    portfolio_id: str
    name: str = ""
    state: PortfolioState = PortfolioState.ACTIVE
    owner_agent_ids: tuple[str, ...] = ()
    owner_workgroup_ids: tuple[str, ...] = ()
    personal_agent_id: str = ""
    etag: str = ""


class PortfolioActivity(NamedTuple):
    """Where a portfolio's owners' rotation stands."""

    portfolio_id: str
    turn_agent_id: str = ""


class PortfolioContact(NamedTuple):
    """A contact's place in a portfolio; a contact has one at most (P1)."""

    contact_id: str
    portfolio_id: str
    comment: str = ""
    script_id: str = ""
    assigned_at: datetime | None = None
    assigned_by: Actor | None = None


class ExclusiveAgent(NamedTuple):
    """The one agent who attends a contact in one campaign (E1)."""

    contact_id: str
    campaign_id: str
    agent_id: str


class Note(NamedTuple):
    """What somebody wrote about an interaction."""

    text: str
    author: Actor
    written_at: datetime


class Interaction(NamedTuple):
    """The unit of work: one call, chat, message thread or e-mail."""

    interaction_id: str
    sequence: int
    campaign_id: str
    workgroup_id: str
    contact_id: str
    channel: Channel
    address: str
    direction: Direction
    priority: Priority
    tags: tuple[str, ...]
    organization_id: str
    trigger_ids: tuple[str, ...]
    state: InteractionState
    reason: RoutingReason
    arrived_at: datetime
    state_since: datetime
    exclusive_agent_id: str = ""
    portfolio_id: str = ""
    owner_agent_ids: tuple[str, ...] = ()
    owner_workgroup_ids: tuple[str, ...] = ()
    owner_wait_until: datetime | None = None
    agent_id: str = ""
    assigned_at: datetime | None = None
    comment: str = ""
    script_id: str = ""
    disposition: str = ""
    sub_disposition: str = ""
    notes: tuple[Note, ...] = ()
    messages: int = 1
    ended_at: datetime | None = None


class QueuePosition(NamedTuple):
    """Where a waiting interaction stands in its workgroup's queue (C8)."""

    position: int
    estimated_wait: timedelta | None = None


class InteractionView(NamedTuple):
    """An interaction with the labels of its campaign (T7)."""

    interaction: Interaction
    campaign_name: str
    project: str
    client: str


Record = (
    Tenant
    | Agent
    | AgentPresence
    | Workgroup
    | WorkgroupActivity
    | Campaign
    | Trigger
    | Organization
    | Script
    | Contact
    | Portfolio
    | PortfolioActivity
    | PortfolioContact
    | ExclusiveAgent
    | Interaction
)
"""Any record that a tenant's state holds and a table keeps."""

TABLES: dict[type, tuple[str, ...]] = {
    Tenant: (),
    Agent: ("agent_id",),
    AgentPresence: ("agent_id",),
    Workgroup: ("workgroup_id",),
    WorkgroupActivity: ("workgroup_id",),
    Campaign: ("campaign_id",),
    Trigger: ("trigger_id",),
    Organization: ("organization_id",),
    Script: ("script_id",),
    Contact: ("contact_id",),
    Portfolio: ("portfolio_id",),
    PortfolioActivity: ("portfolio_id",),
    PortfolioContact: ("contact_id",),
    ExclusiveAgent: ("contact_id", "campaign_id"),
    Interaction: ("interaction_id",),
}
"""The records of a tenant's state, each with the fields of its key within the tenant."""

Key = tuple[str, ...]
"""A record's key within its tenant: the values of its key fields."""
