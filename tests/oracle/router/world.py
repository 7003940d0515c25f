"""The world: lists of everything, and how to find something in them by looking at one after another."""

from dataclasses import dataclass, field

from tests.oracle.router.configuration import (
    Agent,
    Campaign,
    Configuration,
    Contact,
    Demand,
    Organization,
    Portfolio,
    Tenant,
    Trigger,
    Workgroup,
)

WAITING = ("WAITING_FOR_OWNER", "QUEUED", "UNASSIGNED")
HELD = ("OFFERED", "ASSIGNED", "WRAP_UP")
ENDED = ("WRAP_UP", "COMPLETED", "CANCELLED", "EXPIRED")


class Refused(Exception):  # noqa: N818 - a refusal is an answer
    """A command is refused, for these reasons; nothing has changed."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = set(reasons)


@dataclass
class Presence:
    """What an agent is doing now."""

    agent_id: str
    status: str = "OFFLINE"
    reason_code: str = ""
    channels: tuple[str, ...] = ()
    session_ends_at: int | None = None
    last_assigned_at: int | None = None
    idle_since: int | None = None
    cool_down_until: int | None = None
    misses: int = 0


@dataclass
class Place:
    """A contact's place in a portfolio."""

    contact_id: str
    portfolio_id: str
    expires_at: int | None = None


@dataclass
class Exclusive:
    """The one agent who attends a contact in a campaign (E1)."""

    contact_id: str
    campaign_id: str
    agent_id: str


@dataclass
class Interaction:
    """The unit of work."""

    number: int
    contact_id: str
    campaign_id: str
    channel: str
    address: str
    direction: str
    priority: int
    arrived_at: int
    waiting_since: int
    workgroup_id: str
    tags: list[str] = field(default_factory=list)
    organization_id: str = ""
    language: str = ""
    skills: list[Demand] = field(default_factory=list)
    state: str = "RECEIVED"
    reason: str = "UNSPECIFIED"
    agent_id: str = ""
    state_until: int | None = None
    exclusive_agent_id: str = ""
    portfolio_id: str = ""
    owner_agent_ids: list[str] = field(default_factory=list)
    owner_workgroup_ids: list[str] = field(default_factory=list)
    backup_agent_ids: list[str] = field(default_factory=list)
    last_agent_id: str = ""
    owner_wait_until: int | None = None
    opens_at: int | None = None
    expires_at: int | None = None
    overflow_workgroup_ids: list[str] = field(default_factory=list)
    overflow_steps_taken: int = 0
    messages: int = 1


@dataclass
class World:
    """A tenant with everything in it."""

    tenant: Tenant
    agents: list[Agent]
    workgroups: list[Workgroup]
    campaigns: list[Campaign]
    triggers: list[Trigger]
    organizations: list[Organization]
    contacts: list[Contact]
    portfolios: list[Portfolio]
    personal: dict[str, str] = field(default_factory=dict)
    """The id of each agent's own portfolio."""
    presences: list[Presence] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    exclusives: list[Exclusive] = field(default_factory=list)
    interactions: list[Interaction] = field(default_factory=list)
    turns: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """Who had the last turn: of ("workgroup", id, ""), ("portfolio", id, "") or ("channel", workgroup, channel)."""
    last_attended: dict[str, str] = field(default_factory=dict)
    """Who attended each contact last (M4)."""
    now: int = 0

    def agent(self, agent_id: str) -> Agent:
        return next(each for each in self.agents if each.agent_id == agent_id)

    def presence(self, agent_id: str) -> Presence:
        for each in self.presences:
            if each.agent_id == agent_id:
                return each
        self.presences.append(Presence(agent_id))
        return self.presences[-1]

    def workgroup(self, workgroup_id: str) -> Workgroup:
        return next(each for each in self.workgroups if each.workgroup_id == workgroup_id)

    def campaign(self, campaign_id: str) -> Campaign:
        return next(each for each in self.campaigns if each.campaign_id == campaign_id)

    def contact(self, contact_id: str) -> Contact | None:
        return next((each for each in self.contacts if each.contact_id == contact_id), None)

    def organization(self, organization_id: str) -> Organization | None:
        return next((each for each in self.organizations if each.organization_id == organization_id), None)

    def portfolio(self, portfolio_id: str) -> Portfolio:
        return next(each for each in self.portfolios if each.portfolio_id == portfolio_id)

    def place(self, contact_id: str) -> Place | None:
        return next((each for each in self.places if each.contact_id == contact_id), None)

    def exclusive(self, contact_id: str, campaign_id: str) -> Exclusive | None:
        named = (contact_id, campaign_id)
        return next((each for each in self.exclusives if (each.contact_id, each.campaign_id) == named), None)

    def in_state(self, *states: str) -> list[Interaction]:
        return [each for each in self.interactions if each.state in states]

    def held_by(self, agent_id: str) -> list[Interaction]:
        return [each for each in self.in_state(*HELD) if each.agent_id == agent_id]


def world_of(configuration: Configuration) -> World:
    """A tenant as configured, in which nothing has happened yet."""
    return World(
        configuration.tenant,
        list(configuration.agents),
        list(configuration.workgroups),
        list(configuration.campaigns),
        list(configuration.triggers),
        list(configuration.organizations),
        list(configuration.contacts),
        list(configuration.portfolios),
    )
