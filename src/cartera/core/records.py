"""Records: the immutable values that a tenant's state is made of.

Each has the name and the fields of the contract's message of that name (`protos/cartera/routing/v1/`), where every
field is explained, and, for those in `TABLES`, of the table that keeps it. Absent text is "", absent times are None.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from cartera.core.vocabulary import (
    AgentStatus,
    AssignmentMethod,
    Channel,
    DayOfWeek,
    Direction,
    InteractionState,
    LeavingPolicy,
    OutsideHours,
    OwnershipChangeKind,
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


class ChannelRule(NamedTuple):
    """What an interaction of a channel takes of an agent (C2): its cost in units, how many at once (0: no limit), and
    whether the agent is given nothing else while it holds one.
    """

    channel: Channel
    cost: int = 1
    limit: int = 0
    exclusive: bool = False


class ClientSetting(NamedTuple):
    """What holds for campaigns with a client label: how many interactions a contact's history shows (T6)."""

    client: str
    history_length: int = 0


class Tenant(NamedTuple):
    """An account and its settings."""

    name: str
    number: str = ""
    session_limit: timedelta | None = None
    session_alert: timedelta | None = None
    etag: str = ""
    time_zone: str = ""
    channel_rules: tuple[ChannelRule, ...] = ()
    client_settings: tuple[ClientSetting, ...] = ()


class Skill(NamedTuple):
    """What an agent can do, and how well: from 1 to 10."""

    name: str
    level: int = 1


class Agent(NamedTuple):
    """A person who attends interactions, as configured. Capacity is in units."""

    agent_id: str
    name: str = ""
    capacity: int = 1
    channels: tuple[Channel, ...] = ()
    etag: str = ""
    channel_rules: tuple[ChannelRule, ...] = ()
    skills: tuple[Skill, ...] = ()


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
    cool_down_until: datetime | None = None
    misses: int = 0
    idle_since: datetime | None = None
    day_started_at: datetime | None = None
    assigned_today: int = 0
    online_today: timedelta | None = None


class OverflowStep(NamedTuple):
    """What is done for an interaction that has waited for a time (C11): exactly one of the others is set."""

    after: timedelta
    add_workgroup_id: str = ""
    drop_skill: str = ""
    priority: Priority = Priority.UNSPECIFIED


class LastAgentRule(NamedTuple):
    """Whom LAST_AGENT may choose (M4); with no agents and no workgroups, the members. What it falls back on."""

    agent_ids: tuple[str, ...] = ()
    workgroup_ids: tuple[str, ...] = ()
    fallback_method: AssignmentMethod = AssignmentMethod.UNSPECIFIED


class ChannelAgents(NamedTuple):
    """Whom BY_CHANNEL chooses from for a channel (M6)."""

    channel: Channel
    agent_ids: tuple[str, ...] = ()


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
    private: bool = False
    owner_wait_busy: timedelta | None = None
    owner_wait_paused: timedelta | None = None
    owner_wait_offline: timedelta | None = None
    offer_timeout: timedelta | None = None
    offer_cool_down: timedelta | None = None
    offer_miss_limit: int = 0
    wrap_up: timedelta | None = None
    leaving_policy: LeavingPolicy = LeavingPolicy.UNSPECIFIED
    leaving_debounce: timedelta | None = None
    overflow_steps: tuple[OverflowStep, ...] = ()
    queue_limit: int = 0
    longest_wait: timedelta | None = None
    unattended_after: timedelta | None = None
    service_level_target: timedelta | None = None
    pacing: timedelta | None = None
    last_agent: LastAgentRule | None = None
    default_agent_ids: tuple[str, ...] = ()
    channel_agents: tuple[ChannelAgents, ...] = ()


class ChannelTurn(NamedTuple):
    """Who had the last turn of a channel's rotation (M6)."""

    channel: Channel
    agent_id: str


class WorkgroupActivity(NamedTuple):
    """Where a workgroup stands: its turn, and what it has done."""

    workgroup_id: str
    turn_agent_id: str = ""
    completed: int = 0
    mean_handling: timedelta | None = None
    channel_turns: tuple[ChannelTurn, ...] = ()
    day_started_at: datetime | None = None
    assigned_today: int = 0
    within_target_today: int = 0
    abandoned_today: int = 0


class CampaignAddress(NamedTuple):
    """Where a campaign is reached."""

    channel: Channel
    address: str
    priority_line: bool = False


class Disposition(NamedTuple):
    """How an interaction ended, as a campaign classifies it."""

    name: str
    sub_dispositions: tuple[str, ...] = ()


class OpeningHours(NamedTuple):
    """A time in which something is open on a day of the week: "09:00" to "18:00", or to "24:00"."""

    day: DayOfWeek
    opens: str
    closes: str


class Holiday(NamedTuple):
    """A day on which a campaign is closed: "2026-12-25"."""

    date: str
    name: str = ""


class BusinessHours(NamedTuple):
    """When a campaign is open, and what happens outside (C12)."""

    time_zone: str
    opening_hours: tuple[OpeningHours, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    outside: OutsideHours = OutsideHours.UNSPECIFIED
    outside_workgroup_id: str = ""


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
    hours: BusinessHours | None = None


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


class PriorityCondition(NamedTuple):
    """Holds for an interaction of one of the priorities."""

    priorities: tuple[Priority, ...]


class LanguageCondition(NamedTuple):
    """Holds for an interaction in one of the languages."""

    languages: tuple[str, ...]


class HoursCondition(NamedTuple):
    """Holds for an interaction that arrives in the hours, or, with `outside`, out of them."""

    time_zone: str
    opening_hours: tuple[OpeningHours, ...]
    outside: bool = False


class AttributeCondition(NamedTuple):
    """Holds for an interaction whose contact has the attribute with one of the values; with none, with any."""

    name: str
    any_of: tuple[str, ...] = ()


class Condition(NamedTuple):
    """One test of an arriving interaction: exactly one field is set."""

    channel: ChannelCondition | None = None
    tags: TagsCondition | None = None
    campaign: CampaignCondition | None = None
    organization: OrganizationCondition | None = None
    priority: PriorityCondition | None = None
    language: LanguageCondition | None = None
    hours: HoursCondition | None = None
    attribute: AttributeCondition | None = None


class SkillRequirement(NamedTuple):
    """A skill that an interaction demands, at a level at least; given up after waiting so long, if that is set (M8)."""

    skill: str
    level: int = 1
    drop_after: timedelta | None = None


class TriggerActions(NamedTuple):
    """What a trigger sets."""

    workgroup_id: str = ""
    priority: Priority = Priority.UNSPECIFIED
    add_tags: tuple[str, ...] = ()
    skills: tuple[SkillRequirement, ...] = ()


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


class Attribute(NamedTuple):
    """What is known of a contact, by name."""

    name: str
    value: str = ""


class Contact(NamedTuple):
    """A customer in the tenant's contact list."""

    contact_id: str
    name: str = ""
    organization_id: str = ""
    tags: tuple[str, ...] = ()
    etag: str = ""
    language: str = ""
    attributes: tuple[Attribute, ...] = ()
    notes: str = ""


class ContactActivity(NamedTuple):
    """Who attended a contact last, and when (M4)."""

    contact_id: str
    last_agent_id: str
    last_attended_at: datetime


class Portfolio(NamedTuple):
    """A set of contacts that belong to one or more owners."""

    portfolio_id: str
    name: str = ""
    state: PortfolioState = PortfolioState.ACTIVE
    owner_agent_ids: tuple[str, ...] = ()
    owner_workgroup_ids: tuple[str, ...] = ()
    personal_agent_id: str = ""
    etag: str = ""
    backup_agent_ids: tuple[str, ...] = ()
    ownership_expiry: timedelta | None = None


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
    expires_at: datetime | None = None


class OwnershipChange(NamedTuple):
    """How ownership changed: a contact's, or, with no contact, a whole portfolio's (P9)."""

    change_id: str
    contact_id: str
    portfolio_id: str
    previous_portfolio_id: str
    kind: OwnershipChangeKind
    from_agent_id: str
    to_agent_id: str
    why: str
    actor: Actor
    changed_at: datetime


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
    language: str = ""
    skills: tuple[SkillRequirement, ...] = ()
    backup_agent_ids: tuple[str, ...] = ()
    last_agent_id: str = ""
    overflow_workgroup_ids: tuple[str, ...] = ()
    overflow_steps_taken: int = 0
    waiting_since: datetime | None = None
    state_until: datetime | None = None
    """When its state ends of itself: OFFERED by ringing out, WRAP_UP, ASSIGNED to an agent who has left, QUEUED outside
    the campaign's hours."""
    expires_at: datetime | None = None
    unattended_at: datetime | None = None


class QueuePosition(NamedTuple):
    """Where a waiting interaction stands in its workgroup's queue (C8)."""

    position: int
    estimated_wait: timedelta | None = None


class OwnerEstimate(NamedTuple):
    """Waiting for an owner compared with taking the next agent (P8): how long until either is likely to be free."""

    owner_free_in: timedelta | None = None
    next_agent_in: timedelta | None = None


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
    | ContactActivity
    | Portfolio
    | PortfolioActivity
    | PortfolioContact
    | OwnershipChange
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
    ContactActivity: ("contact_id",),
    Portfolio: ("portfolio_id",),
    PortfolioActivity: ("portfolio_id",),
    PortfolioContact: ("contact_id",),
    OwnershipChange: ("change_id",),
    ExclusiveAgent: ("contact_id", "campaign_id"),
    Interaction: ("interaction_id",),
}
"""The records of a tenant's state, each with the fields of its key within the tenant."""

Key = tuple[str, ...]
"""A record's key within its tenant: the values of its key fields."""


def _replaced(self: Any, /, **changes: Any) -> Any:
    """The record with other values in some fields. A named tuple's own way looks at every field, this one at those
    that change: an interaction has forty, and is replaced at every step of its life.
    """
    positions = _POSITIONS[type(self)]
    values = list(self)
    for name, value in changes.items():
        values[positions[name]] = value
    return tuple.__new__(type(self), values)


_POSITIONS = {each: {name: at for at, name in enumerate(each._fields)} for each in TABLES}  # type: ignore[attr-defined]

for _record_type in TABLES:
    setattr(_record_type, "_replace", _replaced)  # noqa: B010 - type checkers know the one of named tuples
del _record_type
