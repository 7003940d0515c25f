"""What a tenant is configured with, as plain values. Names are words, and times are whole seconds."""

from dataclasses import dataclass, fields
from typing import Self


class Brief:
    """A value that never changes, and shows only what differs from its defaults: a failing sequence can be read."""

    def __deepcopy__(self, _memo: object) -> Self:
        return self

    def __repr__(self) -> str:
        told = [(each, getattr(self, each.name)) for each in fields(self)]  # type: ignore[arg-type]
        said = ", ".join(f"{each.name}={value!r}" for each, value in told if value != each.default)
        return f"{type(self).__name__}({said})"


@dataclass(frozen=True, repr=False)
class ChannelRule(Brief):
    """What an interaction of a channel takes of an agent (C2)."""

    channel: str
    cost: int = 1
    limit: int = 0
    exclusive: bool = False


@dataclass(frozen=True, repr=False)
class Tenant(Brief):
    """The account and its settings."""

    session_limit: int | None = None
    channel_rules: tuple[ChannelRule, ...] = ()


@dataclass(frozen=True, repr=False)
class Agent(Brief):
    """A person who attends interactions. No channels means all of them; skills are pairs of name and level."""

    agent_id: str
    capacity: int = 1
    channels: tuple[str, ...] = ()
    channel_rules: tuple[ChannelRule, ...] = ()
    skills: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, repr=False)
class OverflowStep(Brief):
    """What is done for an interaction that has waited for a time (C11): one of the three."""

    after: int
    add_workgroup_id: str = ""
    drop_skill: str = ""
    priority: int = 0


@dataclass(frozen=True, repr=False)
class Workgroup(Brief):
    """Agents plus the policy by which they are given interactions. No time means: not at all."""

    workgroup_id: str
    member_ids: tuple[str, ...] = ()
    method: str = "ROUND_ROBIN"
    portfolio_mode: str = "MANUAL"
    owner_wait: int | None = None
    owner_wait_busy: int | None = None
    owner_wait_paused: int | None = None
    owner_wait_offline: int | None = None
    queue_when_nobody_online: bool = False
    ageing_interval: int | None = None
    offer_timeout: int | None = None
    offer_cool_down: int | None = None
    offer_miss_limit: int = 0
    wrap_up: int | None = None
    leaving_policy: str = "KEEP"
    leaving_debounce: int | None = None
    overflow_steps: tuple[OverflowStep, ...] = ()
    queue_limit: int = 0
    longest_wait: int | None = None
    pacing: int | None = None
    last_agent_ids: tuple[str, ...] = ()
    last_workgroup_ids: tuple[str, ...] = ()
    fallback_method: str = "ROUND_ROBIN"
    default_agent_ids: tuple[str, ...] = ()
    channel_agents: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, repr=False)
class Address(Brief):
    """Where a campaign is reached."""

    channel: str
    address: str
    priority_line: bool = False


@dataclass(frozen=True, repr=False)
class Hours(Brief):
    """When a campaign is open (C12): triples of day, opening and closing; and what happens outside."""

    time_zone: str
    opening_hours: tuple[tuple[str, str, str], ...] = ()
    holidays: tuple[str, ...] = ()
    outside: str = "QUEUE"
    outside_workgroup_id: str = ""


@dataclass(frozen=True, repr=False)
class Campaign(Brief):
    """An entry point. Dispositions are pairs of a name and its sub-dispositions."""

    campaign_id: str
    addresses: tuple[Address, ...] = ()
    workgroup_ids: tuple[str, ...] = ()
    dispositions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    hours: Hours | None = None


@dataclass(frozen=True, repr=False)
class Demand(Brief):
    """A skill that an interaction demands (M8)."""

    skill: str
    level: int = 1
    drop_after: int | None = None


@dataclass(frozen=True, repr=False)
class Condition(Brief):
    """One test of an arriving interaction (Z2): the kind says which of the other fields counts."""

    kind: str
    channels: tuple[str, ...] = ()
    direction: str = ""
    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    priorities: tuple[int, ...] = ()
    name: str = ""
    hours: Hours | None = None
    outside: bool = False


@dataclass(frozen=True, repr=False)
class Trigger(Brief):
    """A condition over an arriving interaction, and what it sets."""

    trigger_id: str
    active: bool = True
    position: int = 0
    all_of: tuple[Condition, ...] = ()
    any_of: tuple[Condition, ...] = ()
    workgroup_id: str = ""
    priority: int = 0
    add_tags: tuple[str, ...] = ()
    skills: tuple[Demand, ...] = ()


@dataclass(frozen=True, repr=False)
class Organization(Brief):
    """Contacts of one company."""

    organization_id: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class Contact(Brief):
    """A customer in the contact list. Attributes are pairs of name and value."""

    contact_id: str
    organization_id: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, repr=False)
class Portfolio(Brief):
    """A set of contacts that belong to owners."""

    portfolio_id: str
    active: bool = True
    owner_agent_ids: tuple[str, ...] = ()
    owner_workgroup_ids: tuple[str, ...] = ()
    backup_agent_ids: tuple[str, ...] = ()
    ownership_expiry: int | None = None


Resource = Tenant | Agent | Workgroup | Campaign | Trigger | Organization | Contact | Portfolio
"""What is configured."""


@dataclass(frozen=True, repr=False)
class Configuration(Brief):
    """A whole tenant."""

    tenant: Tenant = Tenant()
    agents: tuple[Agent, ...] = ()
    workgroups: tuple[Workgroup, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    organizations: tuple[Organization, ...] = ()
    contacts: tuple[Contact, ...] = ()
    portfolios: tuple[Portfolio, ...] = ()
