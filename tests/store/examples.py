"""Records of every type, full and empty, and writes to put them in."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from cartera.core.records import (
    Actor,
    Agent,
    AgentPresence,
    Campaign,
    CampaignAddress,
    CampaignCondition,
    ChannelCondition,
    Condition,
    Contact,
    Disposition,
    ExclusiveAgent,
    Interaction,
    Key,
    Note,
    Organization,
    OrganizationCondition,
    Portfolio,
    PortfolioActivity,
    PortfolioContact,
    Record,
    Script,
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
    Direction,
    InteractionState,
    PortfolioMode,
    PortfolioState,
    Priority,
    Role,
    RoutingReason,
)
from cartera.store.store import Answer, LoggedChange, Write

NOW = datetime(2026, 3, 29, 1, 59, 59, 999_999, tzinfo=UTC)
LATER = NOW + timedelta(hours=12)
WORDS = "Ñandú «señal» 日本語 🐧 \"quoted\" \\ {braces} 'x' %s $1 :name"

AUTHOR = Actor(Role.AGENT, "ana")

FULL: list[Record] = [
    Tenant(WORDS, "4711", timedelta(hours=12), timedelta(minutes=30, microseconds=1), "e1"),
    Agent("ana", WORDS, 7, (Channel.VOICE, Channel.CHAT), "e2"),
    AgentPresence("ana", AgentStatus.PAUSED, WORDS, (Channel.EMAIL,), NOW, NOW, LATER, LATER, NOW),
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
    ),
    WorkgroupActivity("sales", "luis", 12_345_678_901, timedelta(minutes=4, seconds=2)),
    Campaign(
        "spring",
        WORDS,
        "project",
        "client",
        (CampaignAddress(Channel.VOICE, "+54911", priority_line=True), CampaignAddress(Channel.CHAT, "web")),
        ("sales", "support"),
        (Disposition("Sold", ("Cash", WORDS)), Disposition("Lost")),
        "e4",
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
        ),
        any_of=(
            Condition(campaign=CampaignCondition(("spring",))),
            Condition(organization=OrganizationCondition(("acme",))),
        ),
        actions=TriggerActions("sales", Priority.URGENT, ("vip",)),
        etag="e5",
    ),
    Organization("acme", WORDS, ("vip", WORDS), "e6"),
    Script("hello", WORDS, WORDS * 50, "e7"),
    Contact("carla", WORDS, "acme", ("gold",), "e8"),
    Portfolio("p1", WORDS, PortfolioState.INACTIVE, ("ana", "luis"), ("sales",), "ana", "e9"),
    PortfolioActivity("p1", "ana"),
    PortfolioContact("carla", "p1", WORDS, "hello", NOW, AUTHOR),
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
    Portfolio("p1"),
    PortfolioActivity("p1"),
    PortfolioContact("carla", "p1"),
    ExclusiveAgent("carla", "spring", "ana"),
    interaction("i1", 41),
]
"""A record of each type with as little as there can be in it."""


def by_type(records: Iterable[Record]) -> dict[type, list[Record]]:
    in_order = sorted(records, key=lambda record: type(record).__name__)
    return {record_type: list(group) for record_type, group in groupby(in_order, key=type)}


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
