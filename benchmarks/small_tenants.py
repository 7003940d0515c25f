"""Small tenants: many of them, put into a database at once, as they would stand there after a while of service."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from cartera.core.records import (
    Agent,
    AgentPresence,
    Campaign,
    CampaignAddress,
    Contact,
    Disposition,
    Interaction,
    Record,
    Tenant,
    Workgroup,
)
from cartera.core.vocabulary import (
    AgentStatus,
    Channel,
    Direction,
    InteractionState,
    Priority,
    RoutingReason,
)
from cartera.store.open import open_store
from cartera.store.store import Write

AGENTS = 5
CAPACITY = 20
OPEN = 3
CAMPAIGN, DISPOSITION = "campaign", "done"
WORKGROUPS = ("sales", "support")
BLOCK = 250
WORK_DAY = timedelta(hours=12)
ALERT = WORK_DAY - timedelta(minutes=30)


def tenant_id(number: int) -> str:
    """The id of one of the small tenants."""
    return f"small-{number:05d}"


def agent_id(number: int, each: int) -> str:
    """The id of one of a tenant's agents."""
    return f"agent-{number}-{each}"


def fill(url: str, tenants: int, now: datetime) -> None:
    """Write so many tenants, without a log. Nothing falls due in them for hours."""
    _append(url, (_write(tenant_id(each), 0, now, now + ALERT, records(each, now)) for each in range(tenants)))


def let_fall_due(url: str, now: datetime, due: dict[int, datetime]) -> None:
    """Write, as another replica would, that one agent of each tenant wraps up until a time."""
    ending = (
        (number, _held(number, 0, now)._replace(state=InteractionState.WRAP_UP, state_until=at))
        for number, at in due.items()
    )
    _append(url, (_write(tenant_id(number), OPEN, now, each.state_until, [each]) for number, each in ending))


def _append(url: str, writes: Iterable[Write]) -> None:
    store, remaining = open_store(url), iter(writes)
    while block := list(islice(remaining, BLOCK)):
        assert len(store.append(block, {})) == len(block), "another was first"
    store.close()


def _write(of: str, base: int, now: datetime, due_at: datetime | None, written: Iterable[Record]) -> Write:
    upserts: dict[type, list[Record]] = {}
    for record in written:
        upserts.setdefault(type(record), []).append(record)
    return Write(of, base, max(base + 1, OPEN), now, due_at, [], upserts, {}, [])


def records(number: int, now: datetime) -> Iterator[Record]:
    """A tenant of five agents, who are online, two workgroups, a campaign, and a few who are being attended."""
    members = tuple(agent_id(number, each) for each in range(AGENTS))
    yield Tenant(f"Tenant {number}")
    for workgroup_id in WORKGROUPS:
        yield Workgroup(
            workgroup_id, workgroup_id.title(), members, queue_when_nobody_online=True, owner_wait=timedelta(seconds=30)
        )
    address = CampaignAddress(Channel.VOICE, f"+1555{number:06d}")
    yield Campaign(
        CAMPAIGN, "Campaign", addresses=(address,), workgroup_ids=WORKGROUPS, dispositions=(Disposition(DISPOSITION),)
    )
    for member in members:
        yield Agent(member, member.title(), CAPACITY)
        yield AgentPresence(
            member,
            AgentStatus.ONLINE,
            status_since=now,
            session_started_at=now,
            session_ends_at=now + WORK_DAY,
            session_alert_at=now + ALERT,
        )
    for each in range(OPEN):
        yield Contact(f"contact-{number}-{each}", "Somebody")
        yield _held(number, each, now)


def _held(number: int, each: int, now: datetime) -> Interaction:
    """What an agent attends."""
    return Interaction(
        interaction_id=f"open-{each}",
        sequence=each + 1,
        campaign_id=CAMPAIGN,
        workgroup_id=WORKGROUPS[0],
        contact_id=f"contact-{number}-{each}",
        channel=Channel.VOICE,
        address=f"+1555{number:06d}",
        direction=Direction.INBOUND,
        priority=Priority.NORMAL,
        tags=(),
        organization_id="",
        trigger_ids=(),
        state=InteractionState.ASSIGNED,
        reason=RoutingReason.ROUND_ROBIN,
        arrived_at=now,
        state_since=now,
        agent_id=agent_id(number, each),
        assigned_at=now,
    )
