"""What the rules of offers, skills, overflow, hours and ownership keep.

Code of before may run beside it: it never names the new columns, which have defaults where they must have something.
PostgreSQL rewrites no rows for that. What takes its time is the index, and everybody waits for it. Where there are very
many interactions, build it before, and it is left as it is:

    CREATE INDEX CONCURRENTLY ix_interactions_not_ended ON interactions (tenant_id, state, agent_id)
        WHERE state NOT IN (6, 7, 10)
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NESTED = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.BigInteger().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
IS_OPEN = sa.text("state NOT IN (6, 7, 10)")


def words(name: str) -> sa.Column[str]:
    return sa.Column(name, WORDS, nullable=False, server_default=sa.text("''"))


def number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False, server_default=sa.text("0"))


def code(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.SmallInteger(), nullable=False, server_default=sa.text("0"))


def flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("false"))


def several(name: str) -> sa.Column[Any]:
    return sa.Column(name, NESTED, nullable=False, server_default=sa.text("'[]'"))


def optional(name: str, column_type: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, column_type, nullable=True)


def moment(name: str) -> sa.Column[Any]:
    return optional(name, MOMENT)


def duration(name: str) -> sa.Column[Any]:
    return optional(name, sa.BigInteger())


ADDED = {
    "tenants": (words("time_zone"), several("channel_rules"), several("client_settings")),
    "agents": (several("channel_rules"), several("skills")),
    "agent_presences": (
        moment("cool_down_until"),
        number("misses"),
        moment("idle_since"),
        moment("day_started_at"),
        number("assigned_today"),
        duration("online_today"),
    ),
    "workgroups": (
        flag("private"),
        duration("owner_wait_busy"),
        duration("owner_wait_paused"),
        duration("owner_wait_offline"),
        duration("offer_timeout"),
        duration("offer_cool_down"),
        number("offer_miss_limit"),
        duration("wrap_up"),
        code("leaving_policy"),
        duration("leaving_debounce"),
        several("overflow_steps"),
        number("queue_limit"),
        duration("longest_wait"),
        duration("unattended_after"),
        duration("service_level_target"),
        duration("pacing"),
        optional("last_agent", NESTED),
        several("default_agent_ids"),
        several("channel_agents"),
    ),
    "workgroup_activities": (
        several("channel_turns"),
        moment("day_started_at"),
        number("assigned_today"),
        number("within_target_today"),
        number("abandoned_today"),
    ),
    "campaigns": (optional("hours", NESTED),),
    "contacts": (words("language"), several("attributes"), words("notes")),
    "portfolios": (several("backup_agent_ids"), duration("ownership_expiry")),
    "portfolio_contacts": (moment("expires_at"),),
    "interactions": (
        words("language"),
        several("skills"),
        several("backup_agent_ids"),
        words("last_agent_id"),
        several("overflow_workgroup_ids"),
        number("overflow_steps_taken"),
        moment("waiting_since"),
        moment("state_until"),
        moment("expires_at"),
        moment("unattended_at"),
    ),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _keep_others_out()
    op.create_table(
        "contact_activities",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("contact_id", WORDS, nullable=False),
        sa.Column("last_agent_id", WORDS, nullable=False),
        sa.Column("last_attended_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "contact_id", name="pk_contact_activities"),
    )
    op.create_table(
        "ownership_changes",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("change_id", WORDS, nullable=False),
        sa.Column("contact_id", WORDS, nullable=False),
        sa.Column("portfolio_id", WORDS, nullable=False),
        sa.Column("previous_portfolio_id", WORDS, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("from_agent_id", WORDS, nullable=False),
        sa.Column("to_agent_id", WORDS, nullable=False),
        sa.Column("why", WORDS, nullable=False),
        sa.Column("actor", NESTED, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "change_id", name="pk_ownership_changes"),
    )
    for owned in ("contact", "portfolio", "previous_portfolio"):
        op.create_index(f"ix_ownership_changes_{owned}", "ownership_changes", ["tenant_id", f"{owned}_id", "change_id"])
    op.create_index(
        "ix_interactions_not_ended",
        "interactions",
        ["tenant_id", "state", "agent_id"],
        if_not_exists=True,
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    )
    for table, columns in ADDED.items():
        for column in columns:
            op.add_column(table, column)


def _keep_others_out() -> None:
    """Whoever reads or writes several tables begins at the heads: who waits there holds nothing that is changed here,
    and nobody deadlocks. Behind somebody who reads for long everybody would wait, so this gives up; it can be repeated.
    """
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("LOCK TABLE heads IN ACCESS EXCLUSIVE MODE")
