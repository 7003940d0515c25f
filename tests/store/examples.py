"""Records of every type, full and empty, and writes to put them in."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, get_type_hints

from cartera.core.records import (
    Actor,
    Agent,
    AgentPresence,
    Attribute,
    AttributeCondition,
    BusinessHours,
    Campaign,
    CampaignAddress,
    CampaignCondition,
    ChannelAgents,
    ChannelCondition,
    ChannelRule,
    ChannelTurn,
    ClientSetting,
    Condition,
    Contact,
    ContactActivity,
    Disposition,
    ExclusiveAgent,
    Holiday,
    HoursCondition,
    Interaction,
    Key,
    LanguageCondition,
    LastAgentRule,
    Note,
    OpeningHours,
    Organization,
    OrganizationCondition,
    OverflowStep,
    OwnershipChange,
    Portfolio,
    PortfolioActivity,
    PortfolioContact,
    PriorityCondition,
    Record,
    Script,
    Skill,
    SkillRequirement,
    TagsCondition,
    Tenant,
    Trigger,
    TriggerActions,
    Workgroup,
    WorkgroupActivity,
)
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
from cartera.store.nested import to_plain
from cartera.store.store import Answer, LoggedChange, Write

NOW = datetime(2026, 3, 29, 1, 59, 59, 999_999, tzinfo=UTC)
LATER = NOW + timedelta(hours=12)
WORDS = "Ñandú «señal» 日本語 🐧 \"quoted\" \\ {braces} 'x' %s $1 :name"

AUTHOR = Actor(Role.AGENT, "ana")
ADMINISTRATOR = Actor(Role.ADMINISTRATOR)
MINUTE = timedelta(minutes=1)
CHANNEL_RULES = (ChannelRule(Channel.VOICE, 3, 1, exclusive=True), ChannelRule(Channel.EMAIL, 0))
SKILLS = (SkillRequirement(WORDS, 7, MINUTE), SkillRequirement("English"))
HOURS = (OpeningHours(DayOfWeek.MONDAY, "09:00", "18:00"), OpeningHours(DayOfWeek.SUNDAY, "00:00", "24:00"))

FULL: list[Record] = [
    Tenant(WORDS, "4711", timedelta(hours=12), timedelta(minutes=30, microseconds=1), "e1")._replace(
        time_zone="Europe/Madrid",
        channel_rules=CHANNEL_RULES,
        client_settings=(ClientSetting(WORDS, 20), ClientSetting("client")),
    ),
    Agent("ana", WORDS, 7, (Channel.VOICE, Channel.CHAT), "e2", CHANNEL_RULES, (Skill(WORDS, 10), Skill("English"))),
    AgentPresence("ana", AgentStatus.PAUSED, WORDS, (Channel.EMAIL,), NOW, NOW, LATER, LATER, NOW)._replace(
        cool_down_until=LATER,
        misses=2,
        idle_since=NOW,
        day_started_at=NOW,
        assigned_today=31,
        online_today=timedelta(hours=5, microseconds=1),
    ),
    Workgroup(
        "sales",
        WORDS,
        ("ana", "luis"),
        ("eva",),
        AssignmentMethod.LEAST_LOAD,
        PortfolioMode.AUTOMATIC,
        timedelta(seconds=90),
        queue_when_nobody_online=True,
        ageing_interval=timedelta(minutes=5),
        etag="e3",
        private=True,
        owner_wait_busy=MINUTE,
        owner_wait_paused=2 * MINUTE,
        owner_wait_offline=timedelta(0),
        offer_timeout=timedelta(seconds=20),
        offer_cool_down=timedelta(seconds=30),
        offer_miss_limit=3,
        wrap_up=timedelta(seconds=45),
        leaving_policy=LeavingPolicy.RETURN_AFTER_DEBOUNCE,
        leaving_debounce=timedelta(seconds=10),
        overflow_steps=(
            OverflowStep(MINUTE, add_workgroup_id="support"),
            OverflowStep(2 * MINUTE, drop_skill=WORDS),
            OverflowStep(3 * MINUTE, priority=Priority.URGENT),
        ),
        queue_limit=50,
        longest_wait=timedelta(hours=3),
        unattended_after=timedelta(hours=1),
        service_level_target=timedelta(seconds=40),
        pacing=timedelta(milliseconds=1_500),
        last_agent=LastAgentRule(("ana",), ("support",), AssignmentMethod.BEST_SKILL),
        default_agent_ids=("ana", "luis"),
        channel_agents=(ChannelAgents(Channel.VOICE, ("ana", "luis")), ChannelAgents(Channel.CHAT)),
    ),
    WorkgroupActivity("sales", "luis", 12_345_678_901, timedelta(minutes=4, seconds=2))._replace(
        channel_turns=(ChannelTurn(Channel.VOICE, "ana"), ChannelTurn(Channel.CHAT, "luis")),
        day_started_at=NOW,
        assigned_today=31,
        within_target_today=30,
        abandoned_today=1,
    ),
    Campaign(
        "spring",
        WORDS,
        "project",
        "client",
        (CampaignAddress(Channel.VOICE, "+54911", priority_line=True), CampaignAddress(Channel.CHAT, "web")),
        ("sales", "support"),
        (Disposition("Sold", ("Cash", WORDS)), Disposition("Lost")),
        "e4",
        BusinessHours("Europe/Madrid", HOURS, (Holiday("2026-12-25", WORDS),), OutsideHours.WORKGROUP, "support"),
    ),
    Trigger(
        "vip",
        WORDS,
        "category",
        active=True,
        position=-3,
        all_of=(
            Condition(channel=ChannelCondition((Channel.CHAT, Channel.VOICE), Direction.INBOUND)),
            Condition(tags=TagsCondition(("a",), ("b", WORDS), ("c",))),
            Condition(priority=PriorityCondition((Priority.LOW, Priority.URGENT))),
            Condition(language=LanguageCondition(("es", "en"))),
        ),
        any_of=(
            Condition(campaign=CampaignCondition(("spring",))),
            Condition(organization=OrganizationCondition(("acme",))),
            Condition(hours=HoursCondition("Europe/Madrid", HOURS, outside=True)),
            Condition(attribute=AttributeCondition("tier", (WORDS, "gold"))),
        ),
        actions=TriggerActions("sales", Priority.URGENT, ("vip",), SKILLS),
        etag="e5",
    ),
    Organization("acme", WORDS, ("vip", WORDS), "e6"),
    Script("hello", WORDS, WORDS * 50, "e7"),
    Contact("carla", WORDS, "acme", ("gold",), "e8", "es", (Attribute("tier", WORDS), Attribute("since")), WORDS),
    ContactActivity("carla", "luis", NOW),
    Portfolio("p1", WORDS, PortfolioState.INACTIVE, ("ana", "luis"), ("sales",), "ana", "e9", ("eva",), 90 * MINUTE),
    PortfolioActivity("p1", "ana"),
    PortfolioContact("carla", "p1", WORDS, "hello", NOW, AUTHOR, LATER),
    OwnershipChange("o1", "carla", "p1", "p2", OwnershipChangeKind.MOVED, "luis", "ana", WORDS, AUTHOR, NOW),
    ExclusiveAgent("carla", "spring", "ana"),
    Interaction(
        "i1",
        41,
        "spring",
        "sales",
        "carla",
        Channel.MESSAGING,
        "+54911",
        Direction.OUTBOUND,
        Priority.HIGH,
        ("vip", WORDS),
        "acme",
        ("vip",),
        InteractionState.COMPLETED,
        RoutingReason.TRANSFERRED,
        NOW,
        LATER,
        "ana",
        "p1",
        ("ana", "luis"),
        ("sales",),
        LATER,
        "luis",
        LATER,
        WORDS,
        "hello",
        "Sold",
        "Cash",
        (Note(WORDS, AUTHOR, NOW), Note("", Actor(Role.SYSTEM), LATER)),
        12,
        LATER,
        "es",
        SKILLS,
        ("eva",),
        "luis",
        ("support", "sales"),
        2,
        NOW,
        LATER,
        LATER,
        NOW,
    ),
]
"""A record of each type with something in every field."""


def interaction(interaction_id: str, sequence: int, **fields: Any) -> Interaction:
    """A chat that waits in its queue, but for what is said."""
    chat = Interaction(
        interaction_id,
        sequence,
        campaign_id="spring",
        workgroup_id="sales",
        contact_id="carla",
        channel=Channel.CHAT,
        address="",
        direction=Direction.INBOUND,
        priority=Priority.NORMAL,
        tags=(),
        organization_id="",
        trigger_ids=(),
        state=InteractionState.QUEUED,
        reason=RoutingReason.NO_AGENT_AVAILABLE,
        arrived_at=NOW,
        state_since=NOW,
    )
    return chat._replace(**fields)


def ownership_change(change_id: str, contact_id: str, portfolio_id: str, changed_at: datetime = NOW) -> OwnershipChange:
    """A contact, or the whole portfolio, that an administrator gave an owner."""
    kind = OwnershipChangeKind.ASSIGNED
    return OwnershipChange(change_id, contact_id, portfolio_id, "", kind, "", "ana", "", ADMINISTRATOR, changed_at)


EMPTY: list[Record] = [
    Tenant(""),
    Agent("ana"),
    AgentPresence("ana"),
    Workgroup("sales"),
    WorkgroupActivity("sales"),
    Campaign("spring"),
    Trigger("vip"),
    Organization("acme"),
    Script("hello"),
    Contact("carla"),
    ContactActivity("carla", "ana", NOW),
    Portfolio("p1"),
    PortfolioActivity("p1"),
    PortfolioContact("carla", "p1"),
    OwnershipChange("o1", "", "p1", "", OwnershipChangeKind.HANDED_OVER, "", "", "", Actor(Role.SYSTEM), NOW),
    ExclusiveAgent("carla", "spring", "ana"),
    interaction("i1", 41),
]
"""A record of each type with as little as there can be in it."""


def by_type(records: Iterable[Record]) -> dict[type, list[Record]]:
    in_order = sorted(records, key=lambda record: type(record).__name__)
    return {record_type: list(group) for record_type, group in groupby(in_order, key=type)}


def row_of(record: Record) -> dict[str, Any]:
    """The record's columns, but for the tenant, as SQLAlchemy takes them."""
    plain = {name: to_plain(hint) for name, hint in get_type_hints(type(record)).items()}
    times = (datetime, timedelta)
    return {
        name: value if plain[name] is None or isinstance(value, times) else plain[name](value)
        for name, value in record._asdict().items()
    }


def answer(request_id: str, revision: int, response: bytes = b"response") -> Answer:
    return Answer(request_id, b"\x00fingerprint\xff", response, revision, NOW)


def write(
    tenant_id: str,
    base_revision: int,
    *records: Record,
    deletes: Mapping[type, list[Key]] | None = None,
    answers: Iterable[Answer] = (),
    due_at: datetime | None = None,
) -> Write:
    """A write of one revision."""
    revision = base_revision + 1
    change = LoggedChange(revision, NOW, f"{tenant_id} {revision}".encode())
    return Write(
        tenant_id, base_revision, revision, NOW, due_at, [change], by_type(records), deletes or {}, list(answers)
    )


def grown_write(tenant_id: str) -> Write:
    """A first write with enough in it for indexes to pay."""
    numbers = range(2_000)
    ended = InteractionState.COMPLETED
    first = write(
        tenant_id,
        0,
        *(Agent(f"x{each}") for each in numbers),
        *(Contact(f"x{each}") for each in numbers),
        *(ContactActivity(f"x{each}", f"x{each % 100}", NOW) for each in numbers),
        *(Portfolio(f"p{each}", owner_agent_ids=(f"x{each}",)) for each in range(100)),
        *(PortfolioContact(f"x{each}", f"p{each % 100}") for each in numbers),
        *(ownership_change(f"x{each}", f"x{each % 50}", f"p{each % 100}") for each in numbers),
        *(ExclusiveAgent(f"x{each}", "spring", f"x{each % 10}") for each in numbers),
        *(
            interaction(
                f"x{each}",
                each,
                agent_id=f"x{each % 100}",
                contact_id=f"x{each}",
                workgroup_id=f"x{each % 50}",
                state=ended if each % 20 else InteractionState.ASSIGNED,
            )
            for each in numbers
        ),
        answers=[answer(f"x{each}", 1) for each in numbers],
    )
    return first._replace(changes=[change for each in numbers for change in write(tenant_id, each).changes])
