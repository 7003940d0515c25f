"""The tables: each record's fields are its columns, after the tenant's id.

Every primary key and index begins with tenant_id, so that the tables can be sharded by it, and no statement reaches
beyond the tenants it names. There are no foreign keys: the rows are a fold of the log, whose references the core
guards, and one statement writes them in no particular order.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, LargeBinary, MetaData, SmallInteger, Table, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from cartera.core.records import (
    TABLES,
    Agent,
    AgentPresence,
    Campaign,
    Contact,
    ContactActivity,
    ExclusiveAgent,
    Interaction,
    Key,
    Organization,
    OwnershipChange,
    Portfolio,
    PortfolioActivity,
    PortfolioContact,
    Script,
    Tenant,
    Trigger,
    Workgroup,
    WorkgroupActivity,
)
from cartera.core.vocabulary import InteractionState
from cartera.store.columns import NESTED, WORDS, Duration, Moment
from cartera.store.kept import Checkpoint, CheckpointBlock, Hold, Retention
from cartera.store.store import Answer, Head, LoggedChange

ENDED_STATES = (InteractionState.COMPLETED, InteractionState.CANCELLED, InteractionState.EXPIRED)
"""The states of an interaction that has ended; in all others it is open."""

IS_OPEN = f"state NOT IN ({', '.join(f'{state:d}' for state in ENDED_STATES)})"
"""As the index of open interactions has it: queries must say it in the same words to use that index."""


def key() -> Any:
    return Field(sa_type=WORDS, primary_key=True)


def key_number() -> Any:
    return Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})


def words(*, added: bool = False) -> Any:
    return _column(WORDS, "''", added=added)


def number(*, added: bool = False) -> Any:
    return _column(BigInteger, "0", added=added)


def flag(*, added: bool = False) -> Any:
    return _column(Boolean, "false", added=added)


def code(*, added: bool = False) -> Any:
    """An enumeration's number."""
    return _column(SmallInteger, "0", added=added)


def moment() -> Any:
    return Field(sa_type=Moment)


def duration() -> Any:
    return Field(sa_type=Duration)


def nested(*, added: bool = False) -> Any:
    return _column(NESTED, "'[]'", added=added)


def _column(sa_type: Any, default: str, *, added: bool) -> Any:
    """A column. One that was added to a table has a default, for rows of code that doesn't know it."""
    return Field(sa_type=sa_type, sa_column_kwargs={"server_default": text(default)} if added else {})


class Row(SQLModel, registry=registry(metadata=MetaData(naming_convention={"pk": "pk_%(table_name)s"}))):
    """What every table has. The registry is the service's own: other users of SQLModel keep theirs."""

    tenant_id: str = key()


class HeadRow(Row, table=True):
    """The compare-and-set of every write happens here."""

    __tablename__ = "heads"
    # The one index that doesn't begin with tenant_id: who is due is asked across all tenants.
    __table_args__ = (Index("ix_heads_due", "next_due_at"),)

    revision: int = number()
    last_event_at: datetime | None = moment()
    next_due_at: datetime | None = moment()


class ChangeRow(Row, table=True):
    __tablename__ = "changes"

    revision: int = key_number()
    occurred_at: datetime = moment()
    payload: bytes = Field(sa_type=LargeBinary)


class AnswerRow(Row, table=True):
    __tablename__ = "answers"

    request_id: str = key()
    fingerprint: bytes = Field(sa_type=LargeBinary)
    response: bytes = Field(sa_type=LargeBinary)
    revision: int = number()
    answered_at: datetime = moment()


class CheckpointRow(Row, table=True):
    __tablename__ = "checkpoints"

    revision: int = key_number()
    taken_at: datetime = moment()
    last_event_at: datetime = moment()
    writer: str = words()
    touched_at: datetime = moment()
    blocks: int = number()
    records: int = number()
    complete: bool = flag()


class CheckpointBlockRow(Row, table=True):
    __tablename__ = "checkpoint_blocks"

    revision: int = key_number()
    number: int = key_number()
    payload: bytes = Field(sa_type=LargeBinary)


class HoldRow(Row, table=True):
    __tablename__ = "holds"

    holder: str = key()
    revision: int = number()
    expires_at: datetime = moment()


class RetentionRow(Row, table=True):
    __tablename__ = "retention"

    pruned_revision: int = number()
    answers_pruned_at: datetime | None = moment()


class TenantRow(Row, table=True):
    __tablename__ = "tenants"

    name: str = words()
    number: str = words()
    session_limit: timedelta | None = duration()
    session_alert: timedelta | None = duration()
    etag: str = words()
    time_zone: str = words(added=True)
    channel_rules: list[Any] = nested(added=True)
    client_settings: list[Any] = nested(added=True)


class AgentRow(Row, table=True):
    __tablename__ = "agents"

    agent_id: str = key()
    name: str = words()
    capacity: int = number()
    channels: list[int] = nested()
    etag: str = words()
    channel_rules: list[Any] = nested(added=True)
    skills: list[Any] = nested(added=True)


class AgentPresenceRow(Row, table=True):
    __tablename__ = "agent_presences"

    agent_id: str = key()
    status: int = code()
    reason_code: str = words()
    channels: list[int] = nested()
    status_since: datetime | None = moment()
    session_started_at: datetime | None = moment()
    session_ends_at: datetime | None = moment()
    session_alert_at: datetime | None = moment()
    last_assigned_at: datetime | None = moment()
    cool_down_until: datetime | None = moment()
    misses: int = number(added=True)
    idle_since: datetime | None = moment()
    day_started_at: datetime | None = moment()
    assigned_today: int = number(added=True)
    online_today: timedelta | None = duration()


class WorkgroupRow(Row, table=True):
    __tablename__ = "workgroups"

    workgroup_id: str = key()
    name: str = words()
    member_ids: list[str] = nested()
    supervisor_ids: list[str] = nested()
    method: int = code()
    portfolio_mode: int = code()
    owner_wait: timedelta | None = duration()
    queue_when_nobody_online: bool = flag()
    ageing_interval: timedelta | None = duration()
    etag: str = words()
    private: bool = flag(added=True)
    owner_wait_busy: timedelta | None = duration()
    owner_wait_paused: timedelta | None = duration()
    owner_wait_offline: timedelta | None = duration()
    offer_timeout: timedelta | None = duration()
    offer_cool_down: timedelta | None = duration()
    offer_miss_limit: int = number(added=True)
    wrap_up: timedelta | None = duration()
    leaving_policy: int = code(added=True)
    leaving_debounce: timedelta | None = duration()
    overflow_steps: list[Any] = nested(added=True)
    queue_limit: int = number(added=True)
    longest_wait: timedelta | None = duration()
    unattended_after: timedelta | None = duration()
    service_level_target: timedelta | None = duration()
    pacing: timedelta | None = duration()
    last_agent: dict[str, Any] | None = nested()
    default_agent_ids: list[str] = nested(added=True)
    channel_agents: list[Any] = nested(added=True)


class WorkgroupActivityRow(Row, table=True):
    __tablename__ = "workgroup_activities"

    workgroup_id: str = key()
    turn_agent_id: str = words()
    completed: int = number()
    mean_handling: timedelta | None = duration()
    channel_turns: list[Any] = nested(added=True)
    day_started_at: datetime | None = moment()
    assigned_today: int = number(added=True)
    within_target_today: int = number(added=True)
    abandoned_today: int = number(added=True)


class CampaignRow(Row, table=True):
    __tablename__ = "campaigns"

    campaign_id: str = key()
    name: str = words()
    project: str = words()
    client: str = words()
    addresses: list[Any] = nested()
    workgroup_ids: list[str] = nested()
    dispositions: list[Any] = nested()
    etag: str = words()
    hours: dict[str, Any] | None = nested()


class TriggerRow(Row, table=True):
    __tablename__ = "triggers"

    trigger_id: str = key()
    name: str = words()
    category: str = words()
    active: bool = flag()
    position: int = number()
    all_of: list[Any] = nested()
    any_of: list[Any] = nested()
    actions: dict[str, Any] = nested()
    etag: str = words()


class OrganizationRow(Row, table=True):
    __tablename__ = "organizations"

    organization_id: str = key()
    name: str = words()
    tags: list[str] = nested()
    etag: str = words()


class ScriptRow(Row, table=True):
    __tablename__ = "scripts"

    script_id: str = key()
    name: str = words()
    text: str = words()
    etag: str = words()


class ContactRow(Row, table=True):
    __tablename__ = "contacts"

    contact_id: str = key()
    name: str = words()
    organization_id: str = words()
    tags: list[str] = nested()
    etag: str = words()
    language: str = words(added=True)
    attributes: list[Any] = nested(added=True)
    notes: str = words(added=True)


class ContactActivityRow(Row, table=True):
    __tablename__ = "contact_activities"

    contact_id: str = key()
    last_agent_id: str = words()
    last_attended_at: datetime = moment()


class PortfolioRow(Row, table=True):
    __tablename__ = "portfolios"

    portfolio_id: str = key()
    name: str = words()
    state: int = code()
    owner_agent_ids: list[str] = nested()
    owner_workgroup_ids: list[str] = nested()
    personal_agent_id: str = words()
    etag: str = words()
    backup_agent_ids: list[str] = nested(added=True)
    ownership_expiry: timedelta | None = duration()


class PortfolioActivityRow(Row, table=True):
    __tablename__ = "portfolio_activities"

    portfolio_id: str = key()
    turn_agent_id: str = words()


class PortfolioContactRow(Row, table=True):
    """The primary key keeps a contact in one portfolio at most (P1)."""

    __tablename__ = "portfolio_contacts"
    __table_args__ = (Index("ix_portfolio_contacts_portfolio", "tenant_id", "portfolio_id", "contact_id"),)

    contact_id: str = key()
    portfolio_id: str = words()
    comment: str = words()
    script_id: str = words()
    assigned_at: datetime | None = moment()
    assigned_by: dict[str, Any] | None = nested()
    expires_at: datetime | None = moment()


class OwnershipChangeRow(Row, table=True):
    """What happened to ownership (P9). Rows are added, and never changed."""

    __tablename__ = "ownership_changes"
    __table_args__ = (
        Index("ix_ownership_changes_contact", "tenant_id", "contact_id", "change_id"),
        Index("ix_ownership_changes_portfolio", "tenant_id", "portfolio_id", "change_id"),
        Index("ix_ownership_changes_previous_portfolio", "tenant_id", "previous_portfolio_id", "change_id"),
    )

    change_id: str = key()
    contact_id: str = words()
    portfolio_id: str = words()
    previous_portfolio_id: str = words()
    kind: int = code()
    from_agent_id: str = words()
    to_agent_id: str = words()
    why: str = words()
    actor: dict[str, Any] = nested()
    changed_at: datetime = moment()


class ExclusiveAgentRow(Row, table=True):
    """The primary key allows a contact one exclusive agent in a campaign (E1)."""

    __tablename__ = "exclusive_agents"

    contact_id: str = key()
    campaign_id: str = key()
    agent_id: str = words()


class InteractionRow(Row, table=True):
    __tablename__ = "interactions"
    __table_args__ = (
        Index("ix_interactions_sequence", "tenant_id", "sequence", unique=True),
        Index("ix_interactions_agent", "tenant_id", "agent_id", "sequence"),
        Index("ix_interactions_contact", "tenant_id", "contact_id", "sequence"),
        Index("ix_interactions_workgroup", "tenant_id", "workgroup_id", "sequence"),
        Index(
            "ix_interactions_not_ended",
            "tenant_id",
            "state",
            "agent_id",
            sqlite_where=text(IS_OPEN),
            postgresql_where=text(IS_OPEN),
        ),
    )

    interaction_id: str = key()
    sequence: int = number()
    campaign_id: str = words()
    workgroup_id: str = words()
    contact_id: str = words()
    channel: int = code()
    address: str = words()
    direction: int = code()
    priority: int = code()
    tags: list[str] = nested()
    organization_id: str = words()
    trigger_ids: list[str] = nested()
    state: int = code()
    reason: int = code()
    arrived_at: datetime = moment()
    state_since: datetime = moment()
    exclusive_agent_id: str = words()
    portfolio_id: str = words()
    owner_agent_ids: list[str] = nested()
    owner_workgroup_ids: list[str] = nested()
    owner_wait_until: datetime | None = moment()
    agent_id: str = words()
    assigned_at: datetime | None = moment()
    comment: str = words()
    script_id: str = words()
    disposition: str = words()
    sub_disposition: str = words()
    notes: list[Any] = nested()
    messages: int = number()
    ended_at: datetime | None = moment()
    language: str = words(added=True)
    skills: list[Any] = nested(added=True)
    backup_agent_ids: list[str] = nested(added=True)
    last_agent_id: str = words(added=True)
    overflow_workgroup_ids: list[str] = nested(added=True)
    overflow_steps_taken: int = number(added=True)
    waiting_since: datetime | None = moment()
    state_until: datetime | None = moment()
    expires_at: datetime | None = moment()
    unattended_at: datetime | None = moment()


METADATA: MetaData = Row.metadata

ROW_TYPES: dict[type, type[Row]] = {
    Tenant: TenantRow,
    Agent: AgentRow,
    AgentPresence: AgentPresenceRow,
    Workgroup: WorkgroupRow,
    WorkgroupActivity: WorkgroupActivityRow,
    Campaign: CampaignRow,
    Trigger: TriggerRow,
    Organization: OrganizationRow,
    Script: ScriptRow,
    Contact: ContactRow,
    ContactActivity: ContactActivityRow,
    Portfolio: PortfolioRow,
    PortfolioActivity: PortfolioActivityRow,
    PortfolioContact: PortfolioContactRow,
    OwnershipChange: OwnershipChangeRow,
    ExclusiveAgent: ExclusiveAgentRow,
    Interaction: InteractionRow,
    LoggedChange: ChangeRow,
    Answer: AnswerRow,
    Head: HeadRow,
    Checkpoint: CheckpointRow,
    CheckpointBlock: CheckpointBlockRow,
    Hold: HoldRow,
    Retention: RetentionRow,
}
"""Which table keeps what."""

KEYS: dict[type, tuple[str, ...]] = {
    **TABLES,
    LoggedChange: ("revision",),
    Answer: ("request_id",),
    Head: (),
    Checkpoint: ("revision",),
    CheckpointBlock: ("revision", "number"),
    Hold: ("holder",),
    Retention: (),
}
"""The fields of each one's key within its tenant."""


def table_of(record_type: type) -> Table:
    """The table that keeps the records of a type."""
    table: Table = METADATA.tables[str(ROW_TYPES[record_type].__tablename__)]
    return table


def key_of(record: Any) -> Key:
    """A record's key within its tenant."""
    return tuple(getattr(record, name) for name in KEYS[type(record)])
